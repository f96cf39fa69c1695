package attest_test

import (
	"testing"

	"github.com/fapitest/fapitest/reports/attest"
	"github.com/fapitest/fapitest/reports/internal/sample"
)

// Whatever is said to be an attestation, it is read to its end, and none is signed by nobody.
func FuzzEnvelope(f *testing.F) {
	for _, seed := range []string{
		`{"payloadType":"application/vnd.in-toto+json","payload":"e30=","signatures":[{"keyid":"a","sig":"AA=="}]}`, `{"payloadType":"x","payload":"","signatures":[]}`, `{}`, `[]`, `{"payload":1}`,
		`{"payloadType":"application/vnd.in-toto+json","payload":"eyJfdHlwZSI6Imh0dHBzOi8vaW4tdG90by5pby9TdGF0ZW1lbnQvdjEiLCJzdWJqZWN0IjpbXSwicHJlZGljYXRlIjp7fX0=","signatures":[{"sig":"!","cert":"x"}]}`,
	} {
		f.Add([]byte(seed))
	}
	report := sample.Conformant()
	f.Fuzz(func(t *testing.T, content []byte) {
		envelope, err := attest.Parse(content)
		if err != nil {
			return
		}
		if signers, err := envelope.Verify(t.Context(), attest.Trust{}); err == nil && len(signers) > 0 {
			t.Errorf("signed by %v, and nobody is trusted", signers)
		}
		statement, err := envelope.Statement()
		if err != nil {
			return
		}
		_ = statement.Files()
		if statement.Fits(report, []byte("{}")) == nil {
			t.Error("it fits a report that it was not made of")
		}
	})
}

// Whatever is said to be a key, it is read to its end.
func FuzzKey(f *testing.F) {
	f.Add([]byte("-----BEGIN PRIVATE KEY-----\nAA==\n-----END PRIVATE KEY-----\n"))
	f.Add([]byte("-----BEGIN ENCRYPTED PRIVATE KEY-----\nAA==\n-----END ENCRYPTED PRIVATE KEY-----\n"))
	f.Add([]byte("-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n"))
	f.Add([]byte(`{"kty":"EC"}`))
	f.Fuzz(func(_ *testing.T, content []byte) {
		_, _ = attest.Private(content, func() ([]byte, error) { return []byte("x"), nil })
		_, _ = attest.Public(content)
		_, _ = attest.Certificates(content)
	})
}
