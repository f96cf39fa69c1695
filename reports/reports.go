// Package reports lists what a Report can look like to someone.
package reports

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/fapitest/fapitest/harness/verdict"
	"github.com/fapitest/fapitest/reports/json"
	"github.com/fapitest/fapitest/reports/junit"
	"github.com/fapitest/fapitest/reports/terminal"
)

// Format is one way to write a report.
type Format struct {
	Name  string // as --format has it
	File  string // what it is called in the report's directory; empty: it is only printed
	Says  string // what it is for
	Write func(io.Writer, *verdict.Report) error
}

// Formats returns every format. Evidence is read below dir, the directory of the report.
func Formats(dir string) []Format {
	return []Format{
		{"json", "report.json", "the report itself, from which the others derive", json.Write},
		{"junit", "junit.xml", "for CI systems", junit.Write},
		{"text", "", "for a terminal", func(w io.Writer, r *verdict.Report) error { return terminal.Write(w, r, terminal.Options{}) }},
	}
}

// Find returns the format with that name. The error names those that there are.
func Find(name, dir string) (Format, error) {
	var names []string
	for _, format := range Formats(dir) {
		if format.Name == name {
			return format, nil
		}
		names = append(names, format.Name)
	}
	return Format{}, fmt.Errorf("there is no format %q: the formats are %s", name, strings.Join(names, ", "))
}

// WriteAll writes every format that has a file into a directory. A file is there whole or not at all.
func WriteAll(dir string, r *verdict.Report) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	for _, format := range Formats(dir) {
		if format.File == "" {
			continue
		}
		if err := WriteFile(filepath.Join(dir, format.File), format, r); err != nil {
			return err
		}
	}
	return nil
}

// WriteFile writes one format to a file, which is there whole or not at all.
func WriteFile(path string, format Format, r *verdict.Report) (err error) {
	file, err := os.CreateTemp(filepath.Dir(path), ".fapitest-*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(file.Name()))
		}
	}()
	if err := errors.Join(format.Write(file, r), file.Chmod(0o644), file.Close()); err != nil {
		return err
	}
	return os.Rename(file.Name(), path)
}
