package target

import (
	"cmp"
	"errors"
	"io/fs"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/fapitest/fapitest/harness/consent"
)

// mostLogins bounds consent.logins: a bank that asks more often is not understood.
const mostLogins = 3

func (l *loader) consent(node *yaml.Node) {
	l.members(node, "consent.", func(key string, value *yaml.Node) {
		switch key {
		case "driver":
			l.target.Consent.Driver = l.text("consent.driver", value)
			if driver := l.target.Consent.Driver; !slices.Contains([]string{"browser", "form", "person"}, driver) {
				l.fail(value, "consent.driver: there is no driver %q: the drivers are browser, form and person", driver)
			}
		case "script":
			l.script, l.scriptAt = l.text("consent.script", value), value
		case "hosts":
			l.target.Consent.Hosts = l.list("consent.hosts", value)
		case "logins":
			text := l.text("consent.logins", value)
			number, err := strconv.Atoi(text)
			if err != nil || number < 1 || number > mostLogins {
				l.fail(value, "consent.logins: %q is not a valid number of password prompts: write a number from 1 to %d, or leave it out", text, mostLogins)
			}
			l.target.Consent.Logins = number
		}
	})
}

func (l *loader) readScript(root *yaml.Node) {
	if l.target.Consent.Driver == "person" && l.script == "" {
		return
	}
	if l.script == "" {
		l.fail(root, "consent.script is missing: what to do on the pages; fapitest init writes a first one")
		return
	}
	script, err := consent.LoadScript(l.resolve(l.script))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		l.fail(l.scriptAt, "consent.script: there is no file %s (paths are relative to the target file)", l.script)
	case err != nil:
		l.err = &FileError{File: l.path, Line: l.scriptAt.Line, Says: "consent.script: " + err.Error()}
	}
	l.target.Consent.Script = script
	l.checkFills(root)
}

// checkFills wants of every test user what the script types for it. A person knows what to type.
func (l *loader) checkFills(root *yaml.Node) {
	t := l.target
	if t.Consent.Driver == "person" {
		return
	}
	someoneDenies := slices.ContainsFunc(t.Users(), func(u User) bool { return u.Denies })
	for _, user := range t.Users() {
		pages := t.Consent.Script.Accept
		if user.Denies || !someoneDenies {
			// What deny says of a page comes before what accept says of it.
			pages = slices.DeleteFunc(slices.Clone(pages), func(p consent.Page) bool {
				return user.Denies && slices.ContainsFunc(t.Consent.Script.Deny, func(d consent.Page) bool { return d.When == p.When })
			})
			pages = append(pages, t.Consent.Script.Deny...)
		}
		for _, wanted := range []struct{ key, placeholder, value string }{
			{"name", "${user}", user.Name}, {"password", "${password}", user.Password.Reveal()},
		} {
			if wanted.value == "" && fills(pages, wanted.placeholder) {
				l.fail(nodeOr(l.usersAt, root), "%s.%s is missing: %s types %s", cmp.Or(user.Key, "user"), wanted.key, l.script, wanted.placeholder)
				return
			}
		}
	}
}

// fills says whether a placeholder is typed on one of the pages.
func fills(pages []consent.Page, placeholder string) bool {
	return slices.ContainsFunc(pages, func(p consent.Page) bool {
		return slices.ContainsFunc(p.Do, func(s consent.Step) bool { return s.Fill != nil && strings.Contains(s.Fill.Value, placeholder) })
	})
}
