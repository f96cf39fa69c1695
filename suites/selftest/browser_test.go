package selftest_test

import (
	"context"
	"testing"
	"time"

	"github.com/fapitest/fapitest/fixtures/bench"
	"github.com/fapitest/fapitest/harness/consent"
	"github.com/fapitest/fapitest/harness/run"
	"github.com/fapitest/fapitest/harness/target"
	"github.com/fapitest/fapitest/harness/verdict"
	"github.com/fapitest/fapitest/harness/wire"
	"github.com/fapitest/fapitest/suites"
	"github.com/fapitest/fapitest/suites/profiles"
	"github.com/fapitest/fapitest/suites/selftest"
)

// The reference passes through Chromium as it does through forms, as every client.
func TestReferenceThroughChromium(t *testing.T) {
	if selftest.UnderRace {
		t.Skip("make long runs this without the race detector")
	}
	ctx := context.Background()
	bench, err := bench.Start(bench.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = bench.Close() }()
	redactor := &wire.Redactor{}
	if err := bench.Target.Discover(ctx, redactor); err != nil {
		t.Fatal(err)
	}
	var keys []string
	for _, origin := range bench.Target.PageOrigins() {
		leaf, err := bench.Target.Leaf(ctx, origin)
		if err != nil {
			t.Fatal(err)
		}
		keys = append(keys, target.SPKI(leaf))
	}
	browser, err := consent.NewBrowser(consent.BrowserOptions{SPKI: keys, Screenshots: true})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = browser.Close() }()
	catalogue, err := suites.Catalogue()
	if err != nil {
		t.Fatal(err)
	}
	tested, err := profiles.Tested(catalogue)
	if err != nil {
		t.Fatal(err)
	}
	started := time.Now()
	report, err := run.Run(ctx, run.Options{
		Target: bench.Target, Profile: tested, Suites: suites.All(), Catalogue: catalogue,
		Plan: run.Plan{Clients: []string{bench.Target.Combinations()[0].ID}, Seed: 1}, Clock: bench.Clock, Driver: browser, HTTP: bench.HTTP, Redactor: redactor,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%s, %d flows, %.1fs of browser in %s", report.Conclusion, report.Time.Flows, report.Time.Browser, time.Since(started))
	if report.Conclusion != verdict.Conformant {
		t.Errorf("the reference is %s", report.Conclusion)
	}
	for _, r := range report.Requirements {
		if !r.Verdict.Red() {
			continue
		}
		for _, s := range r.Specs {
			if s.Verdict.Red() {
				t.Errorf("%s: %s: %s: %s", r.ID, s.Sentence, s.Verdict, s.Message)
			}
		}
	}
}
