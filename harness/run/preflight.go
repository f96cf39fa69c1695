package run

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/fapitest/fapitest/harness/expect"
	"github.com/fapitest/fapitest/harness/flow"
	"github.com/fapitest/fapitest/harness/requirement"
	"github.com/fapitest/fapitest/harness/target"
	"github.com/fapitest/fapitest/harness/verdict"
	"github.com/fapitest/fapitest/harness/wire"
)

// Stumble is a step of a client's proper flow that the target did not let pass, so that no experiment of that client could say anything.
type Stumble struct {
	Client    string
	Step      string
	Because   string // what the target answered, or what stood on its page
	Compare   string // what in the target file to compare with the registration, or with the pages
	Exchanges []*wire.Exchange
	// Says stands for all of it where the run did not come to any client's flow.
	Says string
}

// Sentence says what happened and what to do about it.
func (s Stumble) Sentence() string {
	if s.Says != "" {
		return s.Says
	}
	return fmt.Sprintf("the %s of client %s, as it should be, was not accepted: %s. Compare %s", s.Step, s.Client, strings.TrimRight(s.Because, ".?"), s.Compare)
}

// Preflight takes each client through one proper flow, before anything else is tried: push, login, code, token. What the target refuses
// there is more often a slip in the target file than a fault of the target, and a run that went on would try it hundreds of times, a wrong
// password among them. It ends at the first login that fails. What is no decision (busy, no answer) is left to the experiments.
// The error says why a client could not be made.
func Preflight(ctx context.Context, options Options) ([]Stumble, error) {
	if options.Clients == nil {
		options.Clients = options.Target.Combinations()
	}
	options.Shelf = nil // a flow of its own: what it leaves is nobody's to share
	clients, err := players(options)
	if err != nil {
		return nil, err
	}
	var stumbles []Stumble
	for _, client := range clients {
		stumble := tryOut(ctx, client)
		if stumble == nil {
			continue
		}
		stumbles = append(stumbles, *stumble)
		if stumble.Step != string(flow.StepPush) {
			break
		}
	}
	return stumbles, nil
}

// tryOut takes one client through its flow; nil: nothing was refused.
func tryOut(ctx context.Context, client *flow.Client) *Stumble {
	trace := &wire.Trace{}
	ctx = wire.WithTrace(ctx, trace)
	steps := []func(*flow.Outcome) *flow.Outcome{
		func(*flow.Outcome) *flow.Outcome { return client.Push(ctx) },
		func(pushed *flow.Outcome) *flow.Outcome { return client.Authorize(ctx, pushed) },
		func(landed *flow.Outcome) *flow.Outcome { return client.Exchange(ctx, landed) },
	}
	var outcome *flow.Outcome
	for _, step := range steps {
		outcome = step(outcome)
		decision, because := expect.Decide(outcome)
		if decision == wire.Accepted {
			continue
		}
		if decision == wire.Undecided || knownAnyway(ctx, client, outcome) {
			return nil
		}
		outcome.Exchange.Role, outcome.Exchange.Expected, outcome.Exchange.Judged, outcome.Exchange.Because = wire.RoleControl, wire.Accepted, decision, because
		if description := outcome.Text("error_description"); description != "" && !strings.Contains(because, description) {
			because += fmt.Sprintf(" (%s)", wire.Printable(description))
		}
		return &Stumble{
			Client: client.ID(), Step: string(outcome.Step), Because: because, Compare: compare(client, outcome), Exchanges: trace.Exchanges(),
		}
	}
	return nil
}

// knownAnyway says whether the target knows the client after all, and only wants another audience in its assertion: then it breaks a clause,
// and the experiments on that say so.
func knownAnyway(ctx context.Context, client *flow.Client, refused *flow.Outcome) bool {
	if client.Self().Auth != target.PrivateKeyJWT || refused.Step != flow.StepPush {
		return false
	}
	endpoint := client.Target().Metadata.Endpoint("token_endpoint", false)
	decision, _ := expect.Decide(client.Push(ctx, flow.With(flow.AssertionClaim("aud"), endpoint)))
	return decision == wire.Accepted
}

// compare says what of the target file most likely does not fit.
func compare(client *flow.Client, outcome *flow.Outcome) string {
	credential := "its key (jwks)"
	if client.Self().Auth != target.PrivateKeyJWT {
		credential = "its certificate (cert, key)"
	}
	switch {
	case outcome.ErrorCode() == "invalid_client" || outcome.ErrorCode() == "unauthorized_client" || outcome.Err != nil:
		return fmt.Sprintf("the client's id, auth: %s and %s with its registration: is it registered with this one? And the clock of this machine", client.Self().Auth, credential)
	case outcome.Step == flow.StepPush:
		return "redirects, scope and request in the target file with the client's registration"
	case outcome.Step == flow.StepAuthorize:
		return "user (name and password), scope and redirects in the target file, and the selectors of the consent script with that page"
	}
	return fmt.Sprintf("the client's binding: %s and %s with its registration", client.Self().Binding, credential)
}

// EndedEarly returns the report of a run that was over before its experiments: every one of them is Blocked, for the one reason that the
// stumbles give. The error says what is wrong with the options.
func EndedEarly(ctx context.Context, options Options, stumbles []Stumble, began time.Time) (*verdict.Report, error) {
	g, err := gather(ctx, &options)
	if err != nil {
		return nil, err
	}
	g.stumbles = stumbles
	return g.report(began, 0, 0), nil
}

// stopped is what stands for the experiments of a requirement in a run that ended early. The evidence stands at the first one.
func (g *gathering) stopped(r *requirement.Requirement) []verdict.Spec {
	if len(g.stumbles) == 0 || r.Listed || r.Attested || len(r.RollUp) > 0 || g.nowhere(r) != "" {
		return nil
	}
	var sentences []string
	for _, stumble := range g.stumbles {
		sentences = append(sentences, stumble.Sentence())
	}
	message := g.options.Redactor.Scrub(wire.Printable(strings.Join(sentences, "; ")))
	spec := verdict.Spec{Sentence: "one proper flow of each client comes before its experiments", Verdict: verdict.Blocked, Message: message}
	if !g.shown {
		g.shown = true
		spec.Client = g.stumbles[0].Client
		for _, stumble := range g.stumbles {
			spec.Exchanges = append(spec.Exchanges, slices.Clone(stumble.Exchanges)...)
		}
	}
	return []verdict.Spec{spec}
}
