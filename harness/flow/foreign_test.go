package flow

import (
	"slices"
	"testing"
)

func TestForeign(t *testing.T) {
	alike, ok := EndingAlike("client.example:8443")
	if !ok {
		t.Fatal("a name can have something before it")
	}
	for address, origin := range map[string]string{
		"https://evil.example/landing":         "https://evil.example",
		"https://client.example.evil.example":  "https://client.example.evil.example",
		"https://EVIL.example/":                "https://EVIL.example",
		"https://client.example@evil.example/": "https://evil.example",
		"//evil.example/landing":               "https://evil.example",
		`/\evil.example/landing`:               "https://evil.example",
		"https://" + alike + "/cb":             "https://" + alike,
		"https://client.example/evil.example":  "",
		"https://notevil.example":              "",
		"https://client.example:8443/cb":       "",
		"/landing":                             "",
	} {
		if got := foreignOrigin(address); got != origin || Foreign(address) != (origin != "") {
			t.Errorf("%s: %q", address, got)
		}
	}
	for _, host := range []string{"127.0.0.1", "127.0.0.1:443", "[::1]:443", "", "a-label-that-is-so-long-that-nothing-more-fits-before-it-any-more.example"} {
		if alike, ok := EndingAlike(host); ok {
			t.Errorf("%q: %s", host, alike)
		}
	}
}

func TestAlsoRead(t *testing.T) {
	for address, want := range map[string][]string{
		"https://client.example/a/cb/../x":           {"https://client.example/a/x"},
		"https://client.example/a/cb/%2e%2E/x?y=../": {"https://client.example/a/x"},
		"https://client.example/a/cb..":              nil,
		"https://client.example/a?b=/../c":           nil,
		"app.example:/cb/../x":                       nil,
	} {
		if got := alsoRead(address); !slices.Equal(got, want) {
			t.Errorf("%s: %q", address, got)
		}
	}
}
