package main

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"

	"github.com/fapitest/fapitest/fixtures/bench"
	"github.com/fapitest/fapitest/harness/verdict"
	"github.com/fapitest/fapitest/suites/selftest"
)

const selftestHelp = `Usage: fapitest selftest [NAME...] [--every-client] [--full] [--workers N]
       [--format text|json|markdown]

Shows that the suite works. The reference bank must keep every requirement; so must the eccentrics,
banks that are correct and awkward; and every mutant, a bank with one plausible mistake in it, must
be caught by the requirement that it breaks and by no other. NAMEs of mutants and eccentrics narrow
it. Nothing sleeps: the banks' clocks are moved.

While the reference runs, each of its decisions is compared with what every mutant would have
decided. A mutant then runs only the experiments in which that differs: in all others it does what
the reference does.

Each is tested as one of the clients that its mistake concerns, which follows from its name, so that
together they are all. A mutant that is noticed in many experiments runs all of those of the
clauses that it breaks, and about a hundred of the others, which follow from its name too. Those
that are named are tested as every client, and in all experiments in which they are noticed.

      --every-client    test every bank as every client, in all experiments in which it is noticed
      --full            every experiment for every mutant, as every client; comes to the same
      --workers N       processes that share the work (default: one for each CPU)
      --seed N          of the order of the experiments (default 1)
      --format FORMAT   text (default), json or markdown

Exit codes: 0 everything as it should be, 3 something is not, 1 an internal error of fapitest.
`

// selftestWorker is the command of the self-test's worker processes. It is internal, and help does not name it.
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
	everyClient := flags.Bool("every-client", false, "")
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
		Only: flags.Args(), Full: *full, EveryClient: *everyClient, Seed: *seed, Worker: newSelftestWorker, Workers: *workers,
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
		for _, line := range amiss(matrix) { // once more by itself, and last: of a long log one sees the end
			a.tell("%s", hanging("  ✗ ", line, width(a.out)))
		}
		return exitNotConformant
	}
	return exitConformant
}

func (a *app) showMatrix(m *selftest.Matrix) {
	a.printf("reference     %s\n", orList(string(m.Reference), m.Unexpected))
	a.print("\nattested      for the reference bank, not seen\n\n")
	for _, id := range slices.Sorted(maps.Keys(bench.Attestations())) {
		a.print(hanging("  ◇ ", id+": "+bench.Attestations()[id], width(a.out)))
	}
	a.printf("\neccentrics    %d, all of them legal\n", len(m.Eccentrics))
	for _, e := range m.Eccentrics {
		sign := "✓"
		if e.Verdict != "conformant" || len(e.Unexpected) > 0 {
			sign = "✗"
		}
		a.printf("\n  %s %s  %s%s\n", sign, e.Name, orList(string(e.Verdict), e.Unexpected), unfelt(e))
		a.print(wrap(e.Legal, "      ", width(a.out)))
	}
	a.printf("\nmutants       %d, %d survive\n\n", len(m.Mutants), len(m.Survivors))
	for _, r := range m.Mutants {
		sign, words := "✓", "caught by "+strings.Join(r.CaughtBy, ", ")
		if !r.Caught {
			sign, words = "✗", "SURVIVES: breaks "+r.Breaks+" and is not caught as "+strings.Join(r.Missed, ", ")
		}
		if len(r.Collateral) > 0 {
			sign = "✗"
			words += "; COLLATERAL: " + strings.Join(r.Collateral, ", ")
		}
		a.printf("  %s %-44s %s\n", sign, r.Name, words)
	}
	if len(m.Unproven) > 0 {
		a.printf("\nexperiments   that no mutant of their requirement makes red: %d\n\n", len(m.Unproven))
		for _, u := range m.Unproven {
			a.print(hanging("  ○ ", u.Requirement+": "+u.Sentence, width(a.out)))
		}
	}
	a.showDecisions(m)
	for _, fault := range m.Faults {
		a.printf("\n  ✗ %s could not be tested: %s\n", fault.Name, fault.Says)
	}
	a.tellCosts(m)
	a.printf("\n%s\n", inShort(m))
}

