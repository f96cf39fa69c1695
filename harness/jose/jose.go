// Package jose makes the signed things that a client sends: assertions, proofs, request objects. It makes them well, and badly on
// purpose: every member of header and claims can be set, dropped, or given a type that it should not have.
package jose

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"maps"
	"math/big"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// The algorithms that the profile allows.
const (
	PS256 = "PS256"
	ES256 = "ES256"
	EdDSA = "EdDSA"
)

// HS256 is none of them: a code made with a secret that both sides have, and no signature.
const HS256 = "HS256"

// Key is a private key and the algorithm that it is used with.
type Key struct {
	ID        string // kid; empty where the key has none
	Algorithm string
	private   crypto.Signer
}

// NewKey makes a key for PS256, ES256 or EdDSA.
func NewKey(algorithm string) (*Key, error) {
	var private crypto.Signer
	var err error
	switch algorithm {
	case PS256:
		private, err = rsa.GenerateKey(rand.Reader, 2048)
	case ES256:
		private, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	case EdDSA:
		_, private, err = ed25519.GenerateKey(rand.Reader)
	default:
		return nil, fmt.Errorf("no key can be made for algorithm %q: use PS256, ES256 or EdDSA", algorithm)
	}
	if err != nil {
		return nil, fmt.Errorf("making a key: %w", err)
	}
	key := &Key{Algorithm: algorithm, private: private}
	key.ID = key.Thumbprint()
	return key, nil
}

// NewOddKey makes a key that no client of the profile has, for proofs that have to be refused: on the curve of ES384 or ES512, or for PS256 with RSA of
// too few bits.
func NewOddKey(algorithm string, bits int) (*Key, error) {
	var private crypto.Signer
	var err error
	switch algorithm {
	case PS256:
		private, err = rsa.GenerateKey(rand.Reader, bits)
	case "ES384":
		private, err = ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	case "ES512":
		private, err = ecdsa.GenerateKey(elliptic.P521(), rand.Reader)
	default:
		return nil, fmt.Errorf("no odd key can be made for algorithm %q: use PS256, ES384 or ES512", algorithm)
	}
	if err != nil {
		return nil, fmt.Errorf("making a key: %w", err)
	}
	key := &Key{Algorithm: algorithm, private: private}
	key.ID = key.Thumbprint()
	return key, nil
}

// ParseKeys reads a JWKS, or a single JWK, that holds private keys. Keys that are public, symmetric, or of an algorithm that the
// profile forbids are left out; the error, when nothing is left, says why the last one was.
func ParseKeys(data []byte) ([]*Key, error) {
	var set jose.JSONWebKeySet
	if err := json.Unmarshal(data, &set); err != nil {
		return nil, fmt.Errorf("is not a JWKS, which is JSON: {\"keys\": [{…}]} (%w)", err)
	}
	if len(set.Keys) == 0 {
		var single jose.JSONWebKey
		if err := json.Unmarshal(data, &single); err == nil && single.Key != nil {
			set.Keys = append(set.Keys, single)
		}
	}
	if len(set.Keys) == 0 {
		return nil, errors.New("holds no key")
	}
	var keys []*Key
	var reason error
	for _, jwk := range set.Keys {
		key, err := fromJWK(jwk)
		if err != nil {
			reason = err
			continue
		}
		keys = append(keys, key)
	}
	if len(keys) == 0 {
		return nil, reason
	}
	return keys, nil
}

// ParseShortKey reads the JWK of a private RSA key of fewer than 2048 bits, with which a client is registered and which nobody is to take.
func ParseShortKey(data []byte) (*Key, error) {
	var jwk jose.JSONWebKey
	if err := json.Unmarshal(data, &jwk); err != nil {
		return nil, fmt.Errorf("is not a JWK: {\"kty\": \"RSA\", …} (%w)", err)
	}
	private, isRSA := jwk.Key.(*rsa.PrivateKey)
	if !isRSA || private.N.BitLen() >= 2048 {
		return nil, errors.New("holds no private RSA key of fewer than 2048 bits")
	}
	return &Key{ID: jwk.KeyID, Algorithm: PS256, private: private}, nil
}

