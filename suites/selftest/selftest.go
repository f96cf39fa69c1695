package selftest

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/fapitest/fapitest/fixtures/authserver"
	"github.com/fapitest/fapitest/fixtures/eccentrics"
	"github.com/fapitest/fapitest/fixtures/mutant"
	"github.com/fapitest/fapitest/harness/consent"
	"github.com/fapitest/fapitest/harness/requirement"
	"github.com/fapitest/fapitest/harness/run"
	"github.com/fapitest/fapitest/harness/target"
	"github.com/fapitest/fapitest/harness/verdict"
	"github.com/fapitest/fapitest/harness/wire"
	"github.com/fapitest/fapitest/suites"
	"github.com/fapitest/fapitest/suites/profiles"
)

// Matrix is what the self-test found. Its JSON members are contract.
type Matrix struct {
	Reference  verdict.Conclusion `json:"reference"`
	Unexpected []string           `json:"unexpected"` // requirements that the reference does not keep
	Eccentrics []EccentricResult  `json:"eccentrics"`
	Mutants    []MutantResult     `json:"mutants"`
	Survivors  []string           `json:"survivors"`
	Seconds    float64            `json:"seconds"`
	Requests   int                `json:"requests"`
}

// EccentricResult says whether an eccentric passed.
type EccentricResult struct {
	Name       string             `json:"name"`
	Legal      string             `json:"legal"` // why what it does is allowed
	Verdict    verdict.Conclusion `json:"verdict"`
	Unexpected []string           `json:"unexpected"` // requirements that are red with it
	Seconds    float64            `json:"seconds"`
}

// MutantResult says by what a mutant was caught.
type MutantResult struct {
	Name       string   `json:"name"`
	Breaks     string   `json:"breaks"`
	How        string   `json:"how"`
	Client     string   `json:"client"` // as which it was tested
	Caught     bool     `json:"caught"`
	CaughtBy   []string `json:"caughtBy"`
	AlsoBreaks []string `json:"alsoBreaks,omitempty"`
	Collateral []string `json:"collateral"` // other requirements that are red, and were not declared
	Blocked    []string `json:"blocked,omitempty"`
	Seconds    float64  `json:"seconds"`
}

// Good says whether the reference and all eccentrics pass, and every mutant is caught by its requirement and by no other.
func (m *Matrix) Good() bool {
	if m.Reference != verdict.Conformant || len(m.Unexpected) > 0 || len(m.Survivors) > 0 {
		return false
	}
	for _, e := range m.Eccentrics {
		if e.Verdict != verdict.Conformant || len(e.Unexpected) > 0 {
			return false
		}
	}
	for _, r := range m.Mutants {
		if len(r.Collateral) > 0 {
			return false
		}
	}
	return true
}

// Options say what of the self-test is run, and who is told.
type Options struct {
	Only     []string // names of mutants and eccentrics; none: everything
	Progress func(done, total int, name string)
}

// Run runs the self-test.
func Run(ctx context.Context, options Options) (*Matrix, error) {
	started := time.Now()
	material, err := authserver.NewMaterial()
	if err != nil {
		return nil, err
	}
	catalogue, err := suites.Catalogue()
	if err != nil {
		return nil, err
	}
	s := &selftest{material: material, catalogue: catalogue}
	chosen := func(name string) bool { return len(options.Only) == 0 || slices.Contains(options.Only, name) }
	var mutants []mutant.Mutant
	for _, m := range Mutants() {
		if chosen(m.Name) {
			mutants = append(mutants, m)
		}
	}
	var odd []eccentrics.Eccentric
	for _, e := range eccentrics.All() {
		if chosen(e.Name) {
			odd = append(odd, e)
		}
	}
	done, total := 0, 1+len(odd)+len(mutants)
	tell := func(name string) {
		if options.Progress != nil {
			options.Progress(done, total, name)
		}
		done++
	}

	matrix := &Matrix{}
	tell("reference")
	report, err := s.test(ctx, BenchOptions{Material: material}, nil)
	if err != nil {
		return nil, err
	}
	matrix.Reference, matrix.Unexpected, matrix.Requests = report.Conclusion, red(report), report.Time.Requests
	for _, e := range odd {
		tell(e.Name)
		began := time.Now()
		report, err := s.test(ctx, BenchOptions{Material: material, Eccentric: &e}, nil)
		if err != nil {
			return nil, fmt.Errorf("eccentric %s: %w", e.Name, err)
		}
		matrix.Eccentrics = append(matrix.Eccentrics, EccentricResult{
			Name: e.Name, Legal: e.Legal, Verdict: report.Conclusion, Unexpected: red(report), Seconds: time.Since(began).Seconds(),
		})
		matrix.Requests += report.Time.Requests
	}
	for _, m := range mutants {
		tell(m.Name)
		result, requests, err := s.mutant(ctx, m)
		if err != nil {
			return nil, fmt.Errorf("mutant %s: %w", m.Name, err)
		}
		matrix.Mutants = append(matrix.Mutants, result)
		matrix.Requests += requests
		if !result.Caught {
			matrix.Survivors = append(matrix.Survivors, m.Name)
		}
	}
	matrix.Seconds = time.Since(started).Seconds()
	return matrix, ctx.Err()
}

