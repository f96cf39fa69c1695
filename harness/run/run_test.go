package run_test

import (
	"context"
	"crypto/tls"
	"fmt"
	"maps"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/onsi/ginkgo/v2"
	"github.com/onsi/gomega"

	"github.com/fapitest/fapitest/harness/expect"
	"github.com/fapitest/fapitest/harness/flow"
	"github.com/fapitest/fapitest/harness/profile"
	"github.com/fapitest/fapitest/harness/requirement"
	"github.com/fapitest/fapitest/harness/run"
	"github.com/fapitest/fapitest/harness/suite"
	"github.com/fapitest/fapitest/harness/target"
	"github.com/fapitest/fapitest/harness/verdict"
	"github.com/fapitest/fapitest/harness/wire"
)

// answered is the outcome of a pushed authorization request with that answer.
func answered(ctx context.Context, status int, body string) *flow.Outcome {
	o := &flow.Outcome{Step: flow.StepPush, Status: status, Body: []byte(body), Header: http.Header{}, Exchange: &wire.Exchange{ID: fmt.Sprint(status), Step: string(flow.StepPush)}}
	wire.TraceFrom(ctx).Add(o.Exchange)
	return o
}

const (
	accepted = `{"request_uri":"urn:x"}`
	refused  = `{"error":"invalid_request"}`
)

// asking is a document X with these clauses, which it has always to be kept to.
func asking(items ...string) *requirement.Document {
	var text strings.Builder
	for _, item := range items {
		fmt.Fprintf(&text, "- {id: X-%s, level: shall, role: as, applies_if: always, says: do %s, remedy: Do it.}\n", item, item)
	}
	return &requirement.Document{ID: "X", Title: "a document", URL: "https://x.example/", Text: []byte(text.String())}
}

// try runs one suite and returns its report.
func try(t *testing.T, edit func(*run.Options), specs func(*requirement.Document) func(*flow.Client)) *verdict.Report {
	t.Helper()
	document := asking("1-1", "1-2", "1-3")
	register := specs(document)
	options := run.Options{
		Target: &target.Target{
			Issuer:  "https://localhost:1",
			Clients: []*target.Client{{ID: "one", Auth: target.PrivateKeyJWT, Binding: target.DPoP}, {ID: "two", Auth: target.TLSClientAuth, Binding: target.MTLS}},
			Waits:   target.Waits{Longest: time.Hour}, Metadata: &target.Metadata{Values: map[string]any{"issuer": "https://localhost:1"}},
		},
		Profile:   profile.Profile{ID: "x", Title: "X", Documents: []*requirement.Document{document}, Requires: document.Requirements()},
		Suites:    []suite.Suite{{Document: document, Requirements: document.Requirements(), Specs: register}},
		Catalogue: &requirement.Catalogue{}, Clock: &wire.MovableClock{}, Redactor: &wire.Redactor{}, Plan: run.Plan{Seed: 1},
		HTTP: func(*tls.Certificate) *http.Client { return http.DefaultClient },
	}
	if edit != nil {
		edit(&options)
	}
	report, err := run.Run(context.Background(), options)
	if err != nil {
		t.Fatal(err)
	}
	followed(t, report)
	return report
}

// one is a suite of a single spec.
func one(level requirement.Level, when requirement.Condition, body func(ctx ginkgo.SpecContext)) func(*requirement.Document) func(*flow.Client) {
	return func(d *requirement.Document) func(*flow.Client) {
		d.Text = fmt.Appendf(nil, "- {id: X-1-1, level: %s, applies_if: %s, says: do this, remedy: Do it.}", level, when)
		r := d.Clause("1-1")
		return func(*flow.Client) {
			ginkgo.Describe("the target", func() { ginkgo.It("does this", r, body) })
		}
	}
}

