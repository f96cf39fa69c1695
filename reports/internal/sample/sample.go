// Package sample makes reports for the tests of those who write them: what a run may come to, and what a hostile target may put in.
package sample

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"strings"
	"time"

	"github.com/fapitest/fapitest/harness/requirement"
	"github.com/fapitest/fapitest/harness/verdict"
	"github.com/fapitest/fapitest/harness/wire"
)

// Named is a report with the name of its golden files.
type Named struct {
	Name   string
	Report *verdict.Report
}

// All returns every sample.
func All() []Named {
	return []Named{
		{"conformant", Conformant()},
		{"not-conformant", NotConformant()},
		{"hostile", Hostile()},
		{"inconclusive", Inconclusive()},
		{"partial", Partial()},
		{"waived", Waived()},
		{"empty", Empty()},
	}
}

// The clients of the samples.
const (
	One   = "fapi-one"
	Two   = "fapi-two"
	Three = "fapi-three"
)

const issuer = "https://as.example.com"

// attested is what the operator says of the entropy of tokens.
const attested = "J. Doe, 2026-10-01, reviewed the token generator: 256 bits from the operating system"

func start() time.Time { return time.Date(2026, 11, 24, 13, 41, 52, 0, time.UTC) }

func report(results ...verdict.Result) *verdict.Report {
	r := &verdict.Report{
		Schema: verdict.Schema, Tool: verdict.Tool{Name: "fapitest", Version: "v0.1.0", Commit: "63b800f2a1c94e0d8f5b7a6c3e2d1f0a9b8c7d6e"},
		Started: start(), Seconds: 71.6, Seed: 4711, Workers: 2,
		Profile: verdict.Profile{
			ID: "fapi2-security-profile", Title: "FAPI 2.0 Security Profile", Edition: "Final, 22 February 2025", Requirements: len(results),
		},
		Target: verdict.Target{
			Issuer: issuer, File: "bank.yaml", Permission: "Example Bank, change 4711",
			Clients: []verdict.Client{
				{ID: One, Auth: "private_key_jwt", Binding: "dpop", Runs: true},
				{ID: Two, Auth: "private_key_jwt", Binding: "dpop", Runs: true},
				{ID: Three, Auth: "tls_client_auth", Binding: "mtls", Runs: true},
			},
			Config: map[string]any{
				"issuer": issuer, "scope": "openid accounts", "consent": map[string]any{"driver": "browser"},
				"user": map[string]any{"name": "[redacted]", "password": "[redacted]"}, "offers": []any{"openid", "refresh_token"},
			},
			Metadata: map[string]any{
				"issuer": issuer, "pushed_authorization_request_endpoint": issuer + "/par", "token_endpoint": issuer + "/token",
				"authorization_endpoint": issuer + "/authorize",
			},
		},
		Time: verdict.Time{
			Target: 31.2, Browser: 22.4, Pages: 9.3, Waiting: 62, Longest: 62, Pacing: 1.5, Idle: 0.7, Own: 3.1, Repeated: 2, Clauses: map[string]float64{"FAPI2-SP-5.3.2.1-8": 62}, Requests: 412, Flows: 37,
			Before: verdict.Before{Seconds: 4.2, Requests: 14, Flows: 3},
		},
		Requirements: results,
	}
	Settle(r)
	return r
}

// Settle makes what follows from the requirements of a report follow from them: who adds some to a sample, or takes some away, wants to have it read.
func Settle(r *verdict.Report) {
	r.Profile.Of = len(r.Requirements)
	r.Count()
	r.Conclusion = verdict.Conclude(r.Requirements)
}

func clause(id string, level requirement.Level, says, remedy, effect string) verdict.Result {
	section := strings.TrimPrefix(id, "FAPI2-SP-")
	section = section[:strings.LastIndexByte(section, '-')]
	return verdict.Result{
		ID: id, Document: "FAPI2-SP", Level: level, Says: says, Remedy: remedy, Effect: effect, Section: section,
		Link: "https://openid.net/specs/fapi-security-profile-2_0-final.html#section-" + section,
	}
}

