package jose

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"strings"

	"github.com/go-jose/go-jose/v4"
)

// The algorithms of HTTP message signatures (RFC 9421 section 3.3). Beside them the algorithms of JOSE may be used, which are then not named (section 3.3.7).
const (
	RSAPSSSHA512    = "rsa-pss-sha512"
	RSAV15SHA256    = "rsa-v1_5-sha256"
	ECDSAP256SHA256 = "ecdsa-p256-sha256"
	ECDSAP384SHA384 = "ecdsa-p384-sha384"
	Ed25519         = "ed25519"
	HMACSHA256      = "hmac-sha256"
)

// hashes are the hash functions of algorithms that sign by RSA or on a curve.
var hashes = map[string]crypto.Hash{
	RSAPSSSHA512: crypto.SHA512, RSAV15SHA256: crypto.SHA256, ECDSAP256SHA256: crypto.SHA256, ECDSAP384SHA384: crypto.SHA384,
	PS256: crypto.SHA256, "PS384": crypto.SHA384, "PS512": crypto.SHA512, "RS256": crypto.SHA256, "RS384": crypto.SHA384, "RS512": crypto.SHA512,
	ES256: crypto.SHA256, "ES384": crypto.SHA384, "ES512": crypto.SHA512,
}

// Registered is the algorithm of the key in the registry of RFC 9421 section 6.2.
func (k *Key) Registered() string {
	switch k.private.(type) {
	case *rsa.PrivateKey:
		return RSAPSSSHA512
	case *ecdsa.PrivateKey:
		return ECDSAP256SHA256
	}
	return Ed25519
}

// SignBytes signs bytes as they are, by an algorithm of JOSE or of HTTP message signatures that the key can do.
func (k *Key) SignBytes(algorithm string, data []byte) ([]byte, error) {
	hash, hashed := hashes[algorithm]
	switch private := k.private.(type) {
	case *rsa.PrivateKey:
		if !hashed {
			break
		}
		if strings.HasPrefix(algorithm, "RS") || algorithm == RSAV15SHA256 {
			return rsa.SignPKCS1v15(rand.Reader, private, hash, sum(hash, data))
		}
		return rsa.SignPSS(rand.Reader, private, hash, sum(hash, data), &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash})
	case *ecdsa.PrivateKey:
		if !hashed {
			break
		}
		r, s, err := ecdsa.Sign(rand.Reader, private, sum(hash, data))
		if err != nil {
			return nil, fmt.Errorf("signing a message: %w", err)
		}
		half := (private.Curve.Params().BitSize + 7) / 8
		return append(r.FillBytes(make([]byte, half)), s.FillBytes(make([]byte, half))...), nil
	case ed25519.PrivateKey:
		return ed25519.Sign(private, data), nil
	}
	return nil, fmt.Errorf("signing a message: the key can't %s", algorithm)
}

// MAC is a message authentication code by HMAC with SHA-256.
func MAC(secret string, data []byte) []byte {
	code := hmac.New(sha256.New, []byte(secret))
	code.Write(data)
	return code.Sum(nil)
}

func sum(hash crypto.Hash, data []byte) []byte {
	h := hash.New()
	h.Write(data)
	return h.Sum(nil)
}

// Fitting are the algorithms of HTTP message signatures, and those of JOSE, by which a published key can have signed; none for a key that can't be read.
func Fitting(key map[string]any) []string {
	public, err := publicOf(key)
	if err != nil {
		return nil
	}
	switch public := public.(type) {
	case *rsa.PublicKey:
		return []string{RSAPSSSHA512, PS256, "PS384", RSAV15SHA256, "RS384", "RS512"}
	case *ecdsa.PublicKey:
		switch public.Curve.Params().BitSize {
		case 256:
			return []string{ECDSAP256SHA256}
		case 384:
			return []string{ECDSAP384SHA384}
		}
		return []string{"ES512"}
	case ed25519.PublicKey:
		return []string{Ed25519}
	}
	return nil
}

// VerifiesBytes says whether a signature of bytes holds by a public key, a JWK as it is published, and an algorithm.
func VerifiesBytes(key map[string]any, algorithm string, data, signature []byte) bool {
	public, err := publicOf(key)
	if err != nil {
		return false
	}
	hash, hashed := hashes[algorithm]
	switch public := public.(type) {
	case *rsa.PublicKey:
		if !hashed {
			return false
		}
		if strings.HasPrefix(algorithm, "RS") || algorithm == RSAV15SHA256 {
			return rsa.VerifyPKCS1v15(public, hash, sum(hash, data), signature) == nil
		}
		// RFC 9421 section 3.3.1 has a salt of 64 bytes; what verifies by another length is as good.
		return rsa.VerifyPSS(public, hash, sum(hash, data), signature, &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthAuto}) == nil
	case *ecdsa.PublicKey:
		half := (public.Curve.Params().BitSize + 7) / 8
		if !hashed || len(signature) != 2*half {
			return false
		}
		return ecdsa.Verify(public, sum(hash, data), new(big.Int).SetBytes(signature[:half]), new(big.Int).SetBytes(signature[half:]))
	case ed25519.PublicKey:
		return ed25519.Verify(public, data, signature)
	}
	return false
}

// publicOf is the key of a public JWK, of which nothing else is read: what stands beside it (a certificate that does not parse) makes no signature wrong.
func publicOf(key map[string]any) (crypto.PublicKey, error) {
	bare := map[string]any{}
	for _, name := range []string{"kty", "crv", "x", "y", "n", "e"} {
		if text, isText := key[name].(string); isText {
			bare[name] = strings.TrimRight(text, "=")
		}
	}
	written, err := json.Marshal(bare)
	if err != nil {
		return nil, err
	}
	var public jose.JSONWebKey
	if err := public.UnmarshalJSON(written); err != nil {
		return nil, err
	}
	if !public.IsPublic() {
		return nil, errors.New("it is no public key")
	}
	return public.Key, nil
}
