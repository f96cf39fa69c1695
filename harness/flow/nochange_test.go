package flow

import (
	"context"
	"crypto/tls"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fapitest/fapitest/harness/consent"
	"github.com/fapitest/fapitest/harness/httpsig"
	"github.com/fapitest/fapitest/harness/jose"
	"github.com/fapitest/fapitest/harness/target"
	"github.com/fapitest/fapitest/harness/wire"
)

// edited is one line of the table: a deviation of a part, as which client and at which steps it changes what is sent, and where not.
type edited struct {
	part      string // the exported name
	deviation Deviation
	changes   []string // "client: step"
	leaves    []string
}

// Every edit of every part changes the request where it applies. Where it does not, nothing is sent under its label: that is a fault of
// ours, and is said to be one.
func TestEveryPartChangesTheRequestOrIsAnError(t *testing.T) {
	key, err := jose.NewKey(jose.ES256)
	if err != nil {
		t.Fatal(err)
	}
	another256, err := jose.NewKey(jose.ES256)
	if err != nil {
		t.Fatal(err)
	}
	own, another := &tls.Certificate{Certificate: [][]byte{{1}}}, &tls.Certificate{Certificate: [][]byte{{2}}}
	kinds := map[string]target.Client{
		"key-dpop": {ID: "key-dpop", Auth: target.PrivateKeyJWT, Binding: target.DPoP, Key: key},
		"tls-mtls": {ID: "tls-mtls", Auth: "tls_client_auth", Binding: target.MTLS, Certificate: own},
	}
	steps := map[string]func(*Client, Deviation) *Outcome{
		"form": func(c *Client, d Deviation) *Outcome { return c.Push(t.Context(), d) },
		"token": func(c *Client, d Deviation) *Outcome {
			landed := &Outcome{Step: StepAuthorize, attempt: c.newAttempt(), params: url.Values{"code": {"c"}}}
			return c.Exchange(t.Context(), landed, d)
		},
		"resource": func(c *Client, d Deviation) *Outcome {
			return c.Call(t.Context(), &Outcome{Step: StepExchange, members: map[string]any{"access_token": "t"}, Body: []byte("{}")}, d)
		},
		"query": func(c *Client, d Deviation) *Outcome { return c.AuthorizeUnpushed(t.Context(), d) },
		"call": func(c *Client, d Deviation) *Outcome {
			return c.CallSigned(t.Context(), &Outcome{Step: StepExchange, members: map[string]any{"access_token": "t"}, Body: []byte("{}")}, d)
		},
		"post": func(c *Client, d Deviation) *Outcome {
			return c.PostSigned(t.Context(), &Outcome{Step: StepExchange, members: map[string]any{"access_token": "t"}, Body: []byte("{}")}, d)
		},
	}
	everywhere := []string{"key-dpop: form", "key-dpop: query", "tls-mtls: form", "tls-mtls: query"}
	table := []edited{
		{"Proof", Without(Proof), []string{"key-dpop: token", "key-dpop: resource"}, []string{"key-dpop: form", "tls-mtls: token"}},
		{"Proof", With(Proof, "no key"), nil, []string{"key-dpop: token"}},
		{"ProofKey", With(ProofKey, key), []string{"key-dpop: token"}, nil},
		{"ProofKey", With(ProofKey, 7), nil, []string{"key-dpop: token", "tls-mtls: token"}},
		{"ProofKey", Without(ProofKey), nil, []string{"key-dpop: token"}},
		{"ProofClaim", With(ProofClaim("iat"), Ahead(time.Second)), []string{"key-dpop: token", "key-dpop: resource"}, []string{"key-dpop: form", "tls-mtls: token"}},
		{"ProofClaim", With(ProofClaim("iat"), Ahead(0)), nil, []string{"key-dpop: token"}},
		{"ProofClaim", Without(ProofClaim("ath")), []string{"key-dpop: resource"}, []string{"key-dpop: token", "tls-mtls: resource"}},
		{"ProofAlgorithm", With(ProofAlgorithm, "none"), []string{"key-dpop: token", "key-dpop: resource"}, []string{"key-dpop: form", "tls-mtls: token"}},
		{"ProofNonce", Without(ProofNonce), []string{"key-dpop: token"}, []string{"key-dpop: resource", "tls-mtls: token"}},
		{"ProofNonce", With(ProofNonce, "x"), []string{"key-dpop: token", "key-dpop: resource"}, []string{"key-dpop: form", "tls-mtls: token"}},
		{"ProofHeader", With(ProofHeader("typ"), "JWT"), []string{"key-dpop: token", "key-dpop: resource"}, []string{"key-dpop: form", "tls-mtls: token"}},
		{"ProofHeader", With(ProofHeader("typ"), "dpop+jwt"), nil, []string{"key-dpop: token"}},
		{"ProofHeader", Without(ProofHeader("jwk")), []string{"key-dpop: token"}, []string{"key-dpop: form"}},
		{"ProofSigner", With(ProofSigner, another256), []string{"key-dpop: token"}, []string{"key-dpop: form", "tls-mtls: token"}},
		{"ProofSigner", With(ProofSigner, "no key"), nil, []string{"key-dpop: token"}},
		{"", ProofMACed("by a secret", "s"), []string{"key-dpop: token"}, []string{"key-dpop: form"}},
		{"", ProofFor("another host", func(string) string { return "https://x" }), []string{"key-dpop: token", "key-dpop: resource"}, []string{"key-dpop: form"}},
		{"", ProofFor("the same", func(address string) string { return address }), nil, []string{"key-dpop: token"}},
		{"", ProofBeside("twice", false), []string{"key-dpop: token", "key-dpop: resource"}, []string{"key-dpop: form", "tls-mtls: token"}},
		{"", ProofBeside("twice in one", true), []string{"key-dpop: token"}, []string{"key-dpop: form"}},
		{"", TokenBeside("Bearer"), []string{"key-dpop: resource"}, []string{"key-dpop: token"}},
		{"AssertionClaim", With(AssertionClaim("aud"), []string{"x"}), []string{"key-dpop: form", "key-dpop: token"}, []string{"key-dpop: resource", "tls-mtls: form"}},
		{"AssertionClaim", With(AssertionClaim("sub"), "key-dpop"), nil, []string{"key-dpop: form"}},
		{"AssertionClaim", Without(AssertionClaim("exp")), []string{"key-dpop: form"}, []string{"tls-mtls: form"}},
		{"AssertionClaim", Without(AssertionClaim("nbf")), nil, []string{"key-dpop: form"}},
		{"AssertionHeader", With(AssertionHeader("typ"), "JWT"), []string{"key-dpop: form", "key-dpop: token"}, []string{"key-dpop: resource", "tls-mtls: form"}},
		{"AssertionHeader", Without(AssertionHeader("crit")), nil, []string{"key-dpop: form"}},
		{"AssertionKey", With(AssertionKey, another256), []string{"key-dpop: form"}, []string{"tls-mtls: form"}},
		{"AssertionKey", With(AssertionKey, "no key"), nil, []string{"key-dpop: form"}},
		{"AssertionAlgorithm", With(AssertionAlgorithm, "nONE"), []string{"key-dpop: form"}, []string{"tls-mtls: form"}},
		{"AssertionType", With(AssertionType, "urn:x"), []string{"key-dpop: form"}, []string{"tls-mtls: form"}},
		{"AssertionType", With(AssertionType, assertionType), nil, []string{"key-dpop: form"}},
		{"AssertionType", Without(AssertionType), []string{"key-dpop: token"}, []string{"tls-mtls: token"}},
		{"", TwiceAfter("client_assertion", "x"), []string{"key-dpop: form", "key-dpop: token"}, []string{"tls-mtls: form", "key-dpop: resource"}},
		{"", TwiceBefore("client_assertion_type", "x"), []string{"key-dpop: form"}, []string{"tls-mtls: form"}},
		{"", AssertionMACed("by a secret", "s"), []string{"key-dpop: form"}, []string{"tls-mtls: form"}},
		{"", AssertionMade("cut", func(string) string { return "x" }), []string{"key-dpop: form"}, []string{"tls-mtls: form"}},
		{"", AssertionWritten("twice", func(c []byte) []byte { return c }), []string{"key-dpop: form"}, []string{"tls-mtls: form"}},
		{"", SecretBeside("and a secret", Secret{Method: "client_secret_post", Value: "x"}), []string{"key-dpop: form", "tls-mtls: form"}, nil},
		{"ClientAuthentication", Without(ClientAuthentication), []string{"key-dpop: form", "tls-mtls: token"}, nil},
		{"ClientAuthentication", With(ClientAuthentication, Secret{Method: "client_secret_basic", Value: "x"}), []string{"key-dpop: form", "tls-mtls: form"}, nil},
		{"ClientAuthentication", With(ClientAuthentication, "no secret"), nil, []string{"key-dpop: form", "tls-mtls: form"}},
		{"SenderConstraint", Without(SenderConstraint), []string{"key-dpop: token", "tls-mtls: token", "tls-mtls: resource"}, []string{"key-dpop: form"}},
		{"SenderConstraint", With(SenderConstraint, "x"), nil, []string{"key-dpop: token"}},
		{"Certificate", Without(Certificate), []string{"tls-mtls: form", "tls-mtls: resource"}, []string{"key-dpop: form", "key-dpop: resource"}},
		{"Certificate", With(Certificate, OtherCertificate{client: &target.Client{Certificate: another}}), []string{"tls-mtls: form", "key-dpop: form"}, nil},
		{"Certificate", With(Certificate, OtherCertificate{client: &target.Client{Certificate: own}}), nil, []string{"tls-mtls: form"}},
		{"Certificate", With(Certificate, "no certificate"), nil, []string{"tls-mtls: form"}},
		{"AccessToken", With(AccessToken, "other"), []string{"key-dpop: resource", "tls-mtls: resource"}, nil},
		{"AccessToken", With(AccessToken, "t"), nil, []string{"tls-mtls: resource"}},
		{"AccessToken", Without(AccessToken), []string{"tls-mtls: resource"}, []string{"key-dpop: form"}},
		{"TokenScheme", With(TokenScheme, "Bearer"), []string{"key-dpop: resource"}, []string{"tls-mtls: resource"}},
		{"TokenScheme", With(TokenScheme, ""), []string{"key-dpop: resource", "tls-mtls: resource"}, []string{"key-dpop: form"}},
		{"TokenScheme", Without(TokenScheme), nil, []string{"key-dpop: resource"}},
		{"TokenPlace", With(TokenPlace, "query"), []string{"key-dpop: resource"}, nil},
		{"TokenPlace", With(TokenPlace, "header and body"), nil, []string{"key-dpop: resource", "key-dpop: form"}},
		{"TokenPlace", With(TokenPlace, "body"), nil, []string{"key-dpop: resource", "key-dpop: form"}},
		{"TokenPlace", With(TokenPlace, "header"), nil, []string{"key-dpop: resource"}},
		{"TokenPlace", Without(TokenPlace), nil, []string{"key-dpop: resource"}},
		{"Verifier", With(Verifier, "v"), []string{"key-dpop: form"}, []string{"key-dpop: token"}},
		{"PKCE", Without(PKCE), everywhere, []string{"key-dpop: token"}},
		{"CodeVerifier", With(CodeVerifier, ""), []string{"key-dpop: token"}, nil},
		{"CodeVerifier", Without(CodeVerifier), []string{"tls-mtls: token"}, []string{"key-dpop: form", "key-dpop: query"}},
		{"Parameter", Without(Parameter("prompt")), nil, everywhere},
		{"Parameter", With(Parameter("prompt"), "login"), everywhere, nil},
		{"ResponseType", With(ResponseType, "code"), nil, everywhere},
		{"ResponseType", Without(ResponseType), everywhere, nil},
		{"RedirectURI", With(RedirectURI, "https://client.example/cb"), nil, everywhere},
		{"RedirectURI", Without(RedirectURI), everywhere, nil},
		{"Scope", With(Scope, "openid"), nil, everywhere},
		{"Scope", Without(Scope), everywhere, nil},
		{"State", Long(State, 99), everywhere, nil},
		{"State", Without(State), everywhere, []string{"key-dpop: token"}},
		{"Nonce", Without(Nonce), everywhere, []string{"key-dpop: token"}},
		{"CodeChallenge", Without(CodeChallenge), everywhere, []string{"key-dpop: token"}},
		{"CodeChallengeMethod", With(CodeChallengeMethod, "S256"), nil, everywhere},
		{"CodeChallengeMethod", With(CodeChallengeMethod, "plain"), everywhere, nil},
		{"DPoPKeyThumbprint", With(DPoPKeyThumbprint, "x"), everywhere, nil},
		{"DPoPKeyThumbprint", Without(DPoPKeyThumbprint), nil, everywhere},
		{"RequestURI", With(RequestURI, "urn:x"), everywhere, nil},
		{"RequestURI", Without(RequestURI), nil, everywhere},
		{"ClientID", With(ClientID, "x"), everywhere, nil},
		{"ClientID", Without(ClientID), everywhere, []string{"key-dpop: resource"}},
		{"RequestObject", With(RequestObject, Signed), []string{"key-dpop: form", "key-dpop: query"}, []string{"key-dpop: signed form"}},
		{"RequestObject", With(RequestObject, Unsigned), []string{"key-dpop: form", "tls-mtls: query", "key-dpop: signed query"}, nil},
		{"RequestObject", With(RequestObject, "no form"), nil, []string{"key-dpop: form"}},
		{"RequestObject", Without(RequestObject), []string{"key-dpop: signed form"}, []string{"key-dpop: form"}},
		{"RequestObjectClaim", With(RequestObjectClaim("aud"), "x"), []string{"key-dpop: signed form", "key-dpop: signed query"}, []string{"key-dpop: form"}},
		{"RequestObjectClaim", With(RequestObjectClaim("exp"), Ago(time.Hour)), []string{"key-dpop: signed form"}, []string{"key-dpop: query"}},
		{"RequestObjectClaim", Without(RequestObjectClaim("exp")), []string{"key-dpop: signed query"}, []string{"key-dpop: token"}},
		{"RequestObjectHeader", With(RequestObjectHeader("typ"), "JWT"), []string{"key-dpop: signed form", "key-dpop: signed query"}, []string{"key-dpop: form", "key-dpop: token"}},
		{"RequestObjectHeader", Without(RequestObjectHeader("kid")), []string{"key-dpop: signed form"}, []string{"key-dpop: form"}},
		{"RequestObjectKey", With(RequestObjectKey, another256), []string{"key-dpop: signed form"}, []string{"key-dpop: form"}},
		{"RequestObjectKey", With(RequestObjectKey, "no key"), nil, []string{"key-dpop: signed form"}},
		{"RequestObjectAlgorithm", With(RequestObjectAlgorithm, "none"), []string{"key-dpop: signed form", "key-dpop: signed query"}, []string{"key-dpop: form"}},
		{"MessageSignature", Without(MessageSignature), []string{"key-dpop: call", "key-dpop: post"}, []string{"key-dpop: resource", "tls-mtls: call"}},
		{"SignatureComponent", Without(SignatureComponent("@method")), []string{"key-dpop: call", "key-dpop: post"}, []string{"key-dpop: resource", "tls-mtls: call"}},
		{"SignatureComponent", Without(SignatureComponent("content-digest")), []string{"key-dpop: post"}, []string{"key-dpop: call"}},
		{"SignatureParameter", Without(SignatureParameter("created")), []string{"key-dpop: call"}, []string{"key-dpop: resource"}},
		{"SignatureParameter", With(SignatureParameter("created"), Ago(time.Minute)), []string{"key-dpop: call"}, []string{"tls-mtls: call"}},
		{"SignatureParameter", With(SignatureParameter("tag"), "fapi-2-request"), nil, []string{"key-dpop: call"}},
		{"SignatureParameter", Without(SignatureParameter("expires")), nil, []string{"key-dpop: call"}},
		{"SignatureKey", With(SignatureKey, another256), []string{"key-dpop: call"}, []string{"key-dpop: resource", "tls-mtls: call"}},
		{"SignatureKey", With(SignatureKey, "no key"), nil, []string{"key-dpop: call"}},
		{"ContentDigest", Without(ContentDigest), []string{"key-dpop: post"}, []string{"key-dpop: call"}},
		{"ContentDigest", With(ContentDigest, "sha-256"), nil, []string{"key-dpop: post"}},
		{"ContentDigest", With(ContentDigest, "md5"), []string{"key-dpop: post"}, []string{"tls-mtls: post"}},
		// No parts, but ways to make deviations.
		{"", SignatureOver("of another method", func(m *httpsig.Message) { m.Method = "DELETE" }), []string{"key-dpop: call"}, []string{"key-dpop: resource"}},
		{"", SignatureOver("of the same", func(*httpsig.Message) {}), nil, []string{"key-dpop: call"}},
		{"", SignatureMade("cut", func(f *SignatureFields) { f.Input = "" }), []string{"key-dpop: call"}, []string{"key-dpop: resource"}},
		{"", DigestMade("with a digest of nothing", func(string, []byte) string { return "sha-256=::" }), []string{"key-dpop: post"}, []string{"key-dpop: call"}},
		{"", SignatureMACed("by a secret", "s"), []string{"key-dpop: call"}, []string{"key-dpop: resource"}},
		{"", SignatureBeside("beside another", "other", "x", another256, true), []string{"key-dpop: call"}, []string{"key-dpop: resource"}},
		{"", SignatureLabelled("under another label", "other"), []string{"key-dpop: call", "key-dpop: post"}, []string{"key-dpop: resource", "tls-mtls: call"}},
		{"", SignatureLabelled("under the same label", "sig1"), nil, []string{"key-dpop: call"}},
		{"", SignatureTurned("the other way round"), []string{"key-dpop: call", "key-dpop: post"}, []string{"key-dpop: resource", "tls-mtls: call"}},
		{"", AlsoCovering("covering a component with a parameter", "@method;req"), []string{"key-dpop: call"}, []string{"key-dpop: resource"}},
		{"", AlsoCovering("covering what is not there", "x-not-there"), []string{"key-dpop: call"}, []string{"key-dpop: resource"}},
		{"", DigestAlso("with another digest", "md5"), []string{"key-dpop: post"}, []string{"tls-mtls: post"}},
		{"", BodyChanged("with another body", func(string) string { return "[]" }), []string{"key-dpop: post", "tls-mtls: post"}, []string{"key-dpop: call"}},
		{"", WithQuery("with a query", "a=b"), []string{"key-dpop: call", "key-dpop: resource"}, nil},
		{"", RequestObjectMade("cut", func(string) string { return "x" }), []string{"key-dpop: signed form"}, []string{"key-dpop: token"}},
		{"", RequestObjectMACed("by a secret", "s"), []string{"key-dpop: signed form"}, []string{"key-dpop: token"}},
		{"", AllOutside("with everything beside the request object"), []string{"key-dpop: signed form", "key-dpop: signed query"}, []string{"key-dpop: form"}},
		{"", CertificateInHeaders(), []string{"tls-mtls: form"}, []string{"key-dpop: form"}},
		{"", SubjectInHeaders(), []string{"tls-mtls: form"}, []string{"key-dpop: form"}},
		{"", CertificateInHeader("Client-Cert"), []string{"tls-mtls: form"}, []string{"key-dpop: form"}},
		{"", CertificateInHeaderOtherwise("Client-Cert"), []string{"tls-mtls: form"}, []string{"key-dpop: form"}},
		{"", Overriding("PUT"), []string{"key-dpop: form", "key-dpop: resource"}, nil},
		{"", FromWithin(), []string{"key-dpop: form", "key-dpop: resource"}, nil},
		{"", RewrittenFrom("/"), []string{"key-dpop: form", "key-dpop: resource"}, nil},
		{"", CertificateInHeader("X-Unheard-Of"), nil, []string{"tls-mtls: form"}},
		{"", LeadingTo("next to elsewhere", ForeignOrigin, "next"), everywhere, nil},
		{"", LeadingTo("scope to elsewhere", ForeignOrigin, "scope"), []string{"key-dpop: token"}, everywhere},
		{"", InFrame(), []string{"key-dpop: query", "tls-mtls: query"}, []string{"key-dpop: form", "key-dpop: token", "key-dpop: resource"}},
		{"", OnPagesLeadingTo("next to elsewhere on pages", ForeignOrigin, true, "next"), []string{"key-dpop: query", "tls-mtls: query"}, []string{"key-dpop: form", "key-dpop: token", "key-dpop: resource"}},
		{"", Beside("scope", "other"), []string{"key-dpop: signed form", "key-dpop: signed query"}, []string{"key-dpop: form"}},
		{"", AlsoOutside("with scope beside the request object", "scope"), []string{"key-dpop: signed form", "key-dpop: signed query"}, []string{"key-dpop: form"}},
		{"", ByPost(), []string{"key-dpop: query", "tls-mtls: query"}, []string{"key-dpop: form", "key-dpop: token", "key-dpop: resource"}},
		{"", ByGet(), []string{"key-dpop: form", "key-dpop: token", "tls-mtls: token"}, []string{"key-dpop: query", "key-dpop: resource"}},
		{"", Bearing("by a bearer token", "Bearer", "x"), []string{"key-dpop: form", "key-dpop: token", "tls-mtls: token"}, []string{"key-dpop: resource"}},
		{"", FromPage("https://page.example"), []string{"key-dpop: form", "key-dpop: token", "tls-mtls: resource"}, nil},
		{"", TwiceAfter("state", "x"), everywhere, []string{"key-dpop: token"}},
		{"", TwiceBefore("code", "x"), []string{"key-dpop: token"}, []string{"key-dpop: form", "key-dpop: query"}},
		{"", Words("a second time"), append([]string{"tls-mtls: resource"}, everywhere...), nil},
		{"", VerifierAsChallenge("plain"), []string{"key-dpop: form"}, []string{"key-dpop: token"}},
		{"", VerifierAsChallenge(""), []string{"key-dpop: form"}, []string{"key-dpop: token"}},
		{"", Without(ClientAuthentication).AtPlainEndpoint(), []string{"tls-mtls: form"}, []string{"key-dpop: form"}},
		{"", ProofMade("none", func(string) string { return "x" }), []string{"key-dpop: resource"}, []string{"tls-mtls: form"}},
		{"", AtAddress("with /x behind its address", func(address string) string { return address + "/x" }), []string{"key-dpop: form", "key-dpop: resource"}, nil},
		{"", AtAddress("at its own address", func(address string) string { return address }), nil, []string{"key-dpop: resource"}},
		{"", ByMethod("HEAD"), []string{"key-dpop: resource", "tls-mtls: resource"}, []string{"key-dpop: form"}},
		{"", TokenInField("in a cookie", "Cookie", func(token string) string { return "access_token=" + token }), []string{"key-dpop: resource"}, []string{"key-dpop: form"}},
		{"", SchemeAlone("DPoP"), []string{"key-dpop: resource"}, []string{"key-dpop: form"}},
		{"", NamedHost("for another host", "other.example", false), []string{"key-dpop: form", "key-dpop: resource"}, nil},
		{"", NamedHost("for another host, by a proxy", "other.example", true), []string{"key-dpop: form", "key-dpop: resource"}, nil},
		{"", ProofNonceMade("with another nonce", func(nonce string) any { return nonce + "x" }), nil, []string{"key-dpop: resource", "tls-mtls: form"}},
		{"", Words("again").AtCertificateEndpoint(), []string{"key-dpop: form"}, []string{"tls-mtls: form", "key-dpop: resource"}},
		{"", Words("again").AtPlainEndpoint(), []string{"tls-mtls: form"}, []string{"key-dpop: form", "key-dpop: resource"}},
		{"", All("later", With(AssertionClaim("iat"), Ahead(time.Second)), Without(ProofNonce)), []string{"key-dpop: form"}, []string{"tls-mtls: form"}},
		{"", Without(Certificate).As(""), []string{"tls-mtls: form", "key-dpop: form"}, nil},
	}

	sent := 0
	server := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { sent++ }))
	defer server.Close()
	for _, line := range table {
		try := func(where string, changes bool) {
			kind, step, _ := strings.Cut(where, ": ")
			step, signed := strings.CutPrefix(step, "signed ")
			self := kinds[kind]
			self.Redirects = []string{"https://client.example/cb"}
			c, err := New(Options{
				Target: &target.Target{Issuer: server.URL, Scope: "openid", Offers: []string{target.HTTPSignatures}, Resource: target.Resource{Method: "GET", URL: server.URL, Signatures: &target.Signatures{Requests: true, Post: server.URL, Body: "{}", Digest: "sha-256"}}, Metadata: &target.Metadata{Values: map[string]any{
					"pushed_authorization_request_endpoint": server.URL + "/par", "token_endpoint": server.URL + "/token", "authorization_endpoint": server.URL + "/authorize",
					"mtls_endpoint_aliases": map[string]any{"pushed_authorization_request_endpoint": server.URL + "/mtls"},
				}}},
				Shape: Shape{Signed: signed}, Self: &self, Driver: arriving{&sent}, Clock: wire.SystemClock{}, Redactor: &wire.Redactor{}, HTTP: func(*tls.Certificate) *http.Client { return server.Client() },
			})
			if err != nil {
				t.Fatal(err)
			}
			c.nonces["as "+strings.TrimPrefix(server.URL, "https://")] = "n"
			before := sent
			o := steps[step](c, line.deviation)
			var fault *NoChangeError
			switch isFault := errors.As(o.Err, &fault); {
			case changes && (o.Err != nil || sent == before):
				t.Errorf("%s, %s: not sent: %v", line.deviation, where, o.Err)
			case !changes && (!isFault || sent != before):
				t.Errorf("%s, %s: sent %d times although it changes nothing", line.deviation, where, sent-before)
			case !changes && (!strings.Contains(o.Exchange.Failure, line.deviation.String()) || o.Exchange.Answer != nil):
				t.Errorf("%s, %s: the exchange says %q", line.deviation, where, o.Exchange.Failure)
			}
		}
		for changes, list := range map[bool][]string{true: line.changes, false: line.leaves} {
			for _, where := range list {
				try(where, changes)
				// What changes a request changes it in a request object as well.
				if inObject := strings.NewReplacer("key-dpop: form", "key-dpop: signed form", "key-dpop: query", "key-dpop: signed query").Replace(where); inObject != where &&
					!strings.HasPrefix(line.part, "RequestObject") && !strings.Contains(line.deviation.String(), " beside the ") {
					try(inObject, changes)
				}
			}
		}
	}

	for _, part := range exportedParts(t) {
		of := func(list func(edited) []string) bool {
			return slices.ContainsFunc(table, func(line edited) bool { return line.part == part && len(list(line)) > 0 })
		}
		if !of(func(line edited) []string { return line.changes }) || !of(func(line edited) []string { return line.leaves }) {
			t.Errorf("the table does not say where %s changes the request, and where it leaves it", part)
		}
	}
}