// kinds are the headings under which decisions stand that no experiment notices.
var kinds = []struct {
	kind        selftest.Kind
	short, long string
}{
	{selftest.Hole, "holes in the suite", "Holes in the suite: these could be anything, and no experiment would notice"},
	{selftest.Planned, "what is about them is only planned", "Requirements about these are only planned"},
	{selftest.Legal, "either choice is legal", "Either choice is legal for these"},
}

// showDecisions shows the decisions of the reference bank that no experiment notices.
func (a *app) showDecisions(m *selftest.Matrix) {
	if len(m.Decisions) == 0 {
		return
	}
	a.printf("\ndecisions     of the reference bank that no experiment notices: %d\n", len(m.Decisions))
	for _, heading := range kinds {
		var of []selftest.Decision
		for _, d := range m.Decisions {
			if d.Kind == heading.kind {
				of = append(of, d)
			}
		}
		if len(of) == 0 {
			continue
		}
		a.printf("\n  %s: %d\n", heading.short, len(of))
		for _, d := range of {
			a.printf("\n  ○ %s\n%s", d.Name, wrap(aboutDecision(d), "      ", width(a.out)))
		}
	}
}

// aboutDecision says what there is to say about a decision that no experiment notices, beside its name.
func aboutDecision(d selftest.Decision) string {
	words := strings.TrimSpace(strings.TrimPrefix(d.Says, d.Name))
	if d.Reason != "" {
		words += " " + strings.ToUpper(d.Reason[:1]) + d.Reason[1:] + "."
	}
	if len(d.Planned) > 0 && d.Kind != selftest.Legal {
		words += " Planned: " + strings.Join(sections(d.Planned), ", ") + "."
	}
	if len(d.Mutants) > 0 {
		words += " Mutants that survive: " + strings.Join(d.Mutants, ", ") + "."
	}
	if d.Calls == 0 {
		words += " Never called in a run."
	}
	return words
}

// sections names requirements by what is in front of the last hyphen, where there are many of the same.
func sections(ids []string) []string {
	const many = 4
	section := func(id string) string { return id[:strings.LastIndex(id, "-")] }
	counts := map[string]int{}
	for _, id := range ids {
		counts[section(id)]++
	}
	var words []string
	for _, id := range ids {
		if n := counts[section(id)]; n >= many {
			id = fmt.Sprintf("%s (%d)", section(id), n)
		}
		if !slices.Contains(words, id) {
			words = append(words, id)
		}
	}
	return words
}

// unfelt marks an eccentric whose peculiarity no experiment touches.
func unfelt(e selftest.EccentricResult) string {
	if e.Cost.Experiments == 0 {
		return "; no experiment is affected by it"
	}
	return ""
}

// tellCosts says where the time went.
func (a *app) tellCosts(m *selftest.Matrix) {
	where := "one process"
	if m.Workers > 0 {
		where = fmt.Sprintf("%d worker processes", m.Workers)
	}
	a.tell("\n%.1f s in %s, %d requests; in milliseconds:\n\n%-44s %7s %6s %9s %6s %7s %6s", m.Seconds, where, m.Requests,
		"", "each", "bank", "discovery", "tree", "answers", "own")
	line := func(what string, c selftest.Cost) {
		if c.Banks == 0 {
			return
		}
		all, start, discovery, tree, answers, own := c.Each()
		a.tell("%-44s %7.1f %6.1f %9.1f %6.1f %7.1f %6.1f", what, all, start, discovery, tree, answers, own)
	}
	c := m.Costs
	known := c.OneClient.Experiments
	line("reference, as every client", c.Reference)
	line(fmt.Sprintf("%d eccentrics", c.Eccentrics.Banks), c.Eccentrics)
	line(fmt.Sprintf("%d mutants, every experiment", c.Everything.Banks), c.Everything)
	some := fmt.Sprintf("%.0f", float64(c.Noticed.Experiments)/float64(max(1, c.Noticed.Banks)))
	if known > 0 {
		some += fmt.Sprintf(" of %d", known)
	}
	line(fmt.Sprintf("%d mutants, %s experiments", c.Noticed.Banks, some), c.Noticed)
	line("for comparison: every experiment, one client", c.OneClient)
	if known > 0 && c.Noticed.Banks > 0 {
		const mutants, experiments = 1000, 400
		workers := float64(max(1, m.Workers))
		a.tell("\n%d mutants and %d experiments, if as large a part of them is noticed: %.0f s; with --full %.0f s", mutants, experiments,
			c.Everything.Add(c.Noticed).Scaled(mutants, experiments, known)/workers, c.OneClient.Scaled(mutants, experiments, known)/workers)
	}
}

