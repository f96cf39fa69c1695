package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/fapitest/fapitest/suites"
)

// The files by document are together exactly what is shared, in its order. CI has the shared catalogues beside the clone.
func TestWeHaveWhatIsShared(t *testing.T) {
	const root = "../.."
	from := filepath.Join(root, "../shared")
	if _, err := os.Stat(filepath.Join(from, sharedFiles[0])); err != nil {
		t.Skip("the shared catalogues are not beside this clone, in ../shared: what we have can't be compared with them")
	}
	says, err := takeOver(root, from, ours(), true)
	if err != nil {
		t.Fatal(err)
	}
	if len(says) > 0 {
		t.Errorf("take it over with go run ./cmd/catalogue:\n%s", strings.Join(says, "\n"))
	}
	var theirs []string
	for _, name := range sharedFiles {
		data, err := os.ReadFile(filepath.Join(from, name))
		if err != nil {
			t.Fatal(err)
		}
		_, entries, err := parse(name, string(data))
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			theirs = append(theirs, e.id)
		}
	}
	catalogue, err := suites.Catalogue()
	if err != nil {
		t.Fatal(err)
	}
	for i, entry := range catalogue.Entries {
		if i >= len(theirs) || entry.ID != theirs[i] {
			t.Fatalf("%s stands at another place than where it is shared: put the documents in suites.Documents into that order", entry.ID)
		}
	}
	if len(theirs) != len(catalogue.Entries) {
		t.Errorf("%d entries are shared, and we have %d", len(theirs), len(catalogue.Entries))
	}
}

const (
	sharedOne = `# One head.
#   member  indented
- id: A-1
  text: It does a.
- id: A-B-1
  text: It does b.
`
	sharedTwo = `# Another head.
- id: C-1
  text: It does c.
- id: C-2
  text: >-
    It does d,

    and more.
  how: Look.
`
	page = "# Title\n\n## requirements.yaml\n\n```text\n```\n\n## requirements-ecosystems.yaml\n\n```text\n```\n\nThe end.\n"
)

var documents = []document{{"A", "a.yaml"}, {"A-B", "sub/ab.yaml"}, {"C", "c.yaml"}}

// clone is a directory with shared catalogues and, below root, files that have taken them over.
func clone(t *testing.T) (root, from string) {
	t.Helper()
	dir := t.TempDir()
	root, from = filepath.Join(dir, "clone"), filepath.Join(dir, "shared")
	put(t, filepath.Join(from, sharedFiles[0]), sharedOne)
	put(t, filepath.Join(from, sharedFiles[1]), sharedTwo)
	put(t, filepath.Join(root, explanations), page)
	if err := os.MkdirAll(filepath.Join(root, "sub"), 0o755); err != nil {
		t.Fatal(err)
	}
	sync(t, root, from, false)
	return root, from
}