// exportedParts are the names of the parts that specs may use.
func exportedParts(t *testing.T) []string {
	makers, parts := []string{"secret"}, []string{}
	for _, file := range []string{"part.go", "shape.go", "signedmessage.go"} {
		makers, parts = exportedPartsOf(t, file, makers, parts)
	}
	if len(parts) < 20 {
		t.Fatalf("only %d parts found: %s", len(parts), parts)
	}
	return parts
}

func exportedPartsOf(t *testing.T, file string, makers, parts []string) (moreMakers, moreParts []string) {
	parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, declaration := range parsed.Decls {
		if f, ok := declaration.(*ast.FuncDecl); ok && f.Recv == nil && f.Name.IsExported() && f.Type.Results != nil {
			if result, ok := f.Type.Results.List[0].Type.(*ast.Ident); ok && result.Name == "Part" {
				makers, parts = append(makers, f.Name.Name), append(parts, f.Name.Name)
			}
		}
	}
	ast.Inspect(parsed, func(node ast.Node) bool {
		spec, ok := node.(*ast.ValueSpec)
		if !ok || len(spec.Values) != 1 || !spec.Names[0].IsExported() {
			return true
		}
		made := ""
		switch value := spec.Values[0].(type) {
		case *ast.CompositeLit:
			if name, ok := value.Type.(*ast.Ident); ok && name.Name == "Part" {
				made = makers[0]
			}
		case *ast.CallExpr:
			if name, ok := value.Fun.(*ast.Ident); ok {
				made = name.Name
			}
		}
		if slices.Contains(makers, made) {
			parts = append(parts, spec.Names[0].Name)
		}
		return true
	})
	return makers, parts
}