func inShort(m *selftest.Matrix) string {
	if !m.Good() {
		return "not as it should be"
	}
	return fmt.Sprintf("everything as it should be: the reference and %d eccentrics pass, %d mutants are caught by their own requirement and by no other",
		len(m.Eccentrics), len(m.Mutants))
}

// amiss says what is not as it should be, in a line each.
func amiss(m *selftest.Matrix) []string {
	var lines []string
	if m.Reference != verdict.Conformant || len(m.Unexpected) > 0 {
		lines = append(lines, "the reference is "+orList(string(m.Reference), m.Unexpected))
	}
	for _, e := range m.Eccentrics {
		if e.Verdict != verdict.Conformant || len(e.Unexpected) > 0 {
			lines = append(lines, "eccentric "+e.Name+" is "+orList(string(e.Verdict), e.Unexpected))
		}
	}
	for _, r := range m.Mutants {
		if !r.Caught {
			lines = append(lines, fmt.Sprintf("mutant %s breaks %s and is not caught as %s; blocked: %s", r.Name, r.Breaks, strings.Join(r.Missed, ", "), strings.Join(r.Blocked, ", ")))
		}
		if len(r.Collateral) > 0 {
			lines = append(lines, "mutant "+r.Name+" makes red as well "+strings.Join(r.Collateral, ", "))
		}
	}
	for _, u := range m.Unproven {
		lines = append(lines, "no mutant of "+u.Requirement+" makes red: "+u.Sentence)
	}
	for _, fault := range m.Faults {
		lines = append(lines, fault.Name+" could not be tested: "+fault.Says)
	}
	return lines
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
	fmt.Fprintf(&b, "The reference bank is %s. Attested for it, and not seen:\n\n", orList(string(m.Reference), m.Unexpected))
	for _, id := range slices.Sorted(maps.Keys(bench.Attestations())) {
		fmt.Fprintf(&b, "- %s: %s\n", id, bench.Attestations()[id])
	}
	b.WriteString("\n## Eccentrics: correct, and awkward\n\n| name | why it is legal | verdict |\n| --- | --- | --- |\n")
	for _, e := range m.Eccentrics {
		fmt.Fprintf(&b, "| %s | %s | %s |\n", e.Name, cell(e.Legal), orList(string(e.Verdict), e.Unexpected))
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
		fmt.Fprintf(&b, "| %s | **%s** %s | %s | %s | %s |\n", r.Breaks, r.Name, cell(r.How), strings.Join(r.Clients, ", "), caught, strings.Join(r.AlsoBreaks, ", "))
	}
	for _, fault := range m.Faults {
		fmt.Fprintf(&b, "\n**%s could not be tested:** %s\n", fault.Name, cell(fault.Says))
	}
	if len(m.Unproven) > 0 {
		b.WriteString("\n## Experiments that no mutant of their requirement makes red\n\nNothing shows that these can fail.\n\n")
		for _, u := range m.Unproven {
			fmt.Fprintf(&b, "- %s: %s\n", u.Requirement, cell(u.Sentence))
		}
	}
	if len(m.Decisions) > 0 {
		b.WriteString("\n## Decisions of the reference bank that no experiment notices\n\nNo mutant replaces them and is caught.\n")
	}
	for _, heading := range kinds {
		first := true
		for _, d := range m.Decisions {
			if d.Kind != heading.kind {
				continue
			}
			if first {
				fmt.Fprintf(&b, "\n%s:\n\n", heading.long)
				first = false
			}
			fmt.Fprintf(&b, "- **%s** %s\n", d.Name, aboutDecision(d))
		}
	}
	return b.String()
}
