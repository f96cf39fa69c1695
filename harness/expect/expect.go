// Package expect holds the words that specs are written in, beside Ginkgo's and Gomega's own. Each of them leaves in the
// experiment's trace what it judged and how, so that a verdict is never read from the text of a message.
package expect

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/onsi/ginkgo/v2"
	"github.com/onsi/ginkgo/v2/types"
	"github.com/onsi/gomega"

	"github.com/fapitest/fapitest/harness/consent"
	"github.com/fapitest/fapitest/harness/flow"
	"github.com/fapitest/fapitest/harness/requirement"
	"github.com/fapitest/fapitest/harness/wire"
)

// The labels that words put on specs beside the requirement's id.
const (
	LabelPrepares = "prepares" // the first half of an Aged experiment: reported with the second
	LabelWaits    = "waits"    // an experiment that has to let time pass
	LabelMetadata = "metadata" // an experiment on the metadata alone, which needs none that is good

	LabelWaitsFor = "waits for " // begins the label that says for how long, and, where the target decides, by what; see Wait
)

// OnMetadataAlone marks a spec that looks at the metadata alone, and so can run where none can be used.
var OnMetadataAlone = ginkgo.Label(LabelMetadata)

// RequirementLabels is the node transformer that lets an It be handed its Requirement: it turns it into a label, and refuses an It
// that has none or several.
func RequirementLabels(nodeType types.NodeType, _ ginkgo.Offset, text string, args []any) (string, []any, []error) {
	if nodeType != types.NodeTypeIt {
		return text, args, nil
	}
	var rest []any
	found := 0
	for _, arg := range args {
		if r, ok := arg.(*requirement.Requirement); ok {
			found++
			if r == nil {
				return text, args, []error{fmt.Errorf("the spec %q is handed a requirement that is not declared", text)}
			}
			rest = append(rest, ginkgo.Label(r.ID))
			continue
		}
		rest = append(rest, arg)
	}
	if found != 1 {
		return text, args, []error{fmt.Errorf("the spec %q is handed %d requirements: it has to be exactly one", text, found)}
	}
	return text, rest, nil
}

// Control is the request that has to be accepted before anything can be said about the ones that differ from it. It runs before
// every spec of its container until it was accepted once; then it is remembered. When it fails, what stands beside it is Blocked.
func Control(text string, body func(ctx ginkgo.SpecContext)) {
	var remembered []*wire.Exchange
	accepted := false
	ginkgo.BeforeEach(func(ctx ginkgo.SpecContext) {
		outer := wire.TraceFrom(ctx)
		if !accepted {
			inner := &wire.Trace{}
			defer func() {
				for _, exchange := range inner.Exchanges() {
					if exchange.Expected != "" {
						exchange.Role, exchange.Sentence = wire.RoleControl, text
					}
					outer.Add(exchange)
				}
			}()
			body(traced{SpecContext: ctx, inner: wire.WithTrace(ctx, inner)})
			accepted, remembered = true, inner.Exchanges()
			return
		}
		for _, exchange := range remembered {
			outer.Add(exchange)
		}
	})
}

// traced is a SpecContext whose exchanges go to a trace of their own.
type traced struct {
	ginkgo.SpecContext
	inner context.Context
}

// Value looks in the inner context, which holds the trace.
func (t traced) Value(key any) any { return t.inner.Value(key) }

// Needs is a control inside a spec: an outcome that has to be an acceptance. When it is not, the spec is Blocked.
func Needs(o *flow.Outcome) *flow.Outcome {
	decision, because := Decide(o)
	judge(o, wire.RoleControl, wire.Accepted, decision, because)
	if decision != wire.Accepted {
		ginkgo.Fail(fmt.Sprintf("the %s that this experiment builds on was not accepted: %s%s", o.Step, because, unseen(o)), 1)
	}
	return o
}

