package flow

import (
	"context"
	"crypto/tls"
	"net/http"
	"testing"

	"github.com/fapitest/fapitest/harness/jose"
	"github.com/fapitest/fapitest/harness/target"
	"github.com/fapitest/fapitest/harness/wire"
)

// shelf is an empty one that counts what is put there.
type shelf map[string]int

func (s shelf) Take(context.Context, string) ([]byte, bool, error) { return nil, false, nil }
func (s shelf) Put(name string, content []byte) {
	if content == nil {
		s[name]++
	}
}

// Whoever has promised something to the shelf says so when it can't be had, even where a fault of ours is the reason: others wait.
func TestNobodyWaitsForEver(t *testing.T) {
	key, err := jose.NewKey(jose.ES256)
	if err != nil {
		t.Fatal(err)
	}
	promised := shelf{}
	c, err := New(Options{
		Target: &target.Target{Issuer: "https://localhost:1", Metadata: &target.Metadata{Values: map[string]any{"pushed_authorization_request_endpoint": "https://localhost:1/par"}}},
		Self:   &target.Client{ID: "one", Auth: target.PrivateKeyJWT, Binding: target.DPoP, Key: key, Redirects: []string{"https://client.example/cb"}},
		Clock:  wire.SystemClock{}, Redactor: &wire.Redactor{}, Shelf: promised, HTTP: func(*tls.Certificate) *http.Client { panic("a fault of ours") },
	})
	if err != nil {
		t.Fatal(err)
	}
	for name, use := range map[string]func(context.Context) *Outcome{"one lives": c.Grant, c.flowName(manner{}, 1): c.Grant, "one refreshes": c.ToRefresh} {
		// What is asked first has an answer already where something else is the point.
		c.alone.known = name != "one lives"
		func() {
			defer func() { _ = recover() }() // as Ginkgo does
			use(context.Background())
			t.Errorf("%s: no panic", name)
		}()
		if promised[name] != 1 {
			t.Errorf("%s was promised and never taken back: %v", name, promised)
		}
	}
}

// Who has tokens to himself has them until the experiment is over, where a newer token ends the older one, and nobody has to elsewhere.
func TestTokensToOneself(t *testing.T) {
	for _, newest := range []bool{false, true} {
		promised := shelf{}
		c := &Client{&role{self: &target.Client{ID: "one"}, shelf: promised}}
		c.alone.known, c.alone.newest = true, newest
		for range 2 {
			c.keepToOneself(t.Context())
			c.keepToOneself(t.Context())
			c.LeaveToOthers()
			c.LeaveToOthers()
		}
		want := 0
		if newest {
			want = 2
		}
		if got := promised["one alone"]; got != want {
			t.Errorf("newest only %v: given back %d times and not %d", newest, got, want)
		}
	}
}

// What is not pushed has said nothing yet when another worker gets it.
func TestKeptRequestsAreShared(t *testing.T) {
	c, err := New(Options{
		Target: &target.Target{Issuer: "https://localhost:1", Metadata: &target.Metadata{}}, Self: &target.Client{ID: "one", Binding: target.MTLS, Redirects: []string{"https://client.example/cb"}},
		Clock: wire.SystemClock{}, Redactor: &wire.Redactor{}, HTTP: func(*tls.Certificate) *http.Client { return nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	at := &attempt{state: "s", redirectURI: "https://client.example/cb"}
	said := func(step Step) *Outcome {
		return &Outcome{Step: step, Exchange: &wire.Exchange{Step: string(step)}, attempt: at}
	}
	shelved := shared{pushed: &Outcome{Step: StepPush, attempt: at}, landed: said(StepAuthorize), tokens: said(StepExchange)}
	taken, err := c.decodeShared(shelved.encode())
	if err != nil || taken.pushed.Exchange != nil || taken.landed.Exchange == nil || taken.landed.State() != "s" {
		t.Errorf("%+v, %v", taken, err)
	}
}
