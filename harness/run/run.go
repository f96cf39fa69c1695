// Package run drives Ginkgo: it chooses what applies, runs it as every client, and judges what came out.
package run

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/onsi/ginkgo/v2"
	"github.com/onsi/ginkgo/v2/extensions/globals"
	"github.com/onsi/ginkgo/v2/formatter"
	"github.com/onsi/ginkgo/v2/types"
	"github.com/onsi/gomega"

	"github.com/fapitest/fapitest/harness/consent"
	"github.com/fapitest/fapitest/harness/expect"
	"github.com/fapitest/fapitest/harness/flow"
	"github.com/fapitest/fapitest/harness/profile"
	"github.com/fapitest/fapitest/harness/requirement"
	"github.com/fapitest/fapitest/harness/suite"
	"github.com/fapitest/fapitest/harness/target"
	"github.com/fapitest/fapitest/harness/verdict"
	"github.com/fapitest/fapitest/harness/wire"
)

// Options say what is run against what. Target (discovered), Profile, Suites, Catalogue, Clock, Driver, HTTP and Redactor are required.
type Options struct {
	Target    *target.Target
	Profile   profile.Profile
	Suites    []suite.Suite
	Catalogue *requirement.Catalogue
	Clauses   []string         // narrow the run to these; none: everything
	Clients   []*target.Client // run as these; nil: every combination of the target
	NoWaits   bool             // leave out what has to wait
	Clock     wire.Clock
	Driver    consent.Driver
	HTTP      func(*tls.Certificate) *http.Client
	Redactor  *wire.Redactor
	Evidence  func(extension string, data []byte) string
	UserAgent string
	Seed      int64
	Tool      verdict.Tool
	Progress  func(Progress) // called before and after every experiment; nil: nobody watches
	// Only narrows the run to the experiments for which it is true; nil: all of them. Both halves of an aged experiment go by the
	// sentence of the second.
	Only func(client, sentence string) bool
	// Begins and Ends are called around every experiment, with names as in Only and, at the end, all that its trace holds: what was
	// said in it, and what it took over from another. Nil: nobody follows. They see what runs in this process.
	Begins func(client, sentence string)
	Ends   func(client, sentence string, said []*wire.Exchange)
}

// Progress says how far a run has come.
type Progress struct {
	Done, Total int
	Client      string
	Sentence    string // the experiment that begins; empty when one has ended
}

// recorded is a spec that ran, with what was said in it.
type recorded struct {
	report types.SpecReport
	trace  *wire.Trace
	client string
}

// Run runs the experiments and returns the report. The error is for what keeps it from starting; whatever happens later is in the
// report. Ginkgo keeps its specs in the process, so that no two runs may go on in one process at the same time.
func Run(ctx context.Context, options Options) (*verdict.Report, error) {
	started := time.Now()
	ledger := &wire.Ledger{}
	chosen, narrowed, err := choose(options)
	if err != nil {
		return nil, err
	}
	combinations := options.Clients
	if combinations == nil {
		combinations = options.Target.Combinations()
	}
	var clients []*flow.Client
	for _, self := range combinations {
		client, err := flow.New(flow.Options{
			Target: options.Target, Self: self, Driver: options.Driver, Clock: options.Clock, HTTP: options.HTTP,
			Redactor: options.Redactor, Evidence: options.Evidence, UserAgent: options.UserAgent,
		})
		if err != nil {
			return nil, fmt.Errorf("client %s: %w", self.ID, err)
		}
		clients = append(clients, client)
	}

	session := &session{options: options, ledger: ledger, chosen: chosen, ctx: ctx}
	if err := session.run(clients); err != nil {
		return nil, err
	}
	report := session.report(clients, narrowed)
	report.Started = started.UTC()
	report.Seconds = time.Since(started).Seconds()
	account(report, ledger.Account(), options.Clock)
	return report, nil
}

