package expect

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"

	"github.com/fapitest/fapitest/harness/consent"
	"github.com/fapitest/fapitest/harness/flow"
	"github.com/fapitest/fapitest/harness/wire"
)

// Accepts says whether the target accepted the request. What it decided otherwise, or did not decide, is no acceptance.
func Accepts(o *flow.Outcome) bool {
	skipUnpushed(o)
	decision, _ := Decide(o)
	return decision == wire.Accepted
}

// Decide reads from an answer what the target decided about the request, and says what it read that from. It is narrow on purpose:
// an answer that is no decision about this request (no answer, busy, broken, confused about the shape of the request) is never
// taken for one. What certified servers answer, and so what has to be understood here, stands in tolerances.md.
func Decide(o *flow.Outcome) (wire.Decision, string) {
	var fault *flow.NoChangeError
	if errors.As(o.Err, &fault) {
		return wire.Undecided, fault.Error()
	}
	var unpushed *flow.NotPushedError
	if errors.As(o.Err, &unpushed) {
		return wire.Undecided, unpushed.Error()
	}
	var unprepared *flow.UnpreparedError
	if errors.As(o.Err, &unprepared) {
		return wire.Undecided, unprepared.Error()
	}
	var withheld *flow.WithheldError
	if errors.As(o.Err, &withheld) {
		return wire.Confused, withheld.Says
	}
	if o.Kept() {
		return wire.Accepted, "not sent yet: the browser brings it"
	}
	if o.Disturbed {
		return wire.Undecided, disturbed
	}
	if o.Trip != nil {
		return decideTrip(o)
	}
	if o.Err != nil {
		return decideFailure(o)
	}
	status := o.Status
	switch {
	case o.Exchange != nil && o.Exchange.Asked > 0:
		return wire.Undecided, fmt.Sprintf("%d: the target %s", status, wire.LeftAloneWords(o.Exchange.Asked, o.Exchange.Started))
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

const disturbed = "another journey of the same test user went on meanwhile, and may have ended this one"

// decideSuccess: a 2xx counts by what its step has to hand out. Without that it is neither an acceptance nor a refusal.
func decideSuccess(o *flow.Outcome) (wire.Decision, string) {
	if o.Excess != "" && !o.Step.TakesToken() {
		return wire.Undecided, fmt.Sprintf("%d with %s, which is not read", o.Status, o.Excess)
	}
	ok, words := o.Succeeded()
	if !ok {
		return wire.Undecided, words
	}
	return wire.Accepted, words
}

// decideRefusal: a 4xx counts as a refusal where it says so in OAuth's words, or in HTTP's own for credentials. A page of somebody who
// stands before the server does not, except that certificates are his business too.
func decideRefusal(o *flow.Outcome) (wire.Decision, string) {
	code := o.ErrorCode()
	challenge := strings.Join(o.Challenges(), ", ")
	words := fmt.Sprint(o.Status)
	if code != "" {
		words += " " + wire.Printable(shorten(code))
	}
	if why := forNow(code); why != "" {
		return wire.Undecided, words + ": " + why
	}
	if code == "use_dpop_nonce" || strings.Contains(challenge, "use_dpop_nonce") {
		if o.AboutProof() {
			return wire.Refused, fmt.Sprintf("%d use_dpop_nonce", o.Status)
		}
		return wire.Undecided, fmt.Sprintf("%d: asks for a DPoP nonce again, although the proof has the one that it gave", o.Status)
	}
	resource := o.Step.TakesToken()
	switch o.Status {
	case http.StatusBadRequest, http.StatusUnauthorized, http.StatusForbidden:
	default:
		if o.Unrouted {
			return wire.Refused, words + ", as everything gets that is sent to this URL: nobody is served there"
		}
		if resource && o.Status == http.StatusNotFound && o.Served() {
			return wire.Refused, words + " at a URL that serves the proper request: the server hides what it does not show (RFC 9110 section 15.5.5)"
		}
		if !resource && registered(code) {
			return wire.Refused, words
		}
		return wire.Undecided, words + ": no decision about this request that is put into a registered error of OAuth's"
	}
	silent := len(bytes.TrimSpace(o.Body)) == 0
	switch {
	case challenge != "", oauthsWord(code):
		return wire.Refused, words
	// The status 401 is itself a word about credentials, where nothing else is said. A resource is no OAuth endpoint: it may refuse in words of
	// its own, or in none; an OAuth endpoint that says {"message": …} is hidden by somebody who stands before it.
	case o.Status == http.StatusUnauthorized && (resource || silent), resource && (silent || o.Members() != nil):
		return wire.Refused, words
	case o.AboutTwice() && o.Status == http.StatusBadRequest:
		return wire.Refused, words + " to a request that has a header field twice, which is malformed for that"
	case o.AboutCertificate() && o.LetThrough() && o.Certified():
		return wire.Refused, words + " from a gateway, which lets the same request through with the client's own certificate"
	case o.AboutCertificate():
		return wire.Undecided, words + " from a gateway, which was not seen to let a proper request through"
	}
	return wire.Undecided, words + " without an OAuth error or a challenge: a gateway may have answered that never showed the request to the server"
}

// oauthsWord says whether an error code reads as OAuth's do: a registered one, or words in lower case joined by underscores, as servers
// coin their own ("bad_code_challenge"). The reason phrases of HTTP ("Not Found", "bad_request") are what anybody's framework says of
// anything, and what stands before a server speaks of traffic, and not of what is asked ("request_blocked").
func oauthsWord(code string) bool {
	if registered(code) {
		return true
	}
	parts := strings.Split(code, "_")
	for _, part := range parts {
		if part == "" || strings.Trim(part, "abcdefghijklmnopqrstuvwxyz0123456789") != "" || slices.Contains(aboutTraffic, part) {
			return false
		}
	}
	for status := 400; status < 500; status++ {
		if phrase := http.StatusText(status); phrase != "" && strings.EqualFold(strings.ReplaceAll(phrase, " ", "_"), code) {
			return false
		}
	}
	return len(parts) > 1
}

// aboutTraffic are words of which gateways and firewalls make their error codes.
var aboutTraffic = []string{
	"attack", "automated", "blocked", "blacklisted", "bot", "captcha", "challenged", "denied", "filtered", "firewall", "forbidden", "gateway", "ip", "limit", "limited",
	"malicious", "policy", "quota", "rate", "rejected", "suspicious", "threat", "throttled", "upstream", "waf",
}

// registered says whether a code stands in IANA's registry of OAuth extension errors, or in RFC 6749, as an answer to what is asked here.
func registered(code string) bool {
	switch code {
	case "invalid_request", "invalid_client", "invalid_grant", "unauthorized_client", "unsupported_grant_type", "invalid_scope", // RFC 6749
		"access_denied", "unsupported_response_type",
		"invalid_token", "insufficient_scope", // RFC 6750
		"unsupported_token_type", "invalid_target", "invalid_authorization_details", // RFC 7009, 8707, 9396
		"invalid_dpop_proof", "use_dpop_nonce", "insufficient_user_authentication", // RFC 9449, 9470
		"interaction_required", "login_required", "account_selection_required", "consent_required", // OpenID Connect Core 3.1.2.6
		"invalid_request_uri", "invalid_request_object", "request_not_supported", "request_uri_not_supported", "registration_not_supported",
		"unmet_authentication_requirements", "invalid_redirect_uri", "expired_token":
		return true
	}
	return false
}

// forNow says of a code that is no decision about the request, only about this moment, what it means; empty for every other. That a server wants to
// be asked later is what it should say where it is polled (RFC 8628 section 3.5, CIBA section 11), and no fault of it.
func forNow(code string) string {
	switch code {
	case "server_error":
		return "the target is broken, as it says"
	case "temporarily_unavailable":
		return "the target is busy"
	case "slow_down":
		return "the target wants to be asked less often, and has not decided yet"
	case "authorization_pending":
		return "the end user has not decided yet"
	}
	return ""
}

func decideFailure(o *flow.Outcome) (wire.Decision, string) {
	var timeout net.Error
	var unsent *wire.NotSent
	var late *wire.NoAnswer
	switch {
	case errors.As(o.Err, &unsent) && !unsent.Mute:
		return wire.Confused, unsent.Says
	case errors.As(o.Err, &unsent):
		return wire.Undecided, unsent.Says
	case errors.As(o.Err, &late):
		return wire.Undecided, late.Error()
	}
	if errors.Is(o.Err, context.DeadlineExceeded) || errors.As(o.Err, &timeout) && timeout.Timeout() {
		return wire.Undecided, "no answer in time"
	}
	if errors.Is(o.Err, context.Canceled) {
		return wire.Undecided, "interrupted"
	}
	if o.Status != 0 {
		return wire.Undecided, fmt.Sprintf("the answer with status %d broke off: %s", o.Status, o.Exchange.Failure)
	}
	if o.AboutCertificate() && flow.EndedByTarget(o.Err) {
		switch {
		case flow.Alert(o.Err):
			return wire.Refused, "the TLS connection was refused with an alert"
		case !o.LetThrough():
			return wire.Undecided, "the connection was closed, at a host that was not seen to answer a proper request"
		case !o.Secured:
			return wire.Refused, "the connection was closed in the TLS handshake"
		case o.Unasked:
			return wire.Refused, "the connection is closed after the TLS handshake, even where nothing is asked over it"
		}
		return wire.Undecided, "the connection was closed when the request had been sent, and not before: that may be a fault as well as a refusal"
	}
	return wire.Undecided, "no answer: " + o.Exchange.Failure
}

func decideTrip(o *flow.Outcome) (wire.Decision, string) {
	trip := o.Trip
	switch trip.Ending {
	case consent.Arrived:
		for _, granted := range []string{"code", "access_token", "id_token"} {
			if o.Params().Get(granted) != "" {
				return wire.Accepted, "sent back with " + granted
			}
		}
		code := o.Params().Get("error")
		switch {
		case code == "" && o.Params().Get("response") != "":
			return wire.Undecided, "sent back with a response in a JWT that can't be read"
		case code == "":
			return wire.Undecided, "sent back with neither a code nor an error"
		case forNow(code) != "":
			return wire.Undecided, "sent back with " + code + ": " + forNow(code)
		}
		return wire.Refused, "sent back with " + wire.Printable(shorten(code))
	case consent.ErrorPage:
		return wire.Refused, fmt.Sprintf("error page with status %d", trip.Status)
	case consent.Stuck, consent.Left, consent.Confused, consent.Withheld:
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
