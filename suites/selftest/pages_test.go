package selftest_test

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/fapitest/fapitest/fixtures/authserver"
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

// Banks of which only some consent driver, or a person, can tell whether they break a clause: what a driver can't tell is never a pass.
func TestWhatADriverCanTell(t *testing.T) {
	if selftest.UnderRace {
		t.Skip("make long runs this without the race detector")
	}
	const redirector, no307, foreignURI, pushedOnly = "FAPI2-SP-5.3.2.1-7", "FAPI2-SP-5.3.2.2-10", "FAPI2-SP-5.3.2.2-3c", "FAPI2-SP-5.3.2.2-3"
	const password, frames, thirdParties = "RFC9700-2.1-5", "RFC9700-4.16-1", "RFC9700-4.2.4-1"
	elsewhere := func(by authserver.Vehicle) func(*authserver.Policy) {
		return func(p *authserver.Policy) {
			p.ErrorRedirect = func(f authserver.Failure) string {
				if !f.KnownClient {
					return f.FrontRedirect
				}
				return authserver.OnlyValidated(f)
			}
			p.RedirectBy = func(r authserver.Redirect) authserver.Vehicle {
				if !r.Trusted {
					return by
				}
				return authserver.ByStatus
			}
		}
	}
	asks := func(p *authserver.Policy) { p.AsksBeforeLogout = func() bool { return true } }
	logs307 := func(p *authserver.Policy) {
		p.RedirectStatus = func(place authserver.Place) int {
			if place == authserver.AfterLogin {
				return 307
			}
			return 303
		}
	}
	loginLeadsOn := func(p *authserver.Policy) {
		p.LoginApart = func() bool { return true }
		p.GoesOn = func(o authserver.Onward) string {
			if o.At == authserver.AfterLogin {
				return o.Says.Get("ReturnUrl")
			}
			return ""
		}
	}
	repeats := func(p *authserver.Policy) { p.Repeats = func() bool { return true } }
	keeps := func(p *authserver.Policy) { p.KeepsLogin = func() bool { return true } }
	framed := func(p *authserver.Policy) {
		p.PageHeader = func(string, http.Header) http.Header { return http.Header{"Content-Type": {"text/html"}} }
		p.CookiesAcross = func() bool { return true }
	}
	loads := func(p *authserver.Policy) {
		p.PageLoads = func(string) []string { return []string{"https://fonts.example/all.css"} }
	}
	postedUnpushed := func(p *authserver.Policy) { p.WaivesPushing = func(a authserver.Asked) bool { return a.Posted } }
	verified := func(p *authserver.Policy) {
		p.ForeignRequestURI = func(uri string, _ bool) authserver.ForeignURI {
			if strings.HasPrefix(uri, "https://") {
				return authserver.DereferenceWithCare
			}
			return authserver.RefuseURI
		}
	}
	// The password stands in the script, not in the target file.
	literal := func(bench *target.Target) {
		page := &bench.Consent.Script.Accept[0]
		page.Do = slices.Clone(page.Do)
		for i, step := range page.Do {
			if step.Fill != nil {
				page.Do[i].Fill = &consent.Fill{Selector: step.Fill.Selector, Value: consent.Expand(step.Fill.Value, bench.User.Values())}
			}
		}
		bench.User = target.User{}
	}
	forgetsLogout := func(bench *target.Target) {
		bench.Consent.Script.Accept = slices.DeleteFunc(slices.Clone(bench.Consent.Script.Accept), func(p consent.Page) bool { return p.When.Selector == "form#logout" })
	}
	attests := func(bench *target.Target) { bench.Attested[foreignURI] = "seen" }
	for _, test := range []struct {
		name   string
		policy func(*authserver.Policy)
		tweak  func(*target.Target)
		driver string
		clause string
		want   verdict.Verdict
	}{
		{"leads elsewhere by a script", elsewhere(authserver.ByScript), nil, "browser", redirector, verdict.Fail},
		{"leads elsewhere by a script", elsewhere(authserver.ByScript), nil, "form", redirector, verdict.Blocked},
		{"leads elsewhere by a form", elsewhere(authserver.ByForm), nil, "browser", redirector, verdict.Fail},
		{"leads elsewhere by a form", elsewhere(authserver.ByForm), nil, "form", redirector, verdict.Blocked},
		{"leads elsewhere by a refresh", elsewhere(authserver.ByMetaRefresh), nil, "browser", redirector, verdict.Fail},
		{"has a login page that goes where its address says", loginLeadsOn, nil, "browser", redirector, verdict.Fail},
		{"repeats the password in an address", repeats, nil, "browser", password, verdict.Fail},
		{"keeps the password in a page", keeps, nil, "browser", password, verdict.Warn},
		{"keeps its login to itself", func(*authserver.Policy) {}, nil, "browser", password, verdict.Pass},
		{"lets its pages be framed", framed, nil, "form", frames, verdict.Fail},
		{"lets its pages be framed", framed, nil, "browser", frames, verdict.Fail},
		{"keeps its pages out of frames", func(*authserver.Policy) {}, nil, "browser", frames, verdict.Pass},
		{"loads its style from elsewhere", loads, nil, "browser", thirdParties, verdict.Warn},
		{"loads nothing from elsewhere", func(*authserver.Policy) {}, nil, "browser", thirdParties, verdict.Pass},
		{"takes in a form what was not pushed", postedUnpushed, nil, "browser", pushedOnly, verdict.Fail},
		{"takes in a form what was not pushed", postedUnpushed, nil, "form", pushedOnly, verdict.Fail},
		{"asks before a logout", asks, nil, "form", redirector, verdict.Pass},
		{"asks before a logout, which the script does not know", asks, forgetsLogout, "form", redirector, verdict.Blocked},
		{"307, the password in the script", logs307, literal, "form", no307, verdict.Fail},
		{"303, the password in the script", func(*authserver.Policy) {}, literal, "form", no307, verdict.Pass},
		{"fetches from servers that it trusts", verified, nil, "form", foreignURI, verdict.Blocked},
		{"fetches from servers that it trusts, attested", verified, attests, "form", foreignURI, verdict.Attested},
	} {
		t.Run(test.name+", "+test.driver, func(t *testing.T) {
			if got := verdictOf(t, test.policy, test.tweak, test.driver, test.clause); got != test.want {
				t.Errorf("%s, want %s", got, test.want)
			}
		})
	}
}