// TestVerdicts is how a spec can end, and what that comes to. An experiment that could not be carried out is never Pass and never Fail.
func TestVerdicts(t *testing.T) {
	const shall, should, may, always = requirement.Shall, requirement.Should, requirement.May, requirement.Always
	fails := func(ctx ginkgo.SpecContext) {
		gomega.Expect(answered(ctx, 201, accepted)).To(expect.BeRefused())
	}
	for name, test := range map[string]struct {
		specs      func(*requirement.Document) func(*flow.Client)
		want       verdict.Verdict
		conclusion verdict.Conclusion
		message    string
	}{
		"a refusal": {one(shall, always, func(ctx ginkgo.SpecContext) {
			gomega.Expect(answered(ctx, 400, refused)).To(expect.BeRefused())
		}), verdict.Pass, verdict.Conformant, ""},
		"a shall that is broken":  {one(shall, always, fails), verdict.Fail, verdict.NotConformant, "expected a refusal"},
		"a should that is broken": {one(should, always, fails), verdict.Warn, verdict.Conformant, "expected a refusal"},
		"a may":                   {one(may, always, fails), verdict.Pass, verdict.Conformant, ""},
		"a plain assertion":       {one(shall, always, func(ginkgo.SpecContext) { gomega.Expect(1).To(gomega.Equal(2)) }), verdict.Fail, verdict.NotConformant, "to equal"},
		"503": {one(shall, always, func(ctx ginkgo.SpecContext) {
			gomega.Expect(answered(ctx, 503, refused)).To(expect.BeRefused())
		}), verdict.Error, verdict.Inconclusive, "503"},
		"429 where an acceptance is wanted": {one(shall, always, func(ctx ginkgo.SpecContext) {
			gomega.Expect(answered(ctx, 429, "")).To(expect.BeAccepted())
		}), verdict.Error, verdict.Inconclusive, "busy"},
		"405": {one(shall, always, func(ctx ginkgo.SpecContext) {
			gomega.Expect(answered(ctx, 405, refused)).To(expect.BeRefused())
		}), verdict.Blocked, verdict.Inconclusive, "405"},
		"a need that is refused": {one(shall, always, func(ctx ginkgo.SpecContext) {
			expect.Needs(answered(ctx, 400, refused))
		}), verdict.Blocked, verdict.Inconclusive, "builds on was refused"},
		"a need that is busy": {one(shall, always, func(ctx ginkgo.SpecContext) {
			expect.Needs(answered(ctx, 429, ""))
		}), verdict.Error, verdict.Inconclusive, "429"},
		"nothing can be said":   {one(shall, always, func(ginkgo.SpecContext) { expect.Unknown("it is dark") }), verdict.Blocked, verdict.Inconclusive, "it is dark"},
		"does not apply":        {one(shall, always, func(ginkgo.SpecContext) { expect.NotApplicable("the file says so") }), verdict.NotApplicable, verdict.Inconclusive, "the file says so"},
		"a panic":               {one(shall, always, func(ginkgo.SpecContext) { panic("oh") }), verdict.Error, verdict.Inconclusive, "internal error: oh"},
		"a warning":             {one(shall, always, func(ginkgo.SpecContext) { expect.Warn("look here") }), verdict.Warn, verdict.Conformant, "look here"},
		"left to attestation":   {one(shall, always, func(ginkgo.SpecContext) { expect.LeaveToAttestation("takes a year") }), verdict.Blocked, verdict.Inconclusive, "attest X-1-1"},
		"a condition, for none": {one(shall, requirement.RAR, fails), verdict.NotApplicable, verdict.Inconclusive, "does not claim rar"},
	} {
		report := try(t, nil, test.specs)
		result := report.Requirements[0]
		if result.Verdict != test.want || report.Conclusion != test.conclusion {
			t.Errorf("%s: %s, %s; want %s, %s", name, result.Verdict, report.Conclusion, test.want, test.conclusion)
		}
		if test.message != "" && !strings.Contains(result.Specs[0].Message+result.Reason, test.message) {
			t.Errorf("%s: says %q, want %q", name, result.Specs[0].Message, test.message)
		}
	}
}

// A condition runs a spec as the clients that meet it, and says of the others why not.
func TestConditions(t *testing.T) {
	report := try(t, nil, one(requirement.Shall, requirement.MTLS, func(ginkgo.SpecContext) {}))
	specs := report.Requirements[0].Specs
	if len(specs) != 2 || specs[0].Verdict != verdict.NotApplicable || specs[1].Verdict != verdict.Pass || !strings.Contains(specs[0].Message, "binding: dpop") {
		t.Errorf("%+v", specs)
	}
	if report.Requirements[0].Verdict != verdict.Pass {
		t.Error(report.Requirements[0].Verdict)
	}
}