func fromJWK(jwk jose.JSONWebKey) (*Key, error) {
	if jwk.IsPublic() {
		return nil, errors.New("holds public keys only: the private key is needed to sign")
	}
	if jwk.Use == "enc" {
		return nil, errors.New("holds a key for encryption only (use: enc)")
	}
	key := &Key{ID: jwk.KeyID, Algorithm: jwk.Algorithm}
	var natural string
	switch private := jwk.Key.(type) {
	case *rsa.PrivateKey:
		if private.N.BitLen() < 2048 {
			return nil, fmt.Errorf("holds an RSA key of %d bits: 2048 are the least", private.N.BitLen())
		}
		key.private, natural = private, PS256
	case *ecdsa.PrivateKey:
		if private.Curve != elliptic.P256() {
			return nil, fmt.Errorf("holds a key on %s: the profile allows P-256 (ES256)", private.Curve.Params().Name)
		}
		key.private, natural = private, ES256
	case ed25519.PrivateKey:
		key.private, natural = private, EdDSA
	case []byte:
		return nil, errors.New("holds a symmetric key (kty: oct), which can't sign with PS256, ES256 or EdDSA")
	default:
		return nil, fmt.Errorf("holds a key of kind %T, which can't sign with PS256, ES256 or EdDSA", jwk.Key)
	}
	if key.Algorithm == "" {
		key.Algorithm = natural
	}
	if key.Algorithm != natural {
		return nil, fmt.Errorf("holds a key with alg %s: the profile allows PS256, ES256 and EdDSA, and this key fits %s", key.Algorithm, natural)
	}
	return key, nil
}

// Public returns the public half as a JWK, with nothing but the members that describe the key.
func (k *Key) Public() map[string]any { return members(k.private.Public()) }

// members are those of a JWK that describe a public key.
func members(public crypto.PublicKey) map[string]any {
	data, err := json.Marshal(jose.JSONWebKey{Key: public})
	if err != nil {
		return nil
	}
	var members map[string]any
	if json.Unmarshal(data, &members) != nil {
		return nil
	}
	return members
}

// PublicSpellings are the public half as servers keep it: PEM and DER of its SubjectPublicKeyInfo, and the JWK. Who takes one of them for the secret of a
// message authentication code can be fooled by everybody.
func (k *Key) PublicSpellings() (spellings map[string]string, err error) {
	der, err := x509.MarshalPKIXPublicKey(k.private.Public())
	if err != nil {
		return nil, err
	}
	jwk, err := json.Marshal(k.Public())
	if err != nil {
		return nil, err
	}
	return map[string]string{"PEM": string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})), "DER": string(der), "JWK": string(jwk)}, nil
}

// PublicKey is a key of somebody's key set, as anybody can read it.
type PublicKey struct {
	ID, Use   string
	Spellings []Spelling
}

// Spelling is a way to write a public key.
type Spelling struct{ Name, Text string }

// ReadKeySet reads the public keys of a JWKS, and each of them in the spellings in which servers keep it: what would be taken for the secret of a message
// authentication code. What can't be read is left out.
func ReadKeySet(set []byte) []PublicKey {
	var raw struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if json.Unmarshal(set, &raw) != nil {
		return nil
	}
	var keys []PublicKey
	for _, written := range raw.Keys {
		var jwk jose.JSONWebKey
		if json.Unmarshal(written, &jwk) != nil || !jwk.IsPublic() {
			continue
		}
		der, err := x509.MarshalPKIXPublicKey(jwk.Key)
		if err != nil {
			continue
		}
		key := PublicKey{ID: jwk.KeyID, Use: jwk.Use}
		add := func(name, text string) { key.Spellings = append(key.Spellings, Spelling{name, text}) }
		encoded := string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))
		add("PEM", encoded)
		add("PEM without the line end", strings.TrimSpace(encoded))
		add("DER", string(der))
		add("the JWK as it is published", string(written))
		if bare, err := json.Marshal(members(jwk.Key)); err == nil {
			add("the JWK with nothing but the key", string(bare))
		}
		if rsaKey, ok := jwk.Key.(*rsa.PublicKey); ok {
			add("PEM of PKCS #1", string(pem.EncodeToMemory(&pem.Block{Type: "RSA PUBLIC KEY", Bytes: x509.MarshalPKCS1PublicKey(rsaKey)})))
		}
		if len(jwk.Certificates) > 0 {
			add("PEM of its certificate", string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: jwk.Certificates[0].Raw})))
		}
		keys = append(keys, key)
	}
	return keys
}

