package main

import (
	"context"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/fapitest/fapitest/harness/verdict"
	"github.com/fapitest/fapitest/harness/wire"
	"github.com/fapitest/fapitest/reports/attest"
)

const verifyHelp = `Usage: fapitest verify ATTESTATION --key PUBLIC [flags]
       fapitest verify ATTESTATION --trust ROOTS [flags]

Says whether a signed result is what was signed: by whom, over which report and evidence, and
whether its conclusion follows from what the report holds. It needs no network. ATTESTATION is what
fapitest attest has written, or the directory that holds it.

      --key PUBLIC        a public key (or certificate) in PEM that has to have signed; repeated for
                          those who countersigned
      --trust ROOTS       the X.509 roots, in PEM, to which the certificates of a signature lead
      --report DIR        the report's directory (default: that of ATTESTATION)

Exit codes: 0 what was signed says conformant, 3 it says not conformant, 1 it is not what was
signed, or wrong usage.
`

func (a *app) verify(ctx context.Context, args []string) int {
	flags := a.flags("verify", verifyHelp)
	keys := flags.StringArray("key", nil, "")
	roots := flags.String("trust", "", "")
	dir := flags.String("report", "", "")
	if code, done := a.parse(flags, args); done {
		return code
	}
	switch {
	case flags.NArg() != 1:
		return a.fail("verify needs one attestation, such as fapitest verify fapitest-report/attestation.json --key key.pub")
	case len(*keys) == 0 && *roots == "":
		return a.fail("verify needs --key, the public key of who signed, or --trust, the roots of their certificates: a signature of just anybody proves nothing")
	}
	file := attestationPath(flags.Arg(0))
	trust, err := trusted(*keys, *roots)
	if err != nil {
		return a.fail("%s", err)
	}
	envelope, statement, unread := readAttestation(file)
	if envelope == nil {
		return a.fail("%s", unread)
	}
	// Whether it is what was signed comes before what it says: of something that was changed nothing else is worth saying.
	if trust.Now = time.Now(); statement != nil {
		trust.Made = statement.Made
	}
	signers, err := envelope.Verify(ctx, trust)
	if err != nil {
		return a.fail("%s: %s", file, err)
	}
	if unread != nil {
		return a.fail("%s", unread)
	}
	if *dir == "" {
		*dir = filepath.Dir(file)
	}
	report, notes, err := a.compareFiles(*dir, statement)
	if err != nil {
		return a.fail("%s", err)
	}
	a.verified(statement, report, signers, notes)
	if statement.Conclusion != verdict.Conformant {
		return exitNotConformant
	}
	return exitConformant
}

// trusted reads the keys and the roots.
func trusted(keys []string, roots string) (attest.Trust, error) {
	trust := attest.Trust{}
	for _, file := range keys {
		content, err := os.ReadFile(file)
		if err != nil {
			return trust, fmt.Errorf("--key %s: %s", file, reason(err))
		}
		key, err := attest.Public(content)
		if err != nil {
			return trust, fmt.Errorf("--key %s: %w", file, err)
		}
		trust.Keys = append(trust.Keys, key)
	}
	if roots == "" {
		return trust, nil
	}
	content, err := os.ReadFile(roots)
	if err != nil {
		return trust, fmt.Errorf("--trust %s: %s", roots, reason(err))
	}
	list, err := attest.Certificates(content)
	if err != nil {
		return trust, fmt.Errorf("--trust %s: %w", roots, err)
	}
	trust.Roots = x509.NewCertPool()
	for _, certificate := range list {
		trust.Roots.AddCert(certificate)
	}
	return trust, nil
}