// A control runs until it was accepted once; while it is not, what stands beside it is Blocked.
func TestControls(t *testing.T) {
	for name, test := range map[string]struct {
		status int
		body   string
		want   verdict.Verdict
		ran    int // how often, with two specs for each of two clients
	}{
		"accepted": {201, accepted, verdict.Pass, 2},
		"refused":  {400, refused, verdict.Blocked, 4},
		"busy":     {429, "", verdict.Error, 4},
	} {
		ran := 0
		report := try(t, nil, func(d *requirement.Document) func(*flow.Client) {
			first, second := d.Clause("1-1"), d.Clause("1-2")
			return func(*flow.Client) {
				ginkgo.Describe("the target", func() {
					expect.Control("accepts", func(ctx ginkgo.SpecContext) {
						ran++
						gomega.Expect(answered(ctx, test.status, test.body)).To(expect.BeAccepted())
					})
					ginkgo.It("does a", first, func(ginkgo.SpecContext) {})
					ginkgo.It("does b", second, func(ginkgo.SpecContext) {})
				})
			}
		})
		for _, result := range report.Requirements {
			if result.Verdict != test.want {
				t.Errorf("%s: %s is %s, want %s", name, result.ID, result.Verdict, test.want)
			}
			if exchange := result.Specs[0].Exchanges[0]; exchange.Role != wire.RoleControl || exchange.Sentence != "accepts" {
				t.Errorf("%s: the control is not in the evidence: %+v", name, exchange)
			}
		}
		if ran != test.ran {
			t.Errorf("%s: the control ran %d times, want %d", name, ran, test.ran)
		}
	}
}

// What experiments wait for is known before they run.
func TestWaits(t *testing.T) {
	d := asking("1-1", "1-2", "1-3")
	fixed, told, none := d.Clause("1-1"), d.Clause("1-2"), d.Clause("1-3")
	nothing := func(ginkgo.SpecContext) int { return 0 }
	act, conclude := func(context.Context, int) int { return 0 }, func(ginkgo.SpecContext, int) {}
	sentences, err := run.Sentences([]suite.Suite{{Document: d, Requirements: d.Requirements(), Specs: func(*flow.Client) {
		ginkgo.Describe("a thing", func() {
			expect.Aged(time.Second, "is old", fixed, nothing, act, conclude)
			expect.Aged(time.Minute, "is very old", fixed, nothing, act, conclude)
			expect.AgedBy(expect.Age[int]{About: time.Hour, Says: "as long as it likes"}, "is as old as can be", told, nothing, act, conclude)
			ginkgo.It("is there", none, func() {})
		})
	}}})
	if err != nil {
		t.Fatal(err)
	}
	want := []run.Wait{
		{Wait: expect.Wait{About: time.Hour, Says: "as long as it likes"}, Requirements: []string{"X-1-2"}},
		{Wait: expect.Wait{About: time.Minute}, Requirements: []string{"X-1-1"}},
	}
	if got := run.Waits(sentences, []string{"X-1-3", "X-1-2", "X-1-1"}); !reflect.DeepEqual(got, want) {
		t.Errorf("%+v", got)
	}
	if got := run.Waits(sentences, []string{"X-1-3"}); len(got) != 0 {
		t.Errorf("nothing waits, and yet %+v", got)
	}
}

// What has become old may be let become older, as far as the operator allows.
func TestWaitOn(t *testing.T) {
	clock := &wire.MovableClock{}
	for further, allowed := range map[time.Duration]bool{3 * time.Minute: true, 2 * time.Hour: false} {
		try(t, func(o *run.Options) { o.Clock = clock }, func(d *requirement.Document) func(*flow.Client) {
			r := d.Clause("1-1")
			return func(*flow.Client) {
				expect.Aged(time.Minute, "is looked at twice", r,
					func(ginkgo.SpecContext) time.Time { return clock.Now() },
					func(ctx context.Context, since time.Time) time.Duration {
						if waited := expect.WaitOn(ctx, further); waited != allowed {
							t.Errorf("to wait for %s: %t", further, waited)
						}
						return clock.Now().Sub(since)
					},
					func(_ ginkgo.SpecContext, age time.Duration) {
						want := time.Minute
						if allowed {
							want = further
						}
						if age < want || age > want+time.Minute {
							t.Errorf("it was %s old and not %s", age, want)
						}
					})
			}
		})
	}
}