// arriving is a driver that counts its journeys and makes none.
type arriving struct{ visits *int }

func (a arriving) Visit(context.Context, consent.Visit) (*consent.Trip, error) {
	*a.visits++
	return &consent.Trip{Ending: consent.Arrived, Arrival: "https://client.example/cb?code=c"}, nil
}

func (a arriving) Close() error { return nil }

// A server may keep one store for all that it must not see twice: assertion and proof of a request have a jti each.
func TestAssertionAndProofHaveTheirOwnJTI(t *testing.T) {
	key, err := jose.NewKey(jose.ES256)
	if err != nil {
		t.Fatal(err)
	}
	client, err := New(Options{
		Target: &target.Target{Issuer: "https://as.example", Metadata: &target.Metadata{}}, Clock: wire.SystemClock{}, Redactor: &wire.Redactor{},
		Self: &target.Client{ID: "one", Auth: target.PrivateKeyJWT, Binding: target.DPoP, Key: key, Redirects: []string{"https://client.example/cb"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	d := client.draftFor(StepExchange, "token_endpoint")
	d.authenticate()
	d.prove()
	seen := map[any]bool{}
	for range 3 {
		finished := d.finish("", time.Now(), func() string { return jose.Random(16) })
		seen[finished.assertion.Claims["jti"]], seen[finished.proof.Claims["jti"]] = true, true
	}
	if len(seen) != 6 {
		t.Errorf("%d different jti in three requests with an assertion and a proof each", len(seen))
	}
}
