package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A run whose workers can't be started leaves a report that says so, and not the one of an earlier run.
func TestWorkersThatDoNotStart(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "junit.xml"), []byte("of an earlier run"), 0o600); err != nil {
		t.Fatal(err)
	}
	var out, errors bytes.Buffer
	a := &app{out: &out, err: &errors, env: func(string) string { return "" }, self: func() (string, error) { return filepath.Join(dir, "no-such-binary"), nil }}
	if code := a.main(t.Context(), []string{"run", "--consent", "form", "-o", dir}); code != exitUsage {
		t.Errorf("exit code %d: %s", code, errors.String())
	}
	if !strings.Contains(errors.String(), "no worker could be started") || !strings.HasPrefix(out.String(), "inconclusive") {
		t.Errorf("%s\n%s", errors.String(), out.String())
	}
	written, err := os.ReadFile(filepath.Join(dir, "junit.xml"))
	if err != nil || !strings.Contains(string(written), "<error ") || !strings.Contains(string(written), "no worker could be started") {
		t.Errorf("%v: %.300s", err, written)
	}
}
