package main

import (
	"bytes"
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"golang.org/x/term"

	"github.com/fapitest/fapitest/harness/requirement"
	"github.com/fapitest/fapitest/harness/run"
	"github.com/fapitest/fapitest/harness/target"
	"github.com/fapitest/fapitest/harness/verdict"
	"github.com/fapitest/fapitest/harness/wire"
	"github.com/fapitest/fapitest/reports"
	"github.com/fapitest/fapitest/reports/attest"
	"github.com/fapitest/fapitest/reports/json"
)

const attestHelp = `Usage: fapitest attest REPORT --key KEY [flags]
       fapitest attest ATTESTATION --countersign --key KEY [flags]

Signs what a run came to: an in-toto statement with the test-result predicate, in a DSSE envelope,
over the digests of the report, its evidence, the profile, the catalogue, the effective
configuration and this tool. REPORT is the directory of a run. Only a whole run that came to a
conclusion can be attested, and none of which findings were waived.

      --key KEY           the private key, Ed25519 or ECDSA P-256 in PEM; one that is encrypted is
                          opened with FAPITEST_KEY_PASSPHRASE, or asked for on a terminal
      --subject TEXT      what was tested, as NAME=sha256:DIGEST: the digest of the server's build
                          or release; may be repeated
      --chain FILE        the X.509 certificates of the key in PEM, its own first
  -o, --output FILE       where to (default: attestation.json in the report's directory)
      --countersign       add a second party's signature to the same statement, which stays where
                          it is: fapitest verify it first

Makes a key: openssl genpkey -algorithm ed25519 -aes256 -out key.pem
Its public half, for fapitest verify: openssl pkey -in key.pem -pubout -out key.pub
`

// attestationFile is what an attestation is called in the directory of its report.
const attestationFile = reports.AttestationFile

// passphraseVariable names the variable of the environment that opens an encrypted key.
const passphraseVariable = "FAPITEST_KEY_PASSPHRASE"

// signing is by whom and of what an attestation is made.
type signing struct {
	key      string
	chain    string
	subjects []string
}

// signer is what signing has come to: everything was read, and nothing can go wrong after a long run.
type signer struct {
	key      *attest.Key
	chain    []*x509.Certificate
	subjects []attest.Subject
}

func (a *app) attest(ctx context.Context, args []string) int {
	var flag signing
	flags := a.flags("attest", attestHelp)
	flags.StringVar(&flag.key, "key", "", "")
	flags.StringArrayVar(&flag.subjects, "subject", nil, "")
	flags.StringVar(&flag.chain, "chain", "", "")
	output := flags.StringP("output", "o", "", "")
	countersign := flags.Bool("countersign", false, "")
	if code, done := a.parse(flags, args); done {
		return code
	}
	switch {
	case flags.NArg() != 1:
		return a.fail("attest needs one report, such as fapitest attest fapitest-report --key key.pem")
	case flag.key == "":
		return a.fail("attest needs --key, a private key in PEM; openssl genpkey -algorithm ed25519 -out key.pem makes one")
	case *countersign && len(flag.subjects) > 0:
		return a.fail("--countersign signs what is stated already: leave out --subject")
	}
	by, err := a.signer(flag)
	if err != nil {
		return a.fail("%s", err)
	}
	if *countersign {
		return a.countersign(ctx, flags.Arg(0), by, *output)
	}
	file := reportFile(flags.Arg(0))
	if *output == "" {
		*output = filepath.Join(filepath.Dir(file), attestationFile)
	}
	return a.attestReport(ctx, file, by, *output)
}

// reportFile is the report.json that is meant: that of a directory.
func reportFile(path string) string {
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return filepath.Join(path, "report.json")
	}
	return path
}

