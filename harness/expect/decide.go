package expect

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"

	"github.com/fapitest/fapitest/harness/consent"
	"github.com/fapitest/fapitest/harness/flow"
	"github.com/fapitest/fapitest/harness/wire"
)

// Decide reads from an answer what the target decided about the request, and says what it read that from. It is narrow on purpose:
// an answer that is no decision about this request (no answer, busy, broken, confused about the shape of the request) is never
// taken for one. What certified servers answer, and so what has to be understood here, stands in tolerances.md.
func Decide(o *flow.Outcome) (wire.Decision, string) {
	var fault *flow.NoChangeError
	if errors.As(o.Err, &fault) {
		return wire.Undecided, fault.Error()
	}
	if o.Trip != nil {
		return decideTrip(o)
	}
	if o.Err != nil {
		return decideFailure(o)
	}
	status := o.Status
	switch {
	case status == http.StatusTooManyRequests:
		return wire.Undecided, "429: the target is busy"
	case status >= 500:
		return wire.Undecided, fmt.Sprintf("%d: the target is broken", status)
	case wire.AboutShape(status):
		if o.AboutMethod() {
			return wire.Refused, fmt.Sprint(status)
		}
		return wire.Confused, fmt.Sprintf("%d speaks about the shape of the request, not about its merit", status)
	case wire.AboutArrival(status):
		if o.AboutLength() && wire.AboutLength(status) {
			return wire.Refused, fmt.Sprint(status)
		}
		return wire.Undecided, fmt.Sprintf("%d speaks about how the request got there, not about its merit", status)
	case status >= 200 && status < 300:
		return decideSuccess(o)
	case status < 400:
		return wire.Undecided, fmt.Sprintf("%d: neither an acceptance nor a refusal", status)
	}
	return decideRefusal(o)
}

// decideSuccess: a 2xx counts by what it hands out.
func decideSuccess(o *flow.Outcome) (wire.Decision, string) {
	wanted := ""
	switch o.Step {
	case flow.StepPush:
		wanted = "request_uri"
	case flow.StepExchange, flow.StepRefresh, flow.StepPassword:
		wanted = "access_token"
	case flow.StepIntrospect:
		if _, ok := o.Members()["active"].(bool); ok {
			return wire.Accepted, fmt.Sprintf("%d", o.Status)
		}
		return wire.Undecided, fmt.Sprintf("%d without the member active", o.Status)
	case flow.StepCall, flow.StepRevoke, flow.StepAuthorize, flow.StepLogout:
		return wire.Accepted, fmt.Sprint(o.Status)
	}
	if o.Text(wanted) != "" {
		return wire.Accepted, fmt.Sprintf("%d with %s", o.Status, wanted)
	}
	return wire.Undecided, fmt.Sprintf("%d without %s", o.Status, wanted)
}

// decideRefusal: a 4xx counts as a refusal where it says so in OAuth's words, or is 401 or 403.
func decideRefusal(o *flow.Outcome) (wire.Decision, string) {
	code := o.ErrorCode()
	challenge := strings.Join(o.Challenges(), ", ")
	words := fmt.Sprint(o.Status)
	if code != "" {
		words += " " + wire.Printable(shorten(code))
	}
	if temporary(code) {
		return wire.Undecided, words + ": the target is broken or busy"
	}
	if code == "use_dpop_nonce" || strings.Contains(challenge, "use_dpop_nonce") {
		if o.AboutProof() {
			return wire.Refused, fmt.Sprintf("%d use_dpop_nonce", o.Status)
		}
		return wire.Undecided, fmt.Sprintf("%d: asks for a DPoP nonce again, although the proof has the one that it gave", o.Status)
	}
	switch {
	case o.Step == flow.StepCall:
		switch o.Status {
		case http.StatusBadRequest, http.StatusUnauthorized, http.StatusForbidden:
			return wire.Refused, words
		}
		return wire.Undecided, words + ": no decision about the token"
	case code != "", o.Status == http.StatusUnauthorized, o.Status == http.StatusForbidden:
		return wire.Refused, words
	case (o.AboutCertificate() || o.AboutProof()) && o.Status == http.StatusBadRequest:
		// Whoever terminates TLS before the server may answer with a page of its own.
		return wire.Refused, words + " from a gateway"
	}
	return wire.Undecided, words + " without an OAuth error: not known to be a decision about this request"
}

func temporary(code string) bool {
	return code == "server_error" || code == "temporarily_unavailable" || code == "slow_down"
}

func decideFailure(o *flow.Outcome) (wire.Decision, string) {
	var timeout net.Error
	if errors.Is(o.Err, context.DeadlineExceeded) || errors.As(o.Err, &timeout) && timeout.Timeout() {
		return wire.Undecided, "no answer in time"
	}
	if errors.Is(o.Err, context.Canceled) {
		return wire.Undecided, "interrupted"
	}
	if o.Status != 0 {
		return wire.Undecided, fmt.Sprintf("the answer with status %d broke off: %s", o.Status, o.Exchange.Failure)
	}
	if o.AboutCertificate() && closedByTarget(o.Err) {
		return wire.Refused, "the TLS connection was refused"
	}
	return wire.Undecided, "no answer: " + o.Exchange.Failure
}

// closedByTarget says whether the other side ended the connection: an alert, a reset, a close. A connection that could not be made
// at all says nothing.
func closedByTarget(err error) bool {
	var dial *net.OpError
	if errors.As(err, &dial) && dial.Op == "dial" {
		return false
	}
	text := err.Error()
	for _, sign := range []string{"remote error: tls", "connection reset", "EOF", "broken pipe", "server closed"} {
		if strings.Contains(text, sign) {
			return true
		}
	}
	return false
}

func decideTrip(o *flow.Outcome) (wire.Decision, string) {
	trip := o.Trip
	switch trip.Ending {
	case consent.Arrived:
		for _, granted := range []string{"code", "access_token", "id_token", "response"} {
			if o.Params().Get(granted) != "" {
				return wire.Accepted, "sent back with " + granted
			}
		}
		code := o.Params().Get("error")
		switch {
		case code == "":
			return wire.Undecided, "sent back with neither a code nor an error"
		case temporary(code):
			return wire.Undecided, "sent back with " + code
		}
		return wire.Refused, "sent back with " + wire.Printable(shorten(code))
	case consent.ErrorPage:
		return wire.Refused, fmt.Sprintf("error page with status %d", trip.Status)
	case consent.Stuck, consent.Left, consent.Confused:
		return wire.Confused, trip.Says
	case consent.Busy, consent.Broken, consent.TimedOut:
		return wire.Undecided, trip.Says
	}
	return wire.Undecided, "the browser's journey ended in an unknown way"
}

func shorten(text string) string {
	if len(text) > 60 {
		return text[:60] + "…"
	}
	return text
}
