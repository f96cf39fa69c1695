package flow

import (
	"net/http"
	"strings"
	"testing"
)

// TestOtherSpellings sends each of them: what can't be sent, or is changed on the way out, would be tried in vain.
func TestOtherSpellings(t *testing.T) {
	const address = "https://rs.example/api/accounts?page=1"
	seen := map[string]bool{address: true}
	for _, spelling := range OtherSpellings(address) {
		if seen[spelling.Address] {
			t.Errorf("%s: %s stands there twice, or is the address itself", spelling.Says, spelling.Address)
		}
		seen[spelling.Address] = true
		request, err := http.NewRequest(http.MethodGet, spelling.Address, nil)
		if err != nil {
			t.Errorf("%s: %v", spelling.Says, err)
			continue
		}
		if got := "https://" + request.URL.Host + request.URL.RequestURI(); got != spelling.Address || request.URL.Host != "rs.example" || !strings.HasSuffix(got, "?page=1") {
			t.Errorf("%s: %s is sent as %s", spelling.Says, spelling.Address, got)
		}
	}
	if len(seen) != 12 {
		t.Errorf("%d spellings", len(seen)-1)
	}
	for _, none := range []string{"https://rs.example", "https://rs.example/", "://"} {
		if all := OtherSpellings(none); all != nil {
			t.Errorf("%s has other spellings: %v", none, all)
		}
	}
}