// Of two waits the shorter one is judged first, so that the longer one does not hide what it looks for.
func TestAged(t *testing.T) {
	clock := &wire.MovableClock{}
	ages := map[string]time.Duration{}
	aged := func(d time.Duration, r *requirement.Requirement) {
		expect.Aged(d, "is looked at after "+d.String(), r,
			func(ginkgo.SpecContext) time.Time { return clock.Now() },
			func(_ context.Context, since time.Time) time.Duration { return clock.Now().Sub(since) },
			func(_ ginkgo.SpecContext, age time.Duration) {
				ages[r.ID] = age
				gomega.Expect(age).To(gomega.BeNumerically("~", d, 5*time.Second))
			})
	}
	specs := func(d *requirement.Document) func(*flow.Client) {
		short, long, tooLong := d.Clause("1-1"), d.Clause("1-2"), d.Clause("1-3")
		return func(*flow.Client) {
			ginkgo.Describe("a thing", func() {
				aged(30*time.Minute, long)
				aged(time.Minute, short)
				aged(2*time.Hour, tooLong)
			})
		}
	}
	report := try(t, func(o *run.Options) { o.Clock = clock }, specs)
	for id, want := range map[string]verdict.Verdict{"X-1-1": verdict.Pass, "X-1-2": verdict.Pass, "X-1-3": verdict.Blocked} {
		if result, _ := report.Result(id); result.Verdict != want {
			t.Errorf("%s is %s, want %s (%v): %+v", id, result.Verdict, want, ages, result.Specs)
		}
	}
	attested := try(t, func(o *run.Options) {
		o.Clock = clock
		o.Target.Attested = map[string]string{"X-1-3": "somebody saw it"}
	}, specs)
	if result, _ := attested.Result("X-1-3"); result.Verdict != verdict.Attested {
		t.Errorf("attested, and yet %s", result.Verdict)
	}
	quick := try(t, func(o *run.Options) { o.Plan.NoWaits = true }, specs)
	if !quick.Partial || quick.Conclusion != verdict.Inconclusive || len(quick.Requirements[0].Specs) != 0 {
		t.Errorf("without waits: partial %v, %s", quick.Partial, quick.Conclusion)
	}
}

// What a preparation has to say is said by the experiment that it prepares.
func TestAgedPreparations(t *testing.T) {
	for name, test := range map[string]struct {
		prepare  func(ginkgo.SpecContext) int
		attested string
		want     verdict.Verdict
		message  string
	}{
		"left to attestation":      {func(ginkgo.SpecContext) int { expect.LeaveToAttestation("it does not say how long"); return 0 }, "", verdict.Blocked, "it does not say how long; attest X-1-1"},
		"left to it, and attested": {func(ginkgo.SpecContext) int { expect.LeaveToAttestation("it does not say how long"); return 0 }, "somebody saw it", verdict.Attested, "somebody saw it"},
		"not applicable":           {func(ginkgo.SpecContext) int { expect.NotApplicable("it has none"); return 0 }, "", verdict.NotApplicable, "it has none"},
		"unknown":                  {func(ginkgo.SpecContext) int { expect.Unknown("it is dark"); return 0 }, "", verdict.Blocked, "it is dark"},
		"refused":                  {func(ctx ginkgo.SpecContext) int { expect.Needs(answered(ctx, 400, refused)); return 0 }, "", verdict.Blocked, "was refused: 400"},
		"broken":                   {func(ctx ginkgo.SpecContext) int { expect.Needs(answered(ctx, 500, "")); return 0 }, "", verdict.Error, "500"},
	} {
		report := try(t, func(o *run.Options) {
			if test.attested != "" {
				o.Target.Attested = map[string]string{"X-1-1": test.attested}
			}
		}, func(d *requirement.Document) func(*flow.Client) {
			r := d.Clause("1-1")
			return func(*flow.Client) {
				ginkgo.Describe("the target", func() {
					expect.Aged(time.Minute, "grows", r, test.prepare, func(context.Context, int) int { return 0 }, func(ginkgo.SpecContext, int) {})
				})
			}
		})
		spec := report.Requirements[0].Specs[0]
		if spec.Verdict != test.want || !strings.Contains(spec.Message, test.message) {
			t.Errorf("%s: %s: %s", name, spec.Verdict, spec.Message)
		}
	}
}

func TestNothingIsInconclusive(t *testing.T) {
	report := try(t, nil, func(*requirement.Document) func(*flow.Client) { return func(*flow.Client) {} })
	if report.Conclusion != verdict.Inconclusive {
		t.Error(report.Conclusion)
	}
}

