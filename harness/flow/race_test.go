package flow

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/fapitest/fapitest/harness/jose"
	"github.com/fapitest/fapitest/harness/target"
	"github.com/fapitest/fapitest/harness/wire"
)

// finish is a token endpoint that watches a race: no request is answered before all have come, or five seconds have passed.
type finish struct {
	racers int
	refuse int // so many of the first are sent back for a nonce

	mu         sync.Mutex
	opened     int // connections
	beforehand int // connections that were open when the first request came
	arrived    int
	together   int             // the most requests at the same moment
	inside     int             // requests that are being answered
	said       map[string]bool // assertions and proofs
	from       map[string]bool // addresses
	all        chan struct{}
}

func (f *finish) connected(_ net.Conn, state http.ConnState) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if state == http.StateNew {
		f.opened++
	}
}

func (f *finish) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	if f.arrived == 0 {
		f.beforehand = f.opened
	}
	f.arrived++
	f.inside++
	f.together = max(f.together, f.inside)
	f.said[r.PostFormValue("client_assertion")], f.said[r.Header.Get("DPoP")], f.from[r.RemoteAddr] = true, true, true
	if f.arrived == f.racers {
		close(f.all)
	}
	late, wants := f.arrived > f.racers, f.refuse > 0
	f.refuse--
	f.mu.Unlock()
	select {
	case <-f.all:
	case <-time.After(5 * time.Second):
	}
	f.mu.Lock()
	f.inside--
	f.mu.Unlock()
	w.Header().Set("Content-Type", "application/json")
	switch {
	case wants:
		w.Header().Set("DPoP-Nonce", "another")
		w.WriteHeader(http.StatusBadRequest)
		_, _ = fmt.Fprint(w, `{"error":"use_dpop_nonce"}`)
	case late && jose.Claims(r.Header.Get("DPoP"))["nonce"] != "another":
		w.WriteHeader(http.StatusInternalServerError)
	default:
		_, _ = fmt.Fprint(w, `{"access_token":"t"}`)
	}
}

// dialling is a client of the server whose connections are opened as those to a target are.
func dialling(server *httptest.Server) *http.Client {
	trust := server.Client().Transport.(*http.Transport).TLSClientConfig
	return &http.Client{Transport: &http.Transport{DialTLSContext: func(ctx context.Context, _, address string) (net.Conn, error) {
		return wire.DialTLS(ctx, (&net.Dialer{}).DialContext, address, trust, nil)
	}}}
}

// race runs a race of ten to a token endpoint.
func race(t *testing.T, f *finish) []*Outcome {
	t.Helper()
	f.racers, f.said, f.from, f.all = 10, map[string]bool{}, map[string]bool{}, make(chan struct{})
	server := httptest.NewUnstartedServer(f)
	server.Config.ConnState = f.connected
	server.StartTLS()
	t.Cleanup(server.Close)
	key, err := jose.NewKey(jose.ES256)
	if err != nil {
		t.Fatal(err)
	}
	client, err := New(Options{
		Target: &target.Target{Issuer: server.URL, Metadata: &target.Metadata{Values: map[string]any{"token_endpoint": server.URL + "/token"}}},
		Self:   &target.Client{ID: "one", Auth: target.PrivateKeyJWT, Binding: target.DPoP, Key: key, Redirects: []string{"https://client.example/cb"}},
		Clock:  wire.SystemClock{}, Redactor: &wire.Redactor{}, HTTP: func(*tls.Certificate) *http.Client { return dialling(server) },
	})
	if err != nil {
		t.Fatal(err)
	}
	landed := &Outcome{Step: StepAuthorize, attempt: client.newAttempt(), params: url.Values{"code": {"c"}}}
	return client.Race(context.Background(), landed, f.racers)
}

// All is made ready before the start: ten connections are open, ten requests signed, and all ten are on their way together.
func TestRace(t *testing.T) {
	f := &finish{}
	for i, outcome := range race(t, f) {
		if outcome == nil || outcome.AccessToken() == "" || outcome.Exchange.ID == "" {
			t.Errorf("racer %d: %+v", i, outcome)
		}
	}
	if f.beforehand != 10 || f.opened != 10 || f.together != 10 || f.arrived != 10 || len(f.from) != 10 {
		t.Errorf("%d connections before the first of %d requests, %d in all, from %d addresses; at most %d requests at the same moment", f.beforehand, f.arrived, f.opened, len(f.from), f.together)
	}
	if len(f.said) != 20 {
		t.Errorf("%d different assertions and proofs", len(f.said))
	}
}

// Who is sent back for another nonce runs again, with that nonce; the others do not.
func TestRaceWithNonces(t *testing.T) {
	f := &finish{refuse: 3}
	for i, outcome := range race(t, f) {
		if outcome.AccessToken() == "" {
			t.Errorf("racer %d: %d %s", i, outcome.Status, outcome.Body)
		}
	}
	if f.arrived != 13 {
		t.Errorf("%d requests", f.arrived)
	}
}

// once is a token endpoint whose nonces are good for one request. Nobody who asks for the code "c" has to come twice.
type once struct {
	mu      sync.Mutex
	issued  int
	good    map[string]bool
	refused int // requests for the code, because of their nonce
	took    int
}

func (o *once) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	nonce, _ := jose.Claims(r.Header.Get("DPoP"))["nonce"].(string)
	o.mu.Lock()
	defer o.mu.Unlock()
	fine := o.good[nonce]
	delete(o.good, nonce)
	o.issued++
	next := fmt.Sprint("nonce ", o.issued)
	o.good[next] = true
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("DPoP-Nonce", next)
	if fine && r.PostFormValue("code") == "c" {
		o.took++
		_, _ = fmt.Fprint(w, `{"access_token":"t"}`)
		return
	}
	if r.PostFormValue("code") == "c" {
		o.refused++
	}
	w.WriteHeader(http.StatusBadRequest)
	_, _ = fmt.Fprint(w, `{"error":"use_dpop_nonce"}`)
}

// At a target that hands out nonces every racer starts with one of its own.
func TestRaceWithNoncesThatAreGoodOnce(t *testing.T) {
	o := &once{good: map[string]bool{"known": true}}
	server := httptest.NewTLSServer(o)
	t.Cleanup(server.Close)
	key, err := jose.NewKey(jose.ES256)
	if err != nil {
		t.Fatal(err)
	}
	client, err := New(Options{
		Target: &target.Target{Issuer: server.URL, Metadata: &target.Metadata{Values: map[string]any{"token_endpoint": server.URL + "/token"}}},
		Self:   &target.Client{ID: "one", Auth: target.PrivateKeyJWT, Binding: target.DPoP, Key: key, Redirects: []string{"https://client.example/cb"}},
		Clock:  wire.SystemClock{}, Redactor: &wire.Redactor{}, HTTP: func(*tls.Certificate) *http.Client { return dialling(server) },
	})
	if err != nil {
		t.Fatal(err)
	}
	landed := &Outcome{Step: StepAuthorize, attempt: client.newAttempt(), params: url.Values{"code": {"c"}}}
	client.nonces[nonceServer(client.exchangeDraft(landed))] = "known"
	for i, outcome := range client.Race(context.Background(), landed, 10) {
		if outcome.AccessToken() == "" {
			t.Errorf("racer %d: %d %s", i, outcome.Status, outcome.Body)
		}
	}
	if o.took != 10 || o.refused != 0 {
		t.Errorf("%d took part at once, %d were sent back", o.took, o.refused)
	}
}
