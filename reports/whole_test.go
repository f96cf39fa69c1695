package reports_test

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fapitest/fapitest/reports"
	"github.com/fapitest/fapitest/reports/internal/sample"
)

// Where a disk is full in the middle of a file, that of before is still there, whole, and nothing else.
func TestAFullDisk(t *testing.T) {
	path := filepath.Join(t.TempDir(), "report.json")
	full := errors.New("no space left on device")
	if err := reports.WriteWhole(path, func(w io.Writer) error { _, err := io.WriteString(w, "whole"); return err }); err != nil {
		t.Fatal(err)
	}
	if err := reports.WriteWhole(path, func(w io.Writer) error { _, _ = io.WriteString(w, "ha"); return full }); !errors.Is(err, full) {
		t.Error(err)
	}
	if content, err := os.ReadFile(path); err != nil || string(content) != "whole" {
		t.Errorf("%q, %v", content, err)
	}
	if entries, err := os.ReadDir(filepath.Dir(path)); err != nil || len(entries) != 1 {
		t.Errorf("%v, %v", entries, err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm()&0o077 != 0 {
		t.Errorf("%v, %v", info, err)
	}
	if _, err := os.Stat("/dev/full"); err != nil {
		return // Linux alone has it
	}
	for _, format := range reports.Formats("") {
		device, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(format.Write(device, sample.NotConformant()), device.Close()); err == nil || !strings.Contains(err.Error(), "no space left") {
			t.Errorf("%s: a full disk is no error: %v", format.Name, err)
		}
	}
}
