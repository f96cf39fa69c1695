package consent

import (
	"net/url"
	"testing"
)

func TestSameSite(t *testing.T) {
	for _, test := range []struct {
		a, b string
		same bool
	}{
		{"login.bank.co.uk", "cdn.bank.co.uk", true},
		{"login.bank.co.uk", "LOGIN.bank.co.uk", true},
		{"login.bank.co.uk", "login.other.co.uk", false},
		{"bank.example", "www.bank.example", true},
		{"bank.example", "bank.example.evil.example", false},
		{"localhost", "localhost", true},
		{"10.0.0.1", "11.0.0.1", false},
		{"one.github.io", "two.github.io", false},
	} {
		if sameSite(test.a, test.b) != test.same || sameSite(test.b, test.a) != test.same {
			t.Errorf("%s and %s: %t", test.a, test.b, !test.same)
		}
	}
}

func TestTempting(t *testing.T) {
	page, err := url.Parse("https://as.example/login?ReturnUrl=%2Fauthorize%2Fback&redirect_uri=https%3A%2F%2Fclient.example%2Fcb&id=7&next=x#part")
	if err != nil {
		t.Fatal(err)
	}
	for want, temptation := range map[string]Temptation{
		"https://as.example/login?ReturnUrl=%2F%2Fevil.example&id=7&next=x&redirect_uri=https%3A%2F%2Fclient.example%2Fcb":                          {To: "//evil.example", Own: true},
		"https://as.example/login?ReturnUrl=%2Fauthorize%2Fback&goto=%2F%2Fevil.example&id=7&next=x&redirect_uri=https%3A%2F%2Fclient.example%2Fcb": {To: "//evil.example", Names: []string{"next", "goto"}},
	} {
		if got := tempting(page, temptation); got != want {
			t.Errorf("%+v: %s", temptation, got)
		}
	}
}

func TestAsBrowsersRead(t *testing.T) {
	for reference, want := range map[string]string{
		`/\evil.example/a\b?c=\d`: `//evil.example/a/b?c=\d`, `https:\\evil.example#\`: `https://evil.example#\`, "/a": "/a",
	} {
		if got := asBrowsersRead(reference); got != want {
			t.Errorf("%s: %s", reference, got)
		}
	}
}

// A word that is somebody's password may stand anywhere, and means something under the name of the password's field alone.
func TestRepeatedPasswords(t *testing.T) {
	var written credentials
	written.wrote(&Fill{Value: "${password}"}, "test", "pin", true)
	written.wrote(&Fill{Value: "${password}"}, "pass-word-of-a-test", "pin", true)
	for address, repeated := range map[string]bool{
		"https://as.example/?env=test": false, "https://as.example/?pin=test": true, "https://as.example/?env=pass-word-of-a-test": true, "https://as.example/": false,
	} {
		if written.repeatedBy(address, "", "") != repeated {
			t.Errorf("%s: %t", address, !repeated)
		}
	}
	if !written.repeatedBy("https://as.example/", formType, "pin=test") || written.repeatedBy("https://as.example/", formType, "env=test") {
		t.Error("a form is read as an address is")
	}
}