// Certify makes a certificate of the key by itself, as x5c of a JOSE header has one (RFC 7515 section 4.1.6).
func (k *Key) Certify(name string) (string, error) {
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, k.private.Public(), k.private)
	return base64.StdEncoding.EncodeToString(der), err
}

// WithHeader returns a compact JWT whose header says something else, and whose signature is the old one.
func WithHeader(compact, name string, value any) string {
	encoded, rest, _ := strings.Cut(compact, ".")
	header := Header(compact)
	if header == nil {
		return encoded + "." + rest
	}
	header[name] = value
	changed, err := json.Marshal(header)
	if err != nil {
		return compact
	}
	return base64.RawURLEncoding.EncodeToString(changed) + "." + rest
}

// WithSignature returns a compact JWT with other bytes for a signature, made from the old ones.
func WithSignature(compact string, made func(old []byte) []byte) string {
	end := strings.LastIndexByte(compact, '.')
	if end < 0 {
		return compact
	}
	old, err := base64.RawURLEncoding.DecodeString(compact[end+1:])
	if err != nil {
		return compact
	}
	return compact[:end+1] + base64.RawURLEncoding.EncodeToString(made(old))
}

// AsES256 returns a compact JWT that says ES256 in its header, with a signature that is made as for that by a key on another curve. The error says why
// there is none.
func AsES256(compact string, key *Key) (string, error) {
	private, isEC := key.private.(*ecdsa.PrivateKey)
	changed := WithHeader(compact, "alg", ES256)
	end := strings.LastIndexByte(changed, '.')
	if !isEC || end < 0 {
		return "", errors.New("signing a JWT: there is no key on a curve, or no JWT")
	}
	sum := sha256.Sum256([]byte(changed[:end]))
	r, s, err := ecdsa.Sign(rand.Reader, private, sum[:])
	if err != nil {
		return "", fmt.Errorf("signing a JWT: %w", err)
	}
	half := (private.Curve.Params().BitSize + 7) / 8
	signature := append(r.FillBytes(make([]byte, half)), s.FillBytes(make([]byte, half))...)
	return changed[:end+1] + base64.RawURLEncoding.EncodeToString(signature), nil
}

// CertificateJWK returns the public key of a certificate as a JWK that has the certificate with it (x5c), as clients are registered that
// authenticate with one of their own making (RFC 8705 section 2.2.2).
func CertificateJWK(der []byte) (map[string]any, error) {
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, err
	}
	data, err := json.Marshal(jose.JSONWebKey{Key: certificate.PublicKey, Certificates: []*x509.Certificate{certificate}, Use: "sig"})
	if err != nil {
		return nil, err
	}
	var members map[string]any
	return members, json.Unmarshal(data, &members)
}

// Private returns the private JWK, to be written where keys are made. It is a secret.
func (k *Key) Private() ([]byte, error) {
	return json.Marshal(jose.JSONWebKey{Key: k.private, KeyID: k.ID, Algorithm: k.Algorithm, Use: "sig"})
}

// Thumbprint is the RFC 7638 thumbprint of the public half, SHA-256, base64url.
func (k *Key) Thumbprint() string {
	jwk := jose.JSONWebKey{Key: k.private.Public()}
	sum, err := jwk.Thumbprint(crypto.SHA256)
	if err != nil {
		return ""
	}
	return base64.RawURLEncoding.EncodeToString(sum)
}

// Token is a JWT in the making.
type Token struct {
	Header map[string]any // beside alg, which follows from Algorithm
	Claims map[string]any
	Key    *Key
	// Algorithm is the key's own unless something else is wanted on purpose: another that the key can do, "none" in whatever spelling, or HS256 by
	// the Secret.
	Algorithm string
	Secret    string
	// Payload changes the claims as they are written, before they are signed, and Edit the whole when it has been signed; nil: they stay as they are.
	Payload func(claims []byte) []byte
	Edit    func(compact string) string
	edits   int // how many changes Edit makes, of those that Change has added
}

// Clone returns a copy whose header and claims can be edited without the original changing.
func (t *Token) Clone() *Token {
	if t == nil {
		return nil
	}
	copied := *t
	copied.Header, copied.Claims = maps.Clone(t.Header), maps.Clone(t.Claims)
	return &copied
}

// Sign returns the compact serialization.
func (t *Token) Sign() (string, error) {
	compact, err := t.sign()
	if err == nil && t.Edit != nil {
		compact = t.Edit(compact)
	}
	return compact, err
}

