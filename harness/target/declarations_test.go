package target_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fapitest/fapitest/harness/scaffold"
	"github.com/fapitest/fapitest/harness/target"
)

// declared is a target file with such a declarations file.
func declared(t *testing.T, content string) (*target.Target, error) {
	t.Helper()
	path := good(t)
	written, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, append(written, "declarations: said.yaml\n"...), 0o600); err != nil {
		t.Fatal(err)
	}
	if content != "no file" {
		if err := os.WriteFile(filepath.Join(filepath.Dir(path), "said.yaml"), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return target.Load(path, nothing)
}

func TestDeclarations(t *testing.T) {
	loaded, err := declared(t, "- {id: FAPI2-SP-5.2.1-5, by: J. Doe, date: 2026-11-01, saw: it connects to nobody}\n")
	if err != nil {
		t.Fatal(err)
	}
	if words := loaded.Attested["FAPI2-SP-5.2.1-5"]; words != "J. Doe, 2026-11-01: it connects to nobody" || loaded.Attested["FAPI2-SP-5.3.2.2-13"] == "" {
		t.Errorf("%q", loaded.Attested)
	}
	if !loaded.Declared("FAPI2-SP-5.2.1-5") || loaded.Declared("FAPI2-SP-5.3.2.2-13") {
		t.Error("who has declared what is not known")
	}
	named, _ := loaded.Effective()["declarations"].(map[string]any)
	if named["file"] != "said.yaml" || !strings.HasPrefix(named["digest"].(string), "sha256:") {
		t.Errorf("%v", named)
	}
	for _, nothing := range []string{"", "# nothing yet\n", "[]\n", string(scaffold.Skeleton([]scaffold.Asked{{ID: "FAPI2-SP-5.2.1-5", Says: "shall be", Because: "it can't be seen", When: "rar"}}))} {
		if loaded, err := declared(t, nothing); err != nil || len(loaded.Attested) != 1 {
			t.Errorf("%q: %v", nothing, err)
		}
	}
	const proper = "{id: A-1, by: me, date: 2026-11-01, saw: it}"
	for content, says := range map[string]string{
		"no file": "declarations: there is no file said.yaml (paths are relative to the target file)",
		"a: b":    "declarations: said.yaml:1: it has to be a list of entries, each with id, by, date and saw",
		"- [":     "declarations: said.yaml is not YAML",
		"- {id: A-1, by: me, date: 2026-11-01, saw: it, when: now}":      "said.yaml:1: an entry has id, by, date and saw, and nothing else",
		"- " + proper + "\n- " + proper:                                  "said.yaml:2: A-1 is declared twice",
		"- {by: me, date: 2026-11-01, saw: it}":                          "said.yaml:1: an entry needs the id of a requirement",
		"- {id: A-1, by: ' ', date: 2026-11-01, saw: it}":                "A-1: say by whom it was looked at, and what they saw",
		"- {id: A-1, by: me, date: 2026-11-01}":                          "A-1: say by whom it was looked at, and what they saw",
		"- {id: A-1, by: me, date: yesterday, saw: it}":                  `A-1: date is the day on which it was looked at, as 2026-11-28, not "yesterday"`,
		"- {id: A-1, by: me, date: 9999-01-01, saw: it}":                 "A-1: 9999-01-01 is yet to come",
		"- {id: FAPI2-SP-5.3.2.2-13, by: me, date: 2026-11-01, saw: it}": "FAPI2-SP-5.3.2.2-13 stands in attested and in declarations: leave one of them",
	} {
		_, err := declared(t, content)
		if err == nil || !strings.Contains(err.Error(), says) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v", content, err)
		}
	}
}

// The skeleton becomes a declaration by taking away its "#" and filling it in.
func TestTheSkeletonIsFilledIn(t *testing.T) {
	skeleton := string(scaffold.Skeleton([]scaffold.Asked{{ID: "FAPI2-SP-5.2.1-5", Says: "shall be", Because: "it can't be seen", When: "always"}}))
	filled := strings.NewReplacer("\n#- id", "\n- id", "\n#  ", "\n  ", `by: ""`, "by: me", "date: ", "date: 2026-11-01", `saw: ""`, "saw: it").Replace(skeleton)
	if loaded, err := declared(t, filled); err != nil || loaded.Attested["FAPI2-SP-5.2.1-5"] != "me, 2026-11-01: it" {
		t.Errorf("%v\n%s", err, filled)
	}
}
