package consent

import (
	"fmt"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

func said(page *Page) string {
	if page == nil {
		return "nothing"
	}
	var steps []string
	for _, step := range page.Do {
		words := step.String()
		if step.Fill != nil {
			words += " with " + step.Fill.Value
		}
		steps = append(steps, words)
	}
	return fmt.Sprintf("at %s: %s", page.When.Selector, strings.Join(steps, ", "))
}

// Pages as servers have them, and what would be done there.
func TestPropose(t *testing.T) {
	for name, test := range map[string]struct{ page, accept, deny string }{
		"a login": {
			`<form id="login" method="post"><input type="hidden" name="csrf"><label for="username">Name</label><input id="username" name="username"><input id="password" type="password"><button type="submit">Sign in</button></form>`,
			"at form#login: fill #username with ${user}, fill #password with ${password}, click button[type=submit]", "nothing",
		},
		"Keycloak's login": {
			`<form id="kc-form-login" action="https://as/login-actions?session_code=ab12"><input id="username" name="username" type="text" autocomplete="username"><input id="password" name="password" type="password">
			<button type="button" aria-label="Show password"></button><input id="rememberMe" type="checkbox"><a href="/reset">Forgot Password?</a><input name="login" id="kc-login" type="submit" value="Sign In"></form><a href="/register">Register</a>`,
			"at form#kc-form-login: fill #username with ${user}, fill #password with ${password}, click #kc-login", "nothing",
		},
		"Keycloak's consent": {
			`<form class="form-actions" action="https://as/consent?code=8a7b"><input name="accept" id="kc-login" type="submit" value="Yes"><input name="cancel" id="kc-cancel" type="submit" value="No"></form>`,
			"at #kc-login: click #kc-login", "at #kc-login: click #kc-cancel",
		},
		"buttons that share a name": {
			`<form action="/consent"><label>I have read it <input type="checkbox" name="read" required></label><button name="button" value="yes">Yes, Allow</button><button name="button" value="no">No, Do Not Allow</button></form>`,
			"at button[name=button][value=yes]: click input[name=read], click button[name=button][value=yes]", "at button[name=button][value=yes]: click button[name=button][value=no]",
		},
		"the name on a page of its own": {
			`<form><input name="identifier" type="text"><input type="submit" value="Next"></form><button>Sign in with a passkey</button>`,
			"at input[name=identifier]: fill input[name=identifier] with ${user}, click input[value=Next]", "nothing",
		},
		"ids that are made up": {
			`<form id="f8a7c1d2e3f4a5b6"><input id="id-123456" name="j_username"><input id="id-123457" name="j_password" type="password"><button id="b998877">Log in</button></form>`,
			"at input[type=password]: fill input[name=j_username] with ${user}, fill input[name=j_password] with ${password}, click button", "nothing",
		},
		"German, by script": {
			`<div role="dialog"><div id="app"><button class="x">Ablehnen</button><button class="y">Zustimmen</button></div></div>`,
			"at #app > button:nth-of-type(2): click #app > button:nth-of-type(2)", "at #app > button:nth-of-type(2): click #app > button:nth-of-type(1)",
		},
		"one button":      {`<form><button>Weiter zur Bank</button></form>`, "at button: click button", "nothing"},
		"hidden controls": {`<form style="display: none"><button>Allow</button></form><p>Please wait</p>`, "nothing", "nothing"},
		"nothing":         {`<p>Loading</p><a href="/help">Help</a>`, "nothing", "nothing"},
		"no HTML":         {"\x00\xff", "nothing", "nothing"},
	} {
		accept, deny := Propose([]byte(test.page))
		if said(accept) != test.accept || said(deny) != test.deny {
			t.Errorf("%s:\n%s\n%s", name, said(accept), said(deny))
		}
	}
}

// An entry for one page is not followed on another that was there before.
func TestProposalsTellPagesApart(t *testing.T) {
	login := `<form id="main"><input name="user"><input type="password" name="pass"><button id="go">Log in</button></form>`
	consent := `<form id="main"><button id="go" name="answer" value="allow">Allow</button><button name="answer" value="deny">Deny</button></form>`
	accept, _ := Propose([]byte(consent))
	if said(accept) != "at form#main: click #go" {
		t.Error(said(accept))
	}
	accept, _ = Propose([]byte(consent), []byte(login))
	if accept.When.Selector != "button[name=answer][value=allow]" || said(accept) == "" {
		t.Error(said(accept))
	}
}

func TestReadPage(t *testing.T) {
	forms := ReadPage([]byte(`<a href="/help">Help</a><form id="login"><input type="hidden" name="csrf" value="x"><label for="u">Your name</label><input id="u"><input type="password" placeholder="Password" name="p">
		<select name="branch"><option>one</select><button value="in">Sign
		in</button><button type="reset">Clear</button></form>`))
	var lines []string
	for _, form := range forms {
		for _, c := range form.Controls {
			lines = append(lines, strings.Join([]string{form.Selector, c.Selector, c.Kind, c.Label}, "|"))
		}
	}
	want := "|a[href=\"/help\"]|link|Help\nform#login|#u|text|Your name\nform#login|input[name=p]|password|Password\nform#login|select[name=branch]|select|\nform#login|button[value=in]|button|Sign in"
	if got := strings.Join(lines, "\n"); got != want {
		t.Errorf("%s", got)
	}
}

// Whatever a page has in it, a selector that is proposed finds something there.
func FuzzProposedSelectorsFind(f *testing.F) {
	f.Add(`<form id="a"><input type=password name='x"]'><button name=b value="1 2">ok</button></form>`)
	f.Add(`<button>Allow</button><button>Deny</button><svg><a href=x>ok</a></svg>`)
	f.Fuzz(func(t *testing.T, markup string) {
		accept, deny := Propose([]byte(markup), []byte(markup))
		for _, page := range []*Page{accept, deny} {
			if page == nil {
				continue
			}
			for _, step := range page.Do {
				selector := step.Fill.selectorOr(step.Click)
				if !finds(markup, selector) {
					t.Errorf("%s finds nothing in %q", selector, markup)
				}
			}
		}
		ReadPage([]byte(markup))
	})
}

func finds(markup, selector string) bool {
	root, err := html.Parse(strings.NewReader(markup))
	return err == nil && find(root, selector) != nil
}