// came adds specs to a result, and them up.
func came(result verdict.Result, specs ...verdict.Spec) verdict.Result {
	var verdicts []verdict.Verdict
	for _, spec := range specs {
		verdicts = append(verdicts, spec.Verdict)
	}
	result.Specs, result.Verdict = specs, verdict.Add(verdicts...)
	return result
}

func bare(result verdict.Result, v verdict.Verdict, reason string) verdict.Result {
	result.Verdict, result.Reason = v, reason
	return result
}

// The clauses that the samples speak of.
func pushedRequests() verdict.Result {
	return clause("FAPI2-SP-5.3.2.2-2", requirement.Shall, "support pushed authorization requests by authenticated clients",
		"Offer a pushed authorization request endpoint (RFC 9126) and lead the request_uri that it gives to a completed flow.", "")
}

func parAuthentication() verdict.Result {
	return clause("FAPI2-SP-5.3.2.2-4", requirement.Shall, "refuse a pushed authorization request whose client is not authenticated",
		"Run the token endpoint's client authentication at the PAR endpoint too. A client_id names a client; it does not authenticate one.",
		"anyone who knows a client_id can start a login in that client's name")
}

func lifetime() verdict.Result {
	return clause("FAPI2-SP-5.3.2.2-12", requirement.Shall, "give the request_uri a lifetime of less than 600 seconds",
		"Set expires_in of the pushed authorization response to at most 599, and let the request die by then.",
		"a link that was stolen can still be used long after the user forgot it")
}

func redirectRequired() verdict.Result {
	return clause("FAPI2-SP-5.3.2.2-6", requirement.Shall, "demand the redirect_uri in the pushed request",
		"Refuse a pushed request without redirect_uri, also where the client has registered only one.",
		"the code can be sent to an address that the client did not ask for in this request")
}

func codeLifetime() verdict.Result {
	return clause("FAPI2-SP-5.3.2.1-8", requirement.Shall, "let an authorization code live for at most 60 seconds",
		"Give codes an expiry of 60 seconds or less and check it at the token endpoint.", "a code that leaks can be redeemed for longer")
}

func assertionAudience() verdict.Result {
	return clause("FAPI2-SP-5.3.2.1-6a", requirement.Shall, "accept its issuer identifier as the audience of client assertions",
		"Compare aud with the issuer of your metadata, as a string.", "")
}

func assertionExpiry() verdict.Result {
	return clause("FAPI2-SP-5.3.2.1-9a", requirement.Shall, "refuse client assertions that have expired",
		"Check exp of client assertions, with a tolerance of seconds.", "an assertion that was stolen once authenticates the thief for ever")
}

func issuerParameter() verdict.Result {
	return clause("FAPI2-SP-5.3.2.2-7", requirement.Should, "send the authorization response with a 303 redirect",
		"Answer the consent form with 303 and not with 302 or 307.", "a browser may post the user's password on to the client")
}

func tokenReuse() verdict.Result {
	return clause("FAPI2-SP-5.3.3-2", requirement.ShallNot, "accept an access token without proof of possession",
		"Refuse tokens that are bound to a key or certificate where the proof is missing.", "a stolen token can be used by the thief")
}

func algorithms() verdict.Result {
	return clause("FAPI2-SP-5.4.1-1", requirement.Shall, "use PS256, ES256 or EdDSA for what it signs", "Configure the signing algorithm.", "")
}

func entropy() verdict.Result {
	return clause("FAPI2-SP-5.3.2.1-13", requirement.Shall, "make credentials with enough entropy", "Use a cryptographic generator with 128 bits or more.",
		"tokens can be guessed")
}

func rollUp() verdict.Result {
	result := clause("FAPI2-SP-5.2.2-1", requirement.Shall, "keep the network rules at every endpoint", "See the clauses that this one sums up.", "")
	result.Follows = []string{"FAPI2-SP-5.3.2.2-2", "FAPI2-SP-5.3.2.2-4"}
	return result
}

// exchanges of one client

type story struct {
	client string
	n      int
}

func (s *story) next() (id string, at time.Time) {
	s.n++
	return fmt.Sprintf("%08x-5c1d-4e5a-9b1f-%012x", s.n*0x1e35+len(s.client)*0x100, s.n), start().Add(time.Duration(s.n) * 730 * time.Millisecond)
}

