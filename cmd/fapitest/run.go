package main

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"runtime/debug"
	"slices"
	"sync"
	"time"

	"github.com/fapitest/fapitest/fixtures/bench"
	"github.com/fapitest/fapitest/harness/consent"
	"github.com/fapitest/fapitest/harness/flow"
	"github.com/fapitest/fapitest/harness/profile"
	"github.com/fapitest/fapitest/harness/requirement"
	"github.com/fapitest/fapitest/harness/run"
	"github.com/fapitest/fapitest/harness/target"
	"github.com/fapitest/fapitest/harness/verdict"
	"github.com/fapitest/fapitest/harness/wire"
	"github.com/fapitest/fapitest/reports"
	"github.com/fapitest/fapitest/reports/terminal"
	"github.com/fapitest/fapitest/suites"
	"github.com/fapitest/fapitest/suites/profiles"
	"github.com/fapitest/fapitest/suites/selftest"
)

const runHelp = `Usage: fapitest run [CLAUSE...] [flags]

Tests a server against a profile and reports which clauses it meets. Without -t, tests the bank
that comes with fapitest. A CLAUSE narrows the run, whose result is then called partial; 5.3.2.2-4
is that of the profile's own document. A variable of the environment replaces a key of the target
file: FAPITEST_ISSUER, FAPITEST_USER_PASSWORD, FAPITEST_CLIENTS_0_ID (fapitest help).

  -t, --target FILE       the server to test; see fapitest init
      --mutant NAME       without -t: a bank that is broken on purpose (fapitest serve --list)
  -p, --profile NAME      the profile to test against (default fapi2-security-profile)
  -o, --output DIR        where the reports go (default fapitest-report)
      --format FORMAT     a report to write there, and may be repeated: html, junit, sarif,
                          markdown, text or har (every request and answer, for the network panel of
                          a browser); default: html and junit. report.json is always written
      --consent DRIVER    who plays the end user: browser, form or person (default: what the
                          target file says; browser where Chromium is found)
      --workers N         how many experiments run in parallel (default 4; 1 for a server that
                          takes little load)
      --rate N            no more than N requests a second, all workers together (default: no cap)
      --max-requests N    end the run rather than send more than N requests, those that the pages
                          take included: it is then partial, and what it did not come to untested
      --max-minutes N     end the run after N minutes, in the same way
      --no-waits          leave out the experiments that have to wait; partial, for a pipeline at
                          every push
      --thorough          try everything as every client, not only as those that differ in what the
                          requirement is about
      --real-time         without -t: really wait instead of moving the bank's clock
      --fail-on WORD      what the exit code goes red for: fail (only what breaks a shall),
                          inconclusive (default: also that something could not be tested) or warn
                          (also what breaks a recommendation)
      --baseline REPORT   let pass what that report of an earlier run has too
      --waivers FILE      let pass what FILE waives, a list of entries, each with id, reason, owner
                          and expires (a day, as 2026-12-31); one that has expired is red
      --expect FILE       exit 0 when exactly the findings that FILE names are red
      --attest KEY        sign what came out with a private key, as fapitest attest does
      --subject TEXT      with --attest: what was tested, as NAME=sha256:DIGEST; may be repeated
  -q, --quiet             no progress, and of the result the first line alone
      --json-lines        tell machines how the run goes, on standard output: a JSON object a line
                          when it begins, for each experiment, every ten seconds, and at the end
      --seed N            seed of the order of experiments (default: random)
      --user-agent TEXT   the User-Agent header of every request

Exit codes: 0 conformant, 3 not conformant, 4 inconclusive, 1 wrong usage or a bad file. What
--fail-on, --baseline, --waivers or --expect lets pass changes the exit code, and no verdict and no
conclusion. Where nothing at all could be tested it is 4, whatever is let pass.
`

