package profile

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"

	"github.com/fapitest/fapitest/harness/requirement"
)

// Digest names all that the profile asks, with the levels, conditions and limits by which a verdict is found: "sha256:" and hexadecimal digits. Two versions of the tool
// that have the same digest hold a server against the same.
func (p Profile) Digest() string {
	type asked struct {
		ID, Document, Edition string
		Level                 requirement.Level
		Says                  string
		When                  requirement.Condition
		Attested              bool
		Follows               []string
		Per                   requirement.Scope
	}
	type limit struct{ Name, Value, Profile, Verified string }
	whole := struct {
		ID, Title, Edition string
		Bases              []string
		Requires           []asked
		Features           [][]requirement.Condition
		Limits             []limit
	}{ID: p.ID, Title: p.Title, Edition: p.Edition, Bases: p.Bases}
	for _, r := range p.Requires {
		whole.Requires = append(whole.Requires, asked{
			ID: r.ID, Document: r.Document.ID, Edition: r.Document.Edition, Level: r.Level, Says: r.Says, When: r.When, Attested: r.Attested, Follows: r.Follows, Per: r.Per,
		})
	}
	for _, features := range p.Features {
		whole.Features = append(whole.Features, features.Claims())
	}
	for _, held := range p.Limits {
		whole.Limits = append(whole.Limits, limit{held.Name(), held.String(), held.Profile, string(held.Verified)})
	}
	hash := sha256.New()
	if err := json.NewEncoder(hash).Encode(whole); err != nil {
		return "" // texts alone can be encoded
	}
	return "sha256:" + hex.EncodeToString(hash.Sum(nil))
}