func assertion(client, jti string, at time.Time) string {
	return fmt.Sprintf(`[JWT {"alg":"ES256","kid":"%s-1"} . {"aud":"%s","exp":%d,"iat":%d,"iss":"%s","jti":"%s","sub":"%s"} . signature redacted]`,
		client, issuer, at.Unix()+60, at.Unix(), client, jti, client)
}

// push is a pushed authorization request with its answer.
func (s *story) push(status int) *wire.Exchange {
	id, at := s.next()
	body := []string{
		"client_assertion=" + assertion(s.client, fmt.Sprintf("q3Jx%dVb", s.n), at),
		"client_assertion_type=urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
		fmt.Sprintf("code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSst%dcM", s.n), "code_challenge_method=S256", fmt.Sprintf("nonce=n-%dS6WzA2Mj", s.n),
		"redirect_uri=https://client.example/cb", "response_type=code", "scope=openid accounts", fmt.Sprintf("state=af0ifjsldkj%d", s.n),
	}
	answer := "{\n  \"expires_in\": 90,\n  \"request_uri\": \"urn:ietf:params:oauth:request_uri:6esc_11ACC5bwc014ltc14eY22c\"\n}"
	if status >= 400 {
		answer = "{\n  \"error\": \"invalid_client\",\n  \"error_description\": \"client authentication failed\"\n}"
	}
	return &wire.Exchange{
		ID: id, Step: "pushed authorization request", Started: at, Seconds: 0.084,
		Request: wire.Message{
			Method: "POST", URL: issuer + "/par",
			Header: []wire.Field{
				{Name: "Accept", Value: "application/json"}, {Name: "Content-Type", Value: "application/x-www-form-urlencoded"},
				{Name: "User-Agent", Value: "fapitest/v0.1.0"}, {Name: "X-Fapi-Interaction-Id", Value: id},
			},
			Body: strings.Join(body, "&"),
		},
		Answer: &wire.Message{
			Status: status,
			Header: []wire.Field{
				{Name: "Cache-Control", Value: "no-store"}, {Name: "Content-Type", Value: "application/json"},
				{Name: "Date", Value: at.Format(time.RFC1123)}, {Name: "X-Fapi-Interaction-Id", Value: id},
			},
			Body: answer,
		},
	}
}

func without(e *wire.Exchange, names ...string) {
	var kept []string
	for _, pair := range strings.Split(e.Request.Body, "&") {
		name, _, _ := strings.Cut(pair, "=")
		drop := false
		for _, n := range names {
			drop = drop || n == name
		}
		if !drop {
			kept = append(kept, pair)
		}
	}
	e.Request.Body = strings.Join(kept, "&")
}

func control(e *wire.Exchange, sentence string) *wire.Exchange {
	e.Role, e.Sentence, e.Expected, e.Judged, e.Because = wire.RoleControl, sentence, wire.Accepted, wire.Accepted, "201 with request_uri"
	if e.Answer != nil && e.Answer.Status >= 400 {
		e.Judged, e.Because = wire.Refused, fmt.Sprintf("%d invalid_client", e.Answer.Status)
	}
	return e
}

func claim(e, of *wire.Exchange, deviation string, expected wire.Decision) *wire.Exchange {
	e.Role, e.Deviation, e.Expected = wire.RoleClaim, deviation, expected
	if of != nil {
		e.Control = of.ID
	}
	switch status := e.Answer.Status; {
	case status >= 500, status == 429:
		e.Judged, e.Because = wire.Undecided, fmt.Sprintf("%d: the target is busy", status)
	case status >= 400:
		e.Judged, e.Because = wire.Refused, fmt.Sprintf("%d invalid_client", status)
	default:
		e.Judged, e.Because = wire.Accepted, fmt.Sprintf("%d with request_uri", status)
	}
	return e
}

