// Package selftest shows that the suites work: the reference bank keeps everything, the eccentrics do too, and every mutant is caught
// by the requirement that it breaks and by no other.
package selftest

import (
	"context"
	"fmt"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/fapitest/fapitest/fixtures/authserver"
	"github.com/fapitest/fapitest/fixtures/bench"
	"github.com/fapitest/fapitest/fixtures/eccentrics"
	"github.com/fapitest/fapitest/harness/requirement"
	"github.com/fapitest/fapitest/harness/run"
	"github.com/fapitest/fapitest/harness/verdict"
	"github.com/fapitest/fapitest/suites"
)

// Matrix is what the self-test found. Its JSON members are contract.
type Matrix struct {
	Reference  verdict.Conclusion `json:"reference"`
	Unexpected []string           `json:"unexpected"` // requirements that the reference does not keep
	Eccentrics []EccentricResult  `json:"eccentrics"`
	Mutants    []MutantResult     `json:"mutants"`
	Survivors  []string           `json:"survivors"`
	Faults     []Fault            `json:"faults,omitempty"`    // what could not be tested, and is in no list for that reason
	Unproven   []Unproven         `json:"unproven,omitempty"`  // experiments that no mutant of their requirement makes red; only where everything ran
	Decisions  []Decision         `json:"decisions,omitempty"` // of the reference bank that no experiment notices; only where everything ran
	Full       bool               `json:"full"`                // every experiment for every bank
	Workers    int                `json:"workers"`             // processes; 0: all in one
	Seconds    float64            `json:"seconds"`
	Requests   int                `json:"requests"`
	Costs      Costs              `json:"costs"`
}

// Unproven is an experiment of which nothing shows that it can be red.
type Unproven struct {
	Requirement string `json:"requirement"`
	Sentence    string `json:"sentence"`
}

// Fault is a bank that could not be tested.
type Fault struct {
	Name string `json:"name"`
	Says string `json:"says"`
}

// EccentricResult says whether an eccentric passed.
type EccentricResult struct {
	Name       string             `json:"name"`
	Legal      string             `json:"legal"` // why what it does is allowed
	Verdict    verdict.Conclusion `json:"verdict"`
	Unexpected []string           `json:"unexpected"`           // requirements that are red with it
	Everything string             `json:"everything,omitempty"` // why every experiment was run; empty: only those in which it is noticed
	Seconds    float64            `json:"seconds"`
	Cost       Cost               `json:"cost"`
}

// MutantResult says by what a mutant was caught.
type MutantResult struct {
	Name       string   `json:"name"`
	Breaks     string   `json:"breaks"`
	How        string   `json:"how"`
	Clients    []string `json:"clients"`             // as which it was tested, one after another
	Caught     bool     `json:"caught"`              // as each one of them
	Missed     []string `json:"missed,omitempty"`    // the clients as which it survives
	Sentences  []string `json:"sentences,omitempty"` // the experiments of its requirement that are red with it, whatever the client
	CaughtBy   []string `json:"caughtBy"`
	AlsoBreaks []string `json:"alsoBreaks,omitempty"`
	Collateral []string `json:"collateral"` // other requirements that are red, and were not declared
	Blocked    []string `json:"blocked,omitempty"`
	Everything string   `json:"everything,omitempty"` // why every experiment was run; empty: only those in which it is noticed
	Seconds    float64  `json:"seconds"`
	Cost       Cost     `json:"cost"`
}

