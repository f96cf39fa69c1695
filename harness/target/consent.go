package target

import (
	"errors"
	"io/fs"
	"slices"
	"strconv"

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
}
