package attest_test

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"errors"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/secure-systems-lab/go-securesystemslib/dsse"
	"github.com/secure-systems-lab/go-securesystemslib/signerverifier"

	"github.com/fapitest/fapitest/harness/verdict"
	"github.com/fapitest/fapitest/reports/attest"
	"github.com/fapitest/fapitest/reports/internal/sample"
	reportjson "github.com/fapitest/fapitest/reports/json"
)

var now = time.Date(2026, 11, 28, 9, 0, 0, 0, time.UTC)

// result is a report that can be attested, as it is read.
func result(t *testing.T, report *verdict.Report) attest.Result {
	t.Helper()
	report.By, report.Tool.Digest = "joe@bench", "sha256:"+strings.Repeat("1", 64)
	report.Profile.Digest, report.Profile.Catalogue = "sha256:"+strings.Repeat("2", 64), "sha256:"+strings.Repeat("3", 64)
	report.Target.Digest = "sha256:" + strings.Repeat("4", 64)
	var b bytes.Buffer
	if err := reportjson.Write(&b, report); err != nil {
		t.Fatal(err)
	}
	read, err := reportjson.Read(bytes.NewReader(b.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	subject, err := attest.ParseSubject("bank=sha256:" + strings.Repeat("A", 64))
	if err != nil {
		t.Fatal(err)
	}
	return attest.Result{
		Report: read, Content: b.Bytes(), Made: now, Subjects: []attest.Subject{subject},
		Files: []attest.Covered{{Role: attest.RoleEvidence, Name: "evidence/login.png", Digest: "sha256:" + strings.Repeat("5", 64)}},
	}
}

// pair is a key of both halves, and its private half in PEM.
func pair(t *testing.T, private crypto.Signer) (signs, verifies *attest.Key, encoded []byte) {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	encoded = pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})
	if signs, err = attest.Private(encoded, nil); err != nil {
		t.Fatal(err)
	}
	if der, err = x509.MarshalPKIXPublicKey(private.Public()); err != nil {
		t.Fatal(err)
	}
	if verifies, err = attest.Public(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})); err != nil {
		t.Fatal(err)
	}
	return signs, verifies, encoded
}

