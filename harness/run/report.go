package run

import (
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/fapitest/fapitest/harness/flow"
	"github.com/fapitest/fapitest/harness/requirement"
	"github.com/fapitest/fapitest/harness/verdict"
	"github.com/fapitest/fapitest/harness/wire"
)

// report adds the specs of each requirement up, and draws the conclusion. Lived is how long all workers together were there.
func (g *gathering) report(began time.Time, workers int, lived time.Duration) *verdict.Report {
	t, narrowed := g.options.Target, g.narrowed
	report := &verdict.Report{
		Schema: verdict.Schema, Tool: g.options.Tool, Seed: g.options.Plan.Seed, Workers: workers, Thorough: g.options.Plan.Thorough,
		By: g.options.By,
		Profile: verdict.Profile{
			Digest: g.options.Profile.Digest(), Catalogue: g.options.Catalogue.Digest(),
			ID: g.options.Profile.ID, Title: g.options.Profile.Title, Edition: g.options.Profile.Edition,
			Requirements: g.lookedAt(), Of: len(g.options.Profile.Requirements()),
		},
		Target: verdict.Target{Issuer: t.Issuer, File: t.File, Digest: t.Digest, Permission: t.Permission, Config: t.Effective(), Mutant: g.options.Plan.Mutant},
	}
	if path, err := filepath.Abs(t.File); err == nil && t.File != "" {
		report.Target.Path = path
	}
	if t.Metadata != nil {
		report.Target.Metadata, _ = g.options.Redactor.JSON(map[string]any(t.Metadata.Values)).(map[string]any)
	}
	for _, client := range t.Clients {
		runs := slices.Contains(g.options.clients, client)
		report.Target.Clients = append(report.Target.Clients, verdict.Client{ID: client.ID, Auth: client.Auth, Binding: client.Binding, Runs: runs})
	}
	if g.queue.interrupted() {
		words := g.queue.endedBy()
		if g.options.Only == nil {
			g.whole, _ = g.count() // the suites were registered before, without an error
			total := 0
			for _, n := range g.whole {
				total += n
			}
			words += fmt.Sprintf(" after %d of %d experiments", g.queue.done, total)
		}
		narrowed = strings.TrimPrefix(narrowed+"; "+words, "; ")
	}
	report.Partial, report.Narrowed = narrowed != "", narrowed

	byRequirement := g.specs()
	results := map[string]verdict.Result{}
	for _, r := range g.options.Profile.Requirements() {
		results[r.ID] = g.result(r, byRequirement[r.ID])
	}
	for _, r := range g.options.Profile.Requirements() {
		result := results[r.ID]
		if len(r.Follows) > 0 && !result.LeftOut && result.Verdict != verdict.NotApplicable {
			rollUp(&result, r, results)
		}
		// What no suite looks at makes only a whole run inconclusive: a partial run was asked for what it contains.
		if r.Listed && result.Verdict == verdict.Untested && g.narrowed != "" {
			result.LeftOut = true
		}
		report.Requirements = append(report.Requirements, result)
	}
	report.Notes = append(slices.Clone(g.queue.notes), g.strangers(byRequirement)...)
	report.Notes = append(report.Notes, g.options.Crowd.Notes()...)
	// The order of the documents, as the catalogue has it, whatever order the code declares things in.
	slices.SortStableFunc(report.Requirements, func(a, b verdict.Result) int {
		return g.options.Catalogue.Position(a.ID) - g.options.Catalogue.Position(b.ID)
	})
	report.Notes = append(report.Notes, g.contradictions(report.Requirements)...)
	report.Count()
	report.Conclusion = verdict.Conclude(report.Requirements)
	if g.queue.interrupted() && report.Conclusion == verdict.Conformant {
		report.Conclusion = verdict.Inconclusive // a run that was cut short can't vouch for what it did not reach
	}
	before := g.options.Before
	if !before.Began.IsZero() {
		began = before.Began
	}
	report.Started, report.Seconds = began.UTC().Truncate(time.Microsecond), time.Since(began).Seconds()
	for _, specs := range byRequirement {
		for _, spec := range specs {
			toMicroseconds(spec.Exchanges)
		}
	}
	entered := g.queue.account().Add(before.Account)
	if t.File != "" { // every worker has a bank of its own where the bank comes with fapitest: that it does is all to be said of it
		report.Target.Certificates = entered.Shown
	}
	report.Time = account(entered, lived+before.Lived, g.options.Clock)
	report.Time.Repeated = g.queue.repeated
	report.Time.Before = verdict.Before{Seconds: before.Lived.Seconds(), Requests: before.Account.Requests, Flows: before.Account.Flows}
	return report
}

