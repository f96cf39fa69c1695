package attest

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	testresult "github.com/in-toto/attestation/go/predicates/test_result/v0"
	intoto "github.com/in-toto/attestation/go/v1"
	"google.golang.org/protobuf/encoding/protojson"

	"github.com/fapitest/fapitest/harness/verdict"
	"github.com/fapitest/fapitest/harness/wire"
)

// Statement is what was signed, as it is read.
type Statement struct {
	Subjects   []Subject // what was tested, as far as anybody named it: not the report
	Conclusion verdict.Conclusion
	Issuer     string
	Profile    string // its title
	Tool       string // name and version
	By         string
	Started    time.Time
	Made       time.Time // when it was signed first, as it says itself
	Covers     []Covered

	result *testresult.TestResult
}

// Statement reads what was signed. Whether it was is for Verify to say.
func (e *Envelope) Statement() (*Statement, error) {
	content, err := e.statement()
	if err != nil {
		return nil, errors.New("its payload is not base64")
	}
	lenient := protojson.UnmarshalOptions{DiscardUnknown: true} // in-toto: who does not know a member ignores it
	whole := &intoto.Statement{}
	if err := lenient.Unmarshal(content, whole); err != nil {
		return nil, errors.New("its payload is no in-toto statement")
	}
	if err := whole.Validate(); err != nil {
		return nil, fmt.Errorf("its payload is no in-toto statement: %w", err)
	}
	if whole.PredicateType != predicateType {
		return nil, fmt.Errorf("it states %.80q, and what fapitest attests is %q", whole.PredicateType, predicateType)
	}
	encoded, err := protojson.Marshal(whole.Predicate)
	if err != nil {
		return nil, err
	}
	s := &Statement{result: &testresult.TestResult{}}
	if err := lenient.Unmarshal(encoded, s.result); err != nil {
		return nil, errors.New("its predicate is no test result")
	}
	if err := s.read(whole); err != nil {
		return nil, err
	}
	return s, nil
}

func (s *Statement) read(whole *intoto.Statement) error {
	for _, subject := range whole.Subject {
		if role(subject) == RoleReport {
			continue
		}
		for algorithm, digest := range subject.GetDigest() {
			s.Subjects = append(s.Subjects, Subject{subject.GetName(), algorithm, digest})
		}
	}
	for _, descriptor := range s.result.GetConfiguration() {
		covered := Covered{Role: role(descriptor), Name: descriptor.GetName()}
		if digest := descriptor.GetDigest()["sha256"]; digest != "" {
			covered.Digest = "sha256:" + digest
		}
		s.Covers = append(s.Covers, covered)
		said := func(name string) string { return descriptor.GetAnnotations().GetFields()[name].GetStringValue() }
		switch covered.Role {
		case RoleRun:
			s.Issuer, s.Conclusion, s.By = covered.Name, verdict.Conclusion(said("conclusion")), said("by")
			s.Started, _ = time.Parse(time.RFC3339Nano, said("started"))
			s.Made, _ = time.Parse(time.RFC3339, said("made"))
		case RoleProfile:
			s.Profile = said("title")
		case RoleTool:
			s.Tool = covered.Name
		case RoleReport, RoleEvidence, RoleRendered, RoleCatalogue, RoleConfiguration, RoleTarget:
		}
	}
	for _, role := range []Role{RoleRun, RoleReport, RoleTool, RoleProfile, RoleCatalogue, RoleConfiguration} {
		if !slices.ContainsFunc(s.Covers, func(c Covered) bool { return c.Role == role }) {
			return fmt.Errorf("it is no attestation of fapitest: it names no %s", role)
		}
	}
	return nil
}

func role(descriptor *intoto.ResourceDescriptor) Role {
	return Role(descriptor.GetAnnotations().GetFields()["role"].GetStringValue())
}

// Files are the files of the report's directory that are covered, the report first.
func (s *Statement) Files() []Covered {
	var files []Covered
	for _, covered := range s.Covers {
		switch covered.Role {
		case RoleReport, RoleEvidence, RoleRendered:
			files = append(files, covered)
		case RoleRun, RoleTool, RoleProfile, RoleCatalogue, RoleConfiguration, RoleTarget:
		}
	}
	return files
}

// Fits says in what a report differs from what is stated of it; nil: in nothing. The content is that of report.json.
func (s *Statement) Fits(report *verdict.Report, content []byte) error {
	refused := Result{Report: report, Content: content}
	if err := refused.Refusal(); err != nil {
		return fmt.Errorf("it should never have been attested: %w", err)
	}
	words, passed, warned, failed := outcome(report)
	switch {
	case s.Conclusion != report.Conclusion || s.result.GetResult() != words:
		return fmt.Errorf("it states %s (%s), and the report comes to %s (%s)", s.Conclusion, s.result.GetResult(), report.Conclusion, words)
	case !slices.Equal(s.result.GetPassedTests(), passed), !slices.Equal(s.result.GetWarnedTests(), warned), !slices.Equal(s.result.GetFailedTests(), failed):
		return errors.New("it lists other requirements as passed, warned or failed than the report")
	case s.Issuer != report.Target.Issuer || s.By != report.By || !s.Started.Equal(report.Started):
		return fmt.Errorf("it is about a run against %s from %s by %s, and the report about one against %s from %s by %s",
			wire.Printable(s.Issuer), s.Started.Format(time.RFC3339), wire.Printable(s.By), wire.Printable(report.Target.Issuer), report.Started.Format(time.RFC3339), wire.Printable(report.By))
	}
	own, err := Result{Report: report, Content: content}.covered()
	if err != nil {
		return err
	}
	for _, covered := range own {
		at := slices.IndexFunc(s.Covers, func(c Covered) bool { return c.Role == covered.Role })
		if at < 0 || s.Covers[at] != covered {
			return fmt.Errorf("it names another %s than the report does", strings.ReplaceAll(string(covered.Role), "target", "target file"))
		}
	}
	return nil
}
