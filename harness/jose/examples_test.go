package jose

import (
	"crypto"
	"encoding/json"
	"errors"
	"io"
	"testing"

	"github.com/go-jose/go-jose/v4"
)

// publicOnly stands for a private key of which only the public half is known, as of those of the RFCs' examples.
type publicOnly struct{ key crypto.PublicKey }

func (p publicOnly) Public() crypto.PublicKey { return p.key }

func (publicOnly) Sign(io.Reader, []byte, crypto.SignerOpts) ([]byte, error) {
	return nil, errors.New("nobody knows the private half")
}

// The example values of the RFCs. The reference bank, which reads with another library, is held to the same ones.
func TestExamplesOfTheRFCs(t *testing.T) {
	for section, example := range map[string]struct{ key, thumbprint string }{
		"RFC 7638 section 3.1": {
			`{"kty":"RSA","n":"0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw","e":"AQAB","alg":"RS256","kid":"2011-04-29"}`,
			"NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs",
		},
		// The key of the proof in section 4.1, and the jkt of a token that is bound to it.
		"RFC 9449 section 6.1": {
			`{"kty":"EC","x":"l8tFrhx-34tV3hRICRDY9zCkDlpBhF42UQUfWVAWBFs","y":"9VE4jf_Ok_o64zbTTlcuNJajHmt6v9TDVrU0CdvGRDA","crv":"P-256"}`,
			"0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I",
		},
	} {
		var parsed jose.JSONWebKey
		if err := json.Unmarshal([]byte(example.key), &parsed); err != nil {
			t.Fatal(err)
		}
		key := &Key{private: publicOnly{parsed.Key}}
		if got := key.Thumbprint(); got != example.thumbprint {
			t.Errorf("%s: the thumbprint is %s", section, got)
		}
		var members map[string]any
		if err := json.Unmarshal([]byte(example.key), &members); err != nil {
			t.Fatal(err)
		}
		for name, got := range key.Public() {
			if got != members[name] {
				t.Errorf("%s: %s is written as %v", section, name, got)
			}
		}
	}
	if got := Hash("Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU"); got != "fUHyO2r2Z3DZ53EsNrWBb0xWXoaNy59IiKCAqksmQEo" {
		t.Errorf("RFC 9449 section 7.1: ath is %s", got)
	}
	header := Header("eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVTMjU2IiwiandrIjp7Imt0eSI6IkVDIiwieCI6Imw4dEZyaHgtMzR0VjNoUklDUkRZOXpDa0RscEJoRjQyVVFVZldWQVdCRnMiLCJ5IjoiOVZFNGpmX09rX282NHpiVFRsY3VOSmFqSG10NnY5VERWclUwQ2R2R1JEQSIsImNydiI6IlAtMjU2In19.e30.")
	if header["typ"] != "dpop+jwt" || header["alg"] != ES256 {
		t.Errorf("RFC 9449 section 4.1: the header is %v", header)
	}
}
