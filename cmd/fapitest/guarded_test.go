//go:build unix

package main

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// One directory takes one run at a time, and nobody else looks into what a run has made.
func TestTheDirectoryOfAReport(t *testing.T) {
	output := filepath.Join(t.TempDir(), "made", "reports")
	unlock, err := lockOutput(output)
	if err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(output); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("%v, %v", info, err)
	}
	if _, err := lockOutput(output); err == nil || !strings.Contains(err.Error(), "another run writes to -o "+output) {
		t.Errorf("two runs in one directory: %v", err)
	}
	unlock()
	unlock, err = lockOutput(output)
	if err != nil {
		t.Fatal(err)
	}
	unlock()
	if entries, err := os.ReadDir(output); err != nil || len(entries) > 0 {
		t.Errorf("%v, %v", entries, err)
	}
}

// A private key that others may read is named, with what to do.
func TestExposedKeysAreNamed(t *testing.T) {
	file := filepath.Join(t.TempDir(), "key.pem")
	for mode, want := range map[os.FileMode]bool{0o600: false, 0o640: true, 0o604: true, 0o400: false} {
		if err := errors.Join(os.WriteFile(file, nil, 0o600), os.Chmod(file, mode)); err != nil {
			t.Fatal(err)
		}
		var told bytes.Buffer
		(&app{err: &told}).warnIfExposed(file)
		if got := strings.Contains(told.String(), "chmod 600 "+file); got != want {
			t.Errorf("%o: %q", mode, told.String())
		}
		if err := os.Chmod(file, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}