func (t *Token) sign() (string, error) {
	claims, err := json.Marshal(t.Claims)
	if err != nil {
		return "", fmt.Errorf("claims of a JWT: %w", err)
	}
	if t.Payload != nil {
		claims = t.Payload(claims)
	}
	switch {
	case strings.EqualFold(t.Algorithm, "none"):
		input, err := t.input(claims)
		return input + ".", err
	case t.Algorithm == HS256:
		// By a secret of any length: go-jose insists on long ones, and what servers hand out is not always long.
		input, err := t.input(claims)
		code := hmac.New(sha256.New, []byte(t.Secret))
		code.Write([]byte(input))
		return input + "." + base64.RawURLEncoding.EncodeToString(code.Sum(nil)), err
	}
	if t.Key == nil {
		return "", errors.New("signing a JWT: there is no key to sign with")
	}
	options := &jose.SignerOptions{}
	for name, value := range t.Header {
		options.WithHeader(jose.HeaderKey(name), value)
	}
	algorithm := t.Algorithm
	if algorithm == "" {
		algorithm = t.Key.Algorithm
	}
	// A bare key, not a JWK: go-jose would add a kid of its own.
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.SignatureAlgorithm(algorithm), Key: t.Key.private}, options)
	if err != nil {
		return "", fmt.Errorf("signing a JWT: %w", err)
	}
	signed, err := signer.Sign(claims)
	if err != nil {
		return "", fmt.Errorf("signing a JWT: %w", err)
	}
	return signed.CompactSerialize()
}

// input is what a signature is made of, for algorithms that go-jose does not do.
func (t *Token) input(claims []byte) (string, error) {
	header := maps.Clone(t.Header)
	if header == nil {
		header = map[string]any{}
	}
	header["alg"] = t.Algorithm
	encoded, err := json.Marshal(header)
	if err != nil {
		return "", fmt.Errorf("header of a JWT: %w", err)
	}
	return base64.RawURLEncoding.EncodeToString(encoded) + "." + base64.RawURLEncoding.EncodeToString(claims), nil
}

// Change has the compact form changed when it has been signed. Of several changes each is of what the one before it has made.
func (t *Token) Change(edit func(compact string) string) {
	before := t.Edit
	t.edits++
	t.Edit = func(compact string) string {
		if before != nil {
			compact = before(compact)
		}
		return edit(compact)
	}
}

// Appearance is what there is to tell tokens apart by before they are signed; nil for none.
func (t *Token) Appearance() any {
	if t == nil {
		return nil
	}
	key := ""
	if t.Key != nil {
		key = t.Key.Thumbprint() + " " + t.Key.Algorithm
	}
	return []any{t.Header, t.Claims, t.Algorithm, key, Hash(t.Secret), t.Payload != nil, t.Edit != nil, t.edits}
}

// Hash is the base64url SHA-256 of a value: what ath, S256 challenges and thumbprints of text are made of.
func Hash(value string) string {
	sum := sha256.Sum256([]byte(value))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// Random returns n random bytes as base64url text.
func Random(n int) string {
	raw := make([]byte, n)
	_, _ = rand.Read(raw) // never fails since Go 1.24
	return base64.RawURLEncoding.EncodeToString(raw)
}

// Claims decodes the payload of a JWT without judging it; nil for what is no JWT.
func Claims(token string) map[string]any {
	return part(token, 1)
}

// Header decodes the header of a JWT; nil for what is no JWT.
func Header(token string) map[string]any {
	return part(token, 0)
}

// longestRead is how many bytes of a token are read: its claims are decoded, and may be small things without number.
const longestRead = 256 << 10

func part(token string, index int) map[string]any {
	if len(token) > longestRead {
		return nil
	}
	parts := splitJWT(token)
	if parts == nil {
		return nil
	}
	raw, err := base64.RawURLEncoding.DecodeString(parts[index])
	if err != nil {
		return nil
	}
	var members map[string]any
	if json.Unmarshal(raw, &members) != nil {
		return nil
	}
	return members
}

func splitJWT(token string) []string {
	var parts []string
	start := 0
	for i := range len(token) {
		if token[i] == '.' {
			parts = append(parts, token[start:i])
			start = i + 1
		}
	}
	parts = append(parts, token[start:])
	if len(parts) != 3 {
		return nil
	}
	return parts
}