func (a *app) run(ctx context.Context, args []string) int {
	var (
		plan   run.Plan
		gated  gateFlags
		wanted []string // formats
	)
	var signed signing
	flags := a.flags("run", runHelp)
	flags.StringVar(&signed.key, "attest", "", "")
	flags.StringArrayVar(&signed.subjects, "subject", nil, "")
	flags.StringVarP(&plan.File, "target", "t", "", "")
	flags.StringVar(&plan.Mutant, "mutant", "", "")
	flags.StringVarP(&plan.Profile, "profile", "p", profiles.Default, "")
	flags.StringVarP(&plan.Output, "output", "o", "fapitest-report", "")
	flags.StringVar(&plan.Driver, "consent", "", "")
	gated.add(flags)
	flags.StringSliceVar(&wanted, "format", nil, "")
	flags.StringVar(&plan.UserAgent, "user-agent", "", "")
	flags.IntVar(&plan.Workers, "workers", defaultWorkers, "")
	flags.Float64Var(&plan.Rate, "rate", 0, "")
	flags.IntVar(&plan.Most, "max-requests", 0, "")
	flags.Float64Var(&plan.Minutes, "max-minutes", 0, "")
	flags.Int64Var(&plan.Seed, "seed", 0, "")
	flags.BoolVar(&plan.NoWaits, "no-waits", false, "")
	flags.BoolVar(&plan.Thorough, "thorough", false, "")
	flags.BoolVar(&plan.RealTime, "real-time", false, "")
	flags.BoolVarP(&a.quiet, "quiet", "q", false, "")
	forMachines := flags.Bool("json-lines", false, "")
	if code, done := a.parse(flags, args); done {
		return code
	}
	plan.Clauses = flags.Args()
	switch {
	case plan.File != "" && plan.Mutant != "":
		return a.fail("--mutant breaks the bank that comes with fapitest: leave out -t, or start it with fapitest serve --mutant %s", plan.Mutant)
	case plan.File != "" && plan.RealTime:
		return a.fail("--real-time is for the bank that comes with fapitest: with -t every wait is real")
	}
	if words := wrongPace(plan.Workers, flags.Changed("rate"), plan.Rate); words != "" {
		return a.fail("%s", words)
	}
	switch {
	case flags.Changed("max-requests") && plan.Most < 1:
		return a.fail("--max-requests is 1 or more, not %d", plan.Most)
	case flags.Changed("max-minutes") && !(plan.Minutes > 0):
		return a.fail("--max-minutes is more than 0, not %v", plan.Minutes)
	}
	if !knownDriver(plan.Driver) {
		return a.fail("--consent: there is no driver %q: the drivers are browser, form and person", plan.Driver)
	}
	if plan.Seed == 0 {
		plan.Seed = time.Now().UnixNano() % 1_000_000
	}
	chosen, err := findProfile(plan.Profile)
	if err != nil {
		return a.fail("%s", err)
	}
	if plan.Clauses, err = complete(plan.Clauses, chosen); err != nil {
		return a.fail("%s", err)
	}
	if err := knownClauses(chosen, plan.Clauses); err != nil {
		return a.fail("%s", err)
	}
	formats, err := reports.Chosen(plan.Output, wanted)
	if err != nil {
		return a.fail("%s", err)
	}
	gate, err := gated.load(time.Now())
	if err != nil {
		return a.fail("%s", err)
	}
	by, err := a.runSigner(signed, plan)
	if err != nil {
		return a.fail("%s", err)
	}
	if err := tryOutput(plan.Output); err != nil {
		return a.fail("%s", err)
	}
	session, code := a.open(plan, chosen)
	if session == nil {
		return code
	}
	defer session.close()
	unlock, err := lockOutput(plan.Output)
	if err != nil {
		return a.fail("%s", err)
	}
	defer unlock()
	// Whatever happens now, the reports of an earlier run can't be mistaken for those of this one. What was mistyped has cost none.
	if err := reports.RemoveAll(plan.Output); err != nil {
		return a.fail("the reports of an earlier run can't be removed: %s", err)
	}

	if *forMachines {
		a.lines = newLines(a.out)
		a.out = a.err // what people read stands elsewhere
		a.lines.write(line{Event: "begin", Tool: "fapitest " + version().Version, Target: session.target.Issuer, Profile: chosen.ID, Seed: plan.Seed})
	}
	report, code := a.carryOut(ctx, plan, chosen, session, formats, gate, by)
	a.lines.end(report, plan.Output, code)
	return code
}

// carryOut runs what was planned and writes what came of it. The report is nil where there is none.
func (a *app) carryOut(ctx context.Context, plan run.Plan, chosen profile.Profile, session *session, formats []reports.Format, gate *gate, by *signer) (*verdict.Report, int) {
	debug.SetGCPercent(30) // it works little, and keeps all of the report
	ctx, end := bounded(ctx, plan.Minutes)
	defer end(nil)
	if plan.Most > 0 {
		session.pace.Bound(plan.Most, func() { end(run.CutOff{By: fmt.Sprintf("--max-requests %d", plan.Most)}) })
	}
	a.reach(ctx, plan, session)
	report, code := a.test(ctx, plan, chosen, session)
	if report == nil {
		return nil, code
	}
	code = a.conclude(plan, report, formats, gate)
	if session.exit != 0 && code != exitUsage {
		return report, session.exit
	}
	if by != nil && code != exitUsage {
		return report, a.attestRun(ctx, plan.Output, by, code)
	}
	return report, code
}

