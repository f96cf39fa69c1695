package html_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/fapitest/fapitest/reports/html"
	"github.com/fapitest/fapitest/reports/internal/sample"
)

func TestLook(t *testing.T) {
	for _, s := range sample.All() {
		f, err := os.Create(filepath.Join("/tmp/look", s.Name+".html"))
		if err != nil {
			t.Fatal(err)
		}
		if err := html.Write(f, s.Report, html.Options{Evidence: sample.Evidence}); err != nil {
			t.Fatal(err)
		}
		f.Close()
	}
}
