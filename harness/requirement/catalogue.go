package requirement

import (
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"
)

// Entry is one line of the catalogue: a requirement as its document states it, whether or not we test it yet.
// The members are explained at the head of catalogue.yaml.
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
	Confidence string    `yaml:"confidence"`
	Source     string    `yaml:"source"`
}

// Catalogue is every requirement that we know of, in the order of the file.
type Catalogue struct {
	Entries []Entry
	byID    map[string]int
}

// ParseCatalogue reads a catalogue. Unknown members, ids that stand twice and entries without id or level are errors.
func ParseCatalogue(data []byte) (*Catalogue, error) {
	c := &Catalogue{byID: map[string]int{}}
	if err := yaml.Load(data, &c.Entries, yaml.WithKnownFields()); err != nil {
		return nil, fmt.Errorf("catalogue: %w", err)
	}
	for i, entry := range c.Entries {
		if entry.ID == "" || entry.Level == "" {
			return nil, fmt.Errorf("catalogue: entry %d has no id or no level", i+1)
		}
		if _, twice := c.byID[entry.ID]; twice {
			return nil, fmt.Errorf("catalogue: %s stands twice", entry.ID)
		}
		c.byID[entry.ID] = i
	}
	return c, nil
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

// Asked returns the entries of a document that ask something of a server, in the order of the catalogue.
func (c *Catalogue) Asked(d *Document) []Entry {
	var asked []Entry
	for _, entry := range c.Entries {
		if strings.HasPrefix(entry.ID, d.ID+"-") && entry.Role != "client" {
			asked = append(asked, entry)
		}
	}
	return asked
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