// signer reads the key and all that goes with it. The errors name the file, and nothing of the key.
func (a *app) signer(flag signing) (*signer, error) {
	by := &signer{}
	for _, text := range flag.subjects {
		subject, err := attest.ParseSubject(text)
		if err != nil {
			return nil, fmt.Errorf("--subject %s: %w", text, err)
		}
		by.subjects = append(by.subjects, subject)
	}
	content, err := os.ReadFile(flag.key)
	if err != nil {
		return nil, fmt.Errorf("--key %s: %s", flag.key, reason(err))
	}
	a.warnIfExposed(flag.key)
	by.key, err = attest.Private(content, func() ([]byte, error) { return a.passphrase(flag.key) })
	clear(content)
	if errors.Is(err, attest.ErrPassphrase) {
		return nil, fmt.Errorf("--key %s: %w: set %s to the right one", flag.key, err, passphraseVariable)
	}
	if err != nil {
		return nil, fmt.Errorf("--key %s: %w", flag.key, err)
	}
	if flag.chain == "" {
		return by, nil
	}
	if content, err = os.ReadFile(flag.chain); err != nil {
		return nil, fmt.Errorf("--chain %s: %s", flag.chain, reason(err))
	}
	if by.chain, err = attest.Certificates(content); err != nil {
		return nil, fmt.Errorf("--chain %s: %w", flag.chain, err)
	}
	if err := by.key.Owns(by.chain); err != nil {
		return nil, fmt.Errorf("--chain %s: %w", flag.chain, err)
	}
	return by, nil
}

// passphrase opens a key: that of the environment or, on a terminal, what is typed, unseen.
func (a *app) passphrase(file string) ([]byte, error) {
	if words := a.env(passphraseVariable); words != "" {
		return []byte(words), nil
	}
	in, ok := a.in.(*os.File)
	if !ok || !isTerminal(in) {
		return nil, fmt.Errorf("it is encrypted, and nobody is here to be asked: set %s", passphraseVariable)
	}
	_, _ = fmt.Fprintf(a.err, "passphrase of %s: ", file)
	words, err := term.ReadPassword(int(in.Fd()))
	a.tell("")
	if err != nil {
		return nil, errors.New("the passphrase was not read")
	}
	return words, nil
}

// runSigner is the signer of run --attest; nil: nobody wants one. What can't be attested in the end is not begun.
func (a *app) runSigner(flag signing, plan run.Plan) (*signer, error) {
	switch {
	case flag.key == "" && len(flag.subjects) > 0:
		return nil, errors.New("--subject says what an attestation is about: give --attest a key, too")
	case flag.key == "":
		return nil, nil //nolint:nilnil // nobody signs
	case len(plan.Clauses) > 0 || plan.NoWaits:
		return nil, errors.New("--attest signs whole runs: leave out the clauses and --no-waits")
	}
	by, err := a.signer(flag)
	if err != nil {
		return nil, errors.New(strings.Replace(err.Error(), "--key ", "--attest ", 1))
	}
	return by, nil
}

// attestRun signs what a run has left in its directory. What can't be signed is said, and changes the exit code of a run that would have been green.
func (a *app) attestRun(ctx context.Context, dir string, by *signer, code int) int {
	if failed := a.attestReport(ctx, filepath.Join(dir, "report.json"), by, filepath.Join(dir, attestationFile)); failed != exitConformant && code == exitConformant {
		return failed
	}
	return code
}

// attestReport signs the report in a file, and the files beside it.
func (a *app) attestReport(ctx context.Context, file string, by *signer, output string) int {
	report, content, err := readWithContent(file)
	if err != nil {
		return a.fail("%s", err)
	}
	result := attest.Result{Report: report, Content: content, Subjects: by.subjects, Made: time.Now()}
	if err := result.Refusal(); err != nil {
		return a.fail("%s: %s", file, err)
	}
	if err := asked(report); err != nil {
		return a.fail("%s: %s", file, err)
	}
	if result.Files, err = beside(filepath.Dir(file), report); err != nil {
		return a.fail("%s", err)
	}
	envelope, err := result.Sign(ctx, by.key, by.chain)
	if err != nil {
		return a.fail("%s: %s", file, err)
	}
	if err := writeAttestation(output, envelope); err != nil {
		return a.fail("%s", err)
	}
	if len(by.subjects) == 0 {
		a.tell("without --subject the attestation does not say which build of the server was tested")
	}
	a.printf("%s attests that the target is %s, signed by the %s\n", output, conclusionWords(report.Conclusion), by.key)
	return exitConformant
}

