package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"

	"github.com/fapitest/fapitest/harness/flow"
)

// evidence keeps files below the report's directory, each under a name that follows from its content. Several processes may keep
// files in one directory.
type evidence struct {
	dir  string
	mu   sync.Mutex
	kept map[string]bool
	err  error
}

func newEvidence(output string) (*evidence, error) {
	if info, err := os.Stat(output); err == nil && !info.IsDir() {
		return nil, fmt.Errorf("-o %s is a file: name a directory", output)
	}
	return &evidence{dir: output, kept: map[string]bool{}}, nil
}

func (e *evidence) keep(extension string, data []byte) string {
	e.mu.Lock()
	defer e.mu.Unlock()
	path := filepath.Join("evidence", flow.EvidenceName(extension, data))
	if e.kept[path] {
		return path
	}
	full := filepath.Join(e.dir, path)
	if err := errors.Join(os.MkdirAll(filepath.Dir(full), 0o755), writeWhole(full, data)); err != nil {
		e.err = err
		return ""
	}
	e.kept[path] = true
	return path
}

// writeWhole writes a file that is there whole or not at all, whoever else writes the same one.
func writeWhole(path string, data []byte) error {
	file, err := os.CreateTemp(filepath.Dir(path), ".new-*")
	if err != nil {
		return err
	}
	_, err = file.Write(data)
	if err = errors.Join(err, file.Close()); err == nil {
		err = os.Rename(file.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(file.Name()))
	}
	return nil
}