// unseen says, where it is so, that the server can't have seen the certificate without which the client is nobody.
func unseen(o *flow.Outcome) string {
	if !o.NotAsked {
		return ""
	}
	if o.Step == flow.StepCall {
		return ". The server did not ask for the client's certificate in the TLS handshake, so it can't find the token bound to it: does the resource have a host of its own for mutual TLS?"
	}
	return ". The server did not ask for the client's certificate in the TLS handshake, so it can't know the client by it: do the metadata name this endpoint among mtls_endpoint_aliases?"
}

// Unknown ends a spec about which nothing can be said: Blocked.
func Unknown(format string, args ...any) {
	ginkgo.Fail(remark(RemarkUnknown, format, args...), 1)
}

// NotApplicable ends a spec whose condition the target does not meet. The reason quotes where the target says so.
func NotApplicable(format string, args ...any) {
	ginkgo.Skip(fmt.Sprintf(format, args...), 1)
}

// LeaveToAttestation ends a spec that can't be carried out here: the operator's word decides, and without it nothing is known.
func LeaveToAttestation(format string, args ...any) {
	ginkgo.Skip(remark(RemarkAttest, format, args...), 1)
}

// LeaveUndecided records that an exchange is neither an acceptance nor a refusal, so that a failure of its spec is an Error.
func LeaveUndecided(exchange *wire.Exchange, because string) {
	if exchange != nil {
		exchange.Expected, exchange.Judged, exchange.Because = wire.Accepted, wire.Undecided, because
	}
}

// Warn reports something that the catalogue calls a warning. It does not end the spec.
func Warn(format string, args ...any) {
	remark(RemarkWarn, format, args...)
}

// Note records something that is worth knowing and changes nothing.
func Note(format string, args ...any) {
	remark(RemarkNote, format, args...)
}

// BeAccepted matches an outcome in which the target did what it was asked.
func BeAccepted() gomega.OmegaMatcher { return &decisionMatcher{expected: wire.Accepted} }

// BeRefused matches an outcome in which the target decided against the request. Silence, a fault and confusion are no refusal.
func BeRefused() gomega.OmegaMatcher { return &decisionMatcher{expected: wire.Refused} }

type decisionMatcher struct {
	expected wire.Decision
	because  string
}

func (m *decisionMatcher) Match(actual any) (bool, error) {
	outcome, ok := actual.(*flow.Outcome)
	if !ok || outcome == nil {
		return false, fmt.Errorf("BeAccepted and BeRefused are about a *flow.Outcome, not a %T", actual)
	}
	decision, because := Decide(outcome)
	judge(outcome, wire.RoleClaim, m.expected, decision, because)
	m.because = because
	if m.expected == wire.Accepted && decision != wire.Accepted && outcome.NotAsked {
		// The target file names the wrong host, or the metadata do: what was refused is not what was meant to be accepted.
		m.because += unseen(outcome)
		remark(RemarkUnknown, "%s", m.because)
	}
	return decision == m.expected, nil
}

func (m *decisionMatcher) FailureMessage(any) string {
	if m.expected == wire.Refused {
		return "expected a refusal; the answer was: " + m.because
	}
	return "expected an acceptance; the answer was: " + m.because
}

func (m *decisionMatcher) NegatedFailureMessage(any) string {
	return "expected anything else; the answer was: " + m.because
}

// BeSentAstray matches an outcome in which the browser was sent to an address that belongs to nobody here. It is used negated; a
// journey that broke off, or that can't be followed to its end, matches as well, and is recorded as undecided or confused.
func BeSentAstray() gomega.OmegaMatcher { return &astrayMatcher{} }

type astrayMatcher struct{ because string }

