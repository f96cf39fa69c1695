package selftest_test

import (
	"context"
	"testing"
	"time"

	"github.com/fapitest/fapitest/harness/consent"
	"github.com/fapitest/fapitest/harness/run"
	"github.com/fapitest/fapitest/harness/verdict"
	"github.com/fapitest/fapitest/harness/wire"
	"github.com/fapitest/fapitest/suites"
	"github.com/fapitest/fapitest/suites/profiles"
	"github.com/fapitest/fapitest/suites/selftest"
)

func TestReference(t *testing.T) {
	bench, err := selftest.NewBench(context.Background(), selftest.BenchOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer bench.Close()
	redactor := &wire.Redactor{}
	if err := bench.Target.Discover(context.Background(), redactor); err != nil {
		t.Fatal(err)
	}
	catalogue, err := suites.Catalogue()
	if err != nil {
		t.Fatal(err)
	}
	started := time.Now()
	report, err := run.Run(context.Background(), run.Options{
		Target: bench.Target, Profile: profiles.FAPI2SecurityProfile(), Suites: suites.All(), Catalogue: catalogue, Clock: bench.Clock,
		Driver: consent.NewForm(consent.FormOptions{Client: bench.HTTP(nil)}), HTTP: bench.HTTP, Redactor: redactor, Seed: 1,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Log(time.Since(started), report.Conclusion, report.Counts, report.Time)
	for _, r := range report.Requirements {
		if r.Verdict != verdict.Pass {
			t.Log(r.ID, r.Verdict, r.Reason)
		}
		for _, s := range r.Specs {
			if s.Verdict != verdict.Pass && s.Verdict != verdict.NotApplicable {
				t.Log("   ", s.Client, s.Sentence, s.Verdict, s.Message)
			}
		}
	}
}