// bounded is a context that ends with the minutes that a run may take; 0: it does not. Whoever ends it earlier says why.
func bounded(ctx context.Context, minutes float64) (context.Context, context.CancelCauseFunc) {
	ctx, end := context.WithCancelCause(ctx)
	if minutes > 0 {
		timer := time.AfterFunc(time.Duration(minutes*float64(time.Minute)), func() { end(run.CutOff{By: fmt.Sprintf("--max-minutes %v", minutes)}) })
		context.AfterFunc(ctx, func() { timer.Stop() })
	}
	return ctx, end
}

// knownDriver says whether there is a consent driver of that name; an empty one leaves the choice to the target file.
func knownDriver(name string) bool {
	return slices.Contains([]string{"", "browser", "form", "person"}, name)
}

// knownClauses says what is wrong with the clauses that narrow a run, before anything is sent.
func knownClauses(chosen profile.Profile, clauses []string) error {
	catalogue, err := suites.Catalogue()
	if err != nil {
		return err
	}
	return run.KnownClauses(run.Options{Plan: run.Plan{Clauses: clauses}, Profile: chosen, Catalogue: catalogue})
}

// How many workers there are when nobody says, and how many there may be: a bank's answers are slower than we are, and no bank is to be
// overloaded by a typing error.
const (
	defaultWorkers = 4
	mostWorkers    = 64
)

// wrongPace says what is wrong with the flags --workers and --rate; empty: nothing is.
func wrongPace(workers int, capped bool, rate float64) string {
	switch {
	case workers < 1 || workers > mostWorkers:
		return fmt.Sprintf("--workers is between 1 and %d, not %d", mostWorkers, workers)
	case capped && !(rate >= 0.1 && rate <= 10_000):
		return fmt.Sprintf("--rate is between 0.1 and 10000 requests a second, not %v", rate)
	}
	return ""
}

// session is a target that is ready to be tested, and what has to be closed afterwards.
type session struct {
	target   *target.Target
	bench    *bench.Bench // the embedded bank; nil with a target file
	pace     *wire.Metronome
	clock    wire.Clock
	driver   consent.Driver
	redactor *wire.Redactor
	http     func(*tls.Certificate) *http.Client
	closers  []func() error
	stopped  string   // why there is nothing to be tested; empty: there is
	exit     int      // the exit code of a run that was stopped by something else than the target; 0: that of its conclusion
	before   run.Took // what it took to reach the target
	crowd    *flow.Crowd
	unread   int // the exit code of check where there is an answer, and no metadata of this issuer
}

func (s *session) close() {
	for i := len(s.closers) - 1; i >= 0; i-- {
		_ = s.closers[i]() // the report is written; what can't be closed ends with the process
	}
}

// open starts the embedded bank or loads the target file, and sends nothing. A nil session comes with the exit code.
func (a *app) open(plan run.Plan, chosen profile.Profile) (*session, int) {
	s := &session{redactor: &wire.Redactor{}, pace: wire.NewMetronome(plan.Rate, wire.SystemClock{})}
	if plan.File == "" {
		embedded, err := selftest.Start(plan.Mutant, bench.Options{RealTime: plan.RealTime}.For(chosen))
		if err != nil {
			return nil, a.fail("%s", err)
		}
		s.bench, s.target, s.clock, s.http = embedded, embedded.Target, embedded.Clock, embedded.HTTP
		s.closers = append(s.closers, embedded.Close)
		s.target.Consent.Driver = ""
	} else {
		loaded, err := target.Load(plan.File, a.env)
		if err != nil {
			return nil, a.fail("%s", err)
		}
		if err := knownAttestations(loaded); err != nil {
			return nil, a.fail("%s", err)
		}
		a.warnOfExposed(loaded.Exposed...)
		s.target, s.clock, s.http = loaded, wire.SystemClock{}, perCertificate(loaded)
	}
	if err := run.Fits(chosen, s.target); err != nil {
		s.close()
		return nil, a.fail("%s", err)
	}
	for _, user := range s.target.Users() {
		if password := user.Password.Reveal(); password != "" && len(password) < 6 {
			a.tell("the password of %s has fewer than 6 characters: where a page repeats it, it can't be told from other text and stays in the report", cmp.Or(user.Key, "user"))
		}
		s.redactor.Learn("password", user.Password.Reveal())
	}
	s.crowd = flow.NewCrowd(s.target)
	for _, client := range s.target.Clients {
		s.redactor.Learn("client_secret", client.Secret.Reveal())
	}
	return s, exitConformant
}

