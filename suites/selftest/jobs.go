package selftest

import (
	"context"
	"fmt"
	"hash/fnv"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/fapitest/fapitest/fixtures/authserver"
	"github.com/fapitest/fapitest/fixtures/bench"
	"github.com/fapitest/fapitest/fixtures/eccentrics"
	"github.com/fapitest/fapitest/fixtures/mutant"
	"github.com/fapitest/fapitest/harness/consent"
	"github.com/fapitest/fapitest/harness/profile"
	"github.com/fapitest/fapitest/harness/requirement"
	"github.com/fapitest/fapitest/harness/run"
	"github.com/fapitest/fapitest/harness/target"
	"github.com/fapitest/fapitest/harness/verdict"
	"github.com/fapitest/fapitest/harness/wire"
	"github.com/fapitest/fapitest/suites"
	"github.com/fapitest/fapitest/suites/profiles"
)

// job is one bank to test.
type job struct {
	Name    string `json:"name"` // of a mutant or an eccentric; empty: the reference
	Seed    int64  `json:"seed"`
	Profile string `json:"profile,omitempty"` // against which it is tested; empty: the self-test's own
	Compare bool   `json:"compare,omitempty"` // of the reference, what every experiment costs as one client
	// EveryClient has banks tested as every client that they concern, and not as some.
	EveryClient bool `json:"everyClient,omitempty"`
	// Everything says why a mutant or eccentric runs every experiment. Where it is empty it runs those of In, by client.
	Everything string              `json:"everything,omitempty"`
	In         map[string][]string `json:"in,omitempty"`
	// Sample is how many of those of In it runs, at about: all of what it breaks, and of Surely, and some of the others. 0: all.
	Sample int                 `json:"sample,omitempty"`
	Surely map[string][]string `json:"surely,omitempty"`
}

// outcome is what came of a job: one of the results, or a fault.
type outcome struct {
	Fault     string           `json:"fault,omitempty"`
	Reference *referenceResult `json:"reference,omitempty"`
	Compared  *Cost            `json:"compared,omitempty"`
	Eccentric *EccentricResult `json:"eccentric,omitempty"`
	Mutant    *MutantResult    `json:"mutant,omitempty"`
}

type referenceResult struct {
	Conclusion verdict.Conclusion `json:"conclusion"`
	Unexpected []string           `json:"unexpected"`
	Noticed    *Noticed           `json:"noticed"`
	Cost       Cost               `json:"cost"`
}

// narrow has a run leave out what the job does not want. The experiments of the clauses that a bank breaks are never left to the draw.
func (j job) narrow(o *run.Options, breaks ...string) {
	if j.Everything != "" {
		return
	}
	o.Only = func(clause, client, sentence string) bool {
		if !slices.Contains(j.In[client], sentence) {
			return false
		}
		return j.Sample == 0 || slices.Contains(breaks, clause) ||
			slices.Contains(j.Surely[client], sentence) || drawn(j.Name, sentence, j.Sample, len(j.In[client]))
	}
}

// drawn says whether one of so many experiments is in the sample of a bank. It follows from the names, so that the self-test comes to the same each
// time, and what is not drawn for one bank is for another.
func drawn(bank, sentence string, sample, of int) bool {
	hash := fnv.New32a()
	_, _ = hash.Write([]byte(bank + "\n" + sentence))
	return int(hash.Sum32()%uint32(max(1, of))) < sample //nolint:gosec // some hundreds
}

// lab is where banks are tested, one after another. What takes time to make is made once.
type lab struct {
	material  *authserver.Material
	special   map[authserver.MaterialOptions]*authserver.Material
	catalogue *requirement.Catalogue
	profile   profile.Profile
	others    map[string]profile.Profile // by id
}

func newLab() (*lab, error) {
	material, err := authserver.NewMaterial()
	if err != nil {
		return nil, err
	}
	catalogue, err := suites.Catalogue()
	if err != nil {
		return nil, err
	}
	tested, err := profiles.Tested(catalogue)
	if err != nil {
		return nil, err
	}
	l := &lab{material: material, catalogue: catalogue, profile: tested, others: map[string]profile.Profile{}, special: map[authserver.MaterialOptions]*authserver.Material{}}
	set, err := profiles.Set(catalogue)
	if err != nil {
		return nil, err
	}
	for _, id := range otherProfiles() {
		name, ways, _ := strings.Cut(id, "/")
		against, err := set.Find(name)
		if err != nil {
			return nil, err
		}
		if l.others[id], err = goingBy(against, ways); err != nil {
			return nil, err
		}
	}
	return l, nil
}