// verdictOf tests one clause of a bank, as its first client.
func verdictOf(t *testing.T, policy func(*authserver.Policy), tweak func(*target.Target), driver, clause string) verdict.Verdict {
	ctx := context.Background()
	broken := authserver.Reference()
	policy(broken)
	bench, err := bench.Start(bench.Options{Policy: broken})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = bench.Close() }()
	redactor := &wire.Redactor{}
	if err := bench.Target.Discover(ctx, redactor); err != nil {
		t.Fatal(err)
	}
	if tweak != nil {
		tweak(bench.Target)
	}
	user := consent.NewForm(consent.FormOptions{Client: bench.HTTP(nil)})
	if driver == "browser" {
		var keys []string
		for _, origin := range bench.Target.PageOrigins() {
			leaf, err := bench.Target.Leaf(ctx, origin)
			if err != nil {
				t.Fatal(err)
			}
			keys = append(keys, target.SPKI(leaf))
		}
		if user, err = consent.NewBrowser(consent.BrowserOptions{SPKI: keys}); err != nil {
			t.Fatal(err)
		}
	}
	defer func() { _ = user.Close() }()
	catalogue, err := suites.Catalogue()
	if err != nil {
		t.Fatal(err)
	}
	tested, err := profiles.Tested(catalogue)
	if err != nil {
		t.Fatal(err)
	}
	report, err := run.Run(ctx, run.Options{
		Target: bench.Target, Profile: tested, Suites: suites.All(), Catalogue: catalogue,
		Plan: run.Plan{Clauses: []string{clause}, Clients: []string{bench.Target.Combinations()[0].ID}, Seed: 1}, Clock: bench.Clock, Driver: user, HTTP: bench.HTTP, Redactor: redactor,
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range report.Requirements {
		if r.ID == clause {
			for _, spec := range r.Specs {
				t.Logf("%s: %s: %s", spec.Verdict, spec.Sentence, spec.Message)
			}
			return r.Verdict
		}
	}
	t.Fatalf("%s is not in the report", clause)
	return ""
}