// choose returns the requirements to look at, by id, and in words by what the run was narrowed.
func choose(options Options) (map[string]*requirement.Requirement, string, error) {
	chosen := map[string]*requirement.Requirement{}
	var ids []string
	for _, r := range options.Profile.Requirements() {
		ids = append(ids, r.ID)
	}
	for _, clause := range options.Clauses {
		if !slices.ContainsFunc(ids, func(id string) bool { return requirement.Covers(clause, id) }) {
			return nil, "", NoSuchClause(clause, ids, options.Catalogue)
		}
	}
	for _, r := range options.Profile.Requirements() {
		if len(options.Clauses) == 0 || slices.ContainsFunc(options.Clauses, func(c string) bool { return requirement.Covers(c, r.ID) }) {
			chosen[r.ID] = r
		}
	}
	// What a chosen roll-up follows from has to run as well.
	for _, r := range options.Profile.Requirements() {
		if _, ok := chosen[r.ID]; ok {
			for _, source := range r.RollUp {
				chosen[source.ID] = source
			}
		}
	}
	var narrowed []string
	if len(options.Clauses) > 0 {
		narrowed = append(narrowed, "clauses "+strings.Join(options.Clauses, ", "))
	}
	if options.NoWaits {
		narrowed = append(narrowed, "without the experiments that have to wait")
	}
	if options.Clients != nil && len(options.Clients) < len(options.Target.Combinations()) {
		narrowed = append(narrowed, "not every client")
	}
	if options.Only != nil {
		narrowed = append(narrowed, "not every experiment")
	}
	return chosen, strings.Join(narrowed, "; "), nil
}

// ClauseError says that a clause selector means nothing.
type ClauseError struct {
	Clause  string
	Nearest string
	Planned bool // the catalogue has it, but nothing tests it yet
}

func (e *ClauseError) Error() string {
	if e.Planned {
		return fmt.Sprintf("%s is known but not tested yet (planned); the nearest that is tested: %s", e.Clause, e.Nearest)
	}
	return fmt.Sprintf("there is no clause %s; the nearest is %s", e.Clause, e.Nearest)
}

// NoSuchClause returns the error for a selector that covers none of the ids.
func NoSuchClause(clause string, ids []string, catalogue *requirement.Catalogue) error {
	planned := false
	if catalogue != nil {
		planned = slices.ContainsFunc(catalogue.Entries, func(e requirement.Entry) bool { return requirement.Covers(clause, e.ID) })
	}
	return &ClauseError{Clause: clause, Nearest: requirement.Nearest(clause, ids), Planned: planned}
}

// session is one passage through Ginkgo.
type session struct {
	options Options
	ledger  *wire.Ledger
	chosen  map[string]*requirement.Requirement
	ctx     context.Context

	trace       *wire.Trace // of the spec that is running
	specs       []recorded
	done, total int
	interrupted bool
}

// Why a spec is skipped before it starts. They are never printed: results tells them from reasons that are.
const (
	skipNotChosen = "fapitest: not chosen"
	skipWaits     = "fapitest: waits"
)

func (s *session) run(clients []*flow.Client) error {
	globals.Reset()
	defer globals.Reset()
	console, errors := formatter.ColorableStdOut, formatter.ColorableStdErr
	formatter.ColorableStdOut = io.Discard
	defer func() { formatter.ColorableStdOut, formatter.ColorableStdErr = console, errors }()
	gomega.RegisterFailHandler(ginkgo.Fail)
	// Containers are entered when the tree is built, which RunSpecs does: the transformer has to stay until then.
	defer ginkgo.AddTreeConstructionNodeArgsTransformer(expect.RequirementLabels)()
	if s.options.Only != nil {
		defer ginkgo.AddTreeConstructionNodeArgsTransformer(s.leaveOut())()
	}
	s.register(clients)

	config, reporter := ginkgo.GinkgoConfiguration()
	config.RandomizeAllSpecs, config.RandomSeed = true, s.options.Seed
	config.Timeout = 24 * time.Hour
	config.ParallelTotal, config.ParallelProcess = 1, 1
	reporter.Succinct, reporter.NoColor = true, true
	ginkgo.RunSpecs(quiet{}, "fapitest", config, reporter, ginkgo.AroundNode(s.within))
	return nil
}

