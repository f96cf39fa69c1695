package consent

import (
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// Whatever stands in a consent script, it is read or refused in one sentence that names the file.
func FuzzScript(f *testing.F) {
	for _, seed := range []string{
		"accept:\n  - when: \"form#login\"\n    do:\n      - fill: {selector: \"#username\", value: \"${user}\"}\n      - click: \"button\"\n      - wait: p\n      - pause: 2s\ndeny: []\nerror: [\"main.error\"]\n",
		"accept: [{when: {selector: \"a:has(b)\", url: \"https://x/*\"}, do: [{pause: 1h}]}]", "a: &a [*a]", "accept: {<<: {when: x}}", "- 1", "\x00", "accept: !!binary YQ==",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		path := filepath.Join(t.TempDir(), "consent.yaml")
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		script, err := LoadScript(path)
		switch {
		case err == nil && len(script.Accept) == 0:
			t.Error("a script that does nothing was taken")
		case err != nil && !strings.Contains(err.Error(), "consent.yaml"):
			t.Error(err)
		}
		script.match(Deny, func(w When) bool { return glob(w.URL, "https://as.example/login") })
	})
}

// Whatever a page is made of, it is read to its end, and what it sends is no more than stands in it.
func FuzzPage(f *testing.F) {
	for _, seed := range []string{
		`<form id=a action="//x"><input name=b type=checkbox checked><select name=c multiple><option selected>d</select><textarea name=e>f</textarea><button name=g value=h>i</button></form>`,
		`<meta http-equiv=refresh content="0;url='https://evil.example/">`, `<fieldset disabled><legend><input form=a name=b></legend></fieldset><form id=a>`, strings.Repeat("<b>", 600) + "x",
		`<base href="http://[::1"><a href="https://evil.example/%zz"><style>@import url(//x)</style><svg><script>x</script>`, "<form><form></form><input name=a><table><form><tr><input name=b>",
	} {
		f.Add([]byte(seed), "https://as.example/login?a=b", "1; url=/x", "a=b; Path=/; SameSite=None")
	}
	f.Fuzz(func(t *testing.T, page []byte, address, refresh, cookie string) {
		at, err := url.Parse(address)
		if err != nil || len(page) > 1<<16 {
			return
		}
		root, err := html.Parse(strings.NewReader(string(page)))
		if err != nil {
			return
		}
		d := &document{url: at, refresh: refresh, root: root, filled: map[*html.Node]string{}}
		_, _ = refreshOf(d)
		_, _, _ = d.postsBack([]string{"https://client.example/cb"})
		_ = d.pointsAt("https://evil.example")
		_ = textOf(root)
		header := http.Header{"Refresh": {refresh}, "Set-Cookie": {cookie}, "Content-Disposition": {cookie}, "Content-Type": {refresh}}
		_ = protectionOf(at, header, root)
		_ = insteadOfAPage(http.StatusOK, header)
		_ = tempting(at, Temptation{To: "https://evil.example", Names: []string{"next"}, Own: true})
		length := 0
		d.each(func(n *html.Node) {
			if n.Data != "input" && n.Data != "button" && n.Data != "select" && n.Data != "textarea" {
				return
			}
			length = 0
			for name, values := range d.forged(d.formOf(n), d.values(d.formOf(n), n)) {
				length += len(name) + len(strings.Join(values, ""))
			}
			if length > 64*len(page)+1000 {
				t.Errorf("%d bytes are sent of a page of %d", length, len(page))
			}
		})
		j := &journey{trip: &Trip{}}
		j.remember(at, (&http.Response{Header: header}).Cookies())
		_ = j.lastingCookies()
	})
}
