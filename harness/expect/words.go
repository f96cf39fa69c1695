// Package expect holds the words that specs are written in, beside Ginkgo's and Gomega's own. Each of them leaves in the
// experiment's trace what it judged and how, so that a verdict is never read from the text of a message.
package expect

import (
	"context"
	"errors"
	"fmt"

	"github.com/onsi/ginkgo/v2"

	"github.com/fapitest/fapitest/harness/flow"
	"github.com/fapitest/fapitest/harness/wire"
)

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
	skipUnpushed(o)
	decision, because := Decide(o)
	enter(o, wire.RoleControl, wire.Accepted, decision, because)
	if decision != wire.Accepted {
		ginkgo.Fail(fmt.Sprintf("the %s that this experiment builds on was not accepted: %s%s", o.Step, because, unseen(o)), 1)
	}
	return o
}

// skipUnpushed ends a spec that is about what a client shows where it pushes its requests, at a target where it does not.
func skipUnpushed(o *flow.Outcome) {
	var unpushed *flow.NotPushedError
	if errors.As(o.Err, &unpushed) {
		NotApplicable("%s", unpushed)
	}
}

// unseen says, where it is so, that the server can't have seen the certificate without which the client is nobody.
func unseen(o *flow.Outcome) string {
	if !o.NotAsked {
		return ""
	}
	if o.Step == flow.StepCall || o.Step == flow.StepCallSigned {
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

// Broken ends a spec whose requirement the target breaks, where no answer as a whole is accepted or refused: what is in it is wrong.
func Broken(format string, args ...any) {
	ginkgo.Fail(fmt.Sprintf(format, args...), 1)
}
