package verdict

import (
	"time"

	"github.com/fapitest/fapitest/harness/requirement"
	"github.com/fapitest/fapitest/harness/wire"
)

// Schema is the version of the report's format. Members are added, never changed: what changes one is another version. Since v2 exchanges
// stand in a table of their own; since v3 what they repeat does too: header fields and parameters in "fields", other text in "texts".
const Schema = "https://fapitest.dev/report/v4"

// Report is everything that a run has to say. Written as JSON it is our file format; every other format derives from it.
type Report struct {
	Schema       string          `json:"schema"`
	Gate         *Gate           `json:"gate,omitempty"` // what was made of the findings; nil: nothing was asked for
	Tool         Tool            `json:"tool"`
	By           string          `json:"by,omitempty"` // who ran it, and where: "user@host"
	Started      time.Time       `json:"started"`
	Seconds      float64         `json:"seconds"` // wall clock
	Conclusion   Conclusion      `json:"conclusion"`
	Partial      bool            `json:"partial"`            // narrowed by hand: never to be taken for the whole
	Thorough     bool            `json:"thorough,omitempty"` // everything was tried as every client
	Narrowed     string          `json:"narrowed,omitempty"` // by what: "clauses FAPI2-SP-5.3.4", "interrupted"
	Profile      Profile         `json:"profile"`
	Target       Target          `json:"target"`
	Seed         int64           `json:"seed"`
	Workers      int             `json:"workers"`
	Time         Time            `json:"time"`
	Counts       map[Verdict]int `json:"counts"` // requirements by verdict; every verdict stands here, also with 0
	Requirements []Result        `json:"requirements"`
	Notes        []string        `json:"notes,omitempty"` // about the run as a whole
}

// Tool is who made the report.
type Tool struct {
	Name    string `json:"name"`
	Version string `json:"version"`
	Commit  string `json:"commit"`
	Digest  string `json:"digest,omitempty"` // of the binary: "sha256:" and hexadecimal digits, as all digests here
}

// Profile is what the target was held against.
type Profile struct {
	ID           string `json:"id"`
	Title        string `json:"title"`
	Edition      string `json:"edition"`
	Requirements int    `json:"requirements"`        // how many of them are looked at, by experiments or by attestation
	Digest       string `json:"digest,omitempty"`    // of all that it asks, as this version of the tool has it
	Catalogue    string `json:"catalogue,omitempty"` // digest of the catalogue of all documents
	Of           int    `json:"of"`                  // how many its documents ask of a server, as far as we know
}

// Target is the server under test as it was understood, nothing secret in it.
type Target struct {
	Issuer     string         `json:"issuer"`
	File       string         `json:"file,omitempty"`       // the target file; empty for the embedded bank
	Path       string         `json:"path,omitempty"`       // of that file, from wherever a command is typed
	Mutant     string         `json:"mutant,omitempty"`     // by which the embedded bank was broken on purpose
	Digest     string         `json:"digest,omitempty"`     // of that file
	Permission string         `json:"permission,omitempty"` // who allowed the test
	Clients    []Client       `json:"clients"`
	Config     map[string]any `json:"config"`             // the effective configuration, redacted
	Metadata   map[string]any `json:"metadata,omitempty"` // as discovered

	Certificates []wire.Shown `json:"certificates,omitempty"` // that its hosts showed; none for the embedded bank
}

// Client is a client of the target file, and whether experiments ran as it.
type Client struct {
	ID      string `json:"id"`
	Auth    string `json:"auth"`
	Binding string `json:"binding"`
	Runs    bool   `json:"runs"` // false: it only lends its certificate and keys to experiments that need a wrong one
}

// Time says where the time went, in seconds, summed over workers; Seconds of the report is the wall clock. Target, Browser, Waiting,
// Pacing, Idle and Own together are what the workers lived.
type Time struct {
	Target   float64            `json:"target"`            // until the target had answered what clients ask
	Browser  float64            `json:"browser"`           // in which pages were driven
	Pages    float64            `json:"pages"`             // of Browser: until the target had answered with a page or a redirect; the rest is the browser's own
	Waiting  float64            `json:"waiting"`           // because a clause wants something to grow old first
	Clauses  map[string]float64 `json:"clauses,omitempty"` // Waiting, by requirement id
	Longest  float64            `json:"longest"`           // the longest single wait that a clause forced, other work during it or not
	Pacing   float64            `json:"pacing"`            // held back, by --rate or because the target asked for it (429, Retry-After)
	Idle     float64            `json:"idle"`              // workers with nothing left to do while others were still busy
	Own      float64            `json:"own"`               // all the rest: ours
	Requests int                `json:"requests"`
	Flows    int                `json:"flows"`    // how often an end user was taken through pages
	Repeated int                `json:"repeated"` // experiments that were carried out again because the target was busy
	Before   Before             `json:"before"`
}

// Before is what of all that came before the experiments: the metadata, and one proper flow of each client, one after the other.
type Before struct {
	Seconds  float64 `json:"seconds"`
	Requests int     `json:"requests"`
	Flows    int     `json:"flows"`
}

// Floor is the least time that a run with so many workers could have taken, in seconds: the longest wait, or what target and browser
// took, shared by the workers, whichever is longer.
func (t Time) Floor(workers int) float64 {
	return max(t.Longest, (t.Target+t.Browser)/float64(max(1, workers)))
}

// Result is what came out for one requirement.
type Result struct {
	ID       string            `json:"id"`
	Document string            `json:"document"` // its id
	Level    requirement.Level `json:"level"`
	Says     string            `json:"says"`
	Verdict  Verdict           `json:"verdict"`
	Reason   string            `json:"reason,omitempty"`  // why it is not applicable, blocked, untested; the attestation's words; a roll-up's sources
	Follows  []string          `json:"follows,omitempty"` // ids of the requirements whose verdict is this one's too
	LeftOut  bool              `json:"leftOut,omitempty"` // not run because the run was narrowed by hand
	CutOff   bool              `json:"cutOff,omitempty"`  // the run ended before all of its experiments: at a bound that was set for it, or by hand
	Planned  bool              `json:"planned,omitempty"` // no experiment looks at it yet, so that nobody can know
	Per      requirement.Scope `json:"per,omitempty"`     // as how many clients it is tried where the run is not thorough; empty: as every client
	Section  string            `json:"section"`
	Link     string            `json:"link"`             // to the clause's text
	Remedy   string            `json:"remedy"`           // what to do about a breach
	Effect   string            `json:"effect,omitempty"` // what an attacker gains
	Specs    []Spec            `json:"specs"`
}

// Spec is one experiment as one client.
type Spec struct {
	Sentence  string           `json:"sentence"` // "the pushed authorization request endpoint refuses the same request without client authentication"
	Verdict   Verdict          `json:"verdict"`
	Client    string           `json:"client"`
	Message   string           `json:"message,omitempty"` // what was wrong, or why nothing is known
	Notes     []string         `json:"notes,omitempty"`   // what is worth knowing and changes nothing
	Seconds   float64          `json:"seconds"`
	Exchanges []*wire.Exchange `json:"exchanges"`
}

// Count fills Counts from the requirements.
func (r *Report) Count() {
	r.Counts = make(map[Verdict]int, len(All()))
	for _, v := range All() {
		r.Counts[v] = 0
	}
	for _, result := range r.Requirements {
		r.Counts[result.Verdict]++
	}
}

// Result returns the result of the requirement with that id.
func (r *Report) Result(id string) (Result, bool) {
	for _, result := range r.Requirements {
		if result.ID == id {
			return result, true
		}
	}
	return Result{}, false
}
