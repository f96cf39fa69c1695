package main

import (
	"context"
	"fmt"
	"io"

	"github.com/fapitest/fapitest/harness/verdict"
	"github.com/fapitest/fapitest/reports"
	"github.com/fapitest/fapitest/reports/diff"
)

const diffHelp = `Usage: fapitest diff OLD NEW [--format FORMAT] [-o FILE]

Says what changed from one report to the next: what is worse, better, newly tested and no longer
tested, and whether target, profile and version of fapitest are the same. OLD and NEW are each a
report.json, or the directory that holds it.

      --format FORMAT   text (default), markdown or json
  -o, --output FILE     where to (default: standard output)

Exit codes: 3 something is worse that NEW does not waive; 4 nothing is, but something that was
tested is not any more; 0 neither; 1 wrong usage or a bad file. What is newly tested and fails is
not worse: nobody knew. Requirements that one of the two left out by hand are not compared.
`

func (a *app) diff(_ context.Context, args []string) int {
	flags := a.flags("diff", diffHelp)
	format := flags.String("format", "text", "")
	output := flags.StringP("output", "o", "", "")
	if code, done := a.parse(flags, args); done {
		return code
	}
	if flags.NArg() != 2 {
		return a.fail("diff needs two reports, such as fapitest diff last-week fapitest-report")
	}
	var read [2]*verdict.Report
	for i, name := range flags.Args() {
		report, err := readReportFile(name)
		if err != nil {
			return a.fail("%s", err)
		}
		read[i] = report
	}
	difference := diff.Compare(read[0], read[1])
	write := map[string]func(io.Writer) error{
		"text":     func(w io.Writer) error { return difference.WriteText(w, width(a.out)) },
		"markdown": difference.WriteMarkdown,
		"json":     difference.WriteJSON,
	}[*format]
	if write == nil {
		return a.fail("--format is text, markdown or json, not %q", *format)
	}
	err := error(nil)
	if *output == "" {
		err = write(a.out)
	} else {
		err = reports.WriteWhole(*output, write)
	}
	if err != nil {
		return a.fail("writing the difference: %s", err)
	}
	return exitOf(difference.Outcome())
}

// exitOf is the exit code of an outcome.
func exitOf(outcome verdict.Outcome) int {
	switch outcome {
	case verdict.Red:
		return exitNotConformant
	case verdict.Undecided:
		return exitInconclusive
	case verdict.Passed:
		return exitConformant
	}
	panic(fmt.Sprintf("there is no outcome %q", outcome))
}
