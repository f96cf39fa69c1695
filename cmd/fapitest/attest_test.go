package main

import (
	"context"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io/fs"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/youmark/pkcs8"

	"github.com/fapitest/fapitest/harness/requirement"
	"github.com/fapitest/fapitest/harness/target"
	"github.com/fapitest/fapitest/harness/verdict"
	"github.com/fapitest/fapitest/reports/attest"
	"github.com/fapitest/fapitest/suites/profiles"
)

// makeKeys makes key.pem and key.pub; other.pem, other.pub and other.crt, which root.crt has issued to the assessor; and locked.pem, which "sesame" opens.
func makeKeys(ts *testscript.TestScript, _ bool, _ []string) {
	write := func(name, kind string, der []byte, err error) {
		ts.Check(err)
		ts.Check(os.WriteFile(ts.MkAbs(name), pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600))
	}
	private := func(name string, key any, public any) {
		der, err := x509.MarshalPKCS8PrivateKey(key)
		write(name+".pem", "PRIVATE KEY", der, err)
		der, err = x509.MarshalPKIXPublicKey(public)
		write(name+".pub", "PUBLIC KEY", der, err)
	}
	public, key, err := ed25519.GenerateKey(rand.Reader)
	ts.Check(err)
	private("key", key, public)
	der, err := pkcs8.MarshalPrivateKey(key, []byte("sesame"), nil)
	write("locked.pem", "ENCRYPTED PRIVATE KEY", der, err)
	other, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	ts.Check(err)
	private("other", other, other.Public())
	issuer, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	ts.Check(err)
	root := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "a root"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	der, err = x509.CreateCertificate(rand.Reader, root, root, issuer.Public(), issuer)
	write("root.crt", "CERTIFICATE", der, err)
	leaf := &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "the assessor"}, NotBefore: root.NotBefore, NotAfter: root.NotAfter, KeyUsage: x509.KeyUsageDigitalSignature,
	}
	der, err = x509.CreateCertificate(rand.Reader, leaf, root, other.Public(), issuer)
	write("other.crt", "CERTIFICATE", der, err)
}

// copyDir copies a directory: copydir FROM TO.
func copyDir(ts *testscript.TestScript, _ bool, args []string) {
	ts.Check(os.CopyFS(ts.MkAbs(args[1]), os.DirFS(ts.MkAbs(args[0]))))
}

// flip changes one byte in the middle of a file, or of the first file of a directory, so that what was text stays text.
func flip(ts *testscript.TestScript, _ bool, args []string) {
	path := ts.MkAbs(args[0])
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		list, err := os.ReadDir(path)
		ts.Check(err)
		path = filepath.Join(path, list[0].Name())
	}
	content, err := os.ReadFile(path)
	ts.Check(err)
	at := len(content) / 2
	for !isDigitOrLetter(content[at]) {
		at++
	}
	if content[at]++; !isDigitOrLetter(content[at]) {
		content[at] -= 2
	}
	ts.Check(os.WriteFile(path, content, 0o600))
}

func isDigitOrLetter(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

// resign signs a report whose conclusion was edited as if it followed: resign DIR KEY.
func resign(ts *testscript.TestScript, _ bool, args []string) {
	dir := ts.MkAbs(args[0])
	report := readReport(ts, "signed/report.json")
	report.Conclusion = verdict.NotConformant
	key, err := os.ReadFile(ts.MkAbs(args[1]))
	ts.Check(err)
	signs, err := attest.Private(key, nil)
	ts.Check(err)
	result := attest.Result{Report: report, Made: time.Now()}
	result.Content, err = os.ReadFile(filepath.Join(dir, "report.json"))
	ts.Check(err)
	result.Files, err = beside(dir, report)
	ts.Check(err)
	envelope, err := result.Sign(context.Background(), signs, nil)
	ts.Check(err)
	ts.Check(writeAttestation(filepath.Join(dir, attestationFile), envelope))
}

// An attestation is its owner's, whatever stood there before.
func TestAttestationsAreWrittenForTheirOwner(t *testing.T) {
	path := filepath.Join(t.TempDir(), attestationFile)
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, 0o666); err != nil {
		t.Fatal(err)
	}
	if err := writeAttestation(path, &attest.Envelope{}); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode() != fs.FileMode(0o600) {
		t.Errorf("%v, %v", info.Mode(), err)
	}
}

// What the profile asks has to stand in a report as it asks it; that of another version is left to that version.
func TestReportsAreHeldAgainstTheirProfile(t *testing.T) {
	chosen, err := findProfile(profiles.Default)
	if err != nil {
		t.Fatal(err)
	}
	whole := func() *verdict.Report {
		report := &verdict.Report{
			Profile: verdict.Profile{ID: chosen.ID, Digest: chosen.Digest()},
			Target: verdict.Target{
				Config: map[string]any{"scope": "openid", "offers": []any{"refresh_token"}}, Clients: []verdict.Client{{ID: "one", Auth: target.PrivateKeyJWT, Binding: target.DPoP}},
			},
		}
		for _, r := range chosen.Requirements() {
			report.Requirements = append(report.Requirements, verdict.Result{
				ID: r.ID, Document: r.Document.ID, Level: r.Level, Per: r.Per, Verdict: verdict.Pass, Specs: []verdict.Spec{{Verdict: verdict.Pass}},
			})
		}
		return report
	}
	if here, err := judgedHere(whole()); err != nil || !here {
		t.Errorf("%v, %v", here, err)
	}
	of := func(report *verdict.Report, id string) *verdict.Result {
		for i := range report.Requirements {
			if report.Requirements[i].ID == id {
				return &report.Requirements[i]
			}
		}
		t.Fatalf("there is no %s", id)
		return nil
	}
	for says, edit := range map[string]func(*verdict.Report){
		"and the report does not have it":                    func(r *verdict.Report) { r.Requirements = r.Requirements[1:] },
		"FAPI2-SP-5.3.2.2-4 does not stand in the report as": func(r *verdict.Report) { of(r, "FAPI2-SP-5.3.2.2-4").Level = requirement.May },
		"FAPI2-SP-5.3.2.2-4 is attested, and": func(r *verdict.Report) {
			of(r, "FAPI2-SP-5.3.2.2-4").Verdict, of(r, "FAPI2-SP-5.3.2.2-4").Specs = verdict.Attested, nil
		},
		"FAPI2-SP-5.3.2.2-4 does not apply by the report": func(r *verdict.Report) {
			of(r, "FAPI2-SP-5.3.2.2-4").Verdict, of(r, "FAPI2-SP-5.3.2.2-4").Specs = verdict.NotApplicable, nil
		},
		"RFC9126-2-3 follows from RFC6749-3.1-1, and by": func(r *verdict.Report) { of(r, "RFC9126-2-3").Follows = []string{"RFC6749-3.1-1"} },
	} {
		report := whole()
		edit(report)
		if _, err := judgedHere(report); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v", says, err)
		}
		report.Profile.Digest = "sha256:00"
		if here, err := judgedHere(report); err != nil || here {
			t.Errorf("of another version: %v, %v", here, err)
		}
	}
	report := whole()
	gone := of(report, "RFC8705-3-1b") // there is no client whose tokens are bound to a certificate
	gone.Verdict, gone.Specs = verdict.NotApplicable, nil
	if _, err := judgedHere(report); err != nil {
		t.Error(err)
	}
}