func edwards(t *testing.T) crypto.Signer {
	t.Helper()
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func curve(t *testing.T, c elliptic.Curve) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(c, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func signed(t *testing.T, r attest.Result, key *attest.Key, chain ...*x509.Certificate) []byte {
	t.Helper()
	envelope, err := r.Sign(context.Background(), key, chain)
	if err != nil {
		t.Fatal(err)
	}
	content, err := envelope.Encoded()
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// verified is what comes of an attestation for whoever trusts so.
func verified(content []byte, trust attest.Trust) ([]attest.Signer, *attest.Statement, error) {
	envelope, err := attest.Parse(content)
	if err != nil {
		return nil, nil, err
	}
	signers, err := envelope.Verify(context.Background(), trust)
	if err != nil {
		return nil, nil, err
	}
	statement, err := envelope.Statement()
	return signers, statement, err
}

func TestWhatIsSignedIsRead(t *testing.T) {
	for name, private := range map[string]crypto.Signer{"Ed25519": edwards(t), "P-256": curve(t, elliptic.P256())} {
		for _, report := range []*verdict.Report{sample.Conformant(), sample.NotConformant()} {
			signs, verifies, _ := pair(t, private)
			r := result(t, report)
			signers, statement, err := verified(signed(t, r, signs), attest.Trust{Keys: []*attest.Key{verifies}})
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if len(signers) != 1 || signers[0].Key.ID() != signs.ID() {
				t.Errorf("%s: %v", name, signers)
			}
			if statement.Conclusion != report.Conclusion || statement.By != "joe@bench" || !statement.Started.Equal(report.Started) || !statement.Made.Equal(now) ||
				len(statement.Subjects) != 1 || statement.Subjects[0] != r.Subjects[0] || len(statement.Files()) != 2 {
				t.Errorf("%s: %+v", name, statement)
			}
			if err := statement.Fits(r.Report, r.Content); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
}

// The library of DSSE, with keys as it reads them itself, takes what we sign.
func TestOthersVerifyIt(t *testing.T) {
	for name, private := range map[string]crypto.Signer{"Ed25519": edwards(t), "P-256": curve(t, elliptic.P256())} {
		signs, _, encoded := pair(t, private)
		loaded, err := signerverifier.LoadKey(encoded)
		if err != nil {
			t.Fatal(err)
		}
		var verifier dsse.Verifier
		if name == "Ed25519" {
			verifier, err = signerverifier.NewED25519SignerVerifierFromSSLibKey(loaded)
		} else {
			verifier, err = signerverifier.NewECDSASignerVerifierFromSSLibKey(loaded)
		}
		if err != nil {
			t.Fatal(err)
		}
		var envelope dsse.Envelope
		if err := json.Unmarshal(signed(t, result(t, sample.Conformant()), signs), &envelope); err != nil {
			t.Fatal(err)
		}
		envelope.Signatures[0].KeyID = "" // every tool has its own
		check, err := dsse.NewEnvelopeVerifier(verifier)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := check.Verify(context.Background(), &envelope); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// One byte that is changed anywhere in an envelope is found, and so is what two readers would read in two ways.
func TestAnyByteOfAnEnvelope(t *testing.T) {
	signs, verifies, _ := pair(t, edwards(t))
	content := signed(t, result(t, sample.Conformant()), signs)
	trust := attest.Trust{Keys: []*attest.Key{verifies}}
	for _, bit := range []byte{1, 2, 0x20} {
		for i := range content {
			changed := bytes.Clone(content)
			changed[i] ^= bit
			_, _, err := verified(changed, trust)
			if err == nil {
				t.Errorf("byte %d (%q) was changed, and nobody has noticed: %s", i, content[i], changed[max(0, i-20):i+1])
			} else if strings.Contains(err.Error(), "\n") {
				t.Errorf("byte %d: more than a sentence: %v", i, err)
			}
		}
	}
	for name, changed := range map[string]string{
		"a member twice":        strings.Replace(string(content), "{", `{"payload": "e30=",`, 1),
		"a member in capitals":  strings.Replace(string(content), "{", `{"PAYLOAD": "e30=",`, 1),
		"something behind it":   string(content) + "}",
		"another object":        string(content) + "{}",
		"payload without an =":  strings.Replace(string(content), `=",`, `",`, 1),
		"payload on two lines":  strings.Replace(string(content), `"payload": "`, `"payload": "\n`, 1),
		"payload in other bits": otherBits(string(content)),
	} {
		if _, _, err := verified([]byte(changed), trust); err == nil && changed != string(content) {
			t.Errorf("%s: nobody has noticed", name)
		}
	}
}

// otherBits changes the last bits of a payload, of which most readers of Base64 take no notice.
func otherBits(content string) string {
	at := strings.Index(content, `=",`)
	if at < 0 {
		return content
	}
	for at > 0 && content[at-1] == '=' {
		at--
	}
	return content[:at-1] + string(content[at-1]+1) + content[at:]
}

func TestWhatIsNotSigned(t *testing.T) {
	gone := func(edit func(*attest.Result)) attest.Result {
		r := result(t, sample.Conformant())
		edit(&r)
		return r
	}
	signs, _, _ := pair(t, edwards(t))
	waived := result(t, sample.Conformant())
	waived.Content = bytes.Replace(waived.Content, []byte("{"), []byte(`{"gate":{"known":[{"by":"baseline"},{"by":"waiver"}]},`), 1)
	for says, r := range map[string]attest.Result{
		"the run is partial (clauses FAPI2-SP-5.3.2.2-2": result(t, sample.Partial()),
		"the run is inconclusive: what could not be tested has to be tested or attested first (FAPI2-SP-5.3.2.1-8, FAPI2-SP-5.3.2.1-13, FAPI2-SP-5.3.2.2-4 and 2 more)": result(t, sample.Inconclusive()),
		"the run is inconclusive: what could not be tested has to be tested or attested first":                                                                          result(t, sample.Empty()),
		"findings of the run are waived (1 of them)": waived,
		"by which binary":         gone(func(r *attest.Result) { r.Report.Tool.Digest = "" }),
		"by whom":                 gone(func(r *attest.Result) { r.Report.By = "" }),
		"with which target file":  gone(func(r *attest.Result) { r.Report.Target.Digest = "" }),
		"against which catalogue": gone(func(r *attest.Result) { r.Report.Profile.Catalogue = "" }),
	} {
		_, err := r.Sign(context.Background(), signs, nil)
		if err == nil || !strings.Contains(err.Error(), says) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v", says, err)
		}
	}
}

// Whoever has the key can sign what does not fit: the verifier compares it with the report.
func TestFits(t *testing.T) {
	r := result(t, sample.Conformant())
	signs, verifies, _ := pair(t, edwards(t))
	_, statement, err := verified(signed(t, r, signs), attest.Trust{Keys: []*attest.Key{verifies}})
	if err != nil {
		t.Fatal(err)
	}
	for says, edit := range map[string]func(*verdict.Report){
		"it states conformant (WARNED), and the report comes to not-conformant (FAILED)": func(o *verdict.Report) { o.Conclusion = verdict.NotConformant },
		"it lists other requirements":        func(o *verdict.Report) { o.Requirements[2].ID = "FAPI2-SP-5.3.2.2-99" },
		"it is about a run against":          func(o *verdict.Report) { o.Target.Issuer = "https://other.example" },
		"by joe@bench, and the report about": func(o *verdict.Report) { o.By = "jane@bench" },
		"it names another tool":              func(o *verdict.Report) { o.Tool.Digest = "sha256:" + strings.Repeat("9", 64) },
		"it names another profile":           func(o *verdict.Report) { o.Profile.Digest = "sha256:" + strings.Repeat("9", 64) },
		"it names another catalogue":         func(o *verdict.Report) { o.Profile.Catalogue = "sha256:" + strings.Repeat("9", 64) },
		"it names another configuration":     func(o *verdict.Report) { o.Target.Config["scope"] = "payments" },
		"it names another target file":       func(o *verdict.Report) { o.Target.Digest = "sha256:" + strings.Repeat("9", 64) },
		"it should never have been attested": func(o *verdict.Report) { o.Partial = true },
	} {
		other := result(t, sample.Conformant())
		edit(other.Report)
		if err := statement.Fits(other.Report, r.Content); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v", says, err)
		}
	}
	if err := statement.Fits(r.Report, append(r.Content, ' ')); err == nil || !strings.Contains(err.Error(), "another report") {
		t.Error(err)
	}
}

func issue(t *testing.T, name string, public crypto.PublicKey, issuer *x509.Certificate, by crypto.Signer, from, until time.Time) *x509.Certificate {
	t.Helper()
	wanted := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: name}, NotBefore: from, NotAfter: until,
		IsCA: strings.Contains(name, "CA"), BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
	}
	if issuer == nil {
		issuer = wanted
	}
	der, err := x509.CreateCertificate(rand.Reader, wanted, issuer, public, by)
	if err != nil {
		t.Fatal(err)
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return certificate
}

func TestChains(t *testing.T) {
	top, middle, own := curve(t, elliptic.P384()), curve(t, elliptic.P256()), edwards(t)
	root := issue(t, "a root CA", top.Public(), nil, top, now.Add(-time.Hour), now.AddDate(10, 0, 0))
	between := issue(t, "a CA", middle.Public(), root, top, now.Add(-time.Hour), now.AddDate(10, 0, 0))
	leaf := issue(t, "the bank", own.Public(), between, middle, now.Add(-time.Hour), now.AddDate(0, 1, 0))
	late := issue(t, "the bank, too late", own.Public(), between, middle, now.AddDate(-1, 0, 0), now.Add(-time.Minute))
	signs, verifies, _ := pair(t, own)
	roots := x509.NewCertPool()
	roots.AddCert(root)
	r := result(t, sample.Conformant())
	content := signed(t, r, signs, leaf, between)
	trust := attest.Trust{Roots: roots, Now: now, Made: now}
	if signers, _, err := verified(content, trust); err != nil || signers[0].Name != "CN=the bank" || signers[0].Lapsed {
		t.Errorf("%+v, %v", signers, err)
	}
	trust.Now = now.AddDate(1, 0, 0)
	if signers, _, err := verified(content, trust); err != nil || !signers[0].Lapsed {
		t.Errorf("a year later: %+v, %v", signers, err)
	}
	trust.Keys = []*attest.Key{verifies}
	if signers, _, err := verified(content, trust); err != nil || signers[0].Key == nil {
		t.Errorf("both: %+v, %v", signers, err)
	}
	for says, test := range map[string]struct {
		content []byte
		trust   attest.Trust
	}{
		"no signature is by a key whose certificate leads": {content, attest.Trust{Roots: x509.NewCertPool(), Now: now, Made: now}},
		"whose certificate leads to the roots":             {signed(t, r, signs, late, between), attest.Trust{Roots: roots, Now: now, Made: now}},
		"roots that are trusted":                           {signed(t, r, signs, leaf), attest.Trust{Roots: roots, Now: now, Made: now}},
		"the certificate of a signature can't be read":     {replaced(t, content, `"x5c": [`, `"x5c": ["MAAA",`), attest.Trust{Roots: roots, Now: now, Made: now}},
	} {
		if _, _, err := verified(test.content, test.trust); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v", says, err)
		}
	}
	other, _, _ := pair(t, edwards(t))
	if _, err := r.Sign(context.Background(), other, []*x509.Certificate{leaf}); err == nil {
		t.Error("a key was signed with that has another certificate")
	}
	if _, err := r.Sign(context.Background(), signs, []*x509.Certificate{leaf, root}); err == nil || !strings.Contains(err.Error(), "certificate 1 of the chain was not issued by the one behind it") {
		t.Error(err)
	}
}

func replaced(t *testing.T, content []byte, old, new string) []byte {
	t.Helper()
	if !bytes.Contains(content, []byte(old)) {
		t.Fatalf("there is no %s", old)
	}
	return bytes.Replace(content, []byte(old), []byte(new), 1)
}

// A signature of one statement is none of another, and each of two parties is asked for.
func TestCountersignatures(t *testing.T) {
	bank, knowsBank, _ := pair(t, edwards(t))
	assessor, knowsAssessor, _ := pair(t, curve(t, elliptic.P256()))
	envelope, err := result(t, sample.Conformant()).Sign(context.Background(), bank, nil)
	if err != nil {
		t.Fatal(err)
	}
	both := attest.Trust{Keys: []*attest.Key{knowsBank, knowsAssessor}}
	if _, err := envelope.Verify(context.Background(), both); err == nil || !strings.Contains(err.Error(), "has not signed it") {
		t.Error(err)
	}
	if err := envelope.Countersign(context.Background(), assessor, nil); err != nil {
		t.Fatal(err)
	}
	if signers, err := envelope.Verify(context.Background(), both); err != nil || len(signers) != 2 {
		t.Errorf("%v, %v", signers, err)
	}
	if signers, err := envelope.Verify(context.Background(), attest.Trust{Keys: []*attest.Key{knowsAssessor}}); err != nil || signers[0].Key != nil || signers[1].Key == nil {
		t.Errorf("%v, %v", signers, err)
	}
	if err := envelope.Countersign(context.Background(), assessor, nil); err == nil {
		t.Error("signed twice by the same key")
	}
	other := result(t, sample.Conformant())
	other.Made = now.Add(time.Hour)
	moved, err := other.Sign(context.Background(), bank, nil)
	if err != nil {
		t.Fatal(err)
	}
	moved.Signatures = append(moved.Signatures, envelope.Signatures[1])
	if _, err := moved.Verify(context.Background(), both); err == nil || !strings.Contains(err.Error(), "it was changed after it was signed") {
		t.Error(err)
	}
}

func TestKeysThatAreNone(t *testing.T) {
	large, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	for name, private := range map[string]crypto.Signer{"RSA": large, "P-384": curve(t, elliptic.P384())} {
		der, err := x509.MarshalPKCS8PrivateKey(private)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := attest.Private(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), nil); err == nil || !strings.Contains(err.Error(), "of another kind") {
			t.Errorf("%s: %v", name, err)
		}
	}
	sec1, err := x509.MarshalECPrivateKey(curve(t, elliptic.P256()))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := attest.Private(pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: sec1}), nil); err != nil {
		t.Errorf("SEC 1: %v", err)
	}
	nobody := errors.New("nobody is here")
	for says, block := range map[string]*pem.Block{
		"no longer safe":      {Type: "EC PRIVATE KEY", Headers: map[string]string{"Proc-Type": "4,ENCRYPTED", "DEK-Info": "AES-128-CBC,00"}, Bytes: sec1},
		"can't be read":       {Type: "PRIVATE KEY", Bytes: []byte("x")},
		"it is a \"MESSAGE\"": {Type: "MESSAGE", Bytes: []byte("x")},
		"nobody is here":      {Type: "ENCRYPTED PRIVATE KEY", Bytes: []byte("x")},
	} {
		if _, err := attest.Private(pem.EncodeToMemory(block), func() ([]byte, error) { return nil, nobody }); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v", says, err)
		}
	}
}

func TestSubjects(t *testing.T) {
	digest := strings.Repeat("0f", 32)
	for text, says := range map[string]string{
		"bank=sha256:" + digest:                               "",
		"a=b=sha256:" + digest:                                "",
		"bank=gitCommit:" + digest[:40]:                       "",
		"sha256:" + digest:                                    "write NAME=sha256:DIGEST",
		"=sha256:" + digest:                                   "write NAME=sha256:DIGEST",
		"bank=" + digest:                                      "write NAME=sha256:DIGEST",
		"bank=md5:" + digest[:32]:                             "not \"md5\"",
		"bank=sha256:" + digest[:62]:                          "has to be 64 hexadecimal digits",
		"bank=sha256:" + strings.Replace(digest, "0", "g", 1): "has to be 64 hexadecimal digits",
	} {
		_, err := attest.ParseSubject(text)
		if (err == nil) != (says == "") || err != nil && !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v", text, err)
		}
	}
}
