package consent_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fapitest/fapitest/harness/consent"
)

func TestLoadScript(t *testing.T) {
	load := func(text string) (consent.Script, error) {
		path := filepath.Join(t.TempDir(), "consent.yaml")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return consent.LoadScript(path)
	}
	script, err := load(`accept:
  - when: "form#login"
    do:
      - fill: {selector: "#username", value: "${user}"}
      - click: "button"
  - when: {url: "https://*/consent", selector: "form"}
    do: [{wait: ".ready"}, {pause: 500ms}, {click: "button"}]
deny:
  - when: "form"
    do: [{click: "button[value=deny]"}]
error: ["main.error"]
`)
	if err != nil {
		t.Fatal(err)
	}
	if len(script.Accept) != 2 || script.Accept[1].When.URL != "https://*/consent" || len(script.Accept[1].Do) != 3 || len(script.Deny) != 1 || len(script.Error) != 1 {
		t.Errorf("%+v", script)
	}
	for text, want := range map[string]string{
		"":                    "is empty",
		"deny: []":            "accept is missing",
		"accept: [{when: a}]": "consent.yaml:1: do is missing",
		"acept: []":           `consent.yaml:1: unknown key "acept": the keys are accept, deny, error`,
		"accept:\n  - do: []": "consent.yaml:2: when is missing",
		"accept:\n  - when: a\n    do: [{press: b}]":             `consent.yaml:3: unknown key "press": the keys are fill, click, wait, pause`,
		"accept:\n  - when: a\n    do: [{click: b, wait: c}]":    "consent.yaml:3: a step is one of fill, click, wait, pause",
		"accept:\n  - when: \"[\"\n    do: [{click: b}]":         `consent.yaml:2: "[" is not a valid CSS selector`,
		"accept:\n  - when: a\n    do: [{pause: long}]":          `consent.yaml:3: "long" is not a valid pause`,
		"accept:\n  - when: a\n    do: [{fill: {value: \"x\"}}]": "consent.yaml:3: fill needs selector and value",
		"accept: {when: a}": "consent.yaml:1: expected a list",
		"accept: [":         "consent.yaml:2: not YAML",
	} {
		if _, err := load(text); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
}