// goingBy is a profile of which banks go the ways of these names, joined by +, instead of the first that it names. The error says which it does not have.
func goingBy(p profile.Profile, ways string) (profile.Profile, error) {
	for way := range strings.SplitSeq(ways, "+") {
		switch {
		case way == "":
		case way == "pushed" && slices.Contains(p.Shape.Requests, profile.Pushed):
			p.Shape.Requests = []profile.Request{profile.Pushed}
		case way == "jarm" && slices.Contains(p.Shape.Responses, profile.JARM):
			p.Shape.Responses = []profile.Response{profile.JARM}
		default:
			return p, fmt.Errorf("profile %s has no way %q: pushed, jarm", p.ID, way)
		}
	}
	return p, nil
}

// materialOf is what banks are made of whose clients have keys of that kind.
func (l *lab) materialOf(kind authserver.MaterialOptions) (*authserver.Material, error) {
	if kind == (authserver.MaterialOptions{}) {
		return l.material, nil
	}
	if l.special[kind] == nil {
		material, err := authserver.NewMaterialWith(kind)
		if err != nil {
			return nil, err
		}
		l.special[kind] = material
	}
	return l.special[kind], nil
}

// against is the profile of that id, and what its banks are like; "" is the self-test's own.
func (l *lab) against(id string) (profile.Profile, bench.Options) {
	if id == "" {
		return l.profile, bench.Options{}
	}
	return l.others[id], bench.Options{}.For(l.others[id])
}

// otherProfiles are those against which some mutants are tested, beside the self-test's own.
func otherProfiles() []string {
	ids := map[string]bool{}
	for _, m := range Mutants() {
		if m.Profile != "" {
			ids[m.Profile] = true
		}
	}
	return slices.Sorted(maps.Keys(ids))
}

// do does a job.
func (l *lab) do(ctx context.Context, j job) outcome {
	var result outcome
	var err error
	odd := slices.IndexFunc(eccentrics.All(), func(e eccentrics.Eccentric) bool { return e.Name == j.Name })
	wrong := slices.IndexFunc(Mutants(), func(m mutant.Mutant) bool { return m.Name == j.Name })
	switch {
	case j.Compare:
		result.Compared, err = l.compare(ctx, j)
	case j.Name == "":
		result.Reference, err = l.reference(ctx, j)
	case odd >= 0:
		result.Eccentric, err = l.eccentric(ctx, eccentrics.All()[odd], j)
	case wrong >= 0:
		result.Mutant, err = l.mutant(ctx, Mutants()[wrong], j)
	default:
		err = fmt.Errorf("there is no bank %q", j.Name)
	}
	if err == nil {
		err = ctx.Err()
	}
	if err != nil {
		return outcome{Fault: err.Error()}
	}
	return result
}

// reference tests the reference as every client, with all others in its shadow.
func (l *lab) reference(ctx context.Context, j job) (*referenceResult, error) {
	shadows := newShadows()
	against, options := l.against(j.Profile)
	options.Policy = shadows.policy(j.Profile, options)
	report, cost, err := l.test(ctx, options, j.Seed, func(_ *target.Target, o *run.Options) error {
		o.Profile = against
		shadows.follow(o)
		o.Plan.Thorough = j.Profile == "" // the mutants of other profiles are run by the plan of a usual run, and so can be noticed in no other experiment
		return nil
	})
	if err != nil {
		return nil, err
	}
	return &referenceResult{Conclusion: report.Conclusion, Unexpected: red(report), Noticed: shadows.noticed(), Cost: cost}, nil
}

// compare measures what every experiment costs as one client, with nobody in the shadow: the less of two tries, since whatever else the
// machine does only makes it more.
func (l *lab) compare(ctx context.Context, j job) (*Cost, error) {
	var least Cost
	for range 2 {
		_, cost, err := l.test(ctx, bench.Options{}, j.Seed, func(t *target.Target, o *run.Options) error {
			o.Plan.Clients = []string{t.Combinations()[0].ID}
			return nil
		})
		if err != nil {
			return nil, err
		}
		if least.Banks == 0 || cost.seconds() < least.seconds() {
			least = cost
		}
	}
	return &least, nil
}

