// Package attest signs what came out of a run, and says whether a signed result is what was signed: an in-toto statement with the test-result predicate in a DSSE envelope,
// over the digests of the report, its evidence, the profile, the catalogue, the effective configuration and the tool.
package attest

import (
	"cmp"
	"context"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	testresult "github.com/in-toto/attestation/go/predicates/test_result/v0"
	intoto "github.com/in-toto/attestation/go/v1"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/types/known/structpb"

	"github.com/fapitest/fapitest/harness/verdict"
	"github.com/fapitest/fapitest/harness/wire"
)

// predicateType is that of in-toto's test-result.
const predicateType = "https://in-toto.io/attestation/test-result/v0.1"

// Role says what something is to the run that is named in a statement.
type Role string

// The roles. They stand in the annotation "role" of a resource descriptor.
const (
	RoleRun           Role = "run" // not a thing: who ran what, and when
	RoleReport        Role = "report"
	RoleEvidence      Role = "evidence"
	RoleRendered      Role = "rendered" // made of the report, for readers
	RoleProfile       Role = "profile"
	RoleCatalogue     Role = "catalogue"
	RoleConfiguration Role = "configuration" // the effective one, as it stands in the report
	RoleTarget        Role = "target"        // the target file
	RoleTool          Role = "tool"
)

// Covered is something that a statement names by its digest.
type Covered struct {
	Role   Role
	Name   string // of a file of the report's directory: its path there, with slashes
	Digest string // "sha256:" and hexadecimal digits; empty: it has none
}

// Subject is what was tested: a build or a release of the server.
type Subject struct {
	Name      string
	Algorithm string // as in-toto has it: "sha256"
	Digest    string // in hexadecimal digits
}

// ParseSubject reads NAME=sha256:DIGEST.
func ParseSubject(text string) (Subject, error) {
	at := strings.LastIndexByte(text, '=')
	name, rest := "", text
	if at >= 0 {
		name, rest = text[:at], text[at+1:]
	}
	algorithm, digest, found := strings.Cut(rest, ":")
	s := Subject{Name: name, Algorithm: algorithm, Digest: strings.ToLower(digest)}
	switch known := intoto.HashAlgorithms[algorithm]; {
	case name == "" || !found:
		return s, errors.New("write NAME=sha256:DIGEST")
	case !slices.Contains([]intoto.HashAlgorithm{intoto.AlgorithmSHA256, intoto.AlgorithmSHA384, intoto.AlgorithmSHA512, intoto.AlgorithmGitCommit}, known):
		return s, fmt.Errorf("the digest is sha256, sha384, sha512 or gitCommit, not %.40q", algorithm)
	case s.descriptor().Validate() != nil:
		return s, fmt.Errorf("the digest has to be %d hexadecimal digits", 2*known.HexLength())
	}
	return s, nil
}

func (s Subject) String() string { return fmt.Sprintf("%s=%s:%s", s.Name, s.Algorithm, s.Digest) }

func (s Subject) descriptor() *intoto.ResourceDescriptor {
	return &intoto.ResourceDescriptor{Name: s.Name, Digest: map[string]string{s.Algorithm: s.Digest}}
}

// Result is all that a statement says.
type Result struct {
	Report   *verdict.Report
	Content  []byte    // of report.json, as it stands in the file
	Files    []Covered // of its directory, beside report.json: evidence, and what was rendered
	Subjects []Subject
	Made     time.Time
}

// Refusal says why a result can't be attested; nil: it can. Nobody is to sign what says less than it seems to: a run that is partial or inconclusive, or of which findings were waived.
func (r Result) Refusal() error {
	report := r.Report
	switch {
	case report.Partial:
		return fmt.Errorf("the run is partial (%s), and only a whole one is attested: run it again with nothing left out", cmp.Or(report.Narrowed, "narrowed by hand"))
	case report.Conclusion != verdict.Conformant && report.Conclusion != verdict.NotConformant:
		return fmt.Errorf("the run is inconclusive: what could not be tested has to be tested or attested first%s", undecided(report))
	case waived(r.Content) > 0:
		return fmt.Errorf("findings of the run are waived (%d of them), and a waived run is not attested: run it again without --waivers", waived(r.Content))
	case report.Tool.Digest == "" || report.Profile.Digest == "" || report.Profile.Catalogue == "" || report.By == "" || report.Target.File != "" && report.Target.Digest == "":
		return errors.New("the report does not say by which binary and against which catalogue it was made, by whom, or with which target file: run it again with this version of fapitest")
	}
	return nil
}

// undecided names what makes a run inconclusive.
func undecided(report *verdict.Report) string {
	const most = 3
	var ids []string
	for _, result := range report.Requirements {
		switch result.Verdict {
		case verdict.Blocked, verdict.Error, verdict.Untested:
			if result.Level.Mandatory() {
				ids = append(ids, result.ID)
			}
		case verdict.Pass, verdict.Fail, verdict.Warn, verdict.Attested, verdict.NotApplicable:
		}
	}
	switch n := len(ids); {
	case n == 0:
		return ""
	case n > most:
		return fmt.Sprintf(" (%s and %d more)", strings.Join(ids[:most], ", "), n-most)
	}
	return " (" + strings.Join(ids, ", ") + ")"
}