func (m *astrayMatcher) Match(actual any) (bool, error) {
	outcome, ok := actual.(*flow.Outcome)
	if !ok || outcome == nil || outcome.Trip == nil {
		return false, fmt.Errorf("BeSentAstray is about the outcome of a browser's journey, not about a %T", actual)
	}
	if outcome.Disturbed {
		m.because = disturbed
		judge(outcome, wire.RoleClaim, wire.Refused, wire.Undecided, m.because)
		return true, nil
	}
	switch outcome.Trip.Ending {
	case consent.Busy, consent.Broken, consent.TimedOut:
		m.because = outcome.Trip.Says
		judge(outcome, wire.RoleClaim, wire.Refused, wire.Undecided, m.because)
		return true, nil
	case consent.Arrived:
		if strings.HasPrefix(outcome.Trip.Arrival, flow.ForeignOrigin) {
			m.because = "the browser was sent to the foreign address by " + outcome.Trip.By
			judge(outcome, wire.RoleClaim, wire.Refused, wire.Accepted, m.because)
			return true, nil
		}
	case consent.Left, consent.Confused, consent.Withheld:
		// Nobody has seen where the journey would have led from there.
		m.because = outcome.Trip.Says
		judge(outcome, wire.RoleClaim, wire.Refused, wire.Confused, m.because)
		return true, nil
	case consent.ErrorPage, consent.Stuck:
		if outcome.Trip.Unrun {
			remark(RemarkNote, "the last page has scripts, which this consent driver does not run: only the browser can tell whether they lead elsewhere")
		}
	}
	judge(outcome, wire.RoleClaim, wire.Refused, wire.Refused, "the browser was not sent to the foreign address")
	return false, nil
}

func (m *astrayMatcher) FailureMessage(any) string { return "expected the browser to be sent astray" }

func (m *astrayMatcher) NegatedFailureMessage(any) string {
	return "expected the browser not to be sent to a foreign address; " + m.because
}

func judge(o *flow.Outcome, role wire.Role, expected, decision wire.Decision, because string) {
	if o.Exchange == nil {
		return
	}
	o.Exchange.Role, o.Exchange.Expected, o.Exchange.Judged, o.Exchange.Because = role, expected, decision, because
}

// Broken ends a spec whose requirement the target breaks, where no answer as a whole is accepted or refused: what is in it is wrong.
func Broken(format string, args ...any) {
	ginkgo.Fail(fmt.Sprintf(format, args...), 1)
}

// Excuse says why an answer that looks like an acceptance breaks nothing; empty: it does.
type Excuse func(*flow.Outcome) string

func noExcuse(*flow.Outcome) string { return "" }

// RefusesToRedeem tries each deviation on one code and then redeems that code properly, so that one consent proves them all and
// nothing else can be the reason of a refusal. A try may legally use the code up; then each deviation gets a code of its own,
// beside a sibling code that is redeemed properly.
func RefusesToRedeem(ctx ginkgo.SpecContext, client *flow.Client, deviations ...flow.Deviation) {
	redemption(ctx, client).refuses(noExcuse, deviations)
}

// RefusesToRedeemUnless is RefusesToRedeem, except that an acceptance with an excuse ends the spec with that as a note.
func RefusesToRedeemUnless(ctx ginkgo.SpecContext, client *flow.Client, excuse Excuse, deviations ...flow.Deviation) {
	redemption(ctx, client).refuses(excuse, deviations)
}

// RefusesToRedeemFrom is RefusesToRedeem with codes that are had in a particular way.
func RefusesToRedeemFrom(ctx ginkgo.SpecContext, client *flow.Client, login func() *flow.Outcome, deviations ...flow.Deviation) {
	tries := redemption(ctx, client)
	tries.first, tries.fresh = login, login
	tries.refuses(noExcuse, deviations)
}

// RefusesAtTokenEndpoint tries deviations that concern only how the client authenticates, or its DPoP proof, and returns what they were
// answered. Where the target offers refresh tokens they are tried on the refresh grant, which costs no consent; else on a code.
func RefusesAtTokenEndpoint(ctx ginkgo.SpecContext, client *flow.Client, deviations ...flow.Deviation) []*flow.Outcome {
	if !refreshes(ctx, client) {
		return redemption(ctx, client).refuses(noExcuse, deviations)
	}
	return renewal(ctx, client).refuses(noExcuse, deviations)
}

// RefusesToRefreshUnless tries each deviation with a refresh token, and then uses that token properly. An acceptance with an excuse ends
// the spec with that as a note.
func RefusesToRefreshUnless(ctx ginkgo.SpecContext, client *flow.Client, excuse Excuse, deviations ...flow.Deviation) {
	renewal(ctx, client).refuses(excuse, deviations)
}