// reach reads the metadata of the target, and finds out who plays the end user. What went wrong stands in the session.
func (a *app) reach(ctx context.Context, plan run.Plan, s *session) {
	began, ledger := time.Now(), &wire.Ledger{}
	defer func() { s.before = run.Took{Began: began, Account: ledger.Account(), Lived: time.Since(began)} }()
	err := s.target.Discover(wire.WithLedger(wire.WithPace(ctx, s.pace), ledger), s.redactor)
	if ctx.Err() != nil {
		s.stopped = "interrupted"
		return
	}
	if err != nil {
		s.unread = a.noMetadata(err)
		var nobody *target.Unreachable
		if errors.As(err, &nobody) {
			s.stopped = err.Error()
			return
		}
		// A server that answers, but not with metadata of this issuer, breaks a clause: the experiments on metadata say so.
	}
	driver, err := a.driver(wire.WithLedger(ctx, ledger), plan.Driver, s)
	if err != nil {
		a.tell("fapitest: %s", err)
		var nobody *target.Unreachable
		if s.stopped = err.Error(); !errors.As(err, &nobody) {
			s.exit = exitUsage
		}
		return
	}
	s.driver = driver
	s.closers = append(s.closers, driver.Close)
}

// knownAttestations says what is attested that is no requirement: a typing error would cost the attestation.
func knownAttestations(t *target.Target) error {
	catalogue, err := suites.Catalogue()
	if err != nil {
		return err
	}
	var ids []string
	for _, entry := range catalogue.Entries {
		ids = append(ids, entry.ID)
	}
	for _, id := range slices.Sorted(maps.Keys(t.Attested)) {
		if _, known := catalogue.Find(id); !known {
			where := "attested." + id
			if t.Declared(id) {
				where = t.Declarations.File + ": " + id
			}
			return fmt.Errorf("%s: %s: there is no such requirement; the nearest is %s", t.File, where, requirement.Nearest(id, ids))
		}
	}
	return nil
}

// perCertificate keeps one HTTP client for each certificate, so that a pooled connection never carries the wrong one.
func perCertificate(t *target.Target) func(*tls.Certificate) *http.Client {
	var mu sync.Mutex
	clients := map[*tls.Certificate]*http.Client{}
	return func(certificate *tls.Certificate) *http.Client {
		mu.Lock()
		defer mu.Unlock()
		if clients[certificate] == nil {
			clients[certificate] = t.HTTPClient(certificate)
		}
		return clients[certificate]
	}
}

// driver chooses who plays the end user. Where nobody chose, that is a browser if there is one.
func (a *app) driver(ctx context.Context, flag string, s *session) (consent.Driver, error) {
	name := s.target.Consent.Driver
	if flag != "" {
		name = flag
	}
	if name == "" {
		name = "browser"
		if _, err := consent.FindBrowser(""); err != nil {
			a.tell("no Chromium here: the pages are driven without a browser, and without screenshots (apt-get install chromium)")
			name = "form"
		}
	}
	s.target.Consent.Driver = name
	switch name {
	case "browser":
		keys, err := browserTrust(ctx, s.target)
		if err != nil {
			return nil, err
		}
		hosts := s.target.PagesMayContact()
		if s.bench != nil {
			hosts = append(hosts, "localhost") // every worker has a bank of its own, at a port of its own
		}
		return consent.NewBrowser(consent.BrowserOptions{SPKI: keys, Hosts: hosts, Screenshots: true, Pace: s.pace})
	case "form":
		return consent.NewForm(consent.FormOptions{Client: target.ForPages(s.http(nil)), Hosts: s.target.PagesMayContact(), Pace: s.pace}), nil
	case "person":
		return consent.NewPerson(consent.PersonOptions{In: a.in, Out: a.err}), nil
	}
	return nil, fmt.Errorf("there is no consent driver %q", name)
}

// browserTrust returns the keys of the servers whose pages the browser will open, each validated by our own TLS client first.
func browserTrust(ctx context.Context, t *target.Target) ([]string, error) {
	var keys []string
	for _, address := range t.PageOrigins() {
		leaf, err := t.Leaf(ctx, address)
		if err != nil {
			return nil, err
		}
		keys = append(keys, target.SPKI(leaf))
	}
	for _, address := range t.PageHosts() {
		// A server that can't be reached or trusted now shows up as an error of its pages later.
		if leaf, err := t.Leaf(ctx, address); err == nil {
			keys = append(keys, target.SPKI(leaf))
		}
	}
	return keys, nil
}

