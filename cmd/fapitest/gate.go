package main

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/pflag"
	"go.yaml.in/yaml/v4"

	"github.com/fapitest/fapitest/harness/verdict"
	"github.com/fapitest/fapitest/reports/json"
)

// gateFlags are the flags that say which findings a pipeline goes red for.
type gateFlags struct {
	failOn, baseline, waivers, expect string
	asked                             func() bool // whether any of them was given
}

func (g *gateFlags) add(flags *pflag.FlagSet) {
	flags.StringVar(&g.failOn, "fail-on", string(verdict.FailOnInconclusive), "")
	flags.StringVar(&g.baseline, "baseline", "", "")
	flags.StringVar(&g.waivers, "waivers", "", "")
	flags.StringVar(&g.expect, "expect", "", "")
	g.asked = func() bool {
		return slices.ContainsFunc([]string{"fail-on", "baseline", "waivers", "expect"}, flags.Changed)
	}
}

// gate is what a run is held against when it is over. The nil gate lets its conclusion decide.
type gate struct {
	failOn   verdict.FailOn
	expected *expectations
	waivers  *waivers
	baseline *verdict.Report
	against  string // the file of the baseline
}

// load reads the files before the run, whose reports may take the place of the baseline. Now decides which waivers have expired.
func (g *gateFlags) load(now time.Time) (*gate, error) {
	if !slices.Contains(verdict.FailOns(), verdict.FailOn(g.failOn)) {
		return nil, fmt.Errorf("--fail-on is fail, inconclusive or warn, not %q", g.failOn)
	}
	if g.expect != "" && (g.baseline != "" || g.waivers != "" || verdict.FailOn(g.failOn) != verdict.FailOnInconclusive) {
		return nil, errors.New("--expect says exactly which findings there are, and nothing else may let pass one or go red: leave out --baseline, --waivers and --fail-on")
	}
	if !g.asked() {
		return nil, nil
	}
	loaded := &gate{failOn: verdict.FailOn(g.failOn), against: g.baseline}
	var err error
	if g.expect != "" {
		if loaded.expected, err = loadExpectations(g.expect); err != nil {
			return nil, err
		}
	}
	if g.waivers != "" {
		if loaded.waivers, err = loadWaivers(g.waivers, now); err != nil {
			return nil, err
		}
	}
	if g.baseline != "" {
		if loaded.baseline, err = readReportFile(g.baseline); err != nil {
			return nil, fmt.Errorf("--baseline: %w", err)
		}
	}
	return loaded, nil
}

// hold notes in the report what the gate makes of it.
func (g *gate) hold(report *verdict.Report) {
	if g == nil {
		return
	}
	held := &verdict.Gate{FailOn: g.failOn}
	if g.waivers != nil {
		g.waivers.hold(held, report)
	}
	if g.baseline != nil {
		held.Baseline = &verdict.Baseline{File: g.against, Tool: g.baseline.Tool, Started: g.baseline.Started}
		if g.baseline.Profile.ID != report.Profile.ID {
			held.Notes = append(held.Notes, fmt.Sprintf("the baseline was tested against another profile, %s", g.baseline.Profile.ID))
		}
		if g.baseline.Target.Issuer != report.Target.Issuer && report.Target.File != "" {
			held.Notes = append(held.Notes, fmt.Sprintf("the baseline is of another issuer, %s", g.baseline.Target.Issuer))
		}
		held.KnownFrom(report, g.baseline)
	}
	if g.expected != nil {
		g.expected.hold(held, report)
	}
	held.Knows(report)
	report.Gate = held
}

// waivers are findings that somebody answers for until a day.
type waivers struct {
	file    string
	entries []waiver
	today   time.Time
}

// waiver is one of them.
type waiver struct {
	ID      string `yaml:"id"`
	Reason  string `yaml:"reason"`
	Owner   string `yaml:"owner"`
	Expires string `yaml:"expires"` // the last day on which it counts, in UTC

	line int
	last time.Time
}

func loadWaivers(file string, now time.Time) (*waivers, error) {
	w := &waivers{file: file, today: now.UTC().Truncate(24 * time.Hour)}
	lines := map[string]int{}
	return w, loadEntries(file, "--waivers", "id, reason, owner and expires", func(node *yaml.Node, known func(string) error) error {
		var entry waiver
		if err := node.Load(&entry, yaml.WithKnownFields()); err != nil {
			return errOtherKeys
		}
		for _, text := range []*string{&entry.Reason, &entry.Owner} {
			*text = strings.TrimSpace(*text)
		}
		if entry.ID == "" || entry.Reason == "" || entry.Owner == "" || entry.Expires == "" {
			return errors.New("a waiver needs an id, a reason, an owner and the day on which it expires")
		}
		if err := known(entry.ID); err != nil {
			return err
		}
		var err error
		if entry.last, err = time.Parse(time.DateOnly, entry.Expires); err != nil {
			return fmt.Errorf("%s: expires is a day, such as 2026-12-31, not %q", entry.ID, entry.Expires)
		}
		if first, twice := lines[entry.ID]; twice {
			return fmt.Errorf("%s is waived in line %d already", entry.ID, first)
		}
		entry.line, lines[entry.ID] = node.Line, node.Line
		w.entries = append(w.entries, entry)
		return nil
	})
}

// hold notes which findings are waived. A waiver that has expired waives nothing and makes the run red, whether or not it still has a finding: somebody said that it
// would be looked at by then.
func (w *waivers) hold(gate *verdict.Gate, report *verdict.Report) {
	gate.Waivers = w.file
	for _, entry := range w.entries {
		result, there := report.Result(entry.ID)
		found := there && !result.LeftOut && (result.Verdict.Red() || result.Verdict == verdict.Untested)
		switch {
		case entry.last.Before(w.today):
			words := "it is not in this run: renew the waiver or remove it"
			switch {
			case found:
				words = fmt.Sprintf("and it is %s: mend it, or renew the waiver", result.Verdict)
			case there && !result.LeftOut:
				words = fmt.Sprintf("and it is %s: remove the waiver", result.Verdict)
			}
			gate.Against = append(gate.Against, fmt.Sprintf("%s:%d: the waiver of %s expired on %s (%s), %s", w.file, entry.line, entry.ID, entry.Expires, entry.Owner, words))
		case found:
			gate.Known = append(gate.Known, verdict.Known{
				ID: entry.ID, Verdict: result.Verdict, By: verdict.ByWaiver, Reason: entry.Reason, Owner: entry.Owner, Expires: entry.Expires,
			})
		case there && !result.LeftOut:
			gate.Notes = append(gate.Notes, fmt.Sprintf("%s:%d: the waiver of %s is not needed: it is %s", w.file, entry.line, entry.ID, result.Verdict))
		}
	}
}

// readReportFile reads a report.json, or that of the directory that holds it.
func readReportFile(name string) (report *verdict.Report, err error) {
	if info, err := os.Stat(name); err == nil && info.IsDir() {
		name = filepath.Join(name, "report.json")
	}
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	if report, err = json.Read(bufio.NewReader(file)); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return report, nil
}
