package flow

import (
	"errors"
	"strings"
	"testing"

	"github.com/fapitest/fapitest/harness/jose"
	"github.com/fapitest/fapitest/harness/target"
	"github.com/fapitest/fapitest/harness/wire"
)

// Where nothing is pushed, what only a pushed request shows can't be tried; what would leave that as it is as well is our mistake, and stands in the trace.
func TestWhatABrowserDoesNotBring(t *testing.T) {
	key, err := jose.NewKey(jose.ES256)
	if err != nil {
		t.Fatal(err)
	}
	client, err := New(Options{
		Target: &target.Target{Issuer: "https://as.example", Metadata: &target.Metadata{Values: map[string]any{"authorization_endpoint": "https://as.example/authorize"}}},
		Shape:  Shape{ByValue: true}, Clock: wire.SystemClock{}, Redactor: &wire.Redactor{},
		Self: &target.Client{ID: "one", Auth: target.PrivateKeyJWT, Binding: target.DPoP, Key: key, Redirects: []string{"https://client.example/cb"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		deviations []Deviation
		fault      bool
	}{
		{[]Deviation{Without(ClientAuthentication)}, false},
		{[]Deviation{With(AssertionClaim("aud"), "x")}, false},
		{[]Deviation{With(State, "x"), Without(ClientAuthentication)}, false},
		{[]Deviation{With(AssertionClaim("sub"), "one")}, true},
		{[]Deviation{Without(Proof)}, true},
		{[]Deviation{With(State, "x"), Without(Parameter("x"))}, true},
		{[]Deviation{Without(ClientAuthentication), Without(Proof)}, false}, // the first decides
	} {
		trace := &wire.Trace{}
		o := client.Push(wire.WithTrace(t.Context(), trace), test.deviations...)
		var unchanged *NoChangeError
		var unpushed *NotPushedError
		if errors.As(o.Err, &unchanged) != test.fault || errors.As(o.Err, &unpushed) == test.fault {
			t.Errorf("%v: %v", test.deviations, o.Err)
		}
		if said := trace.Exchanges(); test.fault && (len(said) != 1 || !strings.Contains(said[0].Failure, "internal error")) {
			t.Errorf("%v: the trace has %d exchanges", test.deviations, len(said))
		}
	}
	if o := client.Push(t.Context(), With(State, "x")); o.Err != nil || !o.Kept() {
		t.Errorf("%v", o.Err)
	}
}