// RefusesToRefresh is RefusesToRefreshUnless without excuses.
func RefusesToRefresh(ctx ginkgo.SpecContext, client *flow.Client, deviations ...flow.Deviation) {
	renewal(ctx, client).refuses(noExcuse, deviations)
}

// AtTokenEndpoint makes a request of which a deviation that concerns only how the client authenticates, or its DPoP proof, is the point,
// where RefusesAtTokenEndpoint makes its own, beside a proper one that has to be accepted.
func AtTokenEndpoint(ctx ginkgo.SpecContext, client *flow.Client, deviation flow.Deviation) *flow.Outcome {
	if refreshes(ctx, client) {
		grant := Needs(client.ToRefresh(ctx))
		// Where the refresh token was replaced, the new one is the good one.
		return client.Refresh(ctx, flow.Newest(grant, Needs(client.Refresh(ctx, grant))), deviation)
	}
	Needs(client.Grant(ctx))
	return client.Exchange(ctx, Needs(client.Login(ctx)), deviation)
}

// AcceptsAtTokenEndpoint wants AtTokenEndpoint to be accepted.
func AcceptsAtTokenEndpoint(ctx ginkgo.SpecContext, client *flow.Client, deviation flow.Deviation) {
	gomega.ExpectWithOffset(1, AtTokenEndpoint(ctx, client, deviation)).To(BeAccepted())
}

// refreshes says whether there is a refresh token to try things with.
func refreshes(ctx ginkgo.SpecContext, client *flow.Client) bool {
	return client.Target().Offered(string(requirement.RefreshToken)) && Needs(client.Grant(ctx)).RefreshToken() != ""
}

// trial is how deviations are tried on something of which a proper use proves that it was good: a code, a refresh token.
type trial struct {
	first  func() *flow.Outcome // what to try them on
	fresh  func() *flow.Outcome // another one, that nothing was tried on
	use    func(*flow.Outcome, ...flow.Deviation) *flow.Outcome
	spoilt func(*flow.Outcome) // told where a proper use was refused after the tries
}

func redemption(ctx ginkgo.SpecContext, client *flow.Client) trial {
	login := func() *flow.Outcome { return client.Login(ctx) }
	return trial{
		first: login, fresh: login, spoilt: func(*flow.Outcome) {},
		use: func(landed *flow.Outcome, deviations ...flow.Deviation) *flow.Outcome {
			return client.Exchange(ctx, landed, deviations...)
		},
	}
}

func renewal(ctx ginkgo.SpecContext, client *flow.Client) trial {
	return trial{
		first: func() *flow.Outcome { return client.ToRefresh(ctx) }, fresh: func() *flow.Outcome { return client.Obtain(ctx) }, spoilt: client.Spoil,
		use: func(grant *flow.Outcome, deviations ...flow.Deviation) *flow.Outcome {
			return client.Refresh(ctx, grant, deviations...)
		},
	}
}

// refuses makes the deviations first and the proper use last: had it been the other way round, what is used up by the proper use would be
// refused for that alone.
func (t trial) refuses(excuse Excuse, deviations []flow.Deviation) []*flow.Outcome {
	thing := Needs(t.first())
	var tries []*flow.Outcome
	for _, deviation := range deviations {
		try := t.use(thing, deviation)
		tries = append(tries, try)
		decision, because := Decide(try)
		if decision != wire.Accepted {
			continue
		}
		if words := excuse(try); words != "" {
			Note("%s", words)
			return tries
		}
		judge(try, wire.RoleClaim, wire.Refused, decision, because)
		ginkgo.Fail("expected a refusal; the answer was: "+because, 2)
	}
	proper := t.use(thing)
	if decision, because := Decide(proper); decision == wire.Accepted {
		judge(proper, wire.RoleControl, wire.Accepted, decision, because)
		for _, try := range tries {
			gomega.ExpectWithOffset(2, try).To(BeRefused())
		}
		return tries
	}
	t.spoilt(thing)
	tries = nil
	for _, deviation := range deviations {
		Needs(t.use(Needs(t.fresh())))
		try := t.use(Needs(t.fresh()), deviation)
		tries = append(tries, try)
		if decision, _ := Decide(try); decision == wire.Accepted {
			if words := excuse(try); words != "" {
				Note("%s", words)
				return tries
			}
		}
		gomega.ExpectWithOffset(2, try).To(BeRefused())
	}
	return tries
}