// eccentric tests an eccentric: as every client where the job says so; else as one of them, as which it is noticed.
func (l *lab) eccentric(ctx context.Context, e eccentrics.Eccentric, j job) (*EccentricResult, error) {
	report, cost, err := l.test(ctx, bench.Options{Eccentric: &e}, j.Seed, func(t *target.Target, o *run.Options) error {
		if o.Plan.Thorough = true; !j.EveryClient {
			clients := slices.DeleteFunc(slices.Clone(t.Combinations()), func(client *target.Client) bool { return j.Everything == "" && len(j.In[client.ID]) == 0 })
			if len(clients) > 0 {
				o.Plan.Clients = []string{one(clients, e.Name).ID}
			}
		}
		j.narrow(o)
		return nil
	})
	if err != nil {
		return nil, err
	}
	// What it was not looked at for, because there it does what the reference does, is not against it.
	looked := slices.DeleteFunc(slices.Clone(report.Requirements), func(r verdict.Result) bool { return j.Everything == "" && r.Verdict == verdict.Untested })
	return &EccentricResult{
		Name: e.Name, Legal: e.Legal, Verdict: verdict.Conclude(looked), Unexpected: slices.DeleteFunc(red(report), func(id string) bool { return slices.Contains(e.Warns, id) }), Everything: j.Everything,
		Seconds: cost.seconds(), Cost: cost,
	}, nil
}

// one is the client, of those there are, that follows from a name: so banks together are tested as all of them.
func one(clients []*target.Client, name string) *target.Client {
	hash := fnv.New32a()
	_, _ = hash.Write([]byte(name))
	return clients[int(hash.Sum32()%uint32(len(clients)))] //nolint:gosec // a handful of clients
}

// mutant tests a mutant as the clients that its mistake concerns, and as which a whole run would try what it breaks: as every one of them or, where the
// job does not say so, as one; each at a bank of its own, since none of them is to profit from what was done as another.
func (l *lab) mutant(ctx context.Context, m mutant.Mutant, j job) (*MutantResult, error) {
	result := &MutantResult{
		Name: m.Name, Breaks: m.Breaks.ID, How: m.How, Caught: true, CaughtBy: []string{}, Collateral: []string{}, Everything: j.Everything,
	}
	for _, r := range m.AlsoBreaks {
		result.AlsoBreaks = append(result.AlsoBreaks, r.ID)
	}
	for _, id := range m.AlsoElsewhere {
		if _, known := l.catalogue.Find(id); !known {
			return nil, fmt.Errorf("there is no requirement %s that mutant %s could break too", id, m.Name)
		}
		result.AlsoBreaks = append(result.AlsoBreaks, id)
	}
	for tried, all := 0, 1; tried < all; tried++ {
		against, options := l.against(m.Profile)
		options.Policy = options.Reference()
		m.Policy(options.Policy)
		var client *target.Client
		report, cost, err := l.test(ctx, options, j.Seed, func(t *target.Target, o *run.Options) error {
			o.Profile = against
			t.Requires = append(t.Requires, m.Requires...)
			clients := concerned(t, &m, asAsked(against, m.Breaks))
			if len(clients) == 0 {
				return fmt.Errorf("no client of the bank is concerned by it")
			}
			if !j.EveryClient {
				clients = []*target.Client{one(clients, m.Name)}
			}
			all = len(clients)
			client = clients[tried]
			o.Plan.Clients = []string{client.ID}
			j.narrow(o, append([]string{m.Breaks.ID}, result.AlsoBreaks...)...)
			return nil
		})
		if err != nil {
			return nil, err
		}
		wanted := verdict.Fail
		if m.Breaks.Level.Recommended() || m.Warns {
			wanted = verdict.Warn
		}
		result.add(report, m.Breaks, wanted, client.ID)
		result.Cost = result.Cost.Add(cost)
	}
	if result.Seconds = result.Cost.seconds(); !result.Caught {
		result.CaughtBy = []string{}
	}
	return result, nil
}