// authorize is the end user's way through the pages.
func (s *story) authorize(pictures bool) *wire.Exchange {
	_, at := s.next()
	e := &wire.Exchange{
		Step: "authorization request", Started: at, Seconds: 0.61,
		Request: wire.Message{
			Method: "GET", URL: issuer + "/authorize?client_id=" + s.client + "&request_uri=urn:ietf:params:oauth:request_uri:6esc_11ACC5bwc014ltc14eY22c",
		},
		Answer: &wire.Message{Status: 303, Header: []wire.Field{
			{Name: "Location", Value: fmt.Sprintf("https://client.example/cb?code=[code: 43 characters, sha256 1f0c%04x…]&iss=%s&state=af0ifjsldkj%d", s.n, issuer, s.n-1)},
		}},
		Pages: []wire.Page{
			{URL: issuer + "/login", Status: 200, Title: "Example Bank: log in", Did: "filled #username and #password, clicked button[type=submit]"},
			{URL: issuer + "/consent", Status: 200, Title: "Example Bank: share your accounts?", Did: "clicked button[value=allow]"},
		},
		Hops: []wire.Hop{
			{Method: "GET", URL: issuer + "/authorize?client_id=" + s.client + "&request_uri=urn:…", Status: 302, Location: "/login"},
			{Method: "POST", URL: issuer + "/login", Status: 303, Location: "/consent", Credentials: true},
			{Method: "POST", URL: issuer + "/consent", Status: 303, Location: "https://client.example/cb?code=[code: 43 characters, sha256 1f0c…]"},
		},
		Hosts: []string{"as.example.com", "static.example.com"},
	}
	if pictures {
		e.Pages[0].Screenshot = "evidence/login.png"
		e.Pages[1].Screenshot = "evidence/consent.png"
	}
	return e
}

func (s *story) spec(v verdict.Verdict, sentence, message string, exchanges ...*wire.Exchange) verdict.Spec {
	return verdict.Spec{Sentence: sentence, Verdict: v, Client: s.client, Message: message, Seconds: 0.31, Exchanges: exchanges}
}

const (
	parRefuses  = "the pushed authorization request endpoint refuses the same request without client authentication"
	parAccepts  = "the pushed authorization request endpoint accepts a request that leads to a code"
	parControl  = "accepts the request when the client authenticates"
	parLifetime = "the pushed authorization request endpoint gives the request_uri a lifetime from 1 to 599 seconds"
)

func passing(client string) verdict.Spec {
	s := &story{client: client}
	c := control(s.push(201), parControl)
	refused := s.push(401)
	without(refused, "client_assertion", "client_assertion_type")
	return s.spec(verdict.Pass, parRefuses, "", c, claim(refused, c, "without client authentication", wire.Refused))
}

func leadsToACode(client string, pictures bool) verdict.Spec {
	s := &story{client: client, n: 40}
	pushed := claim(s.push(201), nil, "", wire.Accepted)
	landed := s.authorize(pictures)
	landed.Role, landed.Expected, landed.Judged, landed.Because = wire.RoleClaim, wire.Accepted, wire.Accepted, "sent back with code"
	return s.spec(verdict.Pass, parAccepts, "", pushed, landed)
}

// Conformant is a run without anything red but a warning.
func Conformant() *verdict.Report {
	warned := (&story{client: Two, n: 60}).spec(verdict.Warn, "the authorization endpoint sends the browser back with 303",
		"sent back with 302; 303 is recommended")
	noted := passing(One)
	noted.Notes = []string{"the request_uri lives only 20 seconds"}
	r := report(
		bare(rollUp(), verdict.Pass, "follows from FAPI2-SP-5.3.2.2-2: pass, FAPI2-SP-5.3.2.2-4: pass"),
		bare(entropy(), verdict.Attested, attested),
		came(pushedRequests(), leadsToACode(One, true), leadsToACode(Two, true), leadsToACode(Three, true)),
		came(parAuthentication(), noted, passing(Two), passing(Three)),
		came(issuerParameter(), warned),
		bare(tokenReuse(), verdict.NotApplicable, "the target file does not offer mtls"),
	)
	r.Target.Config["attested"] = map[string]any{"FAPI2-SP-5.3.2.1-13": attested}
	return r
}