// Age is how old something has to become, where that is only known when it is there, such as a token that says how long it lives.
type Age[T any] struct {
	Of func(T) time.Duration
	// About is what is supposed until it is known: what takes longer is prepared earlier, and judged later.
	About time.Duration
	// Says is what it depends on, in words without punctuation, for who plans a run: "as long as an access token lives and 10 seconds more".
	Says string
	// Most is what act may let it come to with WaitOn; nil: what Of says.
	Most func(T) time.Duration
	// Shorten says what the operator can do about a wait that is too long, beside allowing it; empty: nothing.
	Shorten string
}

// Aged is an experiment on something that has to become old first. What prepare returns is kept until age has passed since; then
// act does what is to be done with it, at that very moment, whatever else is going on; judge says what its outcome means. Because
// act is not part of any spec, it must not judge: no Expect, no Needs.
func Aged[T, A any](age time.Duration, text string, r *requirement.Requirement,
	prepare func(ctx ginkgo.SpecContext) T, act func(ctx context.Context, prepared T) A, judge func(ctx ginkgo.SpecContext, outcome A),
) {
	aged(Age[T]{Of: func(T) time.Duration { return age }, About: age}, text, r, prepare, act, judge)
}

// AgedBy is Aged where the target decides how old something has to become. What would take longer than the target file allows is left to
// attestation.
func AgedBy[T, A any](age Age[T], text string, r *requirement.Requirement,
	prepare func(ctx ginkgo.SpecContext) T, act func(ctx context.Context, prepared T) A, judge func(ctx ginkgo.SpecContext, outcome A),
) {
	aged(age, text, r, prepare, act, judge)
}

// growth is something that becomes old.
type growth struct {
	since time.Time
	due   time.Duration
}

type growthKey struct{}

// TooLong says whether something that becomes old now can't become so old: the target file does not allow so long a wait.
func TooLong(ctx context.Context, age time.Duration) bool {
	return age > wire.PatienceFrom(ctx).Longest
}

// WaitOn is for act: it lets what act is about become older still, until it is of that age. It returns false, at once, where that would take longer
// than the target file allows, and where the wait was interrupted.
func WaitOn(ctx context.Context, age time.Duration) bool {
	grown, patience := ctx.Value(growthKey{}).(*growth), wire.PatienceFrom(ctx)
	if TooLong(ctx, age) {
		return false
	}
	grown.due = age
	until := grown.since.Add(age)
	if patience.Grows != nil {
		patience.Grows(until)
	}
	return patience.Clock.Wait(ctx, until.Sub(patience.Clock.Now())) == nil
}

// repeat ends a spec as its preparation ended.
func repeat(failed types.SpecReport) {
	for _, said := range RemarksOn(failed) {
		switch said.Kind {
		case RemarkAttest:
			LeaveToAttestation("%s", said.Text)
		case RemarkUnknown:
			Unknown("%s", said.Text)
		case RemarkNote, RemarkWarn, RemarkRemedy:
			// They are said again where it is judged, if they are.
		}
	}
	if failed.State.Is(types.SpecStateSkipped) && failed.Failure.Message != "" {
		NotApplicable("%s", failed.Failure.Message)
	}
	// The trace, which holds what was said in the preparation, tells a refusal from a fault.
	Unknown("what this experiment looks at could not be brought about: %s", failed.Failure.Message)
}

