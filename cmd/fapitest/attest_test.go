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
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/youmark/pkcs8"

	"github.com/fapitest/fapitest/harness/verdict"
	"github.com/fapitest/fapitest/reports/attest"
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