// waived counts the findings that a waiver covers, by the member gate of the file.
func waived(content []byte) int {
	var file struct {
		Gate struct {
			Known []struct {
				By string `json:"by"`
			} `json:"known"`
		} `json:"gate"`
	}
	if err := json.Unmarshal(content, &file); err != nil {
		return 0 // it was read as a report before
	}
	n := 0
	for _, known := range file.Gate.Known {
		if known.By == "waiver" {
			n++
		}
	}
	return n
}

// Sign makes an attestation of a result, signed by a key. The chain are the certificates of the key, its own first; none where it has none.
func (r Result) Sign(ctx context.Context, key *Key, chain []*x509.Certificate) (*Envelope, error) {
	if err := r.Refusal(); err != nil {
		return nil, err
	}
	statement, err := r.statement()
	if err != nil {
		return nil, err
	}
	return sign(ctx, statement, key, chain)
}

func (r Result) statement() ([]byte, error) {
	configuration, err := r.covered()
	if err != nil {
		return nil, err
	}
	words, passed, warned, failed := outcome(r.Report)
	predicate := &testresult.TestResult{Result: words, PassedTests: passed, WarnedTests: warned, FailedTests: failed}
	for _, covered := range configuration {
		descriptor, err := covered.descriptor(r.notes(covered.Role))
		if err != nil {
			return nil, err
		}
		predicate.Configuration = append(predicate.Configuration, descriptor)
	}
	encoded, err := protojson.Marshal(predicate)
	if err != nil {
		return nil, err
	}
	statement := &intoto.Statement{Type: intoto.StatementTypeUri, PredicateType: predicateType, Predicate: &structpb.Struct{}}
	if err := protojson.Unmarshal(encoded, statement.Predicate); err != nil {
		return nil, err
	}
	for _, subject := range r.Subjects {
		statement.Subject = append(statement.Subject, subject.descriptor())
	}
	report, err := Covered{RoleReport, reportName, wire.Digest(r.Content)}.descriptor(nil)
	if err != nil {
		return nil, err
	}
	statement.Subject = append(statement.Subject, report)
	if err := statement.Validate(); err != nil {
		return nil, err
	}
	return protojson.Marshal(statement)
}

// reportName is the report's file in its directory.
const reportName = "report.json"

// covered lists all that the predicate names.
func (r Result) covered() ([]Covered, error) {
	report := r.Report
	configuration, err := json.Marshal(report.Target.Config)
	if err != nil {
		return nil, err
	}
	list := []Covered{
		{RoleRun, report.Target.Issuer, ""},
		{RoleReport, reportName, wire.Digest(r.Content)},
		{RoleTool, strings.TrimSpace(report.Tool.Name + " " + report.Tool.Version), report.Tool.Digest},
		{RoleProfile, report.Profile.ID, report.Profile.Digest},
		{RoleCatalogue, "catalogue", report.Profile.Catalogue},
		{RoleConfiguration, "effective configuration", wire.Digest(configuration)},
	}
	if report.Target.File != "" {
		list = append(list, Covered{RoleTarget, report.Target.File, report.Target.Digest})
	}
	return append(list, r.Files...), nil
}

// notes are what is said of something beside its name and digest.
func (r Result) notes(role Role) map[string]any {
	report := r.Report
	switch role {
	case RoleRun:
		attested := []any{}
		for _, result := range report.Requirements {
			if result.Verdict == verdict.Attested {
				attested = append(attested, result.ID)
			}
		}
		return map[string]any{
			"conclusion": string(report.Conclusion), "started": report.Started.UTC().Format(time.RFC3339Nano), "by": report.By, "attested": attested,
			"made": r.Made.UTC().Format(time.RFC3339),
		}
	case RoleTool:
		return map[string]any{"commit": report.Tool.Commit}
	case RoleProfile:
		return map[string]any{"title": report.Profile.Title, "edition": report.Profile.Edition}
	case RoleReport, RoleEvidence, RoleRendered, RoleCatalogue, RoleConfiguration, RoleTarget:
	}
	return nil
}

func (c Covered) descriptor(notes map[string]any) (*intoto.ResourceDescriptor, error) {
	all := map[string]any{"role": string(c.Role)}
	for name, note := range notes {
		all[name] = note
	}
	annotations, err := structpb.NewStruct(all)
	if err != nil {
		return nil, fmt.Errorf("%s %q can't be named in a statement: %w", c.Role, c.Name, err)
	}
	descriptor := &intoto.ResourceDescriptor{Name: c.Name, Annotations: annotations}
	if c.Digest != "" {
		algorithm, digest, _ := strings.Cut(c.Digest, ":")
		descriptor.Digest = map[string]string{algorithm: digest}
	}
	return descriptor, descriptor.Validate()
}

// outcome is what a report comes to in the words of the predicate. What was attested, did not apply, or was not tested stands in no list: nobody has tested it.
func outcome(report *verdict.Report) (words string, passed, warned, failed []string) {
	for _, result := range report.Requirements {
		switch result.Verdict {
		case verdict.Pass:
			passed = append(passed, result.ID)
		case verdict.Warn:
			warned = append(warned, result.ID)
		case verdict.Fail:
			failed = append(failed, result.ID)
		case verdict.Blocked, verdict.Error, verdict.Attested, verdict.NotApplicable, verdict.Untested:
		}
	}
	switch {
	case report.Conclusion != verdict.Conformant:
		words = "FAILED"
	case len(warned) > 0:
		words = "WARNED"
	default:
		words = "PASSED"
	}
	return words, passed, warned, failed
}
