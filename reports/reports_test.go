package reports_test

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/fapitest/fapitest/harness/verdict"
	"github.com/fapitest/fapitest/reports"
	"github.com/fapitest/fapitest/reports/internal/sample"
	"github.com/fapitest/fapitest/reports/json"
)

func names(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for _, entry := range entries {
		list = append(list, entry.Name())
	}
	return list
}

func TestWriteAll(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a", "report")
	for range 2 { // the second time over what the first one wrote
		for _, test := range []struct{ asked, want []string }{
			{nil, []string{"junit.xml", "report.html", "report.json"}},
			{[]string{"markdown", "sarif"}, []string{"report.json", "report.md", "report.sarif"}},
		} {
			formats, err := reports.Chosen(dir, test.asked)
			if err := errors.Join(err, reports.WriteAll(dir, sample.NotConformant(), formats...)); err != nil {
				t.Fatal(err)
			}
			if got := names(t, dir); !slices.Equal(got, test.want) {
				t.Errorf("%v", got)
			}
			if err := reports.RemoveAll(dir); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// Everything else derives from the JSON: what is rendered from the file is what was written beside it.
func TestRenderProvesIt(t *testing.T) {
	for _, s := range sample.All() {
		dir := t.TempDir()
		if err := reports.WriteAll(dir, s.Report); err != nil {
			t.Fatal(err)
		}
		file, err := os.Open(filepath.Join(dir, "report.json"))
		if err != nil {
			t.Fatal(err)
		}
		read, err := json.Read(file)
		if err := errors.Join(err, file.Close()); err != nil {
			t.Fatal(err)
		}
		for _, format := range reports.Formats(dir) {
			var direct, derived bytes.Buffer
			if err := errors.Join(format.Write(&direct, s.Report), format.Write(&derived, read)); err != nil {
				t.Fatal(err)
			}
			if s.Name == "hostile" && format.Name != "text" {
				continue // invalid UTF-8 does not survive JSON
			}
			if !bytes.Equal(direct.Bytes(), derived.Bytes()) {
				t.Errorf("%s: %s is another one when it is derived from the file", s.Name, format.Name)
			}
		}
	}
}

func TestFind(t *testing.T) {
	for _, format := range reports.Formats("") {
		found, err := reports.Find(format.Name, "")
		if err != nil || found.File != format.File || format.Says == "" {
			t.Errorf("%s: %v", format.Name, err)
		}
	}
	if _, err := reports.Find("pdf", ""); err == nil || !strings.Contains(err.Error(), "json, html, junit, sarif, markdown, text, har") {
		t.Error(err)
	}
}

func TestNothingHalfWrittenIsLeft(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "report.x")
	if err := os.WriteFile(path, []byte("the old one"), 0o600); err != nil {
		t.Fatal(err)
	}
	failing := reports.Format{Name: "x", Write: func(w io.Writer, _ *verdict.Report) error {
		_, _ = io.WriteString(w, "half")
		return errors.New("no more")
	}}
	if err := reports.WriteFile(path, failing, sample.Empty()); err == nil || !strings.Contains(err.Error(), "no more") {
		t.Error(err)
	}
	if got := names(t, dir); !slices.Equal(got, []string{"report.x"}) {
		t.Errorf("left behind: %v", got)
	}
	if data, err := os.ReadFile(path); err != nil || string(data) != "the old one" {
		t.Errorf("%s %v", data, err)
	}
}

// A report that somebody else wrote may name any path.
func TestEvidenceIsReadBelowTheReportOnly(t *testing.T) {
	outside := t.TempDir()
	picture, err := sample.Evidence("evidence/login.png")
	if err != nil {
		t.Fatal(err)
	}
	secret := append(slices.Clone(picture), []byte("secret")...)
	if err := os.WriteFile(filepath.Join(outside, "secret.png"), secret, 0o600); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "evidence"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(
		os.WriteFile(filepath.Join(dir, "evidence", "login.png"), picture, 0o600),
		os.Symlink(filepath.Join(outside, "secret.png"), filepath.Join(dir, "evidence", "consent.png")),
	); err != nil {
		t.Fatal(err)
	}
	html, err := reports.Find("html", dir)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := html.Write(&b, sample.NotConformant()); err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(b.String(), `src="data:image/png;base64,`); n != 1 {
		t.Errorf("%d pictures are built in, not the one that lies there", n)
	}
	if !strings.Contains(b.String(), `src="evidence/consent.png"`) {
		t.Error("what could not be read is not referred to")
	}
}
