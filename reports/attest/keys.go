package attest

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"

	"github.com/youmark/pkcs8"
)

// ErrPassphrase says that a private key is encrypted, and that the passphrase that was given does not open it.
var ErrPassphrase = errors.New("the passphrase does not open it")

// Key is a key by which attestations are signed: Ed25519, or ECDSA on P-256 with SHA-256. It is a signer and a verifier of DSSE.
type Key struct {
	public  crypto.PublicKey
	private crypto.Signer // nil: it only verifies
}

// wanted says what a key has to be.
const wanted = "an Ed25519 or ECDSA P-256 key in PEM, such as openssl genpkey -algorithm ed25519 makes"

// Private reads a private key, PKCS #8 or SEC 1 in PEM. The passphrase is asked for where the key is encrypted, and only then. The errors never hold anything of the key.
func Private(content []byte, passphrase func() ([]byte, error)) (*Key, error) {
	block := find(content, func(kind string) bool { return kind != "EC PARAMETERS" && kind != "CERTIFICATE" })
	if block == nil {
		return nil, errors.New("it holds no key: give " + wanted)
	}
	var parsed any
	var err error
	switch {
	case block.Type == "PUBLIC KEY":
		return nil, errors.New("it is a public key: give the private one")
	case block.Headers["DEK-Info"] != "":
		return nil, errors.New("it is encrypted in a way that is no longer safe: openssl pkcs8 -topk8 makes a key of it that can be used")
	case block.Type == "ENCRYPTED PRIVATE KEY":
		words, failed := passphrase()
		if failed != nil {
			return nil, failed
		}
		if parsed, err = pkcs8.ParsePKCS8PrivateKey(block.Bytes, words); err != nil {
			return nil, ErrPassphrase
		}
	case block.Type == "PRIVATE KEY":
		parsed, err = x509.ParsePKCS8PrivateKey(block.Bytes)
	case block.Type == "EC PRIVATE KEY":
		parsed, err = x509.ParseECPrivateKey(block.Bytes)
	default:
		return nil, fmt.Errorf("it is a %.40q: give %s", block.Type, wanted)
	}
	if err != nil {
		return nil, errors.New("the key in it can't be read: give " + wanted)
	}
	if pointer, ok := parsed.(*ed25519.PrivateKey); ok {
		parsed = *pointer
	}
	signer, ok := parsed.(crypto.Signer)
	if !ok {
		return nil, errors.New("the key in it does not sign: give " + wanted)
	}
	key, err := public(signer.Public())
	if err != nil {
		return nil, err
	}
	key.private = signer
	return key, nil
}

// Public reads a public key in PEM, or that of a certificate.
func Public(content []byte) (*Key, error) {
	block := find(content, func(kind string) bool { return kind == "PUBLIC KEY" || kind == "CERTIFICATE" })
	if block == nil {
		if find(content, func(kind string) bool { return kind != "EC PARAMETERS" }) != nil {
			return nil, errors.New("it holds no public key: openssl pkey -pubout makes one of a private one")
		}
		return nil, errors.New("it holds no key: give " + wanted)
	}
	if block.Type == "CERTIFICATE" {
		certificate, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, errors.New("the certificate in it can't be read")
		}
		return public(certificate.PublicKey)
	}
	parsed, err := x509.ParsePKIXPublicKey(block.Bytes)
	if err != nil {
		return nil, errors.New("the key in it can't be read: give " + wanted)
	}
	return public(parsed)
}

func public(parsed crypto.PublicKey) (*Key, error) {
	switch key := parsed.(type) {
	case ed25519.PublicKey:
		return &Key{public: key}, nil
	case *ecdsa.PublicKey:
		if key.Curve == elliptic.P256() {
			return &Key{public: key}, nil
		}
	}
	return nil, errors.New("the key in it is of another kind: give " + wanted)
}

// find returns the first block in PEM of a kind; nil: there is none.
func find(content []byte, is func(kind string) bool) *pem.Block {
	for {
		block, rest := pem.Decode(content)
		if block == nil || is(block.Type) {
			return block
		}
		content = rest
	}
}

// Certificates reads all certificates of a PEM file, in their order.
func Certificates(content []byte) ([]*x509.Certificate, error) {
	var list []*x509.Certificate
	for len(bytes.TrimSpace(content)) > 0 {
		block, rest := pem.Decode(content)
		if block == nil {
			break
		}
		if content = rest; block.Type != "CERTIFICATE" {
			continue
		}
		certificate, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, fmt.Errorf("certificate %d in it can't be read", len(list)+1)
		}
		list = append(list, certificate)
	}
	if len(list) == 0 {
		return nil, errors.New("it holds no certificate in PEM")
	}
	return list, nil
}

// ID is the SHA-256 of the public key (its SubjectPublicKeyInfo) in hexadecimal digits.
func (k *Key) ID() string {
	encoded, err := x509.MarshalPKIXPublicKey(k.public)
	if err != nil {
		return "" // both kinds can be encoded
	}
	sum := sha256.Sum256(encoded)
	return hex.EncodeToString(sum[:])
}

// KeyID is ID, as DSSE asks for it.
func (k *Key) KeyID() (string, error) { return k.ID(), nil }

// Public is the public key.
func (k *Key) Public() crypto.PublicKey { return k.public }

// Sign signs what DSSE makes of an envelope.
func (k *Key) Sign(_ context.Context, data []byte) ([]byte, error) {
	switch {
	case k.private == nil:
		return nil, errors.New("there is no private key")
	case k.edwards():
		return k.private.Sign(rand.Reader, data, crypto.Hash(0))
	}
	sum := sha256.Sum256(data)
	return k.private.Sign(rand.Reader, sum[:], crypto.SHA256)
}

// Verify says whether this key has signed data.
func (k *Key) Verify(_ context.Context, data, signature []byte) error {
	sum := sha256.Sum256(data)
	switch key := k.public.(type) {
	case ed25519.PublicKey:
		if ed25519.Verify(key, data, signature) {
			return nil
		}
	case *ecdsa.PublicKey:
		if ecdsa.VerifyASN1(key, sum[:], signature) {
			return nil
		}
	}
	return errors.New("the signature is not by this key")
}

func (k *Key) edwards() bool {
	_, is := k.public.(ed25519.PublicKey)
	return is
}

// String is the kind and the beginning of the ID.
func (k *Key) String() string {
	if k.edwards() {
		return "Ed25519 key " + k.ID()[:16]
	}
	return "ECDSA P-256 key " + k.ID()[:16]
}
