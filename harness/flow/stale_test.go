package flow

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/fapitest/fapitest/harness/jose"
	"github.com/fapitest/fapitest/harness/target"
	"github.com/fapitest/fapitest/harness/wire"
)

// A connection that the target closes while a request is on its way says nothing about the request, which is made anew and sent again,
// once, over another one. One that breaks on a fresh connection is an answer of a kind.
func TestStaleConnections(t *testing.T) {
	key, err := jose.NewKey(jose.ES256)
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		breaks   func(request int) bool // on which requests the connection is closed instead of answered
		failed   bool
		requests int32
	}{
		"the second on a connection": {func(n int) bool { return n == 2 }, false, 3},
		"every one but the first":    {func(n int) bool { return n >= 2 }, true, 3},
	} {
		var requests atomic.Int32
		assertions := map[string]bool{}
		server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			n := requests.Add(1)
			assertions[r.FormValue("client_assertion")] = true
			if test.breaks(int(n)) {
				connection, _, err := w.(http.Hijacker).Hijack()
				if err == nil {
					_ = connection.(interface{ NetConn() net.Conn }).NetConn().(*net.TCPConn).SetLinger(0) // a reset
					_ = connection.Close()
				}
				return
			}
			w.Header().Set("Content-Type", "application/json")
			_, _ = w.Write([]byte(`{"request_uri":"urn:x","expires_in":60}`))
		}))
		c, err := New(Options{
			Target: &target.Target{Issuer: server.URL, Metadata: &target.Metadata{Values: map[string]any{"pushed_authorization_request_endpoint": server.URL}}},
			Self:   &target.Client{ID: "one", Auth: target.PrivateKeyJWT, Binding: target.DPoP, Key: key, Redirects: []string{"https://client.example/cb"}},
			Clock:  wire.SystemClock{}, Redactor: &wire.Redactor{}, HTTP: func(*tls.Certificate) *http.Client { return server.Client() },
		})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		trace := &wire.Trace{}
		ctx = wire.WithTrace(ctx, trace)
		if o := c.Push(ctx); o.Err != nil {
			t.Fatal(o.Err)
		}
		second := c.Push(ctx)
		if (second.Err != nil) != test.failed || requests.Load() != test.requests || len(assertions) != int(test.requests) {
			t.Errorf("%s: %v after %d requests with %d assertions", name, second.Err, requests.Load(), len(assertions))
		}
		if said := trace.Exchanges(); len(said) != 3 || !said[1].Stale || said[2].Stale {
			t.Errorf("%s: %d exchanges", name, len(said))
		}
		cancel()
		server.Close()
	}
}
