package main

import (
	"context"
	"os"
	"path/filepath"

	"github.com/fapitest/fapitest/reports"
)

const renderHelp = `Usage: fapitest render REPORT [--format FORMAT...] [-o FILE]

Writes a report in another format. REPORT is a report.json, or the directory that holds it.

      --format FORMAT   text (default), html, junit, sarif, markdown, har or json; may
                    be repeated
  -o, --output FILE     where to (default: standard output); with several formats a directory
`

func (a *app) render(_ context.Context, args []string) int {
	flags := a.flags("render", renderHelp)
	wanted := flags.StringSlice("format", []string{"text"}, "")
	output := flags.StringP("output", "o", "", "")
	if code, done := a.parse(flags, args); done {
		return code
	}
	if flags.NArg() != 1 {
		return a.fail("render needs one report, such as fapitest render fapitest-report")
	}
	dir := flags.Arg(0)
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		dir = filepath.Dir(dir)
	}
	var formats []reports.Format
	for _, name := range *wanted {
		format, err := reports.Find(name, dir)
		if err != nil {
			return a.fail("%s", err)
		}
		formats = append(formats, format)
	}
	report, err := readReportFile(flags.Arg(0))
	if err != nil {
		return a.fail("%s", err)
	}
	switch {
	case len(formats) > 1 && *output == "":
		return a.fail("several formats need a directory to go to: name it with -o")
	case len(formats) > 1:
		err = reports.WriteAll(*output, report, formats...)
	case *output == "":
		err = formats[0].Write(a.out, report)
	default:
		err = reports.WriteFile(*output, formats[0], report)
	}
	if err != nil {
		return a.fail("writing the report: %s", err)
	}
	return exitConformant
}