// NotConformant is a run that found the example of the design, and one of everything else.
func NotConformant() *verdict.Report {
	fails := func(client string) verdict.Spec {
		s := &story{client: client}
		c := control(s.push(201), parControl)
		trusted := s.push(201)
		without(trusted, "client_assertion", "client_assertion_type")
		trusted.Request.Body = "client_id=" + client + "&" + trusted.Request.Body
		return s.spec(verdict.Fail, parRefuses, "expected a refusal; the answer was: 201 with request_uri",
			c, claim(trusted, c, "without client authentication", wire.Refused))
	}
	long := (&story{client: One, n: 10})
	longSpec := long.spec(verdict.Fail, parLifetime, "expires_in\nExpected\n    <int>: 3600\nto be <\n    <int>: 600", control(long.push(201), ""))
	missing := &story{client: Three, n: 20}
	accepted := missing.push(201)
	without(accepted, "redirect_uri")
	accepted.Deviation = "without redirect_uri"
	proper := missing.push(201)
	properLanding := missing.authorize(true)
	properLanding.Role, properLanding.Sentence, properLanding.Expected, properLanding.Judged = wire.RoleControl, "of the registration leads to a code", wire.Accepted, wire.Accepted
	landing := missing.authorize(true)
	landing.Role, landing.Expected, landing.Judged, landing.Because = wire.RoleClaim, wire.Refused, wire.Accepted, "sent back with code"
	redirect := missing.spec(verdict.Fail, "the redirect URI has to be part of the pushed request", "expected a refusal; the answer was: sent back with code",
		proper, properLanding, accepted, landing)
	redirect.Notes = []string{"client fapi-three has several redirect URIs, so that a refusal proves little"}

	busy := &story{client: One, n: 30}
	busyControl := control(busy.push(201), "")
	expired := busy.push(429)
	expired.Answer.Body = "slow down"
	expired.Request.Body = strings.Replace(expired.Request.Body, fmt.Sprintf(`"exp":%d`, expired.Started.Unix()+60), fmt.Sprintf(`"exp":%d`, expired.Started.Unix()-3600), 1)
	busySpec := busy.spec(verdict.Error, "client assertions are refused when they have expired",
		"the pushed authorization request with the client assertion's exp 1h0m0s ago was neither accepted nor refused: 429: the target is busy",
		busyControl, claim(expired, busyControl, "with the client assertion's exp 1h0m0s ago", wire.Refused))
	stuck := &story{client: Two, n: 50}
	lost := stuck.authorize(true)
	lost.Answer, lost.Role, lost.Expected, lost.Judged = &wire.Message{Status: 200}, wire.RoleControl, wire.Accepted, wire.Confused
	lost.Failure = "no page of the script fits https://as.example.com/maintenance (looked for form#login, form#consent)"
	lost.Because = lost.Failure
	lost.Pages[1].HTML = "evidence/consent.html.txt"
	stuckSpec := stuck.spec(verdict.Blocked, "an authorization code is refused after 60 seconds",
		"the authorization request was neither accepted nor refused: "+lost.Because, stuck.push(201), lost)
	blockedToken := stuck.spec(verdict.Blocked, "the resource refuses a token without proof of possession",
		"the authorization request was neither accepted nor refused: "+lost.Because, lost)
	blockedAudience := stuck.spec(verdict.Blocked, "client assertions are accepted with the issuer as audience",
		"this target can't be asked for it; attest FAPI2-SP-5.3.2.1-6a in the target file")
	warned := (&story{client: Two, n: 60}).spec(verdict.Warn, "the authorization endpoint sends the browser back with 303",
		"sent back with 302; 303 is recommended")

	r := report(
		bare(rollUp(), verdict.Fail, "follows from FAPI2-SP-5.3.2.2-2: pass, FAPI2-SP-5.3.2.2-4: fail"),
		came(assertionAudience(), blockedAudience),
		came(codeLifetime(), stuckSpec),
		came(assertionExpiry(), busySpec),
		bare(entropy(), verdict.Untested, "nobody has attested it, and randomness can't be seen from outside"),
		came(pushedRequests(), leadsToACode(One, true), leadsToACode(Two, false)),
		came(parAuthentication(), fails(One), fails(Two), passing(Three)),
		came(redirectRequired(), redirect),
		came(issuerParameter(), warned),
		came(lifetime(), longSpec),
		came(tokenReuse(), blockedToken),
		bare(algorithms(), verdict.NotApplicable, "the target file does not offer openid"),
	)
	r.Notes = []string{"the target advertises revocation and its target file does not offer it"}
	return r
}

