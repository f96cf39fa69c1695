// Package profile says who asks for which requirements. A profile is declared as a value; a Set of all declarations checks them against
// each other and against the catalogue, and makes of each the Profile that a run goes by.
package profile

import (
	"cmp"
	"slices"

	"github.com/fapitest/fapitest/harness/requirement"
)

// Declaration is a profile as it is written down: what it says beyond the profiles on which it stands. It adds and tightens, and has no
// way to drop anything.
type Declaration struct {
	ID      string // "fapi2-security-profile"
	Title   string
	Edition string

	Extends string   // the id of the profile of which it takes over everything; empty: it stands on none
	AnyOf   []string // or ids of profiles of which it stands on one, that a run names: "ida+fapi2-security-profile"

	Documents []*requirement.Document // what it holds a server against: all that the catalogue has of them
	Adds      []string                // ids of single entries, of documents that it does not take over whole
	Foreign   []requirement.Condition // under which an entry of its documents belongs to another family of profiles
	Holds     []requirement.Condition // which every server of the profile meets: those of a family or an ecosystem
	Excludes  []Exclusion
	Replaces  []Replacement

	Features []Features
	Limits   []Limit
	Shape    Shape
	Before   *Preparation // what a client does before it sends the end user to the server; nil: nothing, or what the base says

	Source Source
}

// Exclusion is an entry of the profile's own documents that its text replaces by another. What a base asks can't be excluded.
type Exclusion struct {
	ID      string
	Because string // what the text says instead
}

// Replacement is an entry that the profile states more strictly. The entry stays, and is judged by the stricter level.
type Replacement struct {
	ID      string // of the entry that is replaced: "RFC9126-4-1a"
	By      string // of the entry that is stricter: "CDR-request-6"
	Because string // in what it is stricter; needed where the level does not say it
}

// Features are optional: the target file claims them in its offers.
type Features struct {
	AtLeast int // how many of them have to be claimed
	Of      []Feature
}

// Claims are their words.
func (f Features) Claims() []requirement.Condition {
	var claims []requirement.Condition
	for _, feature := range f.Of {
		claims = append(claims, feature.Claim)
	}
	return claims
}

// Feature is one of them.
type Feature struct {
	Claim     requirement.Condition   // its word in offers
	Documents []*requirement.Document // what is asked of a server that claims it, and of no other
}

// Source is where a profile comes from.
type Source struct {
	Text     string // the documents and their editions
	URL      string // where the text is to be found; empty: at those of its documents
	Verified Verified
	Entries  bool // what its limits say stands in entries of its documents, too, and is counted there
	Changes  bool // it changes often: compare before you believe a number
}

// Verified says how sure we are of what a profile says.
type Verified string

// How sure we are.
const (
	Read          Verified = "full"      // its text was read for the declaration
	FromCatalogue Verified = "catalogue" // its values were taken over from the catalogue
	ReadInPart    Verified = "partial"
	Unread        Verified = "none" // from other suites, libraries or memory: what only this profile says warns, until somebody has read it
)

// String says it in words.
func (v Verified) String() string {
	switch v {
	case Read:
		return "its text was read"
	case FromCatalogue:
		return "its values are the catalogue's"
	case ReadInPart:
		return "its text was read in part"
	case Unread:
		return "nobody here has read its text: what only it says warns"
	}
	return string(v)
}

// Profile is what a server is held against: a declaration, with all that the profiles ask on which it stands.
type Profile struct {
	ID        string // "fapi2-security-profile"; "ida+fapi2-security-profile" where the run names the base
	Title     string
	Edition   string
	Bases     []string // ids of the profiles on which it stands, nearest last
	Documents []*requirement.Document
	Requires  []*requirement.Requirement
	Features  []Features
	Limits    Limits
	Shape     Shape
	Before    *Preparation
	Source    Source

	foreign  []requirement.Condition
	holds    []requirement.Condition
	adds     []string
	excluded map[string]string                // entry → what its text says instead
	raised   map[string]requirement.Level     // entry → the level that a replacement gives it
	under    map[string]requirement.Condition // document → the feature that it belongs to
}

// Requirements returns all that is asked, each once.
func (p Profile) Requirements() []*requirement.Requirement { return slices.Clone(p.Requires) }

// takes says whether the profile asks an entry of one of its documents.
func (p Profile) takes(id string, when requirement.Condition) bool {
	return p.excluded[id] == "" && !slices.Contains(p.foreign, when)
}

// own is a requirement as the profile has it: at its level, and under its condition. What every server would have to do, of a document that
// belongs to a feature, only those do that claim it; what a profile adds by itself it asks of everybody.
func (p Profile) own(r *requirement.Requirement) *requirement.Requirement {
	level, when := cmp.Or(p.raised[r.ID], r.Level), r.When
	if slices.Contains(p.holds, when) {
		when = requirement.Always
	}
	everybody := []requirement.Condition{requirement.Always, requirement.CodeFlow, requirement.PAR, requirement.Discovery}
	if feature := p.under[r.Document.ID]; feature != "" && slices.Contains(everybody, when) && !slices.Contains(p.adds, r.ID) {
		when = feature
	}
	if level == r.Level && when == r.When {
		return r
	}
	own := *r
	own.Level, own.When = level, when
	return &own
}

// declared returns what the suites declare of the documents.
func (p Profile) declared() []*requirement.Requirement {
	var all []*requirement.Requirement
	for _, document := range p.Documents {
		for _, r := range document.Requirements() {
			if p.takes(r.ID, r.When) {
				all = append(all, p.own(r))
			}
		}
	}
	return all
}