// toMicroseconds makes times as exact as report.json keeps them: what is shown of a report is the same before it is written and after it is read.
func toMicroseconds(exchanges []*wire.Exchange) {
	for _, e := range exchanges {
		e.Started, e.Seconds = e.Started.Truncate(time.Microsecond), math.Round(e.Seconds*1e6)/1e6
	}
}

// strangers names the clients whose every unmodified request the target has refused. That is more often a slip in the target
// file or in the registration than a fault of the target.
func (g *gathering) strangers(byRequirement map[string][]verdict.Spec) []string {
	accepted, refused := map[string]bool{}, map[string]string{}
	for _, specs := range byRequirement {
		for _, spec := range specs {
			for _, exchange := range spec.Exchanges {
				switch {
				case exchange.Deviation != "" || exchange.Step != string(flow.StepPush) || exchange.Answer == nil:
				case exchange.Answer.Status < 300:
					accepted[spec.Client] = true
				case exchange.Because != "":
					refused[spec.Client] = exchange.Because
				}
			}
		}
	}
	var notes []string
	for _, client := range g.options.clients {
		if because := refused[client.ID]; because != "" && !accepted[client.ID] {
			notes = append(notes, fmt.Sprintf("no proper request of client %s was accepted (%s): before trusting any other result, compare its id, keys, "+
				"redirect URIs and scope in the target file with its registration", client.ID, because))
		}
	}
	return notes
}

// contradictions warns, once for each feature that the metadata announces and the target file does not claim, at the first requirement that
// was not looked at for that reason: what a bank offers is part of it, whether or not its operator wants it tested. It returns what else there is
// to say.
func (g *gathering) contradictions(results []verdict.Result) []string {
	conditions := map[string]requirement.Condition{}
	for _, r := range g.options.Profile.Requirements() {
		conditions[r.ID] = r.When
	}
	var notes []string
	for _, contradiction := range g.options.Target.Contradictions() {
		at := slices.IndexFunc(results, func(result verdict.Result) bool {
			return result.Verdict == verdict.NotApplicable && string(conditions[result.ID]) == contradiction.Feature
		})
		if !contradiction.Unclaimed || at < 0 {
			notes = append(notes, contradiction.Says)
			continue
		}
		results[at].Verdict, results[at].Reason, results[at].Effect = verdict.Warn, contradiction.Says, ""
		results[at].Remedy = fmt.Sprintf("Add %s to offers in the target file, with what else it needs there, so that it is tested. Where the server does not have it, take it out of its metadata.", contradiction.Feature)
	}
	return notes
}

// lookedAt is how many requirements of the profile are not merely planned.
func (g *gathering) lookedAt() int {
	n := 0
	for _, r := range g.options.Profile.Requirements() {
		if !r.Planned {
			n++
		}
	}
	return n
}

// specs returns the specs that were handed in, by requirement, in an order that does not depend on who carried them out.
func (g *gathering) specs() map[string][]verdict.Spec {
	for _, specs := range g.queue.specs {
		slices.SortStableFunc(specs, func(a, b verdict.Spec) int {
			if c := strings.Compare(a.Sentence, b.Sentence); c != 0 {
				return c
			}
			return g.clientOrder(a.Client) - g.clientOrder(b.Client)
		})
	}
	return g.queue.specs
}

func (g *gathering) clientOrder(id string) int {
	for i, client := range g.options.Target.Clients {
		if client.ID == id {
			return i
		}
	}
	return len(g.options.Target.Clients)
}

// account says where the time of all workers went. With a clock that is moved instead of waited for, waiting took no time.
func account(entered wire.Account, lived time.Duration, clock wire.Clock) verdict.Time {
	spent := func(on wire.Spending) float64 { return entered.Spent[on].Seconds() }
	t := verdict.Time{
		Target: spent(wire.InTarget), Browser: spent(wire.InBrowser), Pages: min(entered.Pages.Seconds(), spent(wire.InBrowser)),
		Waiting: spent(wire.InWait), Pacing: spent(wire.HeldBack), Idle: spent(wire.Idle), Longest: entered.Longest.Seconds(),
		Requests: entered.Requests, Flows: entered.Flows, Clauses: map[string]float64{},
	}
	for clause, d := range entered.Clauses {
		t.Clauses[clause] = d.Seconds()
	}
	if _, moved := clock.(*wire.MovableClock); moved {
		t.Clauses, t.Waiting, t.Longest = nil, 0, 0
	}
	t.Own = max(0, lived.Seconds()-t.Target-t.Browser-t.Waiting-t.Pacing-t.Idle)
	return t
}
