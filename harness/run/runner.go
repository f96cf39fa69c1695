package run

import (
	"context"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/onsi/ginkgo/v2"
	"github.com/onsi/ginkgo/v2/extensions/globals"
	"github.com/onsi/ginkgo/v2/formatter"
	"github.com/onsi/ginkgo/v2/types"
	"github.com/onsi/gomega"

	"github.com/fapitest/fapitest/harness/expect"
	"github.com/fapitest/fapitest/harness/flow"
	"github.com/fapitest/fapitest/harness/requirement"
	"github.com/fapitest/fapitest/harness/target"
	"github.com/fapitest/fapitest/harness/verdict"
	"github.com/fapitest/fapitest/harness/wire"
)

// runner is one worker's way through the experiments: it asks the queue for each, carries out those that it is given, and hands in
// what came of them.
type runner struct {
	options Options
	ledger  *wire.Ledger
	chosen  map[string]*requirement.Requirement
	ctx     context.Context
	queue   source
	players map[string][]*target.Client // by requirement
	lost    error                       // why the queue can't be reached any more

	// Of the spec that is running:
	trace      *wire.Trace
	experiment Experiment
	mine       bool // the queue has given it to this worker
	// disturbed are the experiments whose preparation failed at a target that was busy.
	disturbed map[string]bool
}

// work goes through the experiments, and again as long as some are to be repeated.
func (s *runner) work(clients []*flow.Client) error {
	s.disturbed = map[string]bool{}
	for {
		s.pass(clients)
		if s.lost != nil {
			return s.lost
		}
		idle := s.ledger.Begin(wire.Idle, "")
		again, err := s.queue.More(s.ledger.Account())
		idle()
		if err != nil || !again {
			return err
		}
	}
}

// pass is one passage through Ginkgo. Ginkgo keeps its specs in the process.
func (s *runner) pass(clients []*flow.Client) {
	globals.Reset()
	defer globals.Reset()
	console, errors := formatter.ColorableStdOut, formatter.ColorableStdErr
	formatter.ColorableStdOut = io.Discard
	defer func() { formatter.ColorableStdOut, formatter.ColorableStdErr = console, errors }()
	gomega.RegisterFailHandler(ginkgo.Fail)
	// Containers are entered when the tree is built, which RunSpecs does: the transformer has to stay until then.
	defer ginkgo.AddTreeConstructionNodeArgsTransformer(leaveOut(s.wanted))()
	s.register(clients)

	config, reporter := ginkgo.GinkgoConfiguration()
	config.RandomizeAllSpecs, config.RandomSeed = true, s.options.Plan.Seed
	config.Timeout = 24 * time.Hour
	config.ParallelTotal, config.ParallelProcess = 1, 1
	reporter.Succinct, reporter.NoColor = true, true
	ginkgo.RunSpecs(quiet{}, "fapitest", config, reporter, ginkgo.AroundNode(s.within))
}

// quiet is the test that Ginkgo reports to; what failed is in the reports.
type quiet struct{}

func (quiet) Fail() {}

// within gives every node the context of its experiment.
func (s *runner) within(ctx context.Context) context.Context {
	ctx = wire.WithTrace(ctx, s.trace)
	ctx = wire.WithLedger(ctx, s.ledger)
	experiment := s.experiment
	return wire.WithPatience(ctx, wire.Patience{
		Clock: s.options.Clock, Longest: s.options.Target.Waits.Longest,
		// It may be told from beside the experiments. A queue that can't be reached is noticed at the next claim.
		Grows: func(until time.Time) { _ = s.queue.Grows(experiment, until) },
	})
}

// reached notes that the queue could not be reached. There is nobody to work for then.
func (s *runner) reached(err error) {
	if err != nil && s.lost == nil {
		s.lost = fmt.Errorf("the queue can't be reached: %w", err)
	}
}