// quiet is the test that Ginkgo reports to; what failed is in the reports.
type quiet struct{}

func (quiet) Fail() {}

// within gives every node the context of its experiment.
func (s *session) within(ctx context.Context) context.Context {
	ctx = wire.WithTrace(ctx, s.trace)
	ctx = wire.WithLedger(ctx, s.ledger)
	return wire.WithPatience(ctx, wire.Patience{Clock: s.options.Clock, Longest: s.options.Target.Waits.Longest})
}

func (s *session) register(clients []*flow.Client) {
	ginkgo.ReportBeforeSuite(func(report ginkgo.Report) { s.total = report.PreRunStats.SpecsThatWillRun })
	ginkgo.ReportBeforeEach(func(report ginkgo.SpecReport) {
		if report.State.Is(types.SpecStatePending) {
			return
		}
		s.trace = &wire.Trace{}
		s.progress(Progress{Client: first(report.ContainerHierarchyTexts), Sentence: sentence(report)})
		if s.options.Begins != nil {
			s.options.Begins(first(report.ContainerHierarchyTexts), experiment(report))
		}
	})
	ginkgo.ReportAfterEach(func(report ginkgo.SpecReport) {
		if report.State.Is(types.SpecStatePending) {
			return
		}
		s.done++
		s.specs = append(s.specs, recorded{report: report, trace: s.trace, client: first(report.ContainerHierarchyTexts)})
		if report.State.Is(types.SpecStateInterrupted | types.SpecStateAborted) {
			s.interrupted = true
		}
		s.progress(Progress{Client: first(report.ContainerHierarchyTexts)})
		if s.options.Ends != nil {
			s.options.Ends(first(report.ContainerHierarchyTexts), experiment(report), s.trace.Exchanges())
		}
	})
	for _, client := range clients {
		ginkgo.Describe(client.ID(), func() {
			ginkgo.BeforeEach(func(ctx ginkgo.SpecContext) { s.admit(ctx, client) })
			for _, suite := range s.options.Suites {
				suite.Specs(client)
			}
		})
	}
}

// leaveOut marks as pending what Only does not want, when the tree is built: to skip an experiment once it has begun costs more than
// many an experiment.
func (s *session) leaveOut() ginkgo.NodeArgsTransformer {
	var containers []string
	return func(nodeType types.NodeType, _ ginkgo.Offset, text string, args []any) (string, []any, []error) {
		if nodeType == types.NodeTypeContainer {
			for i, arg := range args {
				if body, ok := arg.(func()); ok {
					args[i] = func() {
						containers = append(containers, text)
						body()
						containers = containers[:len(containers)-1]
					}
				}
			}
			return text, args, nil
		}
		if nodeType == types.NodeTypeIt && len(containers) > 0 {
			report := types.SpecReport{ContainerHierarchyTexts: containers, LeafNodeText: text}
			for _, arg := range args {
				if labels, ok := arg.(ginkgo.Labels); ok {
					report.LeafNodeLabels = append(report.LeafNodeLabels, labels...)
				}
			}
			if !s.options.Only(containers[0], experiment(report)) {
				args = append(args, ginkgo.Pending)
			}
		}
		return text, args, nil
	}
}

// admit skips, before anything is sent, what is not chosen, what waits where nothing may, and what does not apply to this client.
func (s *session) admit(ctx ginkgo.SpecContext, client *flow.Client) {
	if s.ctx.Err() != nil {
		ginkgo.AbortSuite("interrupted")
	}
	report := ctx.SpecReport()
	r := s.requirementOf(report)
	if r == nil {
		ginkgo.Skip(skipNotChosen)
	}
	if s.options.NoWaits && slices.Contains(report.Labels(), expect.LabelWaits) {
		ginkgo.Skip(skipWaits)
	}
	if (s.options.Target.Metadata == nil || s.options.Target.Metadata.Values == nil) && !slices.Contains(report.Labels(), expect.LabelMetadata) {
		expect.Unknown("no metadata of this issuer could be had, so nothing else can be tried")
	}
	if reason := inapplicable(r.When, client.Self(), s.options.Target); reason != "" {
		ginkgo.Skip(reason)
	}
}