// add enters what came of the mutant as one client.
func (result *MutantResult) add(report *verdict.Report, breaks *requirement.Requirement, wanted verdict.Verdict, client string) {
	result.Clients = append(result.Clients, client)
	enter := func(list *[]string, name string) {
		if !slices.Contains(*list, name) {
			*list = append(*list, name)
		}
	}
	caught := false
	for _, r := range report.Requirements {
		// Caught is what breaks the clause: Fail, or Warn where the level is should. A Blocked one says that nothing is known.
		broken := r.Verdict == verdict.Fail || r.Verdict == verdict.Warn
		if r.Verdict == verdict.Blocked || r.Verdict == verdict.Error {
			enter(&result.Blocked, r.ID)
		}
		switch {
		case !broken || rollsUp(r, breaks.ID, result.AlsoBreaks):
		case r.ID == breaks.ID:
			if caught = r.Verdict == wanted; !caught {
				continue
			}
			enter(&result.CaughtBy, r.ID)
			for _, spec := range r.Specs {
				if spec.Verdict == wanted {
					enter(&result.Sentences, spec.Sentence)
				}
			}
		case !slices.Contains(result.AlsoBreaks, r.ID):
			enter(&result.Collateral, r.ID)
		}
	}
	if !caught {
		result.Caught = false
		result.Missed = append(result.Missed, client)
	}
}

// rollsUp says whether a result follows from what a mutant breaks, or breaks too, rather than from an experiment of its own.
func rollsUp(result verdict.Result, broken string, also []string) bool {
	return slices.ContainsFunc(result.Follows, func(id string) bool { return id == broken || slices.Contains(also, id) })
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

// test runs the default profile against a bank: every experiment as every client, where prepare says nothing else.
func (l *lab) test(ctx context.Context, options bench.Options, seed int64, prepare func(*target.Target, *run.Options) error) (report *verdict.Report, cost Cost, err error) {
	cost.Banks = 1
	watch := stopwatch(time.Now())
	if options.Material, err = l.materialOf(options.MaterialOptions()); err != nil {
		return nil, cost, err
	}
	bench, err := bench.Start(options)
	if err != nil {
		return nil, cost, err
	}
	cost.Start = watch.lap()
	defer func() {
		watch.lap()
		if closed := bench.Close(); err == nil {
			err = closed
		}
		cost.Start += watch.lap()
	}()
	redactor := &wire.Redactor{}
	_ = bench.Target.Discover(ctx, redactor) // what is wrong with the metadata is for the experiments to say
	cost.Discovery = watch.lap()
	o := run.Options{
		Target: bench.Target, Profile: l.profile, Suites: suites.All(), Catalogue: l.catalogue,
		Clock: bench.Clock, Driver: consent.NewForm(consent.FormOptions{Client: bench.HTTP(nil)}), HTTP: bench.HTTP, Redactor: redactor, Plan: run.Plan{Seed: seed},
	}
	if err := prepare(bench.Target, &o); err != nil {
		return nil, cost, err
	}
	begun, begins := map[experiment]bool{}, o.Begins
	o.Begins = func(client, sentence string) {
		if len(begun) == 0 {
			cost.Tree = watch.lap()
		}
		begun[experiment{client, sentence}] = true
		if begins != nil {
			begins(client, sentence)
		}
	}
	if report, err = run.Run(ctx, o); err != nil {
		return nil, cost, err
	}
	if err := report.Follows(); err != nil {
		return nil, cost, fmt.Errorf("no reader would take the report of this run: %w", err)
	}
	rest := watch.lap()
	if len(begun) == 0 {
		cost.Tree, rest = rest, 0
	}
	cost.Answers = min(rest, report.Time.Target+report.Time.Browser) // some requests are under way at the same moment
	cost.Own = rest - cost.Answers
	cost.Experiments, cost.Requests = len(begun), report.Time.Requests
	return report, cost, nil
}

// asAsked is a requirement as a profile asks it: what holds for every server of the profile is no condition there.
func asAsked(against profile.Profile, r *requirement.Requirement) *requirement.Requirement {
	for _, own := range against.Requires {
		if own.ID == r.ID {
			return own
		}
	}
	return r
}

// concerned returns the combinations to which a mutant's mistake and its requirement apply, as far as a whole run tries the requirement as
// them.
func concerned(t *target.Target, m *mutant.Mutant, breaks *requirement.Requirement) []*target.Client {
	return slices.DeleteFunc(run.Players(breaks, t.Combinations(), t, false), func(client *target.Client) bool {
		return m.Auth != "" && m.Auth != client.Auth || m.Binding != "" && m.Binding != client.Binding || !run.Applies(breaks, client, t)
	})
}
