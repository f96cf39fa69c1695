package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/fapitest/fapitest/harness/profile"
	"github.com/fapitest/fapitest/harness/requirement"
	"github.com/fapitest/fapitest/harness/run"
	"github.com/fapitest/fapitest/harness/target"
	"github.com/fapitest/fapitest/harness/wire"
	"github.com/fapitest/fapitest/suites"
	"github.com/fapitest/fapitest/suites/profiles"
)

const checkHelp = `Usage: fapitest check -t FILE [flags]

Shows a target file as it is understood: the server and its endpoints, the clients, what would be
tested, what not, and why, and how many requests, page journeys and minutes a run will take.
Nothing but the metadata is requested.

With --login it takes each client through one proper flow instead, as a run does before anything
else: pushed request, login, code, tokens, resource, and refresh where that is offered. A step
that is refused is reported with what to compare. A login that fails is not tried with the next
client. Where the consent script does not fit a page, it lists the forms, fields and buttons of the
page and proposes lines for the script.

  -t, --target FILE    the target file
      --login          one proper flow of each client, and nothing else
  -o, --output DIR     with --login: where the pages are kept (default fapitest-login)
      --config         also the whole configuration as it is understood, with defaults and
                       environment applied, as JSON; secrets left out
      --keys           instead: all keys that a target file can have, in Markdown (docs/target.md)
  -p, --profile NAME   the profile a run would test against (default fapi2-security-profile)
      --consent DRIVER with --login: who plays the end user (default: as in the target file)
      --workers N      as for run (default 4)
      --rate N         as for run (default: no cap)
      --no-waits       as for run
      --thorough       as for run

Exit codes: 0 all in order, 4 the server can't be reached or a flow does not go through, 1 wrong
usage, a bad file, or metadata of another issuer.
`

func (a *app) check(ctx context.Context, args []string) int {
	flags := a.flags("check", checkHelp)
	file := flags.StringP("target", "t", "", "")
	name := flags.StringP("profile", "p", profiles.Default, "")
	driver := flags.String("consent", "", "")
	workers := flags.Int("workers", defaultWorkers, "")
	rate := flags.Float64("rate", 0, "")
	noWaits := flags.Bool("no-waits", false, "")
	thorough := flags.Bool("thorough", false, "")
	keys := flags.Bool("keys", false, "")
	login := flags.Bool("login", false, "")
	output := flags.StringP("output", "o", "fapitest-login", "")
	config := flags.Bool("config", false, "")
	if code, done := a.parse(flags, args); done {
		return code
	}
	if *keys {
		a.print(target.Page())
		return exitConformant
	}
	if words := wrongPace(*workers, flags.Changed("rate"), *rate); words != "" {
		return a.fail("%s", words)
	}
	switch {
	case *file == "":
		return a.fail("check needs a target file: fapitest check -t bank.yaml")
	case !knownDriver(*driver):
		return a.fail("--consent: there is no driver %q: the drivers are browser, form and person", *driver)
	case *driver != "" && !*login:
		return a.fail("--consent is for --login: without it no page is opened")
	case flags.Changed("output") && !*login:
		return a.fail("--output is for --login: without it no page is opened")
	}
	if flags.Changed("output") {
		if err := tryOutput(*output); err != nil {
			return a.fail("%s", err)
		}
	}
	chosen, err := findProfile(*name)
	if err != nil {
		return a.fail("%s", err)
	}
	p := run.Plan{File: *file, Output: *output, Driver: *driver, Profile: *name, Workers: *workers, Rate: *rate, NoWaits: *noWaits, Thorough: *thorough}
	if *login {
		return a.checkLogin(ctx, p, chosen)
	}
	t, err := target.Load(*file, a.env)
	if err != nil {
		return a.fail("%s", err)
	}
	a.warnOfExposed(t.Exposed...)
	if err := run.Fits(chosen, t); err != nil {
		return a.fail("%s", err)
	}
	if err := t.Discover(wire.WithPace(ctx, wire.NewMetronome(*rate, wire.SystemClock{})), &wire.Redactor{}); err != nil {
		return a.noMetadata(err)
	}
	a.describe(t)
	if code := a.plan(t, chosen, *thorough); code != exitConformant {
		return code
	}
	if code := a.foresee(ctx, t, chosen, p); code != exitConformant || !*config {
		return code
	}
	effective, err := json.MarshalIndent(t.Effective(), "", "  ")
	if err != nil {
		return a.fail("%s", err)
	}
	a.printf("\nthe whole configuration\n\n%s\n", effective)
	return exitConformant
}