// compareFiles compares every file with its digest, then what the report says with what was stated of it. It returns the report, and what could not be compared.
func (a *app) compareFiles(dir string, statement *attest.Statement) (*verdict.Report, []string, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, nil, fmt.Errorf("--report %s: %s", dir, reason(err))
	}
	defer func() { _ = root.Close() }()
	var notes []string
	for _, covered := range statement.Files() {
		path := filepath.Join(dir, filepath.FromSlash(covered.Name))
		digest, err := rootDigest(root, covered.Name)
		switch {
		case errors.Is(err, fs.ErrNotExist) && covered.Role == attest.RoleRendered:
			notes = append(notes, covered.Name+" was attested too, and is not here")
		case err != nil:
			return nil, nil, fmt.Errorf("%s, which was attested, can't be read: %s", path, reason(err))
		case digest == covered.Digest:
		case covered.Role == attest.RoleReport && another(root, statement.Started) != "":
			return nil, nil, fmt.Errorf("%s is that of another run, of %s, and the attested one is of %s", path, another(root, statement.Started), statement.Started.Format(time.RFC3339Nano))
		default:
			return nil, nil, fmt.Errorf("%s was changed after it was attested: it has the digest %s, and %s was signed", path, digest, covered.Digest)
		}
	}
	file := filepath.Join(dir, "report.json")
	report, content, err := readWithContent(file)
	if err != nil {
		return nil, nil, err
	}
	if err := statement.Fits(report, content); err != nil {
		return nil, nil, fmt.Errorf("what was signed does not fit %s: %w", file, err)
	}
	for _, path := range named(report) {
		if !slices.ContainsFunc(statement.Files(), func(c attest.Covered) bool { return c.Name == path }) {
			return nil, nil, fmt.Errorf("%s names %s as evidence, and what was signed does not cover it", file, wire.Printable(path))
		}
	}
	// Whoever opens what lies here takes it for what was signed.
	present, err := beside(dir, report)
	if err != nil {
		return nil, nil, err
	}
	for _, file := range present {
		if !slices.ContainsFunc(statement.Files(), func(c attest.Covered) bool { return c.Name == file.Name }) {
			notes = append(notes, fmt.Sprintf("%s is here and was NOT attested: nobody has signed what it says", wire.Printable(file.Name)))
		}
	}
	here, err := judgedHere(report)
	switch {
	case err != nil:
		return nil, nil, fmt.Errorf("%s: %w", file, err)
	case !here:
		notes = append(notes, fmt.Sprintf("it was judged by fapitest %s, which asks something else by that profile than this version does, %s: that the conclusion follows from its requirements "+
			"was looked at, and that they are all that was to be asked is that version's word", wire.Printable(report.Tool.Version), version().Version))
	}
	return report, notes, nil
}

// another is when the run of a report began, where that is not the attested one's; empty: it is, or nobody can tell.
func another(root *os.Root, attested time.Time) string {
	content, err := root.ReadFile("report.json")
	if err != nil {
		return ""
	}
	var head struct {
		Started time.Time `json:"started"`
	}
	if err := json.Unmarshal(content, &head); err != nil || head.Started.IsZero() || head.Started.Equal(attested) {
		return ""
	}
	return head.Started.Format(time.RFC3339Nano)
}

// verified prints what is proved, and by whom.
func (a *app) verified(statement *attest.Statement, report *verdict.Report, signers []attest.Signer, notes []string) {
	columns := width(a.out)
	line := func(name, text string) {
		a.print(hanging(fmt.Sprintf("    %-17s", name), wire.Printable(text), columns))
	}
	a.print(wrap(fmt.Sprintf("verified: %s to %s", conclusionWords(statement.Conclusion), wire.Printable(report.Profile.Title)), "", columns))
	a.print("\n")
	line("target", report.Target.Issuer)
	for _, subject := range statement.Subjects {
		line("tested", subject.String())
	}
	if len(statement.Subjects) == 0 {
		line("tested", "nobody says which build")
	}
	line("run", fmt.Sprintf("by %s at %s, with %s", report.By, report.Started.Format(time.RFC3339), statement.Tool))
	line("binary", report.Tool.Digest)
	if report.Target.File != "" {
		line("target file", report.Target.File+", "+report.Target.Digest)
	}
	line("attested", statement.Made.Format(time.RFC3339)+", as it says itself")
	for i, signer := range signers {
		name := "signed by"
		if i > 0 {
			name = "and by"
		}
		line(name, signerWords(signer))
	}
	evidence := 0
	for _, covered := range statement.Files() {
		if covered.Role == attest.RoleEvidence {
			evidence++
		}
	}
	line("unchanged", fmt.Sprintf("the report, files of evidence: %d", evidence))
	for _, note := range notes {
		line("note", note)
	}
}

func signerWords(signer attest.Signer) string {
	switch {
	case signer.Key == nil:
		return fmt.Sprintf("key %.16s, which proves nothing: neither --key nor --trust knows it", signer.ID)
	case signer.Name == "":
		return signer.Key.String()
	case signer.Lapsed:
		return fmt.Sprintf("%s (%s), whose certificate was good when it says that it was signed, and is not today", signer.Name, signer.Key)
	}
	return fmt.Sprintf("%s (%s)", signer.Name, signer.Key)
}
