package expect

import (
	"context"
	"strings"
	"time"

	"github.com/onsi/ginkgo/v2"
	"github.com/onsi/ginkgo/v2/types"

	"github.com/fapitest/fapitest/harness/requirement"
	"github.com/fapitest/fapitest/harness/wire"
)

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
// act does what is to be done with it, at that very moment, whatever else is going on; conclude says what its outcome means. Because
// act is not part of any spec, it must not judge: no Expect, no Needs.
func Aged[T, A any](age time.Duration, text string, r *requirement.Requirement,
	prepare func(ctx ginkgo.SpecContext) T, act func(ctx context.Context, prepared T) A, conclude func(ctx ginkgo.SpecContext, outcome A),
) {
	aged(Age[T]{Of: func(T) time.Duration { return age }, About: age}, text, r, prepare, act, conclude)
}

// AgedBy is Aged where the target decides how old something has to become. What would take longer than the target file allows is left to
// attestation.
func AgedBy[T, A any](age Age[T], text string, r *requirement.Requirement,
	prepare func(ctx ginkgo.SpecContext) T, act func(ctx context.Context, prepared T) A, conclude func(ctx ginkgo.SpecContext, outcome A),
) {
	aged(age, text, r, prepare, act, conclude)
}

// WaitsByItself is for an experiment that waits for a moment on its own: it comes before anything is prepared that has to become old, since a clock that is moved instead of
// waited for would make that older than it is meant to be.
const WaitsByItself = ginkgo.SpecPriority(1_000_000)

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
	prepare func(ctx ginkgo.SpecContext) T, act func(ctx context.Context, prepared T) A, conclude func(ctx ginkgo.SpecContext, outcome A),
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
		conclude(ctx, outcome)
	})
}