// test runs the experiments. A nil report comes with the exit code.
func (a *app) test(ctx context.Context, plan run.Plan, chosen profile.Profile, s *session) (*verdict.Report, int) {
	catalogue, err := suites.Catalogue()
	if err != nil {
		return nil, a.fail("%s", err)
	}
	progress := a.newProgress()
	options := run.Options{
		Plan: plan, Target: s.target, Profile: chosen, Suites: suites.All(), Catalogue: catalogue,
		Clock: s.clock, Driver: s.driver, HTTP: s.http, Redactor: s.redactor, Tool: a.tool(), By: operator(),
		Pace: s.pace, Crowd: s.crowd, Before: s.before,
	}
	endEarly := func(stumbles ...run.Stumble) (*verdict.Report, int) {
		report, err := run.EndedEarly(ctx, options, stumbles)
		if err != nil {
			return nil, a.fail("%s", err)
		}
		return report, 0
	}
	// What is not the target's fault ends with our own exit code, and with a report all the same: that of an earlier run is gone.
	fault := func(err error) (*verdict.Report, int) {
		s.exit = a.fail("%s", err)
		return endEarly(run.Stumble{Says: s.redactor.Scrub(wire.Printable(err.Error()))})
	}
	if ctx.Err() != nil {
		return endEarly()
	}
	if s.stopped != "" {
		return endEarly(run.Stumble{Says: s.stopped})
	}
	// Until the target file was read and a browser was looked for, nobody knew who plays the end user.
	if options.Plan.Driver = s.target.Consent.Driver; options.Plan.Driver == "person" {
		options.Plan.Workers = 1 // a person does one thing at a time
	}
	pool, keys, err := a.pool(s)
	if err != nil {
		return fault(err)
	}
	options.ProofKeys, options.Progress = keys, progress.show
	if a.lines != nil {
		options.Entered = a.lines.experiment
	}
	if plan.NoWaits && !a.quiet {
		a.tell("without the experiments that have to wait: the conclusion is at best partial")
	}
	// The bank that comes with fapitest fits its own target file: what it refuses is for the experiments to say.
	if s.bench == nil && s.target.Metadata != nil && s.target.Metadata.Values != nil {
		options.Evidence = newEvidence(plan.Output).keep
		stumbles, took, err := run.Preflight(ctx, options)
		options.Before = s.before.Then(took)
		if err != nil {
			return fault(err)
		}
		if len(stumbles) > 0 && ctx.Err() == nil {
			for _, stumble := range stumbles {
				a.tell("fapitest: %s", s.redactor.Scrub(wire.Printable(stumble.Sentence())))
				if stumble.Misfit != nil {
					a.tell("%s", s.redactor.Scrub(a.misfit(stumble.Misfit, plan.Output, width(a.err))))
				}
			}
			return endEarly(stumbles...)
		}
	}
	report, err := run.Aside(ctx, options, pool)
	progress.clear()
	if err != nil {
		return fault(err)
	}
	return report, 0
}

// conclude writes the reports, prints the terminal one, and turns the conclusion into an exit code.
func (a *app) conclude(plan run.Plan, report *verdict.Report, formats []reports.Format, gate *gate) int {
	gate.hold(report)
	written := reports.WriteAll(plan.Output, report, formats...)
	if err := terminal.Write(a.out, report, terminal.Options{
		Colour: a.colour(a.out), Width: width(a.out), HTMLPath: reports.Page(plan.Output), Brief: a.quiet,
	}); err != nil {
		return a.fail("printing the report: %s", err)
	}
	if written != nil {
		return a.fail("the reports could not be written: %s", written)
	}
	if err := report.Follows(); err != nil {
		return a.fail("internal error: the report contradicts itself, and will not be read again: %s", err)
	}
	return exitOf(report.Outcome())
}

// findProfile returns a profile with all that it asks of a server, whether or not an experiment looks at it. One that no client can play is
// an error.
func findProfile(name string) (profile.Profile, error) {
	catalogue, err := suites.Catalogue()
	if err != nil {
		return profile.Profile{}, err
	}
	set, err := profiles.Set(catalogue)
	if err != nil {
		return profile.Profile{}, err
	}
	chosen, err := set.Find(name)
	if err != nil {
		return profile.Profile{}, err
	}
	if obstacle := run.Obstacle(chosen); obstacle != "" {
		return profile.Profile{}, fmt.Errorf("profile %s can't be run yet: %s; fapitest list --profiles says which can", chosen.ID, obstacle)
	}
	return chosen, nil
}