func (s *runner) register(clients []*flow.Client) {
	ginkgo.ReportBeforeEach(func(report ginkgo.SpecReport) {
		if report.State.Is(types.SpecStatePending) {
			return
		}
		s.trace, s.mine = &wire.Trace{}, false
		s.experiment = Experiment{Client: first(report.ContainerHierarchyTexts), Sentence: experimentSentence(report), Half: half(report.Labels())}
		if r := s.requirementOf(report.Labels()); r != nil {
			s.experiment.Requirement = r.ID
		}
		if s.options.Begins != nil {
			s.options.Begins(s.experiment.Client, s.experiment.Sentence)
		}
	})
	ginkgo.ReportAfterEach(func(report ginkgo.SpecReport) {
		for _, client := range clients {
			client.LeaveToOthers()
		}
		if report.State.Is(types.SpecStatePending) || !s.mine {
			return
		}
		ended := Ended{Experiment: s.experiment, Account: s.ledger.Account()}
		if name := s.experiment.Client + " " + s.experiment.Sentence; s.experiment.Half == Preparation {
			// A control before the preparation that met a busy target leaves no trace in the half that is judged.
			s.disturbed[name] = report.Failed() && slices.ContainsFunc(s.trace.Exchanges(), func(e *wire.Exchange) bool { return e.Busy })
		} else {
			spec := s.judged(report)
			ended.Spec, ended.Busy, ended.Disturbed = &spec, busy(spec) || spec.Verdict == verdict.Blocked && s.disturbed[name], disturbed(spec)
			ended.Answered, ended.Unreached = reached(spec, report.StartTime)
			if ended.Busy {
				ended.LeftAlone = leftAlone(spec)
			}
		}
		s.reached(s.queue.Ended(ended))
		if s.options.Ends != nil {
			s.options.Ends(s.experiment.Client, s.experiment.Sentence, s.trace.Exchanges())
		}
	})
	// The tree is built with a client that stands for no real one: which experiments there are must not depend on the target.
	absent := make([]*flow.Client, len(clients))
	for i, client := range clients {
		absent[i] = flow.Absent()
		ginkgo.Describe(client.ID(), func() {
			ginkgo.BeforeEach(func(ctx ginkgo.SpecContext) { s.admit(ctx, client) })
			for _, suite := range s.options.Suites {
				suite.Specs(absent[i])
			}
		})
	}
	ginkgo.BeforeSuite(func() {
		for i, client := range clients {
			absent[i].Become(client)
		}
	})
}

// wanted says whether a spec is to be run at all, by whichever worker.
func (s *runner) wanted(client, sentence string, labels []string) bool {
	if s.options.Plan.NoWaits && slices.Contains(labels, expect.LabelWaits) {
		return false
	}
	r := s.requirementOf(labels)
	return r != nil && s.plays(r, client) && (s.options.Only == nil || s.options.Only(r.ID, client, sentence))
}

// plays says whether the experiments of a requirement are carried out as a client.
func (s *runner) plays(r *requirement.Requirement, client string) bool {
	if s.players == nil {
		s.players = map[string][]*target.Client{}
	}
	players, known := s.players[r.ID]
	if !known {
		players = Players(r, s.options.clients, s.options.Target, s.options.Plan.Thorough)
		s.players[r.ID] = players
	}
	return slices.ContainsFunc(players, func(c *target.Client) bool { return c.ID == client })
}

// leaveOut is expect.RequirementLabels, and marks as pending what is not wanted, when the tree is built: to skip an experiment once it
// has begun costs more than many an experiment. It is one transformer because Ginkgo calls several in no particular order.
func leaveOut(wanted func(client, sentence string, labels []string) bool) ginkgo.NodeArgsTransformer {
	var containers []string
	return func(nodeType types.NodeType, offset ginkgo.Offset, text string, args []any) (string, []any, []error) {
		text, args, errs := expect.RequirementLabels(nodeType, offset, text, args)
		if len(errs) > 0 {
			return text, args, errs
		}
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
			if !wanted(containers[0], experimentSentence(report), report.LeafNodeLabels) {
				args = append(args, ginkgo.Pending)
			}
		}
		return text, args, nil
	}
}

// admit asks the queue for the experiment, and skips, before anything is sent, what another worker has and what does not apply to this
// client.
func (s *runner) admit(ctx ginkgo.SpecContext, client *flow.Client) {
	if s.ctx.Err() != nil || s.lost != nil {
		ginkgo.AbortSuite("interrupted")
	}
	claim, err := s.queue.Claim(s.experiment)
	s.reached(err)
	if err != nil || claim.Stop {
		ginkgo.AbortSuite("interrupted")
	}
	if s.mine = claim.Yours; !s.mine {
		ginkgo.Skip("another worker's")
	}
	labels := ctx.SpecReport().Labels()
	if (s.options.Target.Metadata == nil || s.options.Target.Metadata.Values == nil) && !slices.Contains(labels, expect.LabelMetadata) {
		expect.Unknown("the metadata of this issuer could not be read, so nothing else can be tested")
	}
	if reason := s.options.Target.Unmet(s.requirementOf(labels).When, client.Self()); reason != "" {
		ginkgo.Skip(reason)
	}
}

func (s *runner) requirementOf(labels []string) *requirement.Requirement {
	for _, label := range labels {
		if r, ok := s.chosen[label]; ok {
			return r
		}
	}
	return nil
}