// noMetadata says why there is none, and returns the exit code for it.
func (a *app) noMetadata(err error) int {
	var other *target.OtherIssuer
	if errors.As(err, &other) {
		return a.fail("%s", err)
	}
	a.tell("fapitest: %s", err)
	return exitInconclusive
}

// checkLogin takes each client through one proper flow.
func (a *app) checkLogin(ctx context.Context, p run.Plan, chosen profile.Profile) int {
	s, code := a.open(p, chosen)
	if s == nil {
		return code
	}
	defer s.close()
	a.reach(ctx, p, s)
	switch {
	case ctx.Err() != nil:
		a.tell("fapitest: interrupted")
		return exitInconclusive
	case s.exit != 0:
		return s.exit
	case s.stopped != "":
		return exitInconclusive
	case s.target.Metadata.Values == nil:
		return s.unread
	}
	trials, err := run.Trials(ctx, run.Options{
		Plan: p, Target: s.target, Profile: chosen, Clock: s.clock, Driver: s.driver, HTTP: s.http, Redactor: s.redactor, Pace: s.pace, Crowd: s.crowd,
		Evidence: newEvidence(p.Output).keep,
	})
	if err != nil {
		return a.fail("%s", err)
	}
	if ctx.Err() != nil {
		a.tell("fapitest: interrupted")
		return exitInconclusive
	}
	code = exitConformant
	for _, trial := range trials {
		words := trial.Client
		if trial.User != "" && len(s.target.Users()) > 1 {
			words += ", with " + trial.User
		}
		a.printf("%s\n", words)
		for _, step := range trial.Steps {
			sign := "✓"
			if !step.Good() {
				sign, code = "✗", exitInconclusive
			}
			a.print(hanging(fmt.Sprintf("  %s %-28s ", sign, step.Step), s.redactor.Scrub(wire.Printable(step.Because)), width(a.out)))
		}
		if trial.Stumble != nil {
			a.print(wrap("compare "+trial.Stumble.Compare, "    ", width(a.out)))
			if m := trial.Stumble.Misfit; m != nil {
				a.print(s.redactor.Scrub(a.misfit(m, p.Output, width(a.out))))
			}
		}
	}
	for _, client := range s.target.Combinations()[min(len(trials), len(s.target.Combinations())):] {
		a.printf("%s\n  not tried: a login that fails is not repeated\n", client.ID)
	}
	if code == exitConformant {
		a.print("every client goes through\n")
	}
	return code
}

// endpoints are the members of the metadata that a person looks for, and what they are called here.
func endpoints() [][2]string {
	return [][2]string{
		{"pushed_authorization_request_endpoint", "pushed requests"}, {"authorization_endpoint", "authorization"}, {"token_endpoint", "token"},
		{"introspection_endpoint", "introspection"}, {"revocation_endpoint", "revocation"}, {"userinfo_endpoint", "userinfo"},
		{"end_session_endpoint", "logout"}, {"jwks_uri", "keys"},
	}
}

