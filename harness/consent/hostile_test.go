package consent_test

import (
	"context"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/fapitest/fapitest/fixtures/hostile"
	"github.com/fapitest/fapitest/harness/consent"
	"github.com/fapitest/fapitest/harness/target"
	"github.com/fapitest/fapitest/harness/wire"
)

// Whatever a page does, the journey ends in time and never arrives, the person is told, our memory stays small, nobody is called who is none of the run's, and
// the browser is there for the next journey.
func TestHostilePages(t *testing.T) {
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = silent.Close() }()
	_, port, _ := net.SplitHostPort(silent.Addr().String())
	datagrams, err := net.ListenPacket("udp", "127.0.0.1:"+port)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = datagrams.Close() }()
	var called atomic.Int64
	go func() {
		for {
			connection, err := silent.Accept()
			if err != nil {
				return
			}
			called.Add(1)
			first := make([]byte, 200)
			n, _ := connection.Read(first)
			t.Errorf("somebody called where nobody may: %q", first[:n])
			_ = connection.Close()
		}
	}()
	go func() {
		first := make([]byte, 200)
		for {
			n, _, err := datagrams.ReadFrom(first)
			if err != nil {
				return
			}
			t.Errorf("somebody sent a datagram where nobody may: %q", first[:n])
		}
	}()
	measure := peak(t)

	visit := func(page hostile.Page, driver consent.Driver, address string) {
		limit := 30 * time.Second
		began := time.Now()
		trip, err := driver.Visit(context.Background(), consent.Visit{
			URL: address + "/authorize", Until: []string{callback}, Choice: consent.Accept, Script: script(), Limit: limit,
			Values: map[string]wire.Secret{"user": wire.NewSecret("alice"), "password": wire.NewSecret(password)},
		})
		took := time.Since(began)
		if err != nil {
			t.Errorf("%s: %s", page.Name, err)
			return
		}
		t.Logf("%-28s %-10s %4.1fs  %s", page.Name, trip.Ending, took.Seconds(), trip.Says)
		switch {
		case !slices.Contains(page.Ending, string(trip.Ending)):
			t.Errorf("%s: %s (%s), want %s", page.Name, trip.Ending, trip.Says, page.Ending)
		case !strings.Contains(strings.ToLower(trip.Says), page.Says) || trip.Says == "":
			t.Errorf("%s: the person is told %q, and not %q", page.Name, trip.Says, page.Says)
		case took > limit+20*time.Second:
			t.Errorf("%s: took %s", page.Name, took)
		case strings.Contains(trip.Says, "about:blank"):
			t.Errorf("%s: %s", page.Name, trip.Says)
		}
		for _, shot := range trip.Pages {
			if strings.Contains(shot.Text+shot.Title+string(shot.HTML), "root:x:0") {
				t.Errorf("%s: has read a file", page.Name)
			}
		}
	}
	// make hostile tries all of them, and HOSTILE=NAME one. The others here are those that take no time and always come to the same.
	only := os.Getenv("HOSTILE")
	addresses := map[string]string{}
	options := consent.BrowserOptions{Screenshots: true}
	for _, page := range hostile.ShownPages() {
		if only != "" && only != "all" && only != page.Name || only == "" && (page.Slow || len(page.Ending) > 2) {
			continue
		}
		server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path != "/authorize" {
				http.NotFound(w, r)
				return
			}
			page.Show(w, r, silent.Addr().String())
		}))
		server.Config.ErrorLog = log.New(io.Discard, "", 0)
		server.StartTLS()
		defer server.CloseClientConnections()
		addresses[page.Name] = server.URL
		options.SPKI = []string{target.SPKI(server.Certificate())}
		options.Hosts = append(options.Hosts, strings.TrimPrefix(server.URL, "https://"))
	}
	driver, err := consent.NewBrowser(options)
	if err != nil {
		t.Fatal(err)
	}
	var under sync.WaitGroup
	few := make(chan struct{}, 6)
	for _, page := range hostile.ShownPages() {
		if addresses[page.Name] == "" {
			continue
		}
		under.Go(func() {
			few <- struct{}{}
			defer func() { <-few }()
			visit(page, driver, addresses[page.Name])
		})
	}
	under.Wait()
	began := time.Now()
	_ = driver.Close()
	if took := time.Since(began); took > 20*time.Second {
		t.Errorf("the browser took %s to end", took)
	}
	bound := int64(300 << 20)
	if underRace {
		bound *= 3
	}
	if most := int64(measure()); most > bound {
		t.Errorf("%d MiB of our memory were used", most>>20)
	} else {
		t.Logf("%d MiB of our memory", most>>20)
	}
	if called.Load() > 0 {
		t.Errorf("%d calls where nobody may call", called.Load())
	}
}

// peak returns a function that says how much memory this process has had at most since.
func peak(t *testing.T) func() int {
	if err := os.WriteFile("/proc/self/clear_refs", []byte("5"), 0); err != nil {
		t.Logf("memory is not measured here: %s", err)
		return func() int { return 0 }
	}
	return func() int {
		status, err := os.ReadFile("/proc/self/status")
		if err != nil {
			return 0
		}
		kilobytes := 0
		for line := range strings.Lines(string(status)) {
			if rest, found := strings.CutPrefix(line, "VmHWM:"); found {
				_, _ = fmt.Sscan(rest, &kilobytes)
			}
		}
		return kilobytes << 10
	}
}
