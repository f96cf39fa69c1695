// Package run drives Ginkgo: it chooses what applies, runs it as every client, and judges what came out.
package run

import (
	"context"
	"crypto/tls"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/fapitest/fapitest/harness/consent"
	"github.com/fapitest/fapitest/harness/expect"
	"github.com/fapitest/fapitest/harness/flow"
	"github.com/fapitest/fapitest/harness/jose"
	"github.com/fapitest/fapitest/harness/profile"
	"github.com/fapitest/fapitest/harness/requirement"
	"github.com/fapitest/fapitest/harness/suite"
	"github.com/fapitest/fapitest/harness/target"
	"github.com/fapitest/fapitest/harness/verdict"
	"github.com/fapitest/fapitest/harness/wire"
)

// Options are the plan of a run, and what it needs that can't be serialised. Target (discovered), Profile, Suites, Catalogue, Clock,
// Driver, HTTP and Redactor are required.
type Options struct {
	Plan      Plan
	Target    *target.Target
	Profile   profile.Profile
	Suites    []suite.Suite
	Catalogue *requirement.Catalogue
	Clock     wire.Clock
	Driver    consent.Driver
	HTTP      func(*tls.Certificate) *http.Client
	Redactor  *wire.Redactor
	Evidence  func(extension string, data []byte) string
	Tool      verdict.Tool
	By        string         // who runs it, and where: "user@host"
	Progress  func(Progress) // called at every step; nil: not called. It must not call back
	// Entered is called with what came of each experiment as soon as that is certain; nil: not called. It must not call back.
	Entered func(requirement string, spec verdict.Spec)
	// Pace limits the rate of the requests of all workers together; nil: no limit but the pauses that the target asks for. Whoever makes the driver
	// gives it the same one, so that pages count among the requests.
	Pace wire.Pace
	// Shelf and ProofKeys are what workers of one run have in common; nil: there is only this one.
	Shelf     flow.Shelf
	ProofKeys map[string]*jose.Key // by client
	// Crowd are the test users of the run, its preflight included; nil: they are gathered anew. People are the same as a worker in a process of
	// its own has them; nil: the crowd.
	Crowd  *flow.Crowd
	People flow.People
	// Only narrows the run to the experiments for which it is true; nil: all of them. Both halves of an aged experiment go by the
	// sentence of the second.
	Only func(clause, client, sentence string) bool
	// Begins and Ends are called around every experiment, with names as in Only and, at the end, all that its trace holds: what was
	// said in it, and what it took over from another. Nil: not called. They see what runs in this process.
	Begins func(client, sentence string)
	Ends   func(client, sentence string, said []*wire.Exchange)

	// Before is what came before the experiments, and is part of the account: the metadata, and the preflight. The run began with it.
	Before Took

	clients []*target.Client // those of the plan, once the run has begun
}

// Run runs the experiments one after another and returns the report. The error is for what keeps it from starting; whatever happens
// later is in the report. Ginkgo keeps its specs in the process, so that no two runs may go on in one process at the same time.
func Run(ctx context.Context, options Options) (*verdict.Report, error) {
	began := time.Now()
	ctx, end := context.WithCancelCause(ctx)
	defer end(nil)
	g, err := gather(ctx, &options)
	if err != nil {
		return nil, err
	}
	g.queue.end = end
	clients, err := players(options)
	if err != nil {
		return nil, err
	}
	life := time.Now()
	runner := &runner{options: options, ledger: &wire.Ledger{}, chosen: g.chosen, ctx: ctx, queue: inProcess{queue: g.queue}}
	if err := runner.work(clients); err != nil {
		return nil, err
	}
	return g.report(began, 1, time.Since(life)), nil
}

// gathering is a run as a whole: what was asked for, and the queue to which what comes of it is handed in.
type gathering struct {
	options  Options
	chosen   map[string]*requirement.Requirement
	narrowed string // in words, by what
	queue    *queue
	stumbles []Stumble // why the run ended before its experiments; none: it did not
	shown    bool      // the evidence of the stumbles stands in the report
	// Of a run that was cut off, how many experiments each requirement has: what it did not come to can't be seen otherwise.
	whole map[string]int
}