func conclusionWords(c verdict.Conclusion) string {
	if c == verdict.NotConformant {
		return "NOT conformant"
	}
	return string(c)
}

// readWithContent reads a report, and returns what stands in its file as well.
func readWithContent(file string) (*verdict.Report, []byte, error) {
	content, err := readBounded(file, json.Largest)
	if err != nil {
		return nil, nil, err
	}
	report, err := json.Read(bytes.NewReader(content))
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", file, err)
	}
	return report, content, nil
}

// beside lists what lies in the directory of a report and belongs to it: the evidence, and what was rendered. Evidence that the report names and that is gone is an error.
func beside(dir string, report *verdict.Report) ([]attest.Covered, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	defer func() { _ = root.Close() }()
	var files []attest.Covered
	for _, format := range reports.Formats(dir) {
		if format.File == "" || format.File == "report.json" {
			continue
		}
		if digest, err := rootDigest(root, format.File); err == nil {
			files = append(files, attest.Covered{Role: attest.RoleRendered, Name: format.File, Digest: digest})
		} else if !errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("%s: %s", filepath.Join(dir, format.File), reason(err))
		}
	}
	err = fs.WalkDir(root.FS(), "evidence", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			if errors.Is(err, fs.ErrNotExist) && path == "evidence" {
				return fs.SkipAll
			}
			return err
		}
		digest, err := rootDigest(root, path)
		files = append(files, attest.Covered{Role: attest.RoleEvidence, Name: path, Digest: digest})
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("the evidence in %s can't be read: %s", dir, reason(err))
	}
	for _, path := range named(report) {
		if !slices.ContainsFunc(files, func(c attest.Covered) bool { return c.Name == path }) {
			return nil, fmt.Errorf("%s is not there, and the report names it: attest what the run has left as it is", filepath.Join(dir, filepath.FromSlash(path)))
		}
	}
	return files, nil
}

// named lists the evidence that a report names.
func named(report *verdict.Report) []string {
	var paths []string
	for _, result := range report.Requirements {
		for _, spec := range result.Specs {
			for _, exchange := range spec.Exchanges {
				for _, page := range exchange.Pages {
					for _, path := range []string{page.Screenshot, page.HTML} {
						if path != "" {
							paths = append(paths, filepath.ToSlash(path))
						}
					}
				}
			}
		}
	}
	slices.Sort(paths)
	return slices.Compact(paths)
}

// rootDigest is the digest of a regular file below a root, out of which no link leads.
func rootDigest(root *os.Root, path string) (string, error) {
	file, err := root.Open(filepath.FromSlash(path))
	if err != nil {
		return "", err
	}
	defer func() { _ = file.Close() }()
	if info, err := file.Stat(); err != nil || !info.Mode().IsRegular() {
		return "", errors.Join(err, fmt.Errorf("%s is no file", path))
	}
	return digestOf(file)
}

// countersign adds a signature to an attestation, in its file unless another one is named.
func (a *app) countersign(ctx context.Context, path string, by *signer, output string) int {
	file := attestationPath(path)
	envelope, statement, err := readAttestation(file)
	if err != nil {
		return a.fail("%s", err)
	}
	if err := envelope.Countersign(ctx, by.key, by.chain); err != nil {
		return a.fail("%s: %s", file, err)
	}
	if output == "" {
		output = file
	}
	if err := writeAttestation(output, envelope); err != nil {
		return a.fail("%s", err)
	}
	a.printf("%s attests that the target is %s, countersigned by the %s\n", output, conclusionWords(statement.Conclusion), by.key)
	return exitConformant
}

// attestationPath is the attestation that is meant: that of a directory.
func attestationPath(path string) string {
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return filepath.Join(path, attestationFile)
	}
	return path
}

// largestAttestation is how many bytes an attestation may have to be read.
const largestAttestation = 16 << 20

// readBounded reads a file that is not larger than it may be.
func readBounded(path string, largest int64) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("%s: %s", path, reason(err))
	}
	defer func() { _ = file.Close() }()
	content, err := io.ReadAll(io.LimitReader(file, largest+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("%s: %s", path, reason(err))
	case int64(len(content)) > largest:
		return nil, fmt.Errorf("%s is larger than %d MiB: it is not what it is called", path, largest>>20)
	}
	return content, nil
}