func put(t *testing.T, name, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func get(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func sync(t *testing.T, root, from string, check bool) (says string) {
	t.Helper()
	lines, err := takeOver(root, from, documents, check)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(lines, "\n")
}

// replace changes a text in a file.
func replace(t *testing.T, name, old, now string) {
	t.Helper()
	text := get(t, name)
	if !strings.Contains(text, old) {
		t.Fatalf("%s does not have %q", name, old)
	}
	put(t, name, strings.Replace(text, old, now, 1))
}

func TestTakeOver(t *testing.T) {
	root, from := clone(t)
	if got := get(t, filepath.Join(root, "sub/ab.yaml")); !strings.HasSuffix(got, "\n- id: A-B-1\n  text: It does b.\n") || !strings.HasPrefix(got, "# ") {
		t.Errorf("sub/ab.yaml:\n%s", got)
	}
	if got := get(t, filepath.Join(root, "c.yaml")); !strings.HasSuffix(got, strings.TrimPrefix(sharedTwo, "# Another head.\n")) {
		t.Errorf("c.yaml:\n%s", got)
	}
	want := "# Title\n\n## requirements.yaml\n\n```text\nOne head.\n  member  indented\n```\n\n## requirements-ecosystems.yaml\n\n```text\nAnother head.\n```\n\nThe end.\n"
	if got := get(t, filepath.Join(root, explanations)); got != want {
		t.Errorf("the page:\n%s", got)
	}
	if says := sync(t, root, from, false); says != "" {
		t.Errorf("the second time: %s", says)
	}
}

// What only we have stays where it is, comments included, whatever changes around it.
func TestOurMembersStay(t *testing.T) {
	root, from := clone(t)
	file := filepath.Join(root, "a.yaml")
	const own = "  # Why we say so.\n  says: do a\n  remedy: >-\n    Do a.\n"
	put(t, file, get(t, file)+own)
	if says := sync(t, root, from, true); says != "" {
		t.Errorf("our members are a change: %s", says)
	}
	replace(t, filepath.Join(from, sharedFiles[0]), "  text: It does a.\n", "  text: It always does a.\n  effect: None.\n")
	replace(t, filepath.Join(from, sharedFiles[0]), "- id: A-B-1", "- id: A-2\n  text: It is new.\n- id: A-B-1")
	replace(t, filepath.Join(from, sharedFiles[1]), "- id: C-1\n  text: It does c.\n", "")
	before := get(t, file)
	says := sync(t, root, from, true)
	if want := "a.yaml: A-1: text, effect changed\na.yaml: A-2 is new\nc.yaml: C-1 is gone"; says != want {
		t.Errorf("it says %s", says)
	}
	if get(t, file) != before {
		t.Error("a check writes")
	}
	if again := sync(t, root, from, false); again != says {
		t.Errorf("it says %s, and a check %s", again, says)
	}
	if got, want := get(t, file), "- id: A-1\n  text: It always does a.\n  effect: None.\n"+own+"- id: A-2\n  text: It is new.\n"; !strings.HasSuffix(got, want) {
		t.Errorf("a.yaml:\n%s", got)
	}
	if says := sync(t, root, from, true); says != "" {
		t.Errorf("once more: %s", says)
	}
}

// Where a person has to decide, nothing is written.
func TestTakeOverRefuses(t *testing.T) {
	for name, test := range map[string]struct {
		edit func(t *testing.T, root, from string)
		want string
	}{
		"an entry with members of ours is gone": {func(t *testing.T, root, from string) {
			file := filepath.Join(root, "a.yaml")
			put(t, file, get(t, file)+"  says: do a\n")
			replace(t, filepath.Join(from, sharedFiles[0]), "- id: A-1\n  text: It does a.\n", "- id: A-2\n  text: It does a.\n")
		}, "a.yaml: A-1 is gone from the shared catalogue, and we have says for it"},
		"a member of ours is theirs now": {func(t *testing.T, _, from string) {
			replace(t, filepath.Join(from, sharedFiles[0]), "- id: A-B-1", "  remedy: Do a.\n- id: A-B-1")
		}, "remedy of A-1"},
		"a document that is not known": {func(t *testing.T, _, from string) {
			replace(t, filepath.Join(from, sharedFiles[1]), "- id: C-1", "- id: D-1")
		}, "requirements-ecosystems.yaml has D-1"},
		"a line that belongs to nothing": {func(t *testing.T, root, _ string) {
			replace(t, filepath.Join(root, "c.yaml"), "  how: Look.\n", "how: Look.\n")
		}, "c.yaml:9: this line belongs to no entry"},
		"a comment behind everything": {func(t *testing.T, root, _ string) {
			replace(t, filepath.Join(root, "c.yaml"), "  how: Look.\n", "  how: Look.\n  # At the end.\n")
		}, "c.yaml: a comment stands behind the last member"},
		"a page without a place for a head": {func(t *testing.T, root, _ string) {
			replace(t, filepath.Join(root, explanations), "## requirements.yaml", "## something")
		}, "no block under a title requirements.yaml"},
	} {
		root, from := clone(t)
		test.edit(t, root, from)
		var before []string
		for _, d := range documents {
			before = append(before, get(t, filepath.Join(root, d.File)))
		}
		if _, err := takeOver(root, from, documents, false); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v", name, err)
		}
		var after []string
		for _, d := range documents {
			after = append(after, get(t, filepath.Join(root, d.File)))
		}
		if !slices.Equal(before, after) {
			t.Errorf("%s: something was written", name)
		}
	}
}
