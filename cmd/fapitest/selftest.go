package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"

	"github.com/fapitest/fapitest/suites/selftest"
)

const selftestHelp = `Usage: fapitest selftest [NAME...] [--full] [--workers N] [--format text|json|markdown]

Shows that the suite works. The reference bank must keep every requirement; so must the eccentrics,
banks that are correct and awkward; and every mutant, a bank with one plausible mistake in it, must
be caught by the requirement that it breaks and by no other. NAMEs of mutants and eccentrics narrow
it. Nothing sleeps: the banks' clocks are moved.

While the reference runs, the mutants' decisions are asked in its shadow. A mutant then runs only
the experiments in which it would have answered differently: in all others it does what the
reference does.

      --full            every experiment for every mutant; comes to the same matrix
      --workers N       processes that share the work (default: one for each CPU)
      --seed N          of the order of the experiments (default 1)
      --format FORMAT   text (default), json or markdown

Exit codes: 0 everything as it should be, 3 something is not, 1 a fault of fapitest itself.
`

// selftestWorker is the command of the self-test's worker processes. It is not for people, and help does not name it.
const selftestWorker = "selftest-worker"

// workForSelftest is a worker process of the self-test.
func (a *app) workForSelftest(ctx context.Context) int {
	if err := selftest.Work(ctx, a.in, a.out); err != nil {
		return a.fail("%s", err)
	}
	return exitConformant
}

// newSelftestWorker makes the command of a worker: this binary once more.
func newSelftestWorker() (*exec.Cmd, error) {
	path, err := os.Executable()
	if err != nil {
		return nil, err
	}
	command := exec.Command(path, selftestWorker)
	command.Args[0] = "fapitest" // the tests' binary goes by this name
	return command, nil
}

func (a *app) selftest(ctx context.Context, args []string) int {
	flags := a.flags("selftest", selftestHelp)
	format := flags.String("format", "text", "")
	full := flags.Bool("full", false, "")
	workers := flags.Int("workers", runtime.NumCPU(), "")
	seed := flags.Int64("seed", 1, "")
	if code, done := a.parse(flags, args); done {
		return code
	}
	if !slices.Contains([]string{"text", "json", "markdown"}, *format) {
		return a.fail("--format is text, json or markdown, not %q", *format)
	}
	if *workers < 1 {
		return a.fail("--workers is 1 or more, not %d", *workers)
	}
	if err := selftest.Known(flags.Args()); err != nil {
		return a.fail("%s", err)
	}
	progress := a.newProgress()
	matrix, err := selftest.Run(ctx, selftest.Options{
		Only: flags.Args(), Full: *full, Seed: *seed, Worker: newSelftestWorker, Workers: *workers,
		Progress: func(done, total int, name string) { progress.line(fmt.Sprintf("%d of %d  %s", done, total, name)) },
	})
	progress.clear()
	if err != nil {
		return a.fail("%s", err)
	}
	switch *format {
	case "json":
		encoder := json.NewEncoder(a.out)
		encoder.SetIndent("", "  ")
		if err := encoder.Encode(matrix); err != nil {
			return a.fail("writing the matrix: %s", err)
		}
	case "markdown":
		a.print(markdown(matrix))
		a.tell("%s", inShort(matrix))
	default:
		a.showMatrix(matrix)
	}
	if !matrix.Good() {
		return exitNotConformant
	}
	return exitConformant
}

func (a *app) showMatrix(m *selftest.Matrix) {
	a.printf("reference     %s\n", orList(string(m.Reference), m.Unexpected))
	a.printf("\neccentrics    %d, all of them legal\n", len(m.Eccentrics))
	for _, e := range m.Eccentrics {
		sign := "✓"
		if e.Verdict != "conformant" || len(e.Unexpected) > 0 {
			sign = "✗"
		}
		a.printf("\n  %s %s  %s\n", sign, e.Name, orList(string(e.Verdict), e.Unexpected))
		a.print(wrap(e.Legal, "      ", width(a.out)))
	}
	a.printf("\nmutants       %d, %d survive\n\n", len(m.Mutants), len(m.Survivors))
	for _, r := range m.Mutants {
		sign, words := "✓", "caught by "+strings.Join(r.CaughtBy, ", ")
		if !r.Caught {
			sign, words = "✗", "SURVIVES: breaks "+r.Breaks+" and is not caught"
		}
		if len(r.Collateral) > 0 {
			sign = "✗"
			words += "; COLLATERAL: " + strings.Join(r.Collateral, ", ")
		}
		a.printf("  %s %-44s %s\n", sign, r.Name, words)
	}
	cost := 0.0
	for _, r := range m.Mutants {
		cost += r.Seconds
	}
	if n := len(m.Mutants); n > 0 {
		a.tell("%.1f s, %d requests; a mutant costs %.0f ms", m.Seconds, m.Requests, 1000*cost/float64(n))
	}
	a.printf("\n%s\n", inShort(m))
}

func inShort(m *selftest.Matrix) string {
	if !m.Good() {
		return "not as it should be"
	}
	return fmt.Sprintf("everything as it should be: the reference and %d eccentrics pass, %d mutants are caught by their own requirement and by no other",
		len(m.Eccentrics), len(m.Mutants))
}

func orList(verdict string, unexpected []string) string {
	if len(unexpected) == 0 {
		return verdict
	}
	return verdict + ", unexpected: " + strings.Join(unexpected, ", ")
}

// markdown is docs/matrix.md. Nothing in it changes from run to run.
func markdown(m *selftest.Matrix) string {
	var b strings.Builder
	b.WriteString("<!-- made by \"make docs\" from fapitest selftest; do not edit -->\n\n# The matrix\n\n")
	b.WriteString("What shows that the suite works: the reference bank keeps every requirement, so do the eccentrics, and every mutant is caught by\nthe requirement that it breaks and by no other.\n\n")
	fmt.Fprintf(&b, "The reference bank is %s.\n\n## Eccentrics: correct, and awkward\n\n| name | why it is legal | verdict |\n| --- | --- | --- |\n", orList(string(m.Reference), m.Unexpected))
	for _, e := range m.Eccentrics {
		fmt.Fprintf(&b, "| %s | %s | %s |\n", e.Name, e.Legal, orList(string(e.Verdict), e.Unexpected))
	}
	b.WriteString("\n## Mutants: one plausible mistake each\n\n| breaks | name: a bank that | tested as | caught by | breaks inevitably too |\n| --- | --- | --- | --- | --- |\n")
	for _, r := range m.Mutants {
		caught := strings.Join(r.CaughtBy, ", ")
		if caught == "" {
			caught = "**survives**"
		}
		if len(r.Collateral) > 0 {
			caught += ", **collateral** " + strings.Join(r.Collateral, ", ")
		}
		fmt.Fprintf(&b, "| %s | **%s** %s | %s | %s | %s |\n", r.Breaks, r.Name, r.How, r.Client, caught, strings.Join(r.AlsoBreaks, ", "))
	}
	return b.String()
}
