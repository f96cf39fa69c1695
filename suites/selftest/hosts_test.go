package selftest

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"net"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/fapitest/fapitest/fixtures/authserver"
	"github.com/fapitest/fapitest/fixtures/bench"
	"github.com/fapitest/fapitest/harness/run"
	"github.com/fapitest/fapitest/harness/target"
	"github.com/fapitest/fapitest/harness/verdict"
)

// A host that says nothing, never stops, or speaks no TLS has decided nothing: what is about TLS is neither kept nor broken there, whatever the
// others do. And it keeps nobody: it is asked twice, and not for every offer.
func TestHostsThatDecideNothing(t *testing.T) {
	silent := func(said ...byte) func(net.Conn) {
		return func(c net.Conn) {
			_, _ = c.Write(said)
			time.Sleep(time.Minute)
		}
	}
	endless := func(said []byte, apart time.Duration) func(net.Conn) {
		return func(c net.Conn) {
			for {
				if _, err := c.Write(said); err != nil {
					return
				}
				time.Sleep(apart)
			}
		}
	}
	for name, hosts := range map[string][]func(net.Conn){
		"nobody listens": {nil},
		// Both in one run: each is waited for.
		"mute, or silent in the middle": {silent(), silent(22, 3, 3, 0, 80, 2, 0, 0, 76, 3, 3)},
		"closes":                        {func(net.Conn) {}},
		"talks in words":                {endless([]byte("welcome to the machine\r\n"), 0)},
		"talks in records":              {endless(append([]byte{22, 3, 3, 0x10, 0}, bytes.Repeat([]byte{2, 0xff, 0xff, 0}, 0x400)...), 0)},
		"warns for ever":                {endless([]byte{21, 3, 3, 0, 2, 1, 112}, time.Millisecond)},
	} {
		t.Run(name, func(t *testing.T) {
			named, calls := map[string]any{}, make([]*atomic.Int64, len(hosts))
			for i, serve := range hosts {
				calls[i] = &atomic.Int64{}
				named[fmt.Sprintf("odd_%d_endpoint", i)] = "https://" + listening(t, serve, calls[i]) + "/odd"
			}
			policy := authserver.Reference()
			authserver.InMetadata(func(said map[string]any) { maps.Copy(said, named) })(policy)
			report, _, err := sharedLab(t).test(context.Background(), bench.Options{Policy: policy}, 1, func(_ *target.Target, o *run.Options) error {
				o.Plan.Clients = []string{"key-dpop"}
				o.Only = func(_, _, sentence string) bool { return strings.HasPrefix(sentence, "every host") }
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
			looked := 0
			for _, result := range report.Requirements {
				for _, spec := range result.Specs {
					looked++
					if slices.Contains([]verdict.Verdict{verdict.Fail, verdict.Warn, verdict.Pass}, spec.Verdict) && !strings.Contains(spec.Sentence, "browsers are sent to") {
						t.Errorf("%s: %s: %s", spec.Verdict, spec.Sentence, spec.Message)
					}
				}
			}
			if looked < 30 {
				t.Errorf("only %d experiments looked", looked)
			}
			for _, called := range calls {
				most := int64(2)
				if name == "closes" || name == "warns for ever" {
					most = 14 // that is a refusal, and quick: some of what else there is to offer may be taken
				}
				if n := called.Load(); n > most {
					t.Errorf("it was called %d times, and not %d: who decides nothing is left alone", n, most)
				}
			}
		})
	}
}

// listening is a host on loopback, at which connections are counted and served so; nil: nobody listens there.
func listening(t *testing.T, serve func(net.Conn), called *atomic.Int64) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := strings.Replace(listener.Addr().String(), "127.0.0.1", "localhost", 1)
	if serve == nil {
		_ = listener.Close()
		return address
	}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			connection, err := listener.Accept()
			if err != nil {
				return
			}
			called.Add(1)
			go func() {
				defer func() { _ = connection.Close() }()
				serve(connection)
			}()
		}
	}()
	return address
}
