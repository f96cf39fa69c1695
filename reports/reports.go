// Package reports lists what a Report can look like to someone.
package reports

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/fapitest/fapitest/harness/verdict"
	"github.com/fapitest/fapitest/reports/har"
	"github.com/fapitest/fapitest/reports/html"
	"github.com/fapitest/fapitest/reports/json"
	"github.com/fapitest/fapitest/reports/junit"
	"github.com/fapitest/fapitest/reports/markdown"
	"github.com/fapitest/fapitest/reports/sarif"
	"github.com/fapitest/fapitest/reports/terminal"
)

// Format is one way to write a report.
type Format struct {
	Name   string // as --format has it
	File   string // what it is called in the report's directory
	Says   string // what it is for
	Always bool   // a run writes it whatever is asked for
	Usual  bool   // a run writes it where nothing is asked for
	Write  func(io.Writer, *verdict.Report) error
}

// Formats returns every format. Evidence is read below dir, the directory of the report.
func Formats(dir string) []Format {
	return []Format{
		{"json", "report.json", "the report itself, from which the others derive", true, true, json.Write},
		{"html", "report.html", "for people: every finding with its evidence, in one page", false, true, func(w io.Writer, r *verdict.Report) error {
			return html.Write(w, r, html.Options{Evidence: evidence(dir)})
		}},
		{"junit", "junit.xml", "for CI systems", false, true, junit.Write},
		{"sarif", "report.sarif", "for code hosts, which make alerts of it", false, false, sarif.Write},
		{"markdown", "report.md", "a summary, for CI jobs and comments", false, false, markdown.Write},
		{"text", "report.txt", "for a terminal or a mail", false, false, func(w io.Writer, r *verdict.Report) error {
			return terminal.Write(w, r, terminal.Options{HTMLPath: Page(dir)})
		}},
		{"har", "report.har", "every request and answer, for the network panel of a browser", false, false, har.Write},
	}
}

// Chosen returns the formats that a run writes where these are asked for: the usual ones where none is, and those that are always written first.
func Chosen(dir string, names []string) ([]Format, error) {
	for _, name := range names {
		if _, err := Find(name, dir); err != nil {
			return nil, err
		}
	}
	var chosen []Format
	for _, format := range Formats(dir) {
		if format.Always || len(names) == 0 && format.Usual || slices.Contains(names, format.Name) {
			chosen = append(chosen, format)
		}
	}
	return chosen, nil
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

// WriteAll writes formats into a directory, all that there are where none is named. A file is there whole or not at all.
func WriteAll(dir string, r *verdict.Report, formats ...Format) error {
	if len(formats) == 0 {
		formats = Formats(dir)
	}
	if err := MakeDir(dir); err != nil {
		return err
	}
	for _, format := range formats {
		if err := WriteFile(filepath.Join(dir, format.File), format, r); err != nil {
			return err
		}
	}
	return nil
}

// MakeDir makes a directory for reports, and those above it that are not there. None but their owner may look into them.
func MakeDir(dir string) error {
	if _, err := os.Stat(dir); err == nil {
		return nil
	}
	if parent := filepath.Dir(dir); parent != dir {
		if err := MakeDir(parent); err != nil {
			return err
		}
	}
	if err := os.Mkdir(dir, 0o700); err != nil {
		if errors.Is(err, fs.ErrExist) {
			return nil // somebody else was quicker
		}
		return err
	}
	return give(dir)
}

// AttestationFile is what a signed result is called in the directory of its report.
const AttestationFile = "attestation.json"

// RemoveAll removes from a directory what WriteAll writes there, and what was signed of it. What is not there is no error.
func RemoveAll(dir string) error {
	for _, format := range append(Formats(dir), Format{File: AttestationFile}) {
		if err := os.Remove(filepath.Join(dir, format.File)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// WriteFile writes one format to a file, which is there whole or not at all.
func WriteFile(path string, format Format, r *verdict.Report) error {
	return WriteWhole(path, func(w io.Writer) error { return format.Write(w, r) })
}

// WriteWhole writes a file that is there whole or not at all, whoever else writes the same one. Nobody but its owner may read it: what a bank shows its users is not for all
// who work at the same machine.
func WriteWhole(path string, write func(io.Writer) error) (err error) {
	file, err := os.CreateTemp(filepath.Dir(path), ".fapitest-*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(file.Name()))
		}
	}()
	if err := errors.Join(write(file), file.Close(), give(file.Name())); err != nil {
		return err
	}
	return os.Rename(file.Name(), path)
}

// Page is where the evidence can be seen, below the directory of a report; empty: there is no page.
func Page(dir string) string {
	path := filepath.Join(dir, "report.html")
	if _, err := os.Stat(path); dir == "" || err != nil {
		return ""
	}
	return path
}

// largestEvidence is how many bytes a file of evidence may have to be built into a page.
const largestEvidence = 4 << 20

// evidence reads files below dir and nowhere else: the paths come from the report, which may come from anyone. Without a directory
// there is none.
func evidence(dir string) func(path string) ([]byte, error) {
	if dir == "" {
		return nil
	}
	return func(path string) (data []byte, err error) {
		root, err := os.OpenRoot(dir)
		if err != nil {
			return nil, err
		}
		defer func() { err = errors.Join(err, root.Close()) }()
		info, err := root.Stat(path)
		switch {
		case err != nil:
			return nil, err
		case !info.Mode().IsRegular() || info.Size() > largestEvidence:
			return nil, fmt.Errorf("%s is not an evidence file", path)
		}
		return root.ReadFile(path)
	}
}