func (s *session) requirementOf(report types.SpecReport) *requirement.Requirement {
	for _, label := range report.Labels() {
		if r, ok := s.chosen[label]; ok {
			return r
		}
	}
	return nil
}

func (s *session) progress(p Progress) {
	if s.options.Progress != nil {
		p.Done, p.Total = s.done, s.total
		s.options.Progress(p)
	}
}

func first(texts []string) string {
	if len(texts) == 0 {
		return ""
	}
	return texts[0]
}

// sentence is what a spec says, read aloud: its containers, without the client, and its own text.
func sentence(report types.SpecReport) string {
	words := append([]string(nil), report.ContainerHierarchyTexts...)
	if len(words) > 0 {
		words = words[1:]
	}
	return strings.Join(append(words, report.LeafNodeText), " ")
}

// experiment is the sentence of the experiment that a spec belongs to: of both halves of an aged one, that of the second.
func experiment(report types.SpecReport) string {
	if slices.Contains(report.Labels(), expect.LabelPrepares) {
		return strings.TrimSuffix(sentence(report), ", prepared")
	}
	return sentence(report)
}

// inapplicable says why a condition is not met, quoting the claim; empty where it is met.
func inapplicable(condition requirement.Condition, self *target.Client, t *target.Target) string {
	switch condition {
	case requirement.Always, requirement.CodeFlow, requirement.PAR:
		return ""
	case requirement.DPoP, requirement.MTLS:
		if self.Binding == string(condition) {
			return ""
		}
		return fmt.Sprintf("client %s has binding: %s", self.ID, self.Binding)
	case requirement.PrivateKeyJWT:
		if self.Auth == target.PrivateKeyJWT {
			return ""
		}
		return fmt.Sprintf("client %s has auth: %s", self.ID, self.Auth)
	case requirement.MTLSAuth:
		if self.Auth != target.PrivateKeyJWT {
			return ""
		}
		return fmt.Sprintf("client %s has auth: %s", self.ID, self.Auth)
	case requirement.OpenID, requirement.RefreshToken, requirement.Introspection, requirement.Revocation, requirement.JAR, requirement.RAR:
		// Features: claimed in the target file, or not.
	}
	if t.Offered(string(condition)) {
		return ""
	}
	return fmt.Sprintf("the target file does not claim %s in offers", condition)
}

// Applies says whether a requirement concerns a client of the target.
func Applies(r *requirement.Requirement, self *target.Client, t *target.Target) bool {
	return inapplicable(r.When, self, t) == ""
}

// Sentences returns what would be run for each requirement, by id, without running anything.
func Sentences(suites []suite.Suite) (map[string][]string, error) {
	globals.Reset()
	defer globals.Reset()
	defer ginkgo.AddTreeConstructionNodeArgsTransformer(expect.RequirementLabels)()
	client, err := flow.New(flow.Options{Target: &target.Target{}, Self: &target.Client{ID: "any", Auth: target.PrivateKeyJWT, Binding: target.MTLS}})
	if err != nil {
		return nil, err
	}
	ginkgo.Describe("any", func() {
		for _, suite := range suites {
			suite.Specs(client)
		}
	})
	config, reporter := ginkgo.GinkgoConfiguration()
	sentences := map[string][]string{}
	for _, report := range ginkgo.PreviewSpecs("fapitest", config, reporter).SpecReports {
		if report.LeafNodeType != types.NodeTypeIt || slices.Contains(report.Labels(), expect.LabelPrepares) {
			continue
		}
		for _, label := range report.Labels() {
			sentences[label] = append(sentences[label], sentence(report))
		}
	}
	return sentences, nil
}
