package main

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"github.com/fapitest/fapitest/harness/profile"
	"github.com/fapitest/fapitest/harness/run"
	"github.com/fapitest/fapitest/harness/target"
	"github.com/fapitest/fapitest/harness/wire"
	"github.com/fapitest/fapitest/suites"
	"github.com/fapitest/fapitest/suites/profiles"
)

const checkHelp = `Usage: fapitest check -t FILE [flags]

Shows a target file as it is understood, with defaults and environment applied, what the server says
of itself, which requirements would be tested as which clients, and which would not and why; and how
many requests, journeys through its pages and minutes a run will take. Nothing but the metadata is
requested.

  -t, --target FILE    the target file
  -p, --profile NAME   what a run would hold it against (default fapi2-security-profile)
      --workers N      as the run will have (default 4)
      --rate N         as the run will have (default: no cap)
      --no-waits       as the run will have
      --keys           instead: all keys that a target file can have, in Markdown (docs/target.md)
`

func (a *app) check(ctx context.Context, args []string) int {
	flags := a.flags("check", checkHelp)
	file := flags.StringP("target", "t", "", "")
	name := flags.StringP("profile", "p", profiles.Default, "")
	workers := flags.Int("workers", defaultWorkers, "")
	rate := flags.Float64("rate", 0, "")
	noWaits := flags.Bool("no-waits", false, "")
	keys := flags.Bool("keys", false, "")
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
	if *file == "" {
		return a.fail("check needs a target file: fapitest check -t bank.yaml")
	}
	chosen, err := findProfile(*name)
	if err != nil {
		return a.fail("%s", err)
	}
	t, err := target.Load(*file, a.env)
	if err != nil {
		return a.fail("%s", err)
	}
	if err := t.Discover(ctx, &wire.Redactor{}); err != nil {
		var other *target.OtherIssuer
		if errors.As(err, &other) {
			return a.fail("%s", err)
		}
		a.tell("fapitest: %s", err)
		return exitInconclusive
	}
	a.print("the target, as it is understood\n\n")
	effective, err := json.MarshalIndent(t.Effective(), "", "  ")
	if err != nil {
		return a.fail("%s", err)
	}
	a.printf("%s\n\nits metadata\n\n", effective)
	for _, document := range t.Metadata.Documents {
		words := "good"
		if document.Problem != "" {
			words = document.Problem
		}
		a.printf("  %s  %s\n", document.URL, words)
	}
	for _, contradiction := range t.Contradictions() {
		a.print(wrap("note: "+contradiction.Says, "  ", width(a.out)))
	}
	if code := a.plan(t, chosen); code != exitConformant {
		return code
	}
	return a.foresee(ctx, t, chosen, runFlags{workers: *workers, rate: *rate, noWaits: *noWaits})
}

// plan shows what a run would do.
func (a *app) plan(t *target.Target, chosen profile.Profile) int {
	sentences, err := run.Sentences(suites.All())
	if err != nil {
		return a.fail("%s", err)
	}
	a.print("\nexperiments run as\n\n")
	combinations := t.Combinations()
	for _, client := range combinations {
		a.printf("  %s  (%s, %s)\n", client.ID, client.Auth, client.Binding)
	}
	for _, client := range t.Clients {
		if !slices.Contains(combinations, client) {
			a.printf("  %s  only lends its keys and certificate: its combination is tested already\n", client.ID)
		}
	}
	a.printf("\n%s, %s: %d requirements\n\n", chosen.Title, chosen.Edition, len(chosen.Requirements()))
	experiments := 0
	var left []string
	for _, r := range chosen.Requirements() {
		applies := 0
		for _, client := range combinations {
			if run.Applies(r, client, t) {
				applies++
			}
		}
		experiments += applies * len(sentences[r.ID])
		switch {
		case applies == 0:
			left = append(left, r.ID+": applies to no client ("+string(r.When)+")")
		case r.Attested && t.Attested[r.ID] == "":
			left = append(left, r.ID+": has to be attested, "+r.Reason)
		}
	}
	a.printf("  %d experiments as %d clients\n", experiments, len(combinations))
	if len(left) > 0 {
		a.print("\nnot tested, or not by experiments alone\n\n")
		for _, words := range left {
			a.print(wrap(words, "  ", width(a.out)))
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
