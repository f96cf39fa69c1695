package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	"github.com/fapitest/fapitest/harness/flow"
	"github.com/fapitest/fapitest/reports"
)

// evidence keeps files below the report's directory, each under a name that follows from its content. Several processes may keep
// files in one directory.
type evidence struct {
	dir  string
	mu   sync.Mutex
	kept map[string]bool
	err  error
}

func newEvidence(output string) *evidence {
	return &evidence{dir: output, kept: map[string]bool{}}
}

// tryOutput says why reports can't be written to a directory, before a run rather than after it. It leaves no file or directory behind.
func tryOutput(output string) error {
	info, err := os.Stat(output)
	switch {
	case err == nil && !info.IsDir():
		return fmt.Errorf("-o %s is a file: name a directory", output)
	case err != nil:
		made := output
		for parent := filepath.Dir(made); ; parent = filepath.Dir(parent) {
			if _, err := os.Stat(parent); err == nil || parent == filepath.Dir(parent) {
				break
			}
			made = parent
		}
		if err := os.MkdirAll(output, 0o700); err != nil {
			return fmt.Errorf("-o %s can't be made (%s): name a directory that can be written to", output, reason(err))
		}
		defer func() { _ = os.RemoveAll(made) }() // it was empty, and ours
	}
	probe, err := os.CreateTemp(output, ".new-*")
	if err != nil {
		return fmt.Errorf("-o %s can't be written to (%s): name another directory", output, reason(err))
	}
	return errors.Join(probe.Close(), os.Remove(probe.Name()))
}

// reason is what an error of the file system says, without the path, which is named already.
func reason(err error) string {
	var path *fs.PathError
	if errors.As(err, &path) {
		return path.Err.Error()
	}
	return err.Error()
}

func (e *evidence) keep(extension string, data []byte) string {
	e.mu.Lock()
	defer e.mu.Unlock()
	path := filepath.Join("evidence", flow.EvidenceName(extension, data))
	if e.kept[path] {
		return path
	}
	full := filepath.Join(e.dir, path)
	if err := reports.MakeDir(filepath.Dir(full)); err != nil {
		e.err = err
		return ""
	}
	write := func(w io.Writer) error {
		_, err := w.Write(data)
		return err
	}
	if err := reports.WriteWhole(full, write); err != nil {
		e.err = err
		return ""
	}
	e.kept[path] = true
	return path
}
