package target_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fapitest/fapitest/harness/consent"
	"github.com/fapitest/fapitest/harness/target"
)

// Every key is described, stands in docs/target.md, and is read: one that has no place in the loader would take anything.
func TestEveryKeyIsDescribedAndRead(t *testing.T) {
	page, err := os.ReadFile("../../docs/target.md")
	if err != nil {
		t.Fatal(err)
	}
	if string(page) != target.Page() {
		t.Error("docs/target.md is out of date: make docs")
	}
	seen := map[string]bool{}
	for _, key := range target.FileKeys() {
		if !strings.HasSuffix(key.Says, ".") || key.Kind == "" || seen[key.Path] {
			t.Errorf("%s: %q, %q", key.Path, key.Kind, key.Says)
		}
		seen[key.Path] = true
		if !strings.Contains(string(page), "`"+key.Path+"`") {
			t.Errorf("%s is not in docs/target.md: make docs", key.Path)
		}
		// Nothing takes a list in a list.
		content, opened := "", 0
		for part := range strings.SplitSeq(key.Path, ".") {
			if content != "" {
				content += "{"
				opened++
			}
			if name, isItem := strings.CutSuffix(part, "[]"); isItem {
				content += name + ": ["
				part = ""
			}
			if part != "" {
				content += part + ": "
			}
		}
		content += "[[x]]" + strings.Repeat("}", opened)
		content += strings.Repeat("]", strings.Count(key.Path, "[]")) + "\n"
		path := filepath.Join(t.TempDir(), "bank.yaml")
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := target.Load(path, nothing)
		named := strings.ReplaceAll(key.Path, "[]", "[0]")
		if err == nil || !strings.Contains(err.Error(), named) || strings.Contains(err.Error(), "unknown key") || !strings.Contains(err.Error(), "expected") {
			t.Errorf("%s: %s: %v", key.Path, strings.TrimSpace(content), err)
		}
	}
	for _, key := range consent.ScriptKeys() {
		if !strings.HasSuffix(key.Says, ".") || !strings.Contains(string(page), "`"+key.Path+"`") {
			t.Errorf("%s: %q", key.Path, key.Says)
		}
	}
}