func TestClausesNarrow(t *testing.T) {
	specs := func(d *requirement.Document) func(*flow.Client) {
		first, second := d.Clause("1-1"), d.Clause("1-2")
		return func(*flow.Client) {
			ginkgo.Describe("the target", func() {
				ginkgo.It("does a", first, func(ginkgo.SpecContext) {})
				ginkgo.It("does b", second, func(ginkgo.SpecContext) {})
			})
		}
	}
	report := try(t, func(o *run.Options) { o.Plan.Clauses = []string{"X-1-2"} }, specs)
	if !report.Partial || !report.Requirements[0].LeftOut || report.Requirements[1].Verdict != verdict.Pass || report.Conclusion != verdict.Conformant {
		t.Errorf("%+v", report.Requirements)
	}
}

// Without metadata nothing but the experiments on the metadata runs: everything else is Blocked.
func TestWithoutMetadata(t *testing.T) {
	report := try(t, func(o *run.Options) { o.Target.Metadata = &target.Metadata{} }, func(d *requirement.Document) func(*flow.Client) {
		first, second := d.Clause("1-1"), d.Clause("1-2")
		return func(*flow.Client) {
			ginkgo.Describe("the target", func() {
				ginkgo.It("does a", first, expect.OnMetadataAlone, func(ginkgo.SpecContext) { gomega.Expect(false).To(gomega.BeTrue()) })
				ginkgo.It("does b", second, func(ginkgo.SpecContext) {})
			})
		}
	})
	if report.Requirements[0].Verdict != verdict.Fail || report.Requirements[1].Verdict != verdict.Blocked {
		t.Errorf("%+v", report.Requirements)
	}
}

// A profile holds a target to all that its documents ask: what has no experiment makes a run inconclusive, what is the same as another
// requirement follows from it, and what applies to no client or belongs to another profile costs nothing.
func TestWhatIsPlannedIsHeldAgainstAWholeRun(t *testing.T) {
	const text = `
- {id: X-1-1, level: shall, role: as, applies_if: always, text: Does a.}
- {id: X-1-2, level: shall, role: as, applies_if: always, text: Does b.}
- {id: X-1-3, level: shall, role: as, applies_if: always, same_as: X-1-1, text: Does a once more.}
- {id: X-1-4, level: shall, role: as, applies_if: ciba, text: Does c.}
- {id: X-1-5, level: shall, role: client, applies_if: client_mode, text: Does d.}
- {id: X-1-6, level: shall, role: as, applies_if: fapi1, text: Does e.}
- {id: X-1-7, level: should, role: as, applies_if: always, testable: attestation, text: Does f.}
`
	specs := func(d *requirement.Document) func(*flow.Client) {
		d.Text = []byte(text)
		first := d.Clause("1-1")
		return func(*flow.Client) {
			ginkgo.Describe("the target", func() { ginkgo.It("does a", first, func(ginkgo.SpecContext) {}) })
		}
	}
	whole := func(o *run.Options) {
		document := o.Profile.Requires[0].Document
		catalogue, err := requirement.Join(document)
		if err != nil {
			t.Fatal(err)
		}
		o.Catalogue = catalogue
		set, err := profile.NewSet([]profile.Declaration{{
			ID: "x", Title: "X", Documents: []*requirement.Document{document}, Foreign: []requirement.Condition{requirement.FAPI1},
			Source: profile.Source{Text: "X", Verified: profile.Read},
		}}, catalogue, nil)
		if err != nil {
			t.Fatal(err)
		}
		if o.Profile, err = set.Find("x"); err != nil {
			t.Fatal(err)
		}
	}
	report := try(t, whole, specs)
	want := map[string]verdict.Verdict{
		"X-1-1": verdict.Pass, "X-1-2": verdict.Untested, "X-1-3": verdict.Pass, "X-1-4": verdict.NotApplicable, "X-1-7": verdict.Untested,
	}
	got := map[string]verdict.Verdict{}
	for _, result := range report.Requirements {
		got[result.ID] = result.Verdict
	}
	if !maps.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	if report.Conclusion != verdict.Inconclusive || report.Profile.Of != 5 || report.Profile.Requirements != 3 {
		t.Errorf("%s, %+v", report.Conclusion, report.Profile)
	}
	narrowed := try(t, func(o *run.Options) { whole(o); o.Plan.Clauses = []string{"X-1-1"} }, specs)
	if narrowed.Conclusion != verdict.Conformant || !narrowed.Partial {
		t.Errorf("narrowed: %s, partial %v", narrowed.Conclusion, narrowed.Partial)
	}
	if quick := try(t, func(o *run.Options) { whole(o); o.Plan.NoWaits = true }, specs); quick.Conclusion != verdict.Conformant || !quick.Partial {
		t.Errorf("without waits: %s, partial %v", quick.Conclusion, quick.Partial)
	}
}
