package flow

import (
	"crypto/tls"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/fapitest/fapitest/harness/httpsig"
	"github.com/fapitest/fapitest/harness/jose"
	"github.com/fapitest/fapitest/harness/target"
	"github.com/fapitest/fapitest/harness/wire"
)

// signedResource is a resource that keeps what was sent to it, and who asks it.
type signedResource struct {
	client *Client
	key    *jose.Key
	server *httptest.Server
	got    *http.Request
	body   string
}

// newSignedResource is asked by a client with a key, or without one; edit changes how the target has requests signed.
func newSignedResource(t *testing.T, binding string, keyed bool, edit func(*target.Signatures)) *signedResource {
	t.Helper()
	r := &signedResource{}
	r.server = httptest.NewTLSServer(http.HandlerFunc(func(_ http.ResponseWriter, request *http.Request) {
		body, _ := io.ReadAll(request.Body)
		r.got, r.body = request, string(body)
	}))
	t.Cleanup(r.server.Close)
	key, err := jose.NewKey(jose.ES256)
	if err != nil {
		t.Fatal(err)
	}
	r.key = key
	self := &target.Client{ID: "one", Auth: target.PrivateKeyJWT, Binding: binding, Redirects: []string{"https://client.example/cb"}}
	if keyed {
		self.Key = key
	}
	signatures := &target.Signatures{Requests: true, Responses: true, URL: r.server.URL + "/accounts", Post: r.server.URL + "/payments", Body: `{"a": 1}`, Digest: httpsig.SHA256}
	if edit != nil {
		edit(signatures)
	}
	r.client, err = New(Options{
		Target: &target.Target{
			Issuer: r.server.URL, Clients: []*target.Client{self}, Offers: []string{target.HTTPSignatures}, Metadata: &target.Metadata{},
			Resource: target.Resource{URL: r.server.URL, Method: http.MethodGet, Signatures: signatures},
		},
		Self: self, Clock: wire.SystemClock{}, Redactor: &wire.Redactor{}, HTTP: func(*tls.Certificate) *http.Client { return r.server.Client() },
	})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func (r *signedResource) call(t *testing.T, deviations ...Deviation) {
	t.Helper()
	r.got = nil
	if o := r.client.CallSigned(t.Context(), grantOfT(), deviations...); o.Err != nil {
		t.Fatal(o.Err)
	}
}

func (r *signedResource) post(t *testing.T, deviations ...Deviation) {
	t.Helper()
	r.got = nil
	if o := r.client.PostSigned(t.Context(), grantOfT(), deviations...); o.Err != nil {
		t.Fatal(o.Err)
	}
}

func grantOfT() *Outcome {
	return &Outcome{Step: StepExchange, members: map[string]any{"access_token": "t"}, Body: []byte("{}")}
}

// base is what the request was to be signed over, written out here by the identifiers of its components.
func (r *signedResource) base(t *testing.T, label string) (base string, signature []byte) {
	t.Helper()
	signatures, alone, err := httpsig.Read(r.got.Header)
	if err != nil || len(alone) > 0 {
		t.Fatalf("%v, alone are %q", err, alone)
	}
	for _, s := range signatures {
		if s.Label != label {
			continue
		}
		for _, component := range s.Components {
			value := r.got.Header.Get(component.Name())
			switch component.Name() {
			case "@method":
				value = r.got.Method
			case "@target-uri":
				value = r.server.URL + r.got.RequestURI
			}
			base += component.String() + ": " + value + "\n"
		}
		return base + `"@signature-params": ` + s.String(), s.Bytes
	}
	t.Fatalf("there is no signature %s", label)
	return "", nil
}

func (r *signedResource) holds(t *testing.T, label string) bool {
	t.Helper()
	base, signature := r.base(t, label)
	return jose.VerifiesBytes(r.key.Public(), jose.ES256, []byte(base), signature)
}

var number = regexp.MustCompile(`created=\d+`)

// input is Signature-Input without what differs each time.
func (r *signedResource) input() string {
	return strings.ReplaceAll(number.ReplaceAllString(r.got.Header.Get(httpsig.InputField), "created=N"), r.key.ID, "K")
}

func TestRequestIsSigned(t *testing.T) {
	r := newSignedResource(t, target.DPoP, true, nil)
	r.call(t)
	const usual = `;created=N;keyid="K";tag="fapi-2-request"`
	if got, want := r.input(), `sig1=("@method" "@target-uri" "authorization" "dpop")`+usual; got != want || !r.holds(t, "sig1") {
		t.Errorf("Signature-Input is %s, and the signature holds: %t", got, r.holds(t, "sig1"))
	}
	if r.got.Header.Get(httpsig.DigestField) != "" {
		t.Error("a request without a body has a digest")
	}
	r.post(t)
	if got, want := r.input(), `sig1=("@method" "@target-uri" "authorization" "dpop" "content-digest")`+usual; got != want || !r.holds(t, "sig1") {
		t.Errorf("with a body Signature-Input is %s, and the signature holds: %t", got, r.holds(t, "sig1"))
	}
	if digest := r.got.Header.Get(httpsig.DigestField); r.body != `{"a": 1}` || digest != httpsig.Digest(httpsig.SHA256, []byte(r.body)) {
		t.Errorf("the digest of %s is %s", r.body, digest)
	}

	r = newSignedResource(t, target.MTLS, true, func(s *target.Signatures) {
		s.Registry, s.Covers, s.Digest = true, []string{"x-fapi-interaction-id", "authorization", "x-not-there"}, httpsig.SHA512
	})
	r.call(t)
	if got, want := r.input(), `sig1=("@method" "@target-uri" "authorization" "x-fapi-interaction-id")`+usual+`;alg="ecdsa-p256-sha256"`; got != want || !r.holds(t, "sig1") {
		t.Errorf("where the target wants more Signature-Input is %s, and the signature holds: %t", got, r.holds(t, "sig1"))
	}
	r.post(t)
	if digest := r.got.Header.Get(httpsig.DigestField); !strings.HasPrefix(digest, "sha-512=:") {
		t.Errorf("the digest is %s", digest)
	}
}

func TestRequestIsNotSigned(t *testing.T) {
	for words, r := range map[string]*signedResource{
		"where the client has no key":        newSignedResource(t, target.MTLS, false, nil),
		"where answers alone are signed":     newSignedResource(t, target.MTLS, true, func(s *target.Signatures) { s.Requests = false }),
		"where there is neither key nor use": newSignedResource(t, target.MTLS, false, func(s *target.Signatures) { s.Requests = false }),
	} {
		r.call(t)
		if r.got.Header.Get(httpsig.InputField) != "" || r.got.Header.Get(httpsig.SignatureField) != "" || r.got.Header.Get(httpsig.DigestField) != "" {
			t.Errorf("%s: %v", words, r.got.Header)
		}
	}
	// An answer covers the digest of a request that is not signed.
	r := newSignedResource(t, target.MTLS, true, func(s *target.Signatures) { s.Requests = false })
	r.post(t)
	if r.got.Header.Get(httpsig.InputField) != "" || r.got.Header.Get(httpsig.DigestField) == "" {
		t.Errorf("a body where answers alone are signed: %v", r.got.Header)
	}
}

// A deviation is what it says, and leaves the next request as it should be.
func TestDeviationsOfSignatures(t *testing.T) {
	r := newSignedResource(t, target.MTLS, true, nil)
	stranger, err := jose.NewKey(jose.ES256)
	if err != nil {
		t.Fatal(err)
	}
	secret := "a public key, as text"
	for _, line := range []struct {
		deviation Deviation
		label     string // of the signature; empty: there is none
		holds     bool
		input     string // a part of Signature-Input
	}{
		{Without(MessageSignature), "", false, ""},
		{Without(SignatureComponent("@method")), "sig1", true, `sig1=("@target-uri" "authorization");`},
		{Without(SignatureParameter("keyid")), "sig1", true, `);created=N;tag=`},
		{With(SignatureParameter("nonce"), "n"), "sig1", true, `;nonce="n"`},
		{With(SignatureKey, stranger), "sig1", false, `keyid="K"`},
		{SignatureMACed("by a code", secret), "sig1", false, `;alg="hmac-sha256"`},
		{SignatureLabelled("under another label", "other"), "other", true, `other=("@method"`},
		{SignatureTurned("the other way round"), "sig1", true, `sig1=("authorization" "@target-uri" "@method");tag="fapi-2-request";keyid="K";created=N`},
		{AlsoCovering("with what is not there", "x-not-there"), "sig1", true, `"authorization" "x-not-there")`},
		{AlsoCovering("with a parameter that makes no sense", "authorization;req"), "sig1", true, `"authorization" "authorization";req)`},
		{AlsoCovering("twice", "@method"), "sig1", true, `"authorization" "@method")`},
		{SignatureBeside("behind another", "a1", "x", stranger, true), "sig1", true, `a1=("@method" "@target-uri" "authorization");created=N;keyid="` + stranger.ID + `";tag="x", sig1=`},
		{SignatureBeside("before another", "z1", "x", stranger, false), "sig1", true, `tag="fapi-2-request", z1=`},
		{SignatureOver("of another method", func(m *httpsig.Message) { m.Method = http.MethodDelete }), "sig1", false, ""},
		{SignatureMade("with another tag afterwards", func(f *SignatureFields) { f.Input = strings.Replace(f.Input, "fapi-2-request", "x", 1) }), "sig1", false, `tag="x"`},
		{WithQuery("with a query", "a=b"), "sig1", true, ""},
	} {
		r.call(t, line.deviation)
		if line.label == "" {
			if r.got.Header.Get(httpsig.InputField) != "" {
				t.Errorf("%s: there is a signature", line.deviation)
			}
		} else if holds := r.holds(t, line.label); holds != line.holds || !strings.Contains(r.input(), line.input) {
			t.Errorf("%s: Signature-Input is %s, and the signature holds: %t", line.deviation, r.input(), holds)
		}
		if strings.Contains(line.deviation.String(), "code") {
			if base, signature := r.base(t, "sig1"); string(jose.MAC(secret, []byte(base))) != string(signature) {
				t.Errorf("%s: it is another code", line.deviation)
			}
		}
		if r.call(t); !r.holds(t, "sig1") {
			t.Errorf("after the request %s the proper one is not signed", line.deviation)
		}
	}
}

func TestDeviationsOfDigests(t *testing.T) {
	r := newSignedResource(t, target.MTLS, true, nil)
	for _, line := range []struct {
		deviation Deviation
		digest    string // that is sent
		fits      bool
	}{
		{Without(ContentDigest), "", false},
		{With(ContentDigest, httpsig.MD5), httpsig.Digest(httpsig.MD5, []byte(`{"a": 1}`)), false},
		{DigestAlso("with another digest", httpsig.SHA512), httpsig.Digest(httpsig.SHA256, []byte(`{"a": 1}`)) + ", " + httpsig.Digest(httpsig.SHA512, []byte(`{"a": 1}`)), true},
		{DigestMade("with a digest of nothing", func(algorithm string, _ []byte) string { return algorithm + "=::" }), "sha-256=::", false},
		{BodyChanged("with another body", func(body string) string { return body + " " }), httpsig.Digest(httpsig.SHA256, []byte(`{"a": 1}`)), false},
	} {
		r.post(t, line.deviation)
		if digest := r.got.Header.Get(httpsig.DigestField); digest != line.digest {
			t.Errorf("%s: the digest is %s", line.deviation, digest)
		}
		if !r.holds(t, "sig1") { // it is made over the digest as it is sent
			t.Errorf("%s: the signature does not hold", line.deviation)
		}
		if digests, err := httpsig.ReadDigests(r.got.Header, []byte(r.body)); err != nil || (digests.Secure() && len(digests.Wrong) == 0) != line.fits {
			t.Errorf("%s: %+v, %v", line.deviation, digests, err)
		}
	}
}
