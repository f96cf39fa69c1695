package main

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/fapitest/fapitest/harness/profile"
	"github.com/fapitest/fapitest/harness/requirement"
	"github.com/fapitest/fapitest/harness/run"
	"github.com/fapitest/fapitest/suites"
	"github.com/fapitest/fapitest/suites/profiles"
)

// listedProfile is a profile as list shows it, with all that its bases say. The member names are contract.
type listedProfile struct {
	ID           string           `json:"id"`
	Title        string           `json:"title"`
	Edition      string           `json:"edition"`
	Bases        []string         `json:"bases"` // nearest last
	Documents    []string         `json:"documents"`
	Features     []listedFeatures `json:"features"`
	Limits       []listedLimit    `json:"limits"`
	Shape        string           `json:"shape"`
	Before       string           `json:"before,omitempty"`
	Requirements int              `json:"requirements"`
	Tested       int              `json:"tested"`  // by experiments
	Planned      int              `json:"planned"` // nothing looks at them yet
	Source       string           `json:"source"`
	Verified     profile.Verified `json:"verified"`
	Changes      bool             `json:"changes"`
	Obstacle     string           `json:"obstacle,omitempty"` // why it can't be run yet
}

type listedFeatures struct {
	AtLeast int                     `json:"atLeast"`
	Of      []requirement.Condition `json:"of"`
}

type listedLimit struct {
	Name    string `json:"name"`
	Value   string `json:"value"`
	Profile string `json:"profile"` // which sets it
}

// listProfiles shows what there is to hold a server against.
func (a *app) listProfiles(format string) int {
	catalogue, err := suites.Catalogue()
	if err != nil {
		return a.fail("%s", err)
	}
	set, err := profiles.Set(catalogue)
	if err != nil {
		return a.fail("%s", err)
	}
	sentences, err := run.Sentences(suites.All())
	if err != nil {
		return a.fail("%s", err)
	}
	var all []listedProfile
	runs := 0
	for _, declaration := range set.Declarations() {
		var variants []listedProfile
		for _, name := range set.NamesOf(declaration.ID) {
			p, err := set.Find(name)
			if err != nil {
				return a.fail("%s", err)
			}
			variant := describeProfile(p, sentences)
			if variant.Obstacle == "" {
				runs++
			}
			variants = append(variants, variant)
		}
		if format == "text" {
			a.showProfile(declaration, variants)
		}
		all = append(all, variants...)
	}
	if format == "json" {
		encoder := json.NewEncoder(a.out)
		encoder.SetIndent("", "  ")
		encoder.SetEscapeHTML(false)
		if err := encoder.Encode(map[string]any{"profiles": all}); err != nil {
			return a.fail("writing the list: %s", err)
		}
		return exitConformant
	}
	a.tell("%d profiles; of %d that a run can name, %d can be run", len(set.Declarations()), len(all), runs)
	return exitConformant
}

func describeProfile(p profile.Profile, sentences map[string][]string) listedProfile {
	item := listedProfile{
		ID: p.ID, Title: p.Title, Edition: p.Edition, Bases: append([]string{}, p.Bases...), Documents: documentIDs(p.Documents),
		Features: []listedFeatures{}, Limits: []listedLimit{}, Shape: p.Shape.String(),
		Source: p.Source.Text, Verified: p.Source.Verified, Changes: p.Source.Changes, Obstacle: run.Obstacle(p),
	}
	for _, features := range p.Features {
		item.Features = append(item.Features, listedFeatures{AtLeast: features.AtLeast, Of: features.Claims()})
	}
	for _, held := range p.Limits {
		item.Limits = append(item.Limits, listedLimit{Name: held.Name(), Value: held.String(), Profile: held.Profile})
	}
	if p.Before != nil {
		item.Before = p.Before.String()
	}
	for _, r := range p.Requirements() {
		item.Requirements++
		switch {
		case len(sentences[r.ID]) > 0:
			item.Tested++
		case r.Planned:
			item.Planned++
		}
	}
	return item
}

func documentIDs(documents []*requirement.Document) []string {
	list := []string{}
	for _, document := range documents {
		list = append(list, document.ID)
	}
	return list
}

// showProfile prints a profile as it is declared: what its bases say stands at them. What comes of it is said for each name that a run can
// call it by.
func (a *app) showProfile(d profile.Declaration, variants []listedProfile) {
	line := func(name, text string) {
		if text != "" {
			a.print(hanging(fmt.Sprintf("    %-14s", name), text, width(a.out)))
		}
	}
	a.printf("%s\n", d.ID)
	a.print(wrap(d.Title+", "+d.Edition, "    ", width(a.out)))
	line("stands on", d.Extends)
	line("stands on", strings.Join(d.AnyOf, " or "))
	line("documents", strings.Join(documentIDs(d.Documents), ", "))
	for _, features := range d.Features {
		var words []string
		for _, feature := range features.Of {
			word := string(feature.Claim)
			if len(feature.Documents) > 0 {
				word += " (" + strings.Join(documentIDs(feature.Documents), ", ") + ")"
			}
			words = append(words, word)
		}
		begin := "optional "
		if features.AtLeast > 0 {
			begin = fmt.Sprintf("at least %d of ", features.AtLeast)
		}
		line("features", begin+strings.Join(words, ", "))
	}
	var limits []string
	for _, limit := range d.Limits {
		limits = append(limits, limit.Name()+": "+limit.String())
	}
	line("limits", strings.Join(limits, "; "))
	for _, replacement := range d.Replaces {
		line("stricter", replacement.ID+", by "+replacement.By)
	}
	for _, exclusion := range d.Excludes {
		line("leaves out", exclusion.ID+": "+exclusion.Because)
	}
	for _, variant := range variants {
		words := fmt.Sprintf("%d, of which %d have experiments and %d are planned", variant.Requirements, variant.Tested, variant.Planned)
		if len(variants) > 1 {
			line("named", variant.ID)
		}
		line("requirements", words)
		line("shape", variant.Shape)
		line("before", variant.Before)
		if variant.Obstacle == "" {
			line("run", "yes")
		} else {
			line("run", "not yet: "+variant.Obstacle)
		}
	}
	line("source", d.Source.Text)
	words := d.Source.Verified.String()
	if d.Source.Changes {
		words += "; it changes often"
	}
	line("sure", words)
	a.print("\n")
}