// CutOff is the cause with which the context of a run ends that has come to a bound that was set for it. What is not carried out by then is
// untested: the target has nothing to answer for.
type CutOff struct{ By string } // "--max-minutes 5"

// Error says by what the run was cut off.
func (c CutOff) Error() string { return "cut off by " + c.By }

func gather(ctx context.Context, options *Options) (*gathering, error) {
	chosen, narrowed, err := choose(*options)
	if err != nil {
		return nil, err
	}
	if options.clients, err = options.Plan.clients(options.Target); err != nil {
		return nil, err
	}
	if options.Crowd == nil {
		options.Crowd = flow.NewCrowd(options.Target)
	}
	if options.Pace == nil {
		options.Pace = wire.NewMetronome(0, options.Clock)
	}
	g := &gathering{options: *options, chosen: chosen, narrowed: narrowed, queue: newQueue(ctx, options.Progress, options.Pace)}
	g.queue.tells = options.Entered
	if options.Progress != nil {
		counts, err := g.count()
		if err != nil {
			return nil, err
		}
		for _, n := range counts {
			g.queue.total += n
		}
	}
	return g, nil
}

// count is how many experiments there are for each requirement that was chosen, as all clients together.
func (g *gathering) count() (map[string]int, error) {
	sentences, err := Sentences(g.options.Suites)
	if err != nil {
		return nil, err
	}
	counts := map[string]int{}
	for id, r := range g.chosen {
		for _, sentence := range sentences[id] {
			if !g.options.Plan.NoWaits || !slices.Contains(sentences[expect.LabelWaits], sentence) {
				counts[id] += len(Players(r, g.options.clients, g.options.Target, g.options.Plan.Thorough))
			}
		}
	}
	return counts, nil
}

// players are the clients as which experiments run.
func players(options Options) ([]*flow.Client, error) {
	var clients []*flow.Client
	if options.People == nil && options.Crowd != nil {
		options.People = options.Crowd.For(0)
	}
	handshakes := flow.NewHandshakes(options.Shelf)
	for _, self := range options.clients {
		client, err := flow.New(flow.Options{
			Target: options.Target, Self: self, Driver: options.Driver, Clock: options.Clock, HTTP: options.HTTP, Pace: options.Pace,
			Shelf: options.Shelf, People: options.People, ProofKey: options.ProofKeys[self.ID], Redactor: options.Redactor, Evidence: options.Evidence,
			UserAgent: options.Plan.UserAgent, Limits: options.Profile.Limits, Before: options.Profile.Before, Handshakes: handshakes,
		})
		if err != nil {
			return nil, fmt.Errorf("client %s: %w", self.ID, err)
		}
		clients = append(clients, client)
	}
	return clients, nil
}

// Players are the clients as which the experiments of a requirement are carried out: of those that it applies to one for each thing that it
// is tried by, the first of the file; all of them in a thorough run. Those that it does not apply to are among them, to say why.
func Players(r *requirement.Requirement, clients []*target.Client, t *target.Target, thorough bool) []*target.Client {
	var players []*target.Client
	tried := map[string]bool{}
	for _, client := range clients {
		if thorough || !Applies(r, client, t) {
			players = append(players, client)
			continue
		}
		kind := client.ID
		switch r.Per {
		case requirement.EachCombination:
		case requirement.EachAuthentication:
			kind = client.Auth
		case requirement.EachBinding:
			kind = client.Binding
		case requirement.OncePerTarget:
			kind = ""
		}
		if !tried[kind] {
			tried[kind] = true
			players = append(players, client)
		}
	}
	return players
}

// Applies says whether a requirement concerns a client of the target.
func Applies(r *requirement.Requirement, self *target.Client, t *target.Target) bool {
	return t.Unmet(r.When, self) == ""
}
