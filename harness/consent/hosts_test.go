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