// Waived is NotConformant of which a pipeline is let know everything: one finding is waived, the rest stood in a baseline.
func Waived() *verdict.Report {
	r := NotConformant()
	r.Gate = &verdict.Gate{
		FailOn: verdict.FailOnWarn, Waivers: "waivers.yaml",
		Baseline: &verdict.Baseline{File: "last/report.json", Tool: verdict.Tool{Name: "fapitest", Version: "v0.0.9"}, Started: start().AddDate(0, 0, -7)},
		Known: []verdict.Known{{
			ID: "FAPI2-SP-5.3.2.2-4", Verdict: verdict.Fail, By: verdict.ByWaiver, Owner: "J. Doe", Expires: "2026-12-31", Reason: "the gateway of release 7 authenticates clients",
		}},
		Notes: []string{"waivers.yaml:5: the waiver of FAPI2-SP-5.3.2.2-2 is not needed: it is pass"},
	}
	r.Gate.KnownFrom(r, NotConformant())
	return r
}

// What a hostile target may try.
const (
	Script   = `<script>alert("owned")</script><img src=x onerror=alert(1)>`
	Escape   = "\x1b[2J\x1b]0;owned\x07\x1b[31mred\x9b31m"
	Override = "\u202egnp.exe\u2066\u200f"
	Broken   = "\xff\xfe\x80 invalid"
	CData    = "]]></failure><testcase name='owned'/>"
	Attach   = "[[ATTACHMENT|/etc/passwd]]"
	Link     = "javascript:alert(1)"
	Nul      = "a\x00b\ufffe\uffff"
)

// Hostile is a run against a target that tries to write its own report.
func Hostile() *verdict.Report {
	everything := Script + Escape + Override + Broken + CData + Attach + Nul + "\r\nInjected: yes"
	s := &story{client: One}
	c := control(s.push(201), parControl)
	bad := s.push(201)
	without(bad, "client_assertion", "client_assertion_type")
	bad.Answer.Body = everything + strings.Repeat("A<b>", 1<<18)
	bad.Answer.Header = append(bad.Answer.Header, wire.Field{Name: "X-" + everything, Value: everything})
	bad.Failure = everything
	bad.Request.URL = Link
	bad.Request.Body = everything + "&" + bad.Request.Body
	landed := s.authorize(true)
	landed.Pages[0].URL, landed.Pages[0].Title, landed.Pages[0].Did = Link, everything, everything
	landed.Pages[0].Screenshot = "../../../etc/passwd"
	landed.Pages[1].Screenshot = "https://evil.example/track.png"
	landed.Pages[1].HTML = Link
	landed.Hops[0].URL, landed.Hops[0].Location = Link, everything
	landed.Hosts = []string{everything}
	failed := s.spec(verdict.Fail, parRefuses, "expected a refusal; the answer was: "+everything,
		c, claim(bad, c, "without client authentication", wire.Refused), landed)
	failed.Notes = []string{everything}
	said := (&story{client: One, n: 70}).spec(verdict.Fail, parLifetime, everything+strings.Repeat("\nline of the target", 500))
	blocked := (&story{client: One, n: 80}).spec(verdict.Blocked, "an authorization code is refused after 60 seconds", everything)
	warned := (&story{client: One, n: 90}).spec(verdict.Warn, "the authorization endpoint sends the browser back with 303", everything)
	linked := lifetime()
	linked.Link = Link
	r := report(
		came(codeLifetime(), blocked),
		came(parAuthentication(), failed),
		came(issuerParameter(), warned),
		came(linked, said),
		bare(algorithms(), verdict.NotApplicable, everything),
	)
	r.Target.Metadata["op_policy_uri"] = Link
	r.Target.Metadata[everything] = everything
	r.Notes = []string{everything}
	return r
}

