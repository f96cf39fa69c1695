package target

import (
	"strings"
	"testing"

	"github.com/fapitest/fapitest/harness/requirement"
)

// A condition that is not met says why, in the words of the target file.
func TestConditions(t *testing.T) {
	client := &Client{ID: "one", Auth: PrivateKeyJWT, Binding: DPoP}
	described := &Target{Scope: "openid", Offers: []string{"jar"}, Clients: []*Client{client}}
	for word, want := range map[requirement.Condition]string{
		requirement.Always: "", requirement.DPoP: "", requirement.PrivateKeyJWT: "", requirement.OpenID: "", requirement.JAR: "",
		requirement.MTLS:      "client one has binding: dpop",
		requirement.MTLSAuth:  "client one has auth: private_key_jwt",
		requirement.RAR:       "does not claim rar in offers",
		requirement.FAPI1:     "about FAPI 1.0",
		"mtls_ecosystem":      "ecosystems",
		"full_moon":           `the condition "full_moon"`,
		"introspection_jwt":   "does not claim introspection_jwt",
		"grant_management":    "does not claim grant_management",
		requirement.Discovery: "",
	} {
		got := described.Unmet(word, client)
		if got == "" != (want == "") || !strings.Contains(got, want) {
			t.Errorf("%s: %q, want %q", word, got, want)
		}
		if all := described.UnmetByAll(word); all != got {
			t.Errorf("%s: by all %q, by the only one %q", word, all, got)
		}
	}
	if got := Every(asksForOpenID, offered("rar"), never("never"))(described, client); !strings.Contains(got, "rar") {
		t.Errorf("joined: %q", got)
	}
}