type selftest struct {
	material  *authserver.Material
	catalogue *requirement.Catalogue
}

func (s *selftest) mutant(ctx context.Context, m mutant.Mutant) (MutantResult, int, error) {
	began := time.Now()
	policy := authserver.Reference()
	m.Policy(policy)
	report, err := s.test(ctx, BenchOptions{Material: s.material, Policy: policy}, &m)
	if err != nil {
		return MutantResult{}, 0, err
	}
	result := MutantResult{Name: m.Name, Breaks: m.Breaks.ID, How: m.How, CaughtBy: []string{}, Collateral: []string{}}
	for _, client := range report.Target.Clients {
		if client.Runs {
			result.Client = client.ID
		}
	}
	for _, r := range m.AlsoBreaks {
		result.AlsoBreaks = append(result.AlsoBreaks, r.ID)
	}
	for _, r := range report.Requirements {
		// Caught is what breaks the clause: Fail, or Warn where the level is should. A Blocked one says that nothing is known.
		broken := r.Verdict == verdict.Fail || r.Verdict == verdict.Warn
		if r.Verdict == verdict.Blocked || r.Verdict == verdict.Error {
			result.Blocked = append(result.Blocked, r.ID)
		}
		switch {
		case !broken || rollsUp(r, m.Breaks):
		case r.ID == m.Breaks.ID:
			wanted := verdict.Fail
			if m.Breaks.Level.Recommended() {
				wanted = verdict.Warn
			}
			if result.Caught = r.Verdict == wanted; result.Caught {
				result.CaughtBy = append(result.CaughtBy, r.ID)
			}
		case !slices.Contains(result.AlsoBreaks, r.ID):
			result.Collateral = append(result.Collateral, r.ID)
		}
	}
	result.Seconds = time.Since(began).Seconds()
	return result, report.Time.Requests, nil
}

// rollsUp says whether a result follows from the requirement rather than from an experiment of its own.
func rollsUp(result verdict.Result, broken *requirement.Requirement) bool {
	return len(result.Specs) == 0 && strings.Contains(result.Reason, broken.ID)
}

// red lists the requirements of a report that are not as they should be with a correct bank.
func red(report *verdict.Report) []string {
	list := []string{}
	for _, r := range report.Requirements {
		if r.Verdict.Red() {
			list = append(list, r.ID)
		}
	}
	return list
}

// test runs the default profile against a bank. A mutant is tested as the first client that its mistake concerns, everything else as
// every client.
func (s *selftest) test(ctx context.Context, options BenchOptions, m *mutant.Mutant) (report *verdict.Report, err error) {
	bench, err := NewBench(ctx, options)
	if err != nil {
		return nil, err
	}
	defer func() {
		if closed := bench.Close(); err == nil {
			err = closed
		}
	}()
	redactor := &wire.Redactor{}
	_ = bench.Target.Discover(ctx, redactor) // what is wrong with the metadata is for the experiments to say
	var clients []*target.Client
	if m != nil {
		if clients = concerned(bench.Target, m); clients == nil {
			return nil, fmt.Errorf("no client of the bank is concerned by it")
		}
	}
	return run.Run(ctx, run.Options{
		Target: bench.Target, Profile: profiles.FAPI2SecurityProfile(), Suites: suites.All(), Catalogue: s.catalogue, Clients: clients,
		Clock: bench.Clock, Driver: consent.NewForm(consent.FormOptions{Client: bench.HTTP(nil)}), HTTP: bench.HTTP, Redactor: redactor, Seed: 1,
	})
}

// concerned returns the first combination to which a mutant's mistake and its requirement apply.
func concerned(t *target.Target, m *mutant.Mutant) []*target.Client {
	for _, client := range t.Combinations() {
		if m.Auth != "" && m.Auth != client.Auth || m.Binding != "" && m.Binding != client.Binding {
			continue
		}
		if run.Applies(m.Breaks, client, t) {
			return []*target.Client{client}
		}
	}
	return nil
}

// Known returns an error, which names the nearest, for the first name that is neither a mutant's nor an eccentric's.
func Known(names []string) error {
	for _, name := range names {
		if _, _, err := bank(name); err != nil {
			return err
		}
	}
	return nil
}

// bank finds the mutant or eccentric with that name.
func bank(name string) (*authserver.Policy, *eccentrics.Eccentric, error) {
	policy := authserver.Reference()
	if name == "" {
		return policy, nil, nil
	}
	var names []string
	for _, e := range eccentrics.All() {
		if e.Name == name {
			return nil, &e, nil
		}
		names = append(names, e.Name)
	}
	for _, m := range Mutants() {
		if m.Name == name {
			m.Policy(policy)
			return policy, nil, nil
		}
		names = append(names, m.Name)
	}
	return nil, nil, fmt.Errorf("there is no mutant %q; the nearest is %q (fapitest serve --list names them all)", name, requirement.Nearest(name, names))
}