// Inconclusive is a run in which one cause kept nearly everything from being tested.
func Inconclusive() *verdict.Report {
	blocked := func(result verdict.Result, sentence string) verdict.Result {
		s := &story{client: One}
		c := control(s.push(401), "")
		return came(result, s.spec(verdict.Blocked, sentence, "the pushed authorization request that this builds on was refused: 401 invalid_client", c))
	}
	r := report(
		blocked(codeLifetime(), "an authorization code is refused after 60 seconds"),
		bare(entropy(), verdict.Untested, "nobody has attested it, and randomness can't be seen from outside"),
		blocked(parAuthentication(), parRefuses),
		blocked(redirectRequired(), "the redirect URI has to be part of the pushed request"),
		blocked(lifetime(), parLifetime),
		came(algorithms(), (&story{client: One}).spec(verdict.Pass, "the metadata announces ES256", "")),
	)
	r.Target.Clients = r.Target.Clients[:1]
	r.Workers = 1
	return r
}

// Partial is a run that was narrowed to a section.
func Partial() *verdict.Report {
	leftOut := func(result verdict.Result) verdict.Result {
		result.Verdict, result.LeftOut, result.Reason = verdict.Untested, true, "not chosen"
		return result
	}
	r := report(
		leftOut(codeLifetime()), leftOut(entropy()),
		came(pushedRequests(), leadsToACode(One, true)),
		came(parAuthentication(), passing(One), passing(Two), passing(Three)),
		leftOut(lifetime()), leftOut(tokenReuse()),
	)
	r.Partial, r.Narrowed = true, "clauses FAPI2-SP-5.3.2.2-2, FAPI2-SP-5.3.2.2-4"
	r.Profile.Requirements = len(r.Requirements)
	return r
}

// Empty is a run in which nothing ran.
func Empty() *verdict.Report {
	r := report()
	r.Target = verdict.Target{Issuer: issuer}
	r.Time, r.Seconds, r.Workers = verdict.Time{}, 0.02, 1
	return r
}

// Large is a report of the size of a long run against a server with many clients.
func Large(requirements, clients, exchanges, body int, v verdict.Verdict) *verdict.Report {
	var results []verdict.Result
	for i := range requirements {
		result := clause(fmt.Sprintf("FAPI2-SP-5.3.%d-%d", i/12, i), requirement.Shall, "keep this long report in bounds", "Keep it short.", "nobody reads it")
		var specs []verdict.Spec
		for j := range clients {
			s := &story{client: fmt.Sprintf("client-%d", j), n: (i*clients + j) * exchanges}
			var said []*wire.Exchange
			for range exchanges {
				e := s.push(201)
				e.Answer.Body = strings.Repeat("x <&> ", body/6)
				said = append(said, e)
			}
			if len(said) > 1 {
				control(said[0], "")
				claim(said[len(said)-1], said[0], "with something else", wire.Refused)
			}
			specs = append(specs, s.spec(v, "the server keeps the report short", "it did not", said...))
		}
		results = append(results, came(result, specs...))
	}
	return report(results...)
}

// Evidence returns what lies at a path of the samples: a picture.
func Evidence(path string) ([]byte, error) {
	accent := color.RGBA{0x1d, 0x4e, 0x89, 0xff}
	if strings.Contains(path, "consent") {
		accent = color.RGBA{0x2a, 0x6f, 0x4e, 0xff}
	} else if !strings.Contains(path, "login") {
		return nil, fmt.Errorf("%s: no such sample", path)
	}
	picture := image.NewRGBA(image.Rect(0, 0, 640, 400))
	fill := func(x0, y0, x1, y1 int, c color.Color) {
		draw.Draw(picture, image.Rect(x0, y0, x1, y1), image.NewUniform(c), image.Point{}, draw.Src)
	}
	fill(0, 0, 640, 400, color.RGBA{0xf4, 0xf5, 0xf7, 0xff})
	fill(0, 0, 640, 56, accent)
	fill(160, 96, 480, 340, color.White)
	for i := range 3 {
		fill(192, 128+i*56, 448, 160+i*56, color.RGBA{0xe3, 0xe6, 0xea, 0xff})
	}
	fill(192, 296, 300, 324, accent)
	var b bytes.Buffer
	if err := png.Encode(&b, picture); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}
