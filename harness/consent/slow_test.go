package consent

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"
)

// A page that is made to be slow to read is read, or refused, in time.
func TestPagesThatAreSlowToRead(t *testing.T) {
	at, err := url.Parse("https://as.example/login")
	if err != nil {
		t.Fatal(err)
	}
	for name, part := range map[string]string{
		"bold": "<b>", "links": "<a>", "lists": "<ul><li>", "tables": "<table>", "rows": "<table><tr><td>", "forms": "<form><div>", "misnested": "<b><p></b>", "fonts": "<font size=1><p>", "options": "<select><option>",
		"inputs": "<input name=a>", "buttons": "<button form=f>", "attributes": "<p a=1 b=2 c=3 d=4>", "foster": "<table><b>", "svg": "<svg><g>", "templates": "<template>", "entities": "&amp", "comments": "<!--x-->",
		"styles": "<p style='background:url(//x.example/a)'>", "fieldsets": "<fieldset disabled><input>", "elsewhere": "<input name=a form=f>", "metas": "<meta http-equiv=refresh content='1;url=/x'>",
	} {
		page := strings.Repeat(part, longestPage/4/len(part))
		began := time.Now()
		root, err := html.Parse(strings.NewReader(page))
		parsed := time.Since(began)
		if err == nil {
			d := &document{url: at, root: root, filled: map[*html.Node]string{}}
			_ = find(root, "form#login")
			_, _ = refreshOf(d)
			_ = textOf(root)
			_ = protectionOf(at, http.Header{}, root)
			_ = d.pointsAt("https://evil.example")
			if button := find(root, "input, button"); button != nil {
				_ = d.values(d.formOf(button), button)
			}
		}
		took := time.Since(began)
		t.Logf("%-12s parsed in %6d ms, all in %6d ms, %v", name, parsed.Milliseconds(), took.Milliseconds(), err)
		if took > 10*time.Second {
			t.Errorf("%s: took %s", name, took)
		}
	}
}