// describe says what the target is.
func (a *app) describe(t *target.Target) {
	fact := func(name, text string) { a.print(hanging(fmt.Sprintf("  %-17s ", name), text, width(a.out))) }
	a.print("the server\n\n")
	fact("issuer", t.Issuer)
	for _, document := range t.Metadata.Documents {
		words := "good"
		if document.Problem != "" {
			words = document.Problem
		}
		fact("metadata", fmt.Sprintf("%s: %s", document.URL, words))
	}
	certified := slices.ContainsFunc(t.Clients, (*target.Client).Certified)
	for _, endpoint := range endpoints() {
		address := t.Metadata.Endpoint(endpoint[0], false)
		if address == "" {
			continue
		}
		fact(endpoint[1], wire.Printable(address))
		if alias := t.Metadata.Endpoint(endpoint[0], true); certified && alias != address {
			fact("", wire.Printable(alias)+" for clients with a certificate")
		}
	}
	words := t.Resource.Method + " " + t.Resource.URL
	if t.Resource.Scope != "" {
		words += ", which needs the scope " + t.Resource.Scope
	}
	if t.Resource.Lesser != "" {
		words += " and has to refuse " + t.Resource.Lesser
	}
	if len(t.Resource.Headers) > 0 {
		var names []string
		for _, header := range t.Resource.Headers {
			names = append(names, header.Name)
		}
		words += ", with the header fields " + strings.Join(names, ", ")
	}
	fact("resource", words)
	if signed := t.Signed(); signed != nil {
		switch {
		case signed.Requests && signed.Responses:
			words = "requests and answers at "
		case signed.Requests:
			words = "requests to "
		default:
			words = "answers of "
		}
		words += t.SignedURL()
		if signed.Post != "" {
			words += ", with a body by POST to " + signed.Post
		}
		fact("signed", words)
	}
	if t.Permission != "" {
		fact("permission", t.Permission)
	}
	a.print("\nthe clients\n\n")
	combinations := t.Combinations()
	for _, client := range t.Clients {
		words := fmt.Sprintf("%s, %s", client.Auth, client.Binding)
		if client.Key != nil {
			words += ", signs with " + client.Key.Algorithm
		}
		if !slices.Contains(combinations, client) {
			words += "; used only for its keys and certificate: its combination is tested already"
		}
		fact(client.ID, words)
	}
	fact("scope", t.Scope)
	if t.Required(target.RequiresJAR) {
		fact("every request", "signed, in a request object")
	}
	if t.Required(target.RequiresJARM) {
		fact("every response", "signed (JARM): requests have response_mode=jwt")
	}
	if t.Required(target.HTTPSignatures) {
		fact("every request", "signed, to the resource")
	}
	if t.Required(target.RequiresDPoPAtPAR) {
		fact("every request", "pushed with a DPoP proof, where tokens are bound by one")
	}
	if t.Required(target.RequiresDPoPJKT) {
		fact("every request", "names the DPoP key (dpop_jkt), where tokens are bound by one")
	}
	driver := t.Consent.Driver
	if driver == "" {
		driver = "browser, or form where there is no Chromium"
	}
	words = "played by " + driver
	if len(t.More) > 0 {
		words += fmt.Sprintf("; %d test users", len(t.Users()))
	}
	if t.MaxLogins > 0 {
		words += fmt.Sprintf("; %d logins at most", t.MaxLogins)
	}
	fact("the end user", words)
	if len(t.Offers) > 0 {
		fact("claimed", strings.Join(t.Offers, ", "))
	}
	for _, contradiction := range t.Contradictions() {
		a.print(hanging("  note: ", contradiction.Says, width(a.out)))
	}
}

// plan shows what a run would do.
func (a *app) plan(t *target.Target, chosen profile.Profile, thorough bool) int {
	sentences, err := run.Sentences(suites.All())
	if err != nil {
		return a.fail("%s", err)
	}
	combinations := t.Combinations()
	a.printf("\n%s, %s\n\n", chosen.Title, chosen.Edition)
	experiments, planned := 0, 0
	// What many requirements have in common is said once.
	left, nowhere := map[string][]string{}, map[requirement.Condition][]string{}
	for _, r := range chosen.Requirements() {
		applies := 0
		for _, client := range combinations {
			if run.Applies(r, client, t) {
				applies++
			}
		}
		for _, client := range run.Players(r, combinations, t, thorough) {
			if run.Applies(r, client, t) {
				experiments += len(sentences[r.ID])
			}
		}
		switch {
		case applies == 0:
			nowhere[r.When] = append(nowhere[r.When], r.ID)
		case r.Planned:
			planned++
		case r.Attested && t.Attested[r.ID] == "":
			words := "have to be attested, " + r.Reason
			left[words] = append(left[words], r.ID)
		}
	}
	a.print(wrap(fmt.Sprintf("%d requirements, %d experiments as %d clients; for %d requirements fapitest has no experiment yet", len(chosen.Requirements()),
		experiments, len(combinations), planned), "  ", width(a.out)))
	for _, condition := range slices.Sorted(maps.Keys(nowhere)) {
		words := t.UnmetByAll(condition)
		left[words] = append(left[words], nowhere[condition]...)
	}
	if len(left) > 0 {
		a.print("\nnot tested, or not by experiments alone\n\n")
		for _, words := range slices.Sorted(maps.Keys(left)) {
			a.print(hanging("  - ", words+": "+strings.Join(left[words], ", "), width(a.out)))
		}
	}
	var unknown []string
	for id := range t.Attested {
		if !slices.ContainsFunc(ids(chosen.Requirements()), func(known string) bool { return known == id }) {
			unknown = append(unknown, id)
		}
	}
	if len(unknown) > 0 {
		slices.Sort(unknown)
		a.tell("attested, but not in this profile: %s", strings.Join(unknown, ", "))
	}
	return exitConformant
}