// readAttestation reads an envelope and what it states. Both are nil where it is no envelope, the statement alone where it states nothing that can be read.
func readAttestation(file string) (*attest.Envelope, *attest.Statement, error) {
	content, err := readBounded(file, largestAttestation)
	if err != nil {
		return nil, nil, err
	}
	envelope, err := attest.Parse(content)
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %s", file, wire.Printable(err.Error())) // it may come from anybody
	}
	statement, err := envelope.Statement()
	if err != nil {
		return envelope, nil, fmt.Errorf("%s: %s", file, wire.Printable(err.Error()))
	}
	return envelope, statement, nil
}

// writeAttestation writes a file that is there whole or not at all, and that nobody else reads before its owner gives it away.
func writeAttestation(path string, envelope *attest.Envelope) (err error) {
	content, err := envelope.Encoded()
	if err != nil {
		return err
	}
	failed := func(err error) error { return fmt.Errorf("%s can't be written: %s", path, reason(err)) }
	file, err := os.CreateTemp(filepath.Dir(path), ".fapitest-*") // 0600
	if err != nil {
		return failed(err)
	}
	_, err = file.Write(content)
	if err = errors.Join(err, file.Close()); err == nil {
		err = os.Rename(file.Name(), path)
	}
	if err != nil {
		_ = os.Remove(file.Name())
		return failed(err)
	}
	return nil
}

// asked says what in a report does not follow by the profile as this binary has it. A report of another version can't be compared, and is no error.
func asked(report *verdict.Report) error {
	_, err := judgedHere(report)
	return err
}

// judgedHere says whether this binary has the profile and the catalogue by which a report was made, and where it has, what in the report does not follow by them.
func judgedHere(report *verdict.Report) (bool, error) {
	chosen, err := findProfile(report.Profile.ID)
	if err != nil || chosen.Digest() != report.Profile.Digest {
		return false, nil //nolint:nilerr // an older tool's profile is judged by its own version
	}
	var missing, other []string
	for _, r := range chosen.Requirements() {
		result, there := report.Result(r.ID)
		switch {
		case !there:
			missing = append(missing, r.ID)
		case result.Level != r.Level || result.Document != r.Document.ID || result.Per != r.Per:
			other = append(other, r.ID)
		case result.Verdict == verdict.Attested && len(result.Specs) == 0 && !r.Attested && len(result.Follows) == 0:
			return true, fmt.Errorf("%s is attested, and %s has it tested", r.ID, chosen.ID)
		case len(result.Follows) > 0 && !slices.Equal(result.Follows, r.Follows):
			return true, fmt.Errorf("%s follows from %s, and by %s from %s", r.ID, strings.Join(result.Follows, ", "), chosen.ID, strings.Join(r.Follows, ", "))
		case len(result.Specs) == 0 && len(result.Follows) == 0 && result.Verdict == verdict.NotApplicable && unmet(report, r.When) == "":
			return true, fmt.Errorf("%s does not apply by the report, and by %s it does", r.ID, chosen.ID)
		}
	}
	switch {
	case len(missing) > 0:
		return true, fmt.Errorf("%s asks %s, and the report does not have it", chosen.ID, missing[0])
	case len(other) > 0:
		return true, fmt.Errorf("%s does not stand in the report as %s asks it", other[0], chosen.ID)
	}
	return true, nil
}

// unmet says why no client of a report's target meets a condition; empty: one does.
func unmet(report *verdict.Report, when requirement.Condition) string {
	scope, _ := report.Target.Config["scope"].(string)
	t := &target.Target{Scope: scope}
	for _, client := range report.Target.Clients {
		t.Clients = append(t.Clients, &target.Client{ID: client.ID, Auth: client.Auth, Binding: client.Binding})
	}
	offers, _ := report.Target.Config["offers"].([]any)
	for _, offer := range offers {
		if word, is := offer.(string); is {
			t.Offers = append(t.Offers, word)
		}
	}
	return t.UnmetByAll(when)
}
