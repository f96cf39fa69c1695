package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/fapitest/fapitest/fixtures/bench"
	"github.com/fapitest/fapitest/harness/consent"
	"github.com/fapitest/fapitest/harness/profile"
	"github.com/fapitest/fapitest/harness/run"
	"github.com/fapitest/fapitest/harness/target"
	"github.com/fapitest/fapitest/harness/verdict"
	"github.com/fapitest/fapitest/harness/wire"
	"github.com/fapitest/fapitest/suites"
)

// What can't be known before a run, and what is assumed instead.
const supposedJourney = 3 * time.Second // through a login page and a consent page

// foresee says what a run would ask of the target. It is counted by a run of the same experiments against the embedded bank, with the
// clients and features of the target; nothing is sent to the target.
func (a *app) foresee(ctx context.Context, t *target.Target, chosen profile.Profile, plan run.Plan) int {
	asked, err := rehearse(ctx, t, chosen, plan)
	if err != nil {
		return a.fail("%s", err)
	}
	// Workers learn beforehand whether a new access token ends the older ones: that takes one more flow of each client. Another one of each, and
	// the metadata, come before all experiments.
	each := 3 // pushed request, token request, resource
	if t.Offered("refresh_token") {
		each++
	}
	asked.Flows += 2 * len(t.Combinations())
	asked.Requests += len(t.Metadata.Documents) + each*len(t.Combinations())
	answer := metadataTime(t)
	inTurn := time.Duration(asked.Requests)*answer + time.Duration(asked.Flows)*supposedJourney
	takes := inTurn / time.Duration(plan.Workers)
	if plan.Rate > 0 {
		takes = max(takes, time.Duration(float64(asked.Requests)/plan.Rate*float64(time.Second)))
	}
	var waits []run.Wait
	if !plan.NoWaits {
		if waits, err = planned(chosen); err != nil {
			return a.fail("%s", err)
		}
	}
	for _, wait := range waits {
		takes = max(takes, min(wait.About, t.Waits.Longest))
	}
	a.print("\na run would ask of it\n\n")
	a.print(wrap(fmt.Sprintf("about %d requests and %d journeys of the end user through its pages, by %d workers", asked.Requests, asked.Flows, plan.Workers),
		"  ", width(a.out)))
	if t.MaxLogins > 0 && t.MaxLogins < asked.Flows {
		a.print(wrap(fmt.Sprintf("max_logins allows it %d logins, the first %d for one proper flow of each client: what needs more will be Blocked", t.MaxLogins,
			len(t.Combinations())), "  ", width(a.out)))
	}
	a.print(wrap(fmt.Sprintf("about %s, if it answers in %s, as it did just now, and a journey takes %s", minutes(takes), answer.Round(time.Millisecond), supposedJourney),
		"  ", width(a.out)))
	if len(waits) == 0 {
		a.print("  no waits\n")
		return exitConformant
	}
	a.print(wrap(fmt.Sprintf("these waits, in parallel with each other and with everything else; none is longer than %s (waits.longest)", t.Waits.Longest), "  ", width(a.out)))
	for _, wait := range waits {
		words := wait.About.String()
		if wait.Says != "" {
			words = fmt.Sprintf("%s (%s is assumed until the server says)", wait.Says, wait.About)
		}
		a.print(wrap(fmt.Sprintf("%s: %s", strings.Join(wait.Requirements, ", "), words), "    ", width(a.out)))
	}
	return exitConformant
}

// planned is what a run of the profile has to wait for.
func planned(chosen profile.Profile) ([]run.Wait, error) {
	sentences, err := run.Sentences(suites.All())
	if err != nil {
		return nil, err
	}
	return run.Waits(sentences, ids(chosen.Requirements())), nil
}

// minutes is a time as somebody plans with it.
func minutes(d time.Duration) string {
	if d < 90*time.Second {
		return fmt.Sprintf("%d seconds", int(d.Round(time.Second).Seconds()))
	}
	return fmt.Sprintf("%d minutes", int((d + 30*time.Second).Minutes()))
}

// metadataTime is how long the target took for its metadata.
func metadataTime(t *target.Target) time.Duration {
	longest := time.Millisecond
	for _, document := range t.Metadata.Documents {
		if document.Problem == "" {
			longest = max(longest, time.Duration(document.Exchange.Seconds*float64(time.Second)))
		}
	}
	return longest
}

// rehearse runs the experiments against the embedded bank, as clients of the same kinds and with the same features.
func rehearse(ctx context.Context, t *target.Target, chosen profile.Profile, plan run.Plan) (verdict.Time, error) {
	catalogue, err := suites.Catalogue()
	if err != nil {
		return verdict.Time{}, err
	}
	embedded, err := bench.Start(bench.Options{})
	if err != nil {
		return verdict.Time{}, err
	}
	defer func() { _ = embedded.Close() }() // it ends with the process
	embedded.Target.Offers = slices.DeleteFunc(embedded.Target.Offers, func(feature string) bool { return !t.Offered(feature) })
	if !t.OpenID() {
		embedded.Target.Scope = embedded.Target.Resource.Scope
	}
	redactor := &wire.Redactor{}
	if err := embedded.Target.Discover(ctx, redactor); err != nil {
		return verdict.Time{}, err
	}
	own := run.Plan{NoWaits: plan.NoWaits, Thorough: plan.Thorough, Seed: 1}
	for _, client := range embedded.Target.Combinations() {
		if slices.ContainsFunc(t.Combinations(), func(c *target.Client) bool { return c.Auth == client.Auth && c.Binding == client.Binding }) {
			own.Clients = append(own.Clients, client.ID)
		}
	}
	report, err := run.Run(ctx, run.Options{
		Target: embedded.Target, Profile: chosen, Suites: suites.All(), Catalogue: catalogue, Plan: own, Clock: embedded.Clock,
		Driver: consent.NewForm(consent.FormOptions{Client: embedded.HTTP(nil)}), HTTP: embedded.HTTP, Redactor: redactor,
	})
	if err != nil {
		return verdict.Time{}, err
	}
	return report.Time, nil
}
