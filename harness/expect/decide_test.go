package expect_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"testing"

	"github.com/fapitest/fapitest/harness/consent"
	. "github.com/fapitest/fapitest/harness/expect"
	"github.com/fapitest/fapitest/harness/flow"
	"github.com/fapitest/fapitest/harness/wire"
)

// TestDecide is the table of what counts as a decision. A row that moves from undecided to refused can turn silence into a pass.
func TestDecide(t *testing.T) {
	answer := func(step flow.Step, status int, body string) *flow.Outcome {
		return &flow.Outcome{Step: step, Status: status, Body: []byte(body), Header: http.Header{}, Exchange: &wire.Exchange{}}
	}
	challenge := answer(flow.StepCall, 401, "")
	challenge.Header.Set("WWW-Authenticate", `DPoP error="use_dpop_nonce"`)
	failed := func(err error) *flow.Outcome {
		return &flow.Outcome{Step: flow.StepExchange, Err: err, Exchange: &wire.Exchange{Failure: err.Error()}}
	}
	for name, test := range map[string]struct {
		outcome *flow.Outcome
		want    wire.Decision
	}{
		"a request_uri":                       {answer(flow.StepPush, 201, `{"request_uri":"urn:x"}`), wire.Accepted},
		"a request_uri with 200":              {answer(flow.StepPush, 200, `{"request_uri":"urn:x"}`), wire.Accepted},
		"201 without request_uri":             {answer(flow.StepPush, 201, `{}`), wire.Undecided},
		"200 with an error in it":             {answer(flow.StepPush, 200, `{"error":"invalid_request"}`), wire.Undecided},
		"an OAuth error":                      {answer(flow.StepPush, 400, `{"error":"invalid_request"}`), wire.Refused},
		"401 without body":                    {answer(flow.StepPush, 401, ``), wire.Refused},
		"403 with a page":                     {answer(flow.StepPush, 403, `<html>`), wire.Refused},
		"a gateway's 400":                     {answer(flow.StepPush, 400, `<html>`), wire.Undecided},
		"404":                                 {answer(flow.StepPush, 404, `<html>`), wire.Undecided},
		"405":                                 {answer(flow.StepPush, 405, `{"error":"invalid_request"}`), wire.Confused},
		"415":                                 {answer(flow.StepPush, 415, ``), wire.Confused},
		"429":                                 {answer(flow.StepPush, 429, `{"error":"slow_down"}`), wire.Undecided},
		"500":                                 {answer(flow.StepPush, 500, `{"error":"invalid_request"}`), wire.Undecided},
		"503":                                 {answer(flow.StepPush, 503, ``), wire.Undecided},
		"400 server_error":                    {answer(flow.StepPush, 400, `{"error":"server_error"}`), wire.Undecided},
		"302":                                 {answer(flow.StepPush, 302, ``), wire.Undecided},
		"a token":                             {answer(flow.StepExchange, 200, `{"access_token":"t"}`), wire.Accepted},
		"200 without token":                   {answer(flow.StepExchange, 200, `{"token_type":"DPoP"}`), wire.Undecided},
		"a nonce wanted again":                {answer(flow.StepExchange, 400, `{"error":"use_dpop_nonce"}`), wire.Undecided},
		"a nonce wanted of a complete proof":  {challenge, wire.Undecided},
		"data":                                {answer(flow.StepCall, 200, `[]`), wire.Accepted},
		"no content":                          {answer(flow.StepCall, 204, ``), wire.Accepted},
		"400 at the resource":                 {answer(flow.StepCall, 400, ``), wire.Refused},
		"404 at the resource":                 {answer(flow.StepCall, 404, ``), wire.Undecided},
		"414 without a long URL":              {answer(flow.StepCall, 414, ``), wire.Undecided},
		"an error member at the resource":     {answer(flow.StepCall, 409, `{"error":"invalid_token"}`), wire.Undecided},
		"an inactive token":                   {answer(flow.StepIntrospect, 200, `{"active":false}`), wire.Accepted},
		"introspection that says nothing":     {answer(flow.StepIntrospect, 200, `{}`), wire.Undecided},
		"revoked":                             {answer(flow.StepRevoke, 200, ``), wire.Accepted},
		"a timeout":                           {failed(context.DeadlineExceeded), wire.Undecided},
		"an interruption":                     {failed(context.Canceled), wire.Undecided},
		"no connection":                       {failed(&net.OpError{Op: "dial", Err: errors.New("connection reset by peer")}), wire.Undecided},
		"a reset, no certificate being asked": {failed(&net.OpError{Op: "read", Err: errors.New("connection reset by peer")}), wire.Undecided},
		"the end of the stream":               {failed(io.ErrUnexpectedEOF), wire.Undecided},
	} {
		if got, because := Decide(test.outcome); got != test.want {
			t.Errorf("%s: %s (%s), want %s", name, got, because, test.want)
		} else if because == "" {
			t.Errorf("%s: no reason", name)
		}
	}
}

func TestDecideJourneys(t *testing.T) {
	for name, test := range map[string]struct {
		trip consent.Trip
		want wire.Decision
	}{
		"an error page": {consent.Trip{Ending: consent.ErrorPage, Status: 400}, wire.Refused},
		"stuck":         {consent.Trip{Ending: consent.Stuck, Status: 200, Says: "no selector"}, wire.Confused},
		"left":          {consent.Trip{Ending: consent.Left}, wire.Confused},
		"busy":          {consent.Trip{Ending: consent.Busy}, wire.Undecided},
		"broken":        {consent.Trip{Ending: consent.Broken}, wire.Undecided},
		"timed out":     {consent.Trip{Ending: consent.TimedOut}, wire.Undecided},
		"nothing":       {consent.Trip{Ending: consent.Arrived}, wire.Undecided},
		"unheard of":    {consent.Trip{Ending: "?"}, wire.Undecided},
	} {
		if got, _ := Decide(&flow.Outcome{Step: flow.StepAuthorize, Trip: &test.trip}); got != test.want {
			t.Errorf("%s: %s, want %s", name, got, test.want)
		}
	}
}