// Good says whether the reference and all eccentrics pass, every mutant is caught by its requirement and by no other, and every experiment
// by some mutant.
func (m *Matrix) Good() bool {
	if m.Reference != verdict.Conformant || len(m.Unexpected) > 0 || len(m.Survivors) > 0 || len(m.Unproven) > 0 || len(m.Faults) > 0 {
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

// Options say what of the self-test is run, how, and who is told.
type Options struct {
	Only []string // names of mutants and eccentrics; none: everything
	// Full runs every experiment for every bank, instead of those alone in which the bank is noticed while the reference runs. It comes
	// to the same matrix.
	Full bool
	// EveryClient tests banks as every client that they concern. Else each is tested as one of these: which one follows from its name, so that
	// together they are all. Banks that are named are tested as every client.
	EveryClient bool
	Seed        int64 // of the order of the experiments; 0: 1
	// Worker makes the command of a worker process, which calls Work with its standard input and output; Workers says how many there
	// are. Where it is nil, all is done in this process, one bank after another.
	Worker   func() (*exec.Cmd, error)
	Workers  int
	Progress func(done, total int, name string)
}

// Run runs the self-test.
func Run(ctx context.Context, options Options) (*Matrix, error) {
	started := time.Now()
	s := newPlan(options)
	matrix := &Matrix{Full: options.Full}
	if options.Worker == nil {
		s.work(ctx, &here{})
	} else {
		matrix.Workers = max(1, options.Workers)
		var workers sync.WaitGroup
		for range matrix.Workers {
			workers.Go(func() { s.work(ctx, &process{command: options.Worker}) })
		}
		workers.Wait()
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	s.enter(matrix)
	matrix.Seconds = time.Since(started).Seconds()
	return matrix, nil
}

// task is a bank that is to be tested, and what came of it.
type task struct {
	name       string // empty: the reference
	everything string // why every experiment is run, where that is known from the start
	// onMetadataAlone is a mutant's word that only what looks at the metadata can notice it.
	onMetadataAlone bool
	mutant          bool   // rather than an eccentric
	unseen          bool   // nothing can be asked in the shadow of the reference: a sample of all experiments is run
	profile         string // against which it is tested; empty: the self-test's own
	outcome         outcome
}

// plan is what there is to do. Tasks are handed out one by one, so that no worker has nothing to do while another has a list.
type plan struct {
	options   Options
	tasks     []*task                  // in the order in which they begin
	ordered   []*task                  // in the order in which they are reported
	reference *task                    // the first one: it says which experiments the others need
	others    []*task                  // the references of other profiles, which say that of those that are tested against these
	compared  *task                    // measures what every experiment costs
	known     map[string]chan struct{} // by profile; closed when that is known

	mu   sync.Mutex
	next int
}

// mostOthers is about how many experiments beside those of the clauses that a mutant breaks are run at it, where it is one of many banks. A mistake in
// what every client is handed, an id_token's, is noticed in five hundred: that none of them accuses it of something else is seen whole by
// EveryClient, and here in another part of them for each mutant.
const mostOthers = 100

// thorough says whether banks are tested as every client, and in every experiment in which they are noticed. Whoever works on a bank wants to know of
// every client; among two thousand banks some have to do.
func (p *plan) thorough() bool {
	return p.options.EveryClient || p.options.Full || len(p.options.Only) > 0
}

func newPlan(options Options) *plan {
	if options.Seed == 0 {
		options.Seed = 1
	}
	p := &plan{options: options, reference: &task{}, compared: &task{everything: "for comparison"}, known: map[string]chan struct{}{"": make(chan struct{})}}
	chosen := func(name string) bool { return len(options.Only) == 0 || slices.Contains(options.Only, name) }
	var early, late []*task
	add := func(name, everything string, onMetadataAlone bool) *task {
		t := &task{name: name, everything: everything, onMetadataAlone: onMetadataAlone}
		p.ordered = append(p.ordered, t)
		// Those that run everything take longest, and need not wait until the reference is through.
		if everything != "" {
			early = append(early, t)
		} else {
			late = append(late, t)
		}
		return t
	}
	for _, e := range eccentrics.All() {
		if !chosen(e.Name) {
			continue
		}
		why, _ := everything(e.Policy)
		if e.Setup != nil {
			why = "it is set up in another way"
		}
		if e.File.Differs() {
			why = "its target file says something else, and with that the client does something else"
		}
		add(e.Name, why, false)
	}
	for _, m := range Mutants() {
		if !chosen(m.Name) {
			continue
		}
		why, sampled := everything(m.Policy)
		if m.Everything != "" {
			why, sampled = m.Everything, false
		}
		if len(m.Requires) > 0 {
			why, sampled = "its target file says something else, and with that the client does something else", false
		}
		unseen := sampled && !p.thorough()
		if unseen {
			why = ""
		}
		t := add(m.Name, why, m.OnMetadataAlone)
		if t.mutant, t.unseen, t.profile = true, unseen, m.Profile; m.Profile != "" && p.known[m.Profile] == nil {
			p.known[m.Profile] = make(chan struct{})
			p.others = append(p.others, &task{profile: m.Profile})
		}
	}
	p.tasks = slices.Concat([]*task{p.reference}, p.others, early, []*task{p.compared}, late)
	if len(options.Only) > 0 { // there is nothing to compare the cost of a few with
		p.tasks = slices.DeleteFunc(p.tasks, func(t *task) bool { return t == p.compared })
	}
	return p
}

// work takes tasks until there are none left.
func (p *plan) work(ctx context.Context, w worker) {
	defer w.stop()
	for {
		t, ok := p.take()
		if !ok || ctx.Err() != nil {
			return
		}
		t.outcome = w.do(ctx, p.job(ctx, t))
		if t.name == "" && t != p.compared {
			close(p.known[t.profile])
		}
	}
}

func (p *plan) take() (*task, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.next == len(p.tasks) {
		return nil, false
	}
	t := p.tasks[p.next]
	if p.options.Progress != nil {
		name := t.name
		if name == "" {
			name = strings.TrimSpace("reference " + t.profile)
		}
		p.options.Progress(p.next, len(p.tasks), name)
	}
	p.next++
	return t, true
}

// job says what is to be done for a task. For most banks that is known when the reference is through.
func (p *plan) job(ctx context.Context, t *task) job {
	j := job{
		Name: t.name, Profile: t.profile, Seed: p.options.Seed, Everything: t.everything, Compare: t == p.compared,
		EveryClient: p.thorough(),
	}
	switch {
	case t.name == "" || t.everything != "":
		return j
	case p.options.Full:
		j.Everything = "the self-test is full"
		return j
	}
	select {
	case <-p.known[t.profile]:
	case <-ctx.Done():
		return j
	}
	reference := p.reference
	for _, other := range p.others {
		if other.profile == t.profile {
			reference = other
		}
	}
	result := reference.outcome.Reference
	if result == nil {
		j.Everything = "nothing is known from the reference"
		return j
	}
	j.In, j.Everything = result.Noticed.wants(t.name)
	if !j.EveryClient && t.mutant {
		if j.Sample = mostOthers; t.onMetadataAlone {
			j.Sample, j.Everything = 1, "only what looks at the metadata notices it" // and so all else is left to those who test as every client
		}
		if j.Everything != "" || t.unseen {
			j.In, j.Surely, j.Everything = result.Noticed.All, result.Noticed.Silent, ""
		}
	}
	return j
}

// enter enters the outcomes.
func (p *plan) enter(m *Matrix) {
	costs := &m.Costs
	fault := func(t *task, name string) bool {
		if t.outcome.Fault != "" {
			m.Faults = append(m.Faults, Fault{Name: name, Says: t.outcome.Fault})
		}
		return t.outcome.Fault != ""
	}
	if !fault(p.reference, "reference") {
		result := p.reference.outcome.Reference
		m.Reference, m.Unexpected, costs.Reference = result.Conclusion, result.Unexpected, result.Cost
	}
	for _, other := range p.others {
		if !fault(other, "reference "+other.profile) {
			// What nobody tests yet leaves its conclusion open: that nothing is red is what it has to show.
			result := other.outcome.Reference
			for _, id := range result.Unexpected {
				m.Unexpected = append(m.Unexpected, other.profile+": "+id)
			}
			costs.Reference = costs.Reference.Add(result.Cost)
		}
	}
	if !fault(p.compared, "reference, for comparison") && p.compared.outcome.Compared != nil {
		costs.OneClient = *p.compared.outcome.Compared
	}
	for _, t := range p.ordered {
		if fault(t, t.name) {
			continue
		}
		if result := t.outcome.Eccentric; result != nil {
			m.Eccentrics = append(m.Eccentrics, *result)
			costs.Eccentrics = costs.Eccentrics.Add(result.Cost)
		}
		if result := t.outcome.Mutant; result != nil {
			m.Mutants = append(m.Mutants, *result)
			if result.Everything != "" {
				costs.Everything = costs.Everything.Add(result.Cost)
			} else {
				costs.Noticed = costs.Noticed.Add(result.Cost)
			}
			if !result.Caught {
				m.Survivors = append(m.Survivors, t.name)
			}
		}
	}
	for _, cost := range []Cost{costs.Reference, costs.Eccentrics, costs.Everything, costs.Noticed} {
		m.Requests += cost.Requests
	}
	if len(p.options.Only) == 0 && p.reference.outcome.Reference != nil {
		m.Decisions = unnoticed(p.reference.outcome.Reference.Noticed, m.Mutants)
		m.Unproven = unproven(m.Mutants)
	}
}

// unproven are the experiments that none of the mutants makes red which break their requirement. Of a requirement that only may be kept, or
// that people judge, nothing is ever red.
func unproven(mutants []MutantResult) []Unproven {
	proven := map[string][]string{}
	for _, m := range mutants {
		proven[m.Breaks] = append(proven[m.Breaks], m.Sentences...)
	}
	all := suites.All()
	sentences, err := run.Sentences(all)
	if err != nil {
		return []Unproven{{Sentence: err.Error()}}
	}
	var list []Unproven
	for _, suite := range all {
		for _, r := range suite.Requirements {
			if r.Level == requirement.May || proven[r.ID] == nil {
				continue
			}
			for _, sentence := range slices.Compact(slices.Sorted(slices.Values(sentences[r.ID]))) {
				if !slices.Contains(proven[r.ID], sentence) {
					list = append(list, Unproven{Requirement: r.ID, Sentence: sentence})
				}
			}
		}
	}
	return list
}

// Known returns an error, which names the nearest, for the first name that is neither a mutant's nor an eccentric's.
func Known(names []string) error {
	for _, name := range names {
		if _, _, err := bank(name, bench.Options{}); err != nil {
			return err
		}
	}
	return nil
}

// Start starts the bank of that name: a mutant, an eccentric or, where it is empty, the one that the options describe.
func Start(name string, options bench.Options) (*bench.Bench, error) {
	if name != "" {
		var err error
		if options.Policy, options.Eccentric, err = bank(name, options); err != nil {
			return nil, err
		}
	}
	return bench.Start(options)
}

// bank finds the mutant or eccentric with that name.
func bank(name string, options bench.Options) (*authserver.Policy, *eccentrics.Eccentric, error) {
	policy := options.Reference()
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
