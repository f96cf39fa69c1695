package consent

import (
	"net/url"
	"strings"
	"testing"
)

// What was kept from a page is named, and so is the key that lets it have it.
func TestHostsAreNamedWithTheirKey(t *testing.T) {
	address, err := url.Parse("https://pages.example:8443/login")
	if err != nil {
		t.Fatal(err)
	}
	if !listed([]string{"pages.example"}, address) || !listed([]string{"pages.example:8443"}, address) || listed([]string{"pages.example:443", "example"}, address) {
		t.Error("a host is listed by its name, or by name and port")
	}
	if !listed([]string{"as.example", "*"}, address) {
		t.Error("any host is listed")
	}
	plain, err := url.Parse("https://pages.example/login")
	if err != nil {
		t.Fatal(err)
	}
	if !listed([]string{"pages.example:443"}, plain) || listed([]string{"pages.example:80"}, plain) {
		t.Error("a port that is not written is that of the scheme")
	}
	if rules := resolving([]string{"as.example:443", "::1", "127.0.0.1:8443"}); rules != "MAP as.example:443 as.example:443,MAP ::1 [::1],MAP 127.0.0.1:8443 127.0.0.1:8443,MAP * ~NOTFOUND" {
		t.Error(rules)
	}
	if resolving([]string{"as.example", "*"}) != "" || resolving(nil) != "" {
		t.Error("any host may be found")
	}
	if words := lacking([]string{"fonts.example", "cdn.example"}); !strings.Contains(words, "cdn.example, fonts.example") || !strings.Contains(words, "consent.hosts") {
		t.Error(words)
	}
	if lacking(nil) != "" {
		t.Error("nothing was stopped")
	}
	if words := untrusted("net::ERR_CERT_AUTHORITY_INVALID", address.String()); !strings.Contains(words, "pages.example:8443") || !strings.Contains(words, "consent.hosts") {
		t.Error(words)
	}
	if words := untrusted("net::ERR_CONNECTION_REFUSED", address.String()); words != "net::ERR_CONNECTION_REFUSED" {
		t.Error(words)
	}
}
