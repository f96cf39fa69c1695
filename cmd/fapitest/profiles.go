package main

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/fapitest/fapitest/harness/profile"
	"github.com/fapitest/fapitest/harness/requirement"
	"github.com/fapitest/fapitest/harness/run"
	"github.com/fapitest/fapitest/suites"
	"github.com/fapitest/fapitest/suites/profiles"
)

// listedProfile is a profile as list shows it. The member names are contract.
type listedProfile struct {
	ID           string           `json:"id"`
	Title        string           `json:"title"`
	Edition      string           `json:"edition"`
	Bases        []string         `json:"bases"`     // nearest last
	Documents    []string         `json:"documents"` // those of its bases and features included
	Missing      []string         `json:"missing"`   // those of them that the catalogue does not have
	Features     []listedFeatures `json:"features"`
	Limits       []listedLimit    `json:"limits"`
	Shape        string           `json:"shape"`
	Before       string           `json:"before,omitempty"`
	Requirements int              `json:"requirements"`
	Tested       int              `json:"tested"`
	Untested     int              `json:"untested"`
	Source       string           `json:"source"`
	Verified     profile.Verified `json:"verified"`
	Changes      bool             `json:"changes"`
	Obstacle     string           `json:"obstacle,omitempty"` // why it can't be run yet
	verified     string
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
	var list []listedProfile
	for _, name := range set.Names() {
		item, err := describeProfile(set, name, sentences)
		if err != nil {
			return a.fail("%s", err)
		}
		list = append(list, item)
	}
	if format == "json" {
		encoder := json.NewEncoder(a.out)
		encoder.SetIndent("", "  ")
		encoder.SetEscapeHTML(false)
		if err := encoder.Encode(map[string]any{"profiles": list}); err != nil {
			return a.fail("writing the list: %s", err)
		}
		return exitConformant
	}
	runs := 0
	for i, item := range list {
		if i > 0 {
			a.print("\n")
		}
		a.showProfile(item)
		if item.Obstacle == "" {
			runs++
		}
	}
	a.tell("%d profiles, in %d variants by the base on which they stand; %d of these can be run", len(set.IDs()), len(list), runs)
	return exitConformant
}

func describeProfile(set *profile.Set, name string, sentences map[string][]string) (listedProfile, error) {
	p, err := set.Find(name)
	if err != nil {
		return listedProfile{}, err
	}
	item := listedProfile{
		ID: p.ID, Title: p.Title, Edition: p.Edition, Bases: append([]string{}, p.Bases...), Documents: documentIDs(p.Documents),
		Missing: documentIDs(set.Missing(p)), Features: []listedFeatures{}, Limits: []listedLimit{}, Shape: p.Shape.String(),
		Source: p.Source.Text, Verified: p.Source.Verified, Changes: p.Source.Changes, verified: p.Source.Verified.String(),
	}
	for _, features := range p.Features {
		listed := listedFeatures{AtLeast: features.AtLeast}
		for _, feature := range features.Of {
			listed.Of = append(listed.Of, feature.Claim)
		}
		item.Features = append(item.Features, listed)
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
			item.Untested++
		}
	}
	if obstacle := run.Playable(p); obstacle != nil {
		item.Obstacle = obstacle.Error()
	}
	return item, nil
}

func documentIDs(documents []*requirement.Document) []string {
	list := []string{}
	for _, document := range documents {
		list = append(list, document.ID)
	}
	return list
}

// showProfile prints a profile: of its bases' features and limits only those that stand for themselves in theirs.
func (a *app) showProfile(item listedProfile) {
	columns := width(a.out)
	line := func(name, text string) {
		if text != "" {
			a.print(hanging(fmt.Sprintf("    %-13s", name), text, columns))
		}
	}
	a.printf("%s\n", item.ID)
	a.print(wrap(item.Title+", "+item.Edition, "    ", columns))
	line("stands on", strings.Join(item.Bases, ", "))
	line("documents", strings.Join(item.Documents, ", "))
	if len(item.Missing) > 0 {
		line("", "not in the catalogue yet: "+strings.Join(item.Missing, ", "))
	}
	for _, features := range item.Features {
		var words []string
		for _, claim := range features.Of {
			words = append(words, string(claim))
		}
		begin := "optional: "
		if features.AtLeast > 0 {
			begin = fmt.Sprintf("at least %d of ", features.AtLeast)
		}
		line("features", begin+strings.Join(words, ", "))
	}
	var limits []string
	for i, limit := range item.Limits {
		// A limit that somebody further up says again, more strictly, is said there.
		again := slices.ContainsFunc(item.Limits[i+1:], func(l listedLimit) bool { return l.Name == limit.Name && l.Value != profile.LeftOpen })
		if !again {
			limits = append(limits, limit.Name+": "+limit.Value)
		}
	}
	line("limits", strings.Join(limits, "; "))
	line("shape", item.Shape)
	line("before", item.Before)
	line("requirements", fmt.Sprintf("%d: experiments look at %d, nothing looks at %d yet", item.Requirements, item.Tested, item.Untested))
	line("source", item.Source)
	words := item.verified
	if item.Changes {
		words += "; it changes often"
	}
	line("sure", words)
	if item.Obstacle != "" {
		line("run", "not yet: "+item.Obstacle)
	}
}
