// Package requirement holds the nouns that everything else is derived from:
// a Document, the Requirements it states, and the catalogue of all that we know of.
package requirement

import (
	"fmt"
	"slices"
	"strings"
)

// Level is the word with which a document states a requirement. It alone decides how serious a breach is.
type Level string

// The levels. RFC 2119 words are mapped on them: MUST is shall, and so on.
const (
	Shall     Level = "shall"
	ShallNot  Level = "shall not"
	Should    Level = "should"
	ShouldNot Level = "should not"
	May       Level = "may"
)

// Mandatory says whether a breach makes a server non-conformant.
func (l Level) Mandatory() bool { return l == Shall || l == ShallNot }

// Recommended says whether a breach is a warning.
func (l Level) Recommended() bool { return l == Should || l == ShouldNot }

// Condition says when a requirement applies. The spellings are the catalogue's (applies_if).
type Condition string

// The conditions that our requirements use. The catalogue has more; what is no property of a client is a feature that the target file claims.
const (
	Always        Condition = "always"
	CodeFlow      Condition = "code_flow"
	PAR           Condition = "par"
	DPoP          Condition = "dpop"
	MTLS          Condition = "mtls"      // tokens are bound to a certificate
	MTLSAuth      Condition = "mtls_auth" // the client authenticates with a certificate
	PrivateKeyJWT Condition = "private_key_jwt"
	OpenID        Condition = "openid"
	RefreshToken  Condition = "refresh_token"
	Introspection Condition = "introspection"
	Revocation    Condition = "revocation"
	JAR           Condition = "jar"
	RAR           Condition = "rar"
	Discovery     Condition = "discovery"
)

// The conditions of FAPI 1.0, which never hold under FAPI 2.0.
const (
	FAPI1            Condition = "fapi1"
	FAPI1CodeIDToken Condition = "fapi1_code_id_token"
	FAPI1JARM        Condition = "fapi1_jarm"
)

// Scope says as how many clients a requirement has to be tried before it can be taken to be kept: what a server decides may differ by what
// its clients differ in. Its zero value is EachCombination.
type Scope string

// The scopes. A client is a combination of an authentication method and a way to bind tokens.
const (
	EachCombination    Scope = ""               // as every client
	EachAuthentication Scope = "authentication" // as one client of each authentication method
	EachBinding        Scope = "binding"        // as one client of each way to bind tokens
	OncePerTarget      Scope = "target"         // as one client: it does not matter which
)

// String says as which clients a requirement is tried.
func (s Scope) String() string {
	switch s {
	case EachAuthentication:
		return "as one client of each authentication method"
	case EachBinding:
		return "as one client of each way to bind tokens"
	case OncePerTarget:
		return "as one client"
	case EachCombination:
	}
	return "as every client"
}

func (s Scope) apply(r *Requirement) { r.Per = s }

// Document is one edition of one specification.
type Document struct {
	ID      string // the prefix of its requirements' ids: "FAPI2-SP"
	Title   string
	Edition string
	URL     string // the text; "#section-5.3.2.2" is appended for a clause

	requirements []*Requirement
}

// Requirements returns what the document was asked to state, in the order of the calls.
func (d *Document) Requirements() []*Requirement { return slices.Clone(d.requirements) }

// Requirement is one clause, small enough to be broken alone.
type Requirement struct {
	ID       string // "FAPI2-SP-5.3.2.2-4"; from the catalogue, never changed
	Document *Document
	Level    Level
	Says     string    // what it asks of the target, as what follows "shall" or "shall not"
	Remedy   string    // what an implementer does about a breach
	When     Condition // the condition under which it applies
	Attested bool      // can't be decided from outside alone: the operator states it in the target file
	Reason   string    // why it needs the attestation
	RollUp   []*Requirement
	Per      Scope // as how many clients it is tried
	Listed   bool  // the catalogue alone has it: no suite declares it
	Planned  bool  // Listed, and nothing looks at it: no experiment, no attestation, no other requirement from which it follows
}

// Trait is something that a clause may say of itself beside its text: a Condition, a Scope, ByAttestation, FollowsFrom.
type Trait interface{ apply(*Requirement) }

func (c Condition) apply(r *Requirement) { r.When = c }

type traitFunc func(*Requirement)

func (f traitFunc) apply(r *Requirement) { f(r) }

// ByAttestation marks what can't, or can't wholly, be seen from outside. The reason is printed.
func ByAttestation(reason string) Trait {
	return traitFunc(func(r *Requirement) { r.Attested, r.Reason = true, reason })
}

// FollowsFrom marks a roll-up: its verdict is that of the others and of its own experiments, if it has any, judged by its own level.
func FollowsFrom(others ...*Requirement) Trait {
	return traitFunc(func(r *Requirement) { r.RollUp = others })
}

// Shall declares a clause that the target must keep. Item is the id without the document: "5.3.2.2-4".
func (d *Document) Shall(item, says, remedy string, traits ...Trait) *Requirement {
	return d.state(Shall, item, says, remedy, traits)
}

// ShallNot declares something that the target must not do.
func (d *Document) ShallNot(item, says, remedy string, traits ...Trait) *Requirement {
	return d.state(ShallNot, item, says, remedy, traits)
}

// Should declares a recommendation; a breach is a warning.
func (d *Document) Should(item, says, remedy string, traits ...Trait) *Requirement {
	return d.state(Should, item, says, remedy, traits)
}

// ShouldNot declares what is recommended against; a breach is a warning.
func (d *Document) ShouldNot(item, says, remedy string, traits ...Trait) *Requirement {
	return d.state(ShouldNot, item, says, remedy, traits)
}

// May declares what a target is free to do; it is looked at and noted, never judged.
func (d *Document) May(item, says, remedy string, traits ...Trait) *Requirement {
	return d.state(May, item, says, remedy, traits)
}

func (d *Document) state(level Level, item, says, remedy string, traits []Trait) *Requirement {
	r := &Requirement{ID: d.ID + "-" + item, Document: d, Level: level, Says: says, Remedy: remedy, When: Always}
	for _, trait := range traits {
		trait.apply(r)
	}
	d.requirements = append(d.requirements, r)
	return r
}

// Plan returns what the document asks by an entry of the catalogue for which no experiment is declared: Planned or, where nobody can see it
// from outside, left to attestation. The document does not keep it.
func (d *Document) Plan(entry Entry) *Requirement {
	r := &Requirement{ID: entry.ID, Document: d, Level: entry.Level, Says: entry.Text, When: entry.AppliesIf, Listed: true, Planned: true}
	if entry.Testable == "attestation" {
		r.Planned, r.Attested, r.Reason = false, true, "it can't be seen from outside"
	}
	return r
}

// Section is the part of the document that the requirement stands in: "5.3.2.2" of "FAPI2-SP-5.3.2.2-4".
func (r *Requirement) Section() string {
	item := strings.TrimPrefix(r.ID, r.Document.ID+"-")
	if i := strings.LastIndexByte(item, '-'); i > 0 {
		return item[:i]
	}
	return item
}

// Link leads to the clause's own text.
func (r *Requirement) Link() string { return r.Document.URL + "#section-" + r.Section() }

// Sentence is the clause as it is printed: "shall refuse a pushed authorization request whose client is not authenticated".
func (r *Requirement) Sentence() string { return fmt.Sprintf("%s %s", r.Level, r.Says) }