// aged registers the two halves: one that runs before everything else, what takes longest first, and one that is judged after it, the
// shorter waits first. A clock that is moved instead of waited for would pass by what a long wait hides from a short one.
func aged[T, A any](age Age[T], text string, r *requirement.Requirement,
	prepare func(ctx ginkgo.SpecContext) T, act func(ctx context.Context, prepared T) A, judge func(ctx ginkgo.SpecContext, outcome A),
) {
	var (
		grown    growth
		most     time.Duration
		ready    bool
		prepared wire.Trace
		acted    wire.Trace
		outcome  A
		finish   func(context.Context) error // waits until act has been done
		failed   types.SpecReport            // of a preparation that did not succeed
	)
	seconds := int(age.About / time.Second)
	waits := ginkgo.Label(LabelWaits, strings.TrimSpace(LabelWaitsFor+age.About.String()+" "+age.Says))
	ginkgo.It(text+", prepared", r, ginkgo.Label(LabelPrepares, LabelWaits), ginkgo.SpecPriority(10+seconds), ginkgo.Offset(2), func(ctx ginkgo.SpecContext) {
		defer func() {
			for _, exchange := range wire.TraceFrom(ctx).Exchanges() {
				prepared.Add(exchange)
			}
		}()
		// What a preparation has to say is said by the experiment that is reported.
		ginkgo.DeferCleanup(func() {
			if !ready {
				failed = ginkgo.CurrentSpecReport()
			}
		})
		thing := prepare(ctx)
		patience := wire.PatienceFrom(ctx)
		grown = growth{since: patience.Clock.Now(), due: age.Of(thing)}
		if most = grown.due; age.Most != nil {
			most = age.Most(thing)
		}
		if ready = true; TooLong(ctx, grown.due) {
			return
		}
		later := context.WithValue(wire.WithTrace(context.WithoutCancel(ctx), &acted), growthKey{}, &grown)
		carryOut := func(ctx context.Context) error {
			remaining := grown.due - patience.Clock.Now().Sub(grown.since)
			if err := patience.Clock.Wait(ctx, remaining); err != nil {
				return err
			}
			outcome = act(later, thing)
			return nil
		}
		if _, moved := patience.Clock.(*wire.MovableClock); moved {
			finish = carryOut
			return
		}
		if patience.Grows != nil {
			patience.Grows(grown.since.Add(grown.due))
		}
		done := make(chan error, 1)
		go func() { done <- carryOut(later) }()
		finish = func(ctx context.Context) error {
			select {
			case err := <-done:
				return err
			case <-ctx.Done():
				return ctx.Err()
			}
		}
	})
	ginkgo.It(text, r, waits, ginkgo.SpecPriority(-10-seconds), ginkgo.Offset(2), func(ctx ginkgo.SpecContext) {
		trace := wire.TraceFrom(ctx)
		for _, exchange := range prepared.Exchanges() {
			trace.Add(exchange)
		}
		if !ready {
			repeat(failed)
		}
		if finish == nil {
			remark(RemarkRemedy, "set waits.longest to %s", most)
			if age.Shorten != "" {
				remark(RemarkRemedy, "%s", age.Shorten)
			}
			LeaveToAttestation("takes %s, and waits.longest is %s", grown.due, wire.PatienceFrom(ctx).Longest)
		}
		ledger := wire.LedgerFrom(ctx)
		// Only what is waited for here costs the run anything: until now it was busy with other things.
		waited := ledger.Begin(wire.InWait, r.ID)
		err := finish(ctx)
		waited()
		if err != nil {
			Unknown("interrupted while waiting")
		}
		if _, moved := wire.PatienceFrom(ctx).Clock.(*wire.MovableClock); !moved {
			ledger.Forced(grown.due)
		}
		for _, exchange := range acted.Exchanges() {
			trace.Add(exchange)
		}
		judge(ctx, outcome)
	})
}

// Wait is how long an experiment has to let something grow old, as its label tells.
type Wait struct {
	About time.Duration // exactly, or what is supposed until the target has said
	Says  string        // what it depends on; empty: on nothing
}

// ParseWait reads a label. ok is false where it is another one.
func ParseWait(label string) (wait Wait, ok bool) {
	rest, ok := strings.CutPrefix(label, LabelWaitsFor)
	if !ok {
		return Wait{}, false
	}
	about, says, _ := strings.Cut(rest, " ")
	d, err := time.ParseDuration(about)
	return Wait{About: d, Says: says}, err == nil
}
