package requirement

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"
)

// Entry is one line of the catalogue: a requirement as its document states it, whether or not we test it yet.
// The members are explained in suites/CATALOGUE.md.
type Entry struct {
	ID         string    `yaml:"id"`
	Spec       string    `yaml:"spec"`
	Section    string    `yaml:"section"`
	Item       string    `yaml:"item"`
	Role       string    `yaml:"role"`
	Level      Level     `yaml:"level"`
	Text       string    `yaml:"text"`
	Testable   string    `yaml:"testable"`
	How        string    `yaml:"how"`
	AppliesIf  Condition `yaml:"applies_if"`
	Attack     string    `yaml:"attack"`
	Effect     string    `yaml:"effect"`
	SameAs     string    `yaml:"same_as"`
	Mutant     string    `yaml:"mutant"`
	Confidence string    `yaml:"confidence"`
	Source     string    `yaml:"source"`

	// What only we have. It stands behind the others.
	Says    string   `yaml:"says"`
	Remedy  string   `yaml:"remedy"`
	Per     Scope    `yaml:"per"`
	Reason  string   `yaml:"reason"`
	Follows []string `yaml:"follows"`
}

// OurMembers are the members of an entry that only we have: who takes changes of the shared catalogue over leaves them as they are.
func OurMembers() []string { return []string{"says", "remedy", "per", "reason", "follows"} }

func (e Entry) check() error {
	switch e.Level {
	case Shall, ShallNot, Should, ShouldNot, May:
	default:
		return fmt.Errorf("%s: level is %q: write shall, shall not, should, should not or may", e.ID, e.Level)
	}
	switch e.Per {
	case EachCombination, EachAuthentication, EachBinding, OncePerTarget:
	default:
		return fmt.Errorf("%s: per is %q: write authentication, binding or target, or leave it out", e.ID, e.Per)
	}
	if e.Reason != "" && !e.attested() {
		return fmt.Errorf("%s: reason says why something is attested, and testable is %q: correct one of them", e.ID, e.Testable)
	}
	return nil
}

func (e Entry) attested() bool { return e.Testable == "attestation" }

// Catalogue is every requirement that we know of, in the order of the file.
type Catalogue struct {
	Entries []Entry
	byID    map[string]int
}

// ParseCatalogue reads a catalogue. Unknown members, ids that stand twice and entries without id or level are errors.
func ParseCatalogue(data []byte) (*Catalogue, error) {
	var entries []Entry
	if err := yaml.Load(data, &entries, yaml.WithKnownFields()); err != nil {
		return nil, err
	}
	for i, entry := range entries {
		if entry.ID == "" {
			return nil, fmt.Errorf("entry %d has no id", i+1)
		}
		if err := entry.check(); err != nil {
			return nil, err
		}
	}
	return newCatalogue(entries)
}

func newCatalogue(entries []Entry) (*Catalogue, error) {
	c := &Catalogue{Entries: entries, byID: map[string]int{}}
	for i, entry := range entries {
		if _, twice := c.byID[entry.ID]; twice {
			return nil, fmt.Errorf("%s stands twice", entry.ID)
		}
		c.byID[entry.ID] = i
	}
	return c, nil
}

// Join returns the catalogue of several documents. The error says everything that is wrong with their files and with what Go declares of them.
func Join(documents ...*Document) (*Catalogue, error) {
	var entries []Entry
	var faults []error
	for _, document := range documents {
		own, err := document.Entries()
		if err != nil {
			faults = append(faults, err)
		}
		entries = append(entries, own...)
	}
	c, err := newCatalogue(entries)
	if err != nil {
		return nil, errors.Join(append(faults, err)...)
	}
	for _, entry := range entries {
		for _, id := range entry.follows() {
			source, known := c.Find(id)
			switch {
			case !known:
				faults = append(faults, fmt.Errorf("%s follows from %s (follows or same_as), and no document has that: correct the id", entry.ID, id))
			case len(source.follows()) > 0:
				faults = append(faults, fmt.Errorf("%s follows from %s (follows or same_as), which follows from others itself: name those", entry.ID, id))
			}
		}
	}
	if len(faults) > 0 {
		return nil, errors.Join(faults...)
	}
	return c, nil
}

// follows returns the ids of the entries whose verdict is this one's too.
func (e Entry) follows() []string {
	if len(e.Follows) == 0 && e.SameAs != "" {
		return []string{e.SameAs}
	}
	return e.Follows
}

// Find returns the entry with that id.
func (c *Catalogue) Find(id string) (Entry, bool) {
	if c == nil {
		return Entry{}, false
	}
	i, ok := c.byID[id]
	if !ok {
		return Entry{}, false
	}
	return c.Entries[i], true
}

// Digest names what stands in the catalogue: "sha256:" and hexadecimal digits. Another version of the tool may state the same otherwise, and has another digest then.
func (c *Catalogue) Digest() string {
	if c == nil {
		return ""
	}
	hash := sha256.New()
	if err := json.NewEncoder(hash).Encode(c.Entries); err != nil {
		return "" // texts alone can be encoded
	}
	return "sha256:" + hex.EncodeToString(hash.Sum(nil))
}

// Position is the place of an id in the catalogue; what it does not know comes last.
func (c *Catalogue) Position(id string) int {
	if c == nil {
		return 0
	}
	if i, ok := c.byID[id]; ok {
		return i
	}
	return len(c.Entries)
}

// Covers says whether a clause selector means this id. A selector is a prefix that ends where a word of the id ends, so that
// "FAPI2-SP-5.3.2.2" covers "FAPI2-SP-5.3.2.2-4" but "FAPI2-SP-5.3.2.2-1" does not cover "FAPI2-SP-5.3.2.2-10". A number covers
// its lettered parts: "…-5" means 5a to 5e.
func Covers(selector, id string) bool {
	if selector == id {
		return true
	}
	rest, found := strings.CutPrefix(id, selector)
	if !found || selector == "" {
		return false
	}
	switch next := rest[0]; {
	case next == '-' || next == '.':
		return true
	case next >= 'a' && next <= 'z':
		last := selector[len(selector)-1]
		return last >= '0' && last <= '9'
	}
	return strings.HasSuffix(selector, "-") || strings.HasSuffix(selector, ".")
}

// Nearest returns the id, or the section prefix of one, that looks most like what was asked for.
func Nearest(selector string, ids []string) string {
	candidates := slices.Clone(ids)
	for _, id := range ids {
		for i := len(id) - 1; i > 0; i-- {
			if id[i] == '-' || id[i] == '.' {
				candidates = append(candidates, id[:i])
			}
		}
	}
	slices.Sort(candidates)
	best, distance := "", -1
	for _, candidate := range slices.Compact(candidates) {
		d := editDistance(strings.ToUpper(selector), strings.ToUpper(candidate))
		if distance < 0 || d < distance {
			best, distance = candidate, d
		}
	}
	return best
}

func editDistance(a, b string) int {
	previous := make([]int, len(b)+1)
	for j := range previous {
		previous[j] = j
	}
	for i := range len(a) {
		current := make([]int, len(b)+1)
		current[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			current[j+1] = min(previous[j]+cost, previous[j+1]+1, current[j]+1)
		}
		previous = current
	}
	return previous[len(b)]
}
