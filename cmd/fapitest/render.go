package main

import (
	"bufio"
	"context"
	"os"
	"path/filepath"

	"github.com/fapitest/fapitest/reports"
	"github.com/fapitest/fapitest/reports/json"
)

const renderHelp = `Usage: fapitest render REPORT [--format FORMAT] [-o FILE]

Writes a report in another format. REPORT is a report.json, or the directory that holds it.

      --format FORMAT   text (default), html, junit or json
  -o, --output FILE     where to (default: standard output)
`

func (a *app) render(_ context.Context, args []string) int {
	flags := a.flags("render", renderHelp)
	format := flags.String("format", "text", "")
	output := flags.StringP("output", "o", "", "")
	if code, done := a.parse(flags, args); done {
		return code
	}
	if flags.NArg() != 1 {
		return a.fail("render needs one report, such as fapitest render fapitest-report")
	}
	file := flags.Arg(0)
	if info, err := os.Stat(file); err == nil && info.IsDir() {
		file = filepath.Join(file, "report.json")
	}
	chosen, err := reports.Find(*format, filepath.Dir(file))
	if err != nil {
		return a.fail("%s", err)
	}
	opened, err := os.Open(file)
	if err != nil {
		return a.fail("%s", err)
	}
	defer func() { _ = opened.Close() }()
	report, err := json.Read(bufio.NewReader(opened))
	if err != nil {
		return a.fail("%s: %s", file, err)
	}
	if *output == "" {
		err = chosen.Write(a.out, report)
	} else {
		err = reports.WriteFile(*output, chosen, report)
	}
	if err != nil {
		return a.fail("writing the %s report: %s", *format, err)
	}
	return exitConformant
}
