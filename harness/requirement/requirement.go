// Package requirement holds the nouns that everything else is derived from:
// a Document, the Requirements it states, and the catalogue of all that we know of.
package requirement

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
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

// Document is one edition of one specification.
type Document struct {
	ID      string // the prefix of its requirements' ids: "FAPI2-SP"
	Title   string
	Edition string
	URL     string // the text; "#section-5.3.2.2" is appended for a clause
	File    string // the file of its entries, as errors name it
	Text    []byte // what stands in that file

	once         sync.Once // the file is read when somebody asks for what is in it
	catalogue    *Catalogue
	requirements []*Requirement
	faults       []error
}

func (d *Document) read() {
	d.once.Do(func() {
		var err error
		if d.catalogue, err = d.parse(); err != nil {
			d.catalogue = &Catalogue{}
			d.faults = append(d.faults, fmt.Errorf("%s: %w", d.File, err))
		}
	})
}

func (d *Document) parse() (*Catalogue, error) {
	if len(d.Text) == 0 {
		return nil, errors.New("there are no entries: go run ./cmd/catalogue writes them")
	}
	c, err := ParseCatalogue(d.Text)
	if err != nil {
		return nil, err
	}
	for _, entry := range c.Entries {
		if !strings.HasPrefix(entry.ID, d.ID+"-") {
			return nil, fmt.Errorf("%s does not begin with %s-: move it to the file of its document", entry.ID, d.ID)
		}
	}
	return c, nil
}

// Entries returns everything that the document asks of anybody, in the order of its file. The error says what is wrong with the file and with
// the clauses that were declared of it.
func (d *Document) Entries() ([]Entry, error) {
	d.read()
	return d.catalogue.Entries, errors.Join(d.faults...)
}

// Asked returns the entries that ask something of a server.
func (d *Document) Asked() []Entry {
	d.read()
	return slices.DeleteFunc(slices.Clone(d.catalogue.Entries), func(e Entry) bool { return e.Role == "client" })
}

// Clause declares a requirement, so that Go has a name for it; everything else is said by its entry. Item is the id without the document:
// "5.3.2.2-4". An id that the document's file does not have is a fault of the document, and Entries returns it: packages declare clauses as
// they are initialised, and a panic there would name no file.
func (d *Document) Clause(item string) *Requirement {
	d.read()
	id := d.ID + "-" + item
	entry, known := d.catalogue.Find(id)
	switch {
	case !known:
		d.faults = append(d.faults, fmt.Errorf("%s has no entry %s, which Go declares: correct the id", d.File, id))
		entry.ID = id
	case slices.ContainsFunc(d.requirements, func(r *Requirement) bool { return r.ID == id }):
		d.faults = append(d.faults, fmt.Errorf("%s is declared twice: use the first declaration", id))
	}
	r := d.state(entry)
	d.requirements = append(d.requirements, r)
	return r
}

// Plan returns what the document asks by an entry for which no clause is declared: Planned or, where nobody can see it from outside, left to
// attestation. The document does not keep it.
func (d *Document) Plan(entry Entry) *Requirement {
	r := d.state(entry)
	r.Listed, r.Planned = true, !r.Attested
	return r
}

func (d *Document) state(entry Entry) *Requirement {
	r := &Requirement{
		ID: entry.ID, Document: d, Section: entry.Section, Level: entry.Level, Says: cmp.Or(entry.Says, entry.Text), Remedy: entry.Remedy, Effect: entry.Effect,
		When: entry.AppliesIf, Per: entry.Per, Follows: entry.follows(), Attested: entry.attested(),
	}
	if r.Attested {
		r.Reason = cmp.Or(entry.Reason, "it can't be seen from outside")
	}
	return r
}

// Requirements returns the declared clauses, in the order of the declarations.
func (d *Document) Requirements() []*Requirement { return slices.Clone(d.requirements) }

// Requirement is one clause, small enough to be broken alone.
type Requirement struct {
	ID       string // "FAPI2-SP-5.3.2.2-4"; from the catalogue, never changed
	Document *Document
	Section  string // of the document, in which it stands: "5.3.2.2"
	Level    Level
	Says     string    // what it asks of the target, as what follows "shall" or "shall not"; the entry's own sentence where we have no phrase
	Remedy   string    // what an implementer does about a breach
	Effect   string    // what an attacker gains by a breach
	When     Condition // the condition under which it applies
	Attested bool      // can't be decided from outside alone: the operator states it in the target file
	Reason   string    // why it needs the attestation
	Follows  []string  // a roll-up: the requirements whose verdicts are its own, beside what its own experiments find, judged by its own level
	Per      Scope     // as how many clients it is tried
	Listed   bool      // the catalogue alone has it: no suite declares it
	Planned  bool      // Listed, and nothing looks at it: no experiment, no attestation, no other requirement from which it follows
}

// Link leads to the clause's own text: to its section, where the document numbers its sections.
func (r *Requirement) Link() string {
	if r.Section == "" || r.Section[0] < '0' || r.Section[0] > '9' {
		return r.Document.URL
	}
	return r.Document.URL + "#section-" + r.Section
}

// Sentence is the clause as it is printed: "shall refuse a pushed authorization request whose client is not authenticated".
func (r *Requirement) Sentence() string { return fmt.Sprintf("%s %s", r.Level, r.Says) }
