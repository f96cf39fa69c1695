// Package flow plays the client of a target: it does every step right until it is told to deviate, goes on as far as it
// physically can whatever comes back, and judges nothing.
package flow

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/fapitest/fapitest/harness/consent"
	"github.com/fapitest/fapitest/harness/jose"
	"github.com/fapitest/fapitest/harness/target"
	"github.com/fapitest/fapitest/harness/wire"
)

const (
	longestAnswer = 1 << 20 // bytes of a body that are read
	// mostLate is how many journeys in a row may run out of time before no more are made: what hangs so often hangs for all of a run.
	mostLate = 3
	// ForeignOrigin belongs to nobody: a browser that is sent there was sent astray. It is never resolved.
	ForeignOrigin = "https://evil.example"
)

// Options are what a Client is made of. Target, Self, Driver, Clock, HTTP and Redactor are required.
type Options struct {
	Target   *target.Target
	Self     *target.Client
	Driver   consent.Driver
	Clock    wire.Clock
	HTTP     func(*tls.Certificate) *http.Client // one per certificate; nil: no certificate. Follows no redirects
	Redactor *wire.Redactor
	Pace     wire.Pace // keeps requests apart; nil: nothing does
	// Shelf keeps what experiments share for several workers; nil: this client shares with nobody.
	Shelf Shelf
	// People lends the test users; nil: the client has those of the target to itself.
	People People
	// ProofKey is the key of DPoP proofs, which workers that share have in common; nil: the client makes one where it needs one.
	ProofKey *jose.Key
	// Evidence keeps a file and returns the path by which the report may name it. Nil: nothing is kept.
	Evidence  func(extension string, data []byte) string
	UserAgent string
}

// Client is one client of the target file, in one run. Its methods may be called from several goroutines.
type Client struct {
	target    *target.Target
	self      *target.Client
	driver    consent.Driver
	clock     wire.Clock
	http      func(*tls.Certificate) *http.Client
	redactor  *wire.Redactor
	evidence  func(string, []byte) string
	userAgent string
	pace      wire.Pace
	shelf     Shelf
	people    People
	key       *jose.Key // of DPoP proofs; nil with mutual TLS

	sharing sync.Mutex // held while the shared flow is made, so that it is made once

	mu      sync.Mutex
	late    int               // how many journeys in a row, the last ones, ran out of time
	nonces  map[string]string // the newest DPoP nonce by origin and kind of server
	nowhere map[string]bool   // URLs for clients without certificate, and whether nobody is served there
	passes  map[string]bool   // hosts at which a request with the client's own certificate was answered with success
	serves  map[string]bool   // URLs at which a request that was as it should be was answered with success
	renewed map[Step]int      // how many grants in a row were had anew for a step that was refused, and in vain
	skew    *time.Duration    // how far the target's clock is ahead of ours
	timed   bool              // skew is the target's own word, no cache's
	kept    map[string]shared // what experiments share which only need one, by scope
	// impostor has the certificate that could be taken for this client's own; nil: not made yet, or there is none.
	impostor *target.Client
	// refreshes says whether a refresh leaves a grant as it was; nil: not known yet.
	refreshes *bool
}

// New makes a client. The error says why a key could not be made.
func New(options Options) (*Client, error) {
	client := &Client{
		target: options.Target, self: options.Self, driver: options.Driver, clock: options.Clock, http: options.HTTP,
		redactor: options.Redactor, evidence: options.Evidence, userAgent: options.UserAgent, pace: options.Pace, shelf: options.Shelf,
		nonces: map[string]string{}, passes: map[string]bool{}, serves: map[string]bool{}, renewed: map[Step]int{}, nowhere: map[string]bool{}, kept: map[string]shared{},
	}
	options.Redactor.Learn("client_secret", options.Self.Secret.Reveal())
	for _, header := range options.Target.Resource.Headers {
		if header.Hidden {
			options.Redactor.Learn(header.Name, header.Value.Reveal())
		}
	}
	if m := options.Target.Metadata; m != nil && m.Ahead != nil && !(wire.Skew{Ahead: *m.Ahead}).Absurd() {
		client.skew = m.Ahead
	}
	for _, user := range options.Target.Users() {
		options.Redactor.Learn("password", user.Password.Reveal())
	}
	if client.people = options.People; client.people == nil {
		client.people = NewCrowd(options.Target).Seat(0)
	}
	if client.userAgent == "" {
		client.userAgent = "fapitest"
	}
	if options.Self.Binding == target.DPoP {
		if client.key = options.ProofKey; client.key == nil {
			key, err := NewProofKey(options.Target)
			if err != nil {
				return nil, err
			}
			client.key = key
		}
	}
	return client, nil
}

// NewProofKey makes a key for DPoP proofs, of a kind that the target announces.
func NewProofKey(t *target.Target) (*jose.Key, error) { return jose.NewKey(proofAlgorithm(t.Metadata)) }

// proofAlgorithm is the first of ours that the target announces, ES256 where it announces nothing that we know.
func proofAlgorithm(metadata *target.Metadata) string {
	announced := metadata.List("dpop_signing_alg_values_supported")
	for _, algorithm := range []string{jose.ES256, jose.PS256, jose.EdDSA} {
		if slices.Contains(announced, algorithm) {
			return algorithm
		}
	}
	return jose.ES256
}

// ID is the client_id.
func (c *Client) ID() string { return c.self.ID }

// Target is the server under test.
func (c *Client) Target() *target.Target { return c.target }

// Self is the client as the target file describes it.
func (c *Client) Self() *target.Client { return c.self }

// Clock is what waiting goes by.
func (c *Client) Clock() wire.Clock { return c.clock }

// Issuer is the issuer identifier.
func (c *Client) Issuer() string { return c.target.Issuer }

// Endpoint is the URL of an endpoint by its metadata name, the mutual TLS alias where this client shows a certificate.
func (c *Client) Endpoint(name string) string {
	return c.target.Metadata.Endpoint(name, c.self.Certified())
}

// ProofKey is the key of the client's DPoP proofs; nil with mutual TLS.
func (c *Client) ProofKey() *jose.Key { return c.key }

// NewProofKey makes another key of the same kind, one that the target has never seen.
func (c *Client) NewProofKey() *jose.Key {
	key, err := jose.NewKey(c.key.Algorithm)
	if err != nil {
		// Only a random source that fails can be the reason, and that panics by itself.
		return c.key
	}
	return key
}

// Another returns the certificate of another client of the target file; ok is false where none has one of its own.
func (c *Client) Another() (other OtherCertificate, ok bool) {
	var found *target.Client
	for _, candidate := range c.target.Clients {
		if candidate.ID == c.self.ID || candidate.Certificate == nil || sameCertificate(candidate.Certificate, c.self.Certificate) {
			continue
		}
		// One of the same kind comes closest to a registered competitor.
		if found == nil || c.kinship(candidate) > c.kinship(found) {
			found = candidate
		}
	}
	return OtherCertificate{client: found}, found != nil
}

// Stranger returns the certificate of another client that nobody could take for this client's own: where clients are known by their
// subject, two of one owner may have the same. ok is false where no other client has one.
func (c *Client) Stranger() (other OtherCertificate, ok bool) {
	for _, candidate := range c.target.Clients {
		if candidate.ID == c.self.ID || candidate.Certificate == nil || sameCertificate(candidate.Certificate, c.self.Certificate) ||
			sameName(candidate.Certificate, c.self.Certificate) {
			continue
		}
		if other.client == nil || c.kinship(candidate) > c.kinship(other.client) {
			other.client = candidate
		}
	}
	return other, other.client != nil
}

// sameName says whether two certificates have the subject, or one of the alternative names, in common (RFC 8705 section 2.1.2). Where
// one can't be read, nobody knows.
func sameName(a, b *tls.Certificate) bool {
	if a == nil || b == nil || a.Leaf == nil || b.Leaf == nil {
		return true
	}
	return bytes.Equal(a.Leaf.RawSubject, b.Leaf.RawSubject) ||
		overlap(a.Leaf.DNSNames, b.Leaf.DNSNames) || overlap(a.Leaf.URIs, b.Leaf.URIs) ||
		overlap(a.Leaf.EmailAddresses, b.Leaf.EmailAddresses) || overlap(a.Leaf.IPAddresses, b.Leaf.IPAddresses)
}

func overlap[T any](a, b []T) bool {
	return slices.ContainsFunc(a, func(one T) bool {
		return slices.ContainsFunc(b, func(other T) bool { return fmt.Sprint(one) == fmt.Sprint(other) })
	})
}

// kinship says how much another client, and its certificate, are like this one and its own.
func (c *Client) kinship(other *target.Client) int {
	kinship := 0
	if selfSigned(other.Certificate) == selfSigned(c.self.Certificate) {
		kinship += 2
	}
	if other.Auth == c.self.Auth {
		kinship++
	}
	return kinship
}

func sameCertificate(a, b *tls.Certificate) bool {
	if a == nil || b == nil || len(a.Certificate) == 0 || len(b.Certificate) == 0 {
		return false
	}
	return string(a.Certificate[0]) == string(b.Certificate[0])
}

// SameKind says whether the certificate is of the kind that the client's own is: self-signed or by an authority. One of another kind may
// be refused for its kind alone.
func (o OtherCertificate) SameKind(own *target.Client) bool {
	return selfSigned(o.client.Certificate) == selfSigned(own.Certificate)
}

func selfSigned(certificate *tls.Certificate) bool {
	return certificate != nil && certificate.Leaf != nil && bytes.Equal(certificate.Leaf.RawIssuer, certificate.Leaf.RawSubject)
}

// Now is the time at the target, as far as its Date header shows it.
func (c *Client) Now() time.Time {
	c.mu.Lock()
	skew := c.skew
	c.mu.Unlock()
	now := c.clock.Now()
	if skew != nil {
		now = now.Add(*skew)
	}
	return now
}

// learnTime takes the first answer that no cache has kept at its word: what the metadata said may be old, with or without an Age.
func (c *Client) learnTime(header http.Header) {
	skew, ok := wire.SkewOf(header, c.clock.Now())
	c.mu.Lock()
	defer c.mu.Unlock()
	if !ok || skew.Absurd() || c.timed || skew.Cached && c.skew != nil {
		return
	}
	c.skew, c.timed = &skew.Ahead, !skew.Cached
}

// HasAlias says whether this client is sent to another URL of an endpoint than clients without certificate are.
func (c *Client) HasAlias(name string) bool {
	plain := c.target.Metadata.Endpoint(name, false)
	return plain != "" && plain != c.Endpoint(name)
}

// draftFor is a draft of a POST to an endpoint by its metadata name.
func (c *Client) draftFor(step Step, endpoint string) *draft {
	d := c.draft(step, http.MethodPost, c.Endpoint(endpoint))
	d.endpoint = endpoint
	return d
}

func (c *Client) draft(step Step, method, address string) *draft {
	d := &draft{client: c, step: step, method: method, url: address, params: url.Values{}, header: http.Header{}}
	if !c.self.Certified() {
		d.certificate = noCertificate
	}
	return d
}

// authenticate adds what proves who we are, and the client_id that goes with it.
func (d *draft) authenticate() {
	d.params.Set("client_id", d.client.self.ID)
	if d.client.self.Auth == target.PrivateKeyJWT {
		d.assertion = d.client.newAssertion()
	}
}

func (c *Client) newAssertion() *jose.Token {
	header := map[string]any{}
	if c.self.Key.ID != "" {
		header["kid"] = c.self.Key.ID
	}
	return &jose.Token{Header: header, Key: c.self.Key, Claims: map[string]any{"iss": c.self.ID, "sub": c.self.ID, "aud": c.target.Issuer}}
}

func (c *Client) newProof(key *jose.Key) *jose.Token {
	return &jose.Token{Header: map[string]any{"typ": "dpop+jwt", "jwk": key.Public()}, Key: key, Claims: map[string]any{}}
}

// prove adds a DPoP proof where tokens are bound by one.
func (d *draft) prove() {
	if d.client.key != nil {
		d.proof = d.client.newProof(d.client.key)
	}
}

// send finishes the draft, sends it, and once more where the target hands out the nonce that it wants.
func (c *Client) send(ctx context.Context, d *draft, at *attempt, deviations []Deviation) *Outcome {
	proper := d.clone()
	if fault := d.deviate(deviations, c.nonce(nonceServer(d))); fault != nil {
		outcome := &Outcome{Step: d.step, attempt: at, point: d.point}
		outcome.Exchange = &wire.Exchange{Step: string(d.step), Deviation: says(deviations), Started: c.clock.Now()}
		wire.TraceFrom(ctx).Add(outcome.Exchange)
		return c.unanswered(outcome, fault)
	}
	outcome := c.sendOnce(ctx, d, at, deviations)
	if d.proof != nil && demandsNonce(outcome) {
		outcome = c.sendOnce(ctx, d, at, deviations)
	}
	if d.point&pointPlace != 0 && notFound(outcome) {
		proper.url = d.url
		outcome.Unrouted = c.unrouted(ctx, proper, at)
	}
	return outcome
}

// notFound says whether the answer is that nothing is there, and not OAuth's.
func notFound(o *Outcome) bool {
	return o.Err == nil && (o.Status == http.StatusNotFound || o.Status == http.StatusGone)
}

// unrouted says whether a request that is as it should be finds nothing at the URL that it is sent to either. That is tried once for each.
func (c *Client) unrouted(ctx context.Context, proper *draft, at *attempt) bool {
	c.mu.Lock()
	known, tried := c.nowhere[proper.url]
	c.mu.Unlock()
	if tried {
		return known
	}
	nothing := notFound(c.sendOnce(ctx, proper, at, []Deviation{Words("as it should be, to the endpoint's URL for clients without certificate")}))
	c.mu.Lock()
	defer c.mu.Unlock()
	c.nowhere[proper.url] = nothing
	return nothing
}

// demandsNonce says whether the answer is the challenge of RFC 9449 section 8 or 9: the error, and a nonce to go on with.
func demandsNonce(o *Outcome) bool {
	if o.Err != nil || o.Header.Get("DPoP-Nonce") == "" {
		return false
	}
	if o.ErrorCode() == "use_dpop_nonce" {
		return true
	}
	return slices.ContainsFunc(o.Challenges(), func(challenge string) bool {
		return strings.Contains(challenge, "use_dpop_nonce")
	})
}

func (c *Client) sendOnce(ctx context.Context, d *draft, at *attempt, deviations []Deviation) *Outcome {
	for again := false; ; again = true {
		r := c.prepare(ctx, d, at, deviations)
		if r.request == nil {
			return r.outcome
		}
		if err := c.turn(ctx); err != nil {
			return c.unanswered(r.outcome, err)
		}
		via := c.http(r.certificate)
		watched, connection := wire.Watch(ctx)
		outcome := c.transmit(watched, r, via, connection)
		if again || ctx.Err() != nil || !connection.Stale(outcome.Err) {
			if outcome.Err != nil && outcome.Status == 0 && outcome.Secured && outcome.AboutCertificate() {
				outcome.Unasked = endsUnasked(ctx, via, r.request.URL)
			}
			return outcome
		}
		// Made anew, so that a target which has seen it after all does not take it for a replay.
		outcome.Exchange.Stale = true
		via.CloseIdleConnections()
	}
}

// ready is a request that is finished and signed. Its outcome is still to come; request is nil where it could not be made.
type ready struct {
	outcome     *Outcome
	request     *http.Request
	certificate *tls.Certificate // to show; nil: none
	server      string           // whose nonces go with it
}

func (c *Client) prepare(ctx context.Context, d *draft, at *attempt, deviations []Deviation) *ready {
	outcome := &Outcome{Step: d.step, attempt: at, point: d.point}
	exchange := &wire.Exchange{Step: string(d.step), Deviation: says(deviations), Started: c.clock.Now()}
	outcome.Exchange = exchange
	wire.TraceFrom(ctx).Add(exchange)

	server := nonceServer(d)
	nonce := d.nonce
	if nonce == "" {
		nonce = c.nonce(server)
	}
	request, interaction, err := d.request(nonce)
	if err != nil {
		outcome.Err = err
		exchange.Failure = err.Error()
		return &ready{outcome: outcome}
	}
	exchange.ID = interaction
	outcome.passed = func() bool { return c.letsThrough(request.URL.Host) }
	outcome.served = func() bool { return c.isServed(request.URL.String()) }
	certificate := d.certificateToShow()
	exchange.Request = c.captureRequest(request)
	return &ready{outcome: outcome, request: request, certificate: certificate, server: server}
}

// turn waits until the next request may be sent.
func (c *Client) turn(ctx context.Context) error {
	if c.pace == nil {
		return nil
	}
	defer wire.LedgerFrom(ctx).Begin(wire.HeldBack, "")()
	return c.pace.Wait(ctx)
}

// unanswered is what came of a request to which no answer came.
func (c *Client) unanswered(outcome *Outcome, err error) *Outcome {
	outcome.Err, outcome.Arrived = err, c.clock.Now()
	outcome.Exchange.Failure = c.redactor.Scrub(wire.Printable(failure(err)))
	return outcome
}

// transmit sends a request, and enters what came. The context is the one in which the connection is watched.
func (c *Client) transmit(ctx context.Context, r *ready, via *http.Client, connection *wire.Connection) *Outcome {
	outcome, exchange := r.outcome, r.outcome.Exchange
	exchange.Started = c.clock.Now()
	started := time.Now()
	answered := wire.LedgerFrom(ctx).Begin(wire.InTarget, "")
	answer, err := via.Do(r.request.WithContext(ctx))
	if err == nil {
		outcome.Status, outcome.Header = answer.StatusCode, answer.Header
		outcome.Body, err = io.ReadAll(io.LimitReader(answer.Body, longestAnswer))
		_ = answer.Body.Close()
	}
	answered()
	exchange.Seconds, outcome.Arrived = time.Since(started).Seconds(), c.clock.Now()
	outcome.Secured = connection.Secured()
	asked, known := connection.Asked()
	outcome.NotAsked = known && !asked && r.certificate != nil && r.certificate == c.self.Certificate && c.needsCertificate(outcome.Step)
	exchange.Request.Certificate = shown(r.certificate, asked, known)
	if err != nil {
		return c.unanswered(outcome, err)
	}
	if pause, busy := wire.RetryAfter(outcome.Status, outcome.Header.Get("Retry-After"), time.Now()); busy {
		exchange.Busy = true
		if c.pace != nil {
			c.pace.Hold(pause)
		}
	}
	if !outcome.Step.TakesToken() {
		c.learnTime(outcome.Header)
	}
	c.adoptNonce(r.server, outcome.Header)
	if outcome.Status >= 200 && outcome.Status < 300 {
		c.mu.Lock()
		if r.certificate == c.self.Certificate {
			c.passes[r.request.URL.Host] = true
		}
		if exchange.Deviation == "" {
			c.serves[htu(r.request.URL.String())] = true
		}
		c.mu.Unlock()
	}
	exchange.Answer = &wire.Message{
		Status: outcome.Status,
		Header: c.redactor.Header(outcome.Header),
		Body:   c.redactor.Body(outcome.Header.Get("Content-Type"), outcome.Body),
	}
	return outcome
}

func (c *Client) isServed(address string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.serves[htu(address)]
}

func (c *Client) letsThrough(host string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.passes[host]
}

// endsUnasked opens a connection like the one that broke, says nothing on it, and sees whether the target ends it for all that. Who does
// has not looked at a request: only the certificate can be the reason.
func endsUnasked(ctx context.Context, via *http.Client, address *url.URL) bool {
	const patience = 2 * time.Second // a connection that is kept so long is kept
	transport, ok := via.Transport.(*http.Transport)
	if !ok || transport.DialTLSContext == nil || address.Scheme != "https" {
		return false
	}
	defer wire.LedgerFrom(ctx).Begin(wire.InTarget, "")()
	connection, err := openTLS(ctx, transport, address)
	if err != nil {
		return EndedByTarget(err)
	}
	defer func() { _ = connection.Close() }()
	if err := connection.SetReadDeadline(time.Now().Add(patience)); err != nil {
		return false
	}
	_, err = connection.Read(make([]byte, 1))
	return err != nil && EndedByTarget(err)
}

// EndedByTarget says whether the other side ended the connection: an alert, a reset, a close. A connection that could not be made at all
// says nothing.
func EndedByTarget(err error) bool {
	var operation *net.OpError
	if errors.As(err, &operation) && operation.Op == "dial" {
		return false
	}
	for _, end := range []error{io.EOF, io.ErrUnexpectedEOF, syscall.ECONNRESET, syscall.EPIPE, syscall.ECONNABORTED} {
		if errors.Is(err, end) {
			return true
		}
	}
	return Alert(err)
}

// Alert says whether the other side ended the connection with a TLS alert, which is a decision that it put into words.
func Alert(err error) bool {
	var operation *net.OpError
	var alert tls.AlertError
	return errors.As(err, &operation) && operation.Op == "remote error" || errors.As(err, &alert)
}

// failure is what there is to say about an error of the transport, without the URL, which may hold a secret.
func failure(err error) string {
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		return wrapped.Err.Error()
	}
	return err.Error()
}

func (d *draft) certificateToShow() *tls.Certificate {
	switch d.certificate.kind {
	case absentCertificate:
		return nil
	case otherCertificate:
		return d.certificate.other.Certificate
	case ownCertificate:
	}
	return d.client.self.Certificate
}

// nonceServer names the server whose nonces go with the request: authorization server and resource server have their own.
func nonceServer(d *draft) string {
	kind := "as "
	if d.step.TakesToken() {
		kind = "rs "
	}
	parsed, err := url.Parse(d.url)
	if err != nil {
		return kind
	}
	return kind + parsed.Host
}

func (c *Client) nonce(server string) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.nonces[server]
}

func (c *Client) adoptNonce(server string, header http.Header) {
	nonce := header.Get("DPoP-Nonce")
	if nonce == "" || len(nonce) > 4096 {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.nonces[server] = nonce
}

// Nonces says whether the target has handed out DPoP nonces so far, at the authorization server or at the resource server.
func (c *Client) Nonces() (authorizationServer, resourceServer bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for server := range c.nonces {
		if strings.HasPrefix(server, "as ") {
			authorizationServer = true
		} else {
			resourceServer = true
		}
	}
	return authorizationServer, resourceServer
}

// needsCertificate says whether the client is nobody without its certificate at a step: its tokens are bound to it, or it authenticates by it.
func (c *Client) needsCertificate(step Step) bool {
	return c.self.Binding == target.MTLS || c.self.Auth != target.PrivateKeyJWT && !step.TakesToken()
}

// shown says which certificate the server was shown in the handshake: one that it does not ask for it does not get to see.
func shown(certificate *tls.Certificate, asked, known bool) string {
	switch {
	case !known:
		return "" // no connection came about
	case certificate == nil && asked:
		return "none, though the server asked for one"
	case certificate == nil:
		return "none"
	case !asked:
		return "none: the server did not ask for one"
	case certificate.Leaf != nil:
		return certificate.Leaf.Subject.String()
	}
	return "shown"
}

func (c *Client) captureRequest(request *http.Request) wire.Message {
	message := wire.Message{
		Method: request.Method, URL: c.redactor.URL(request.URL.String()), Header: c.redactor.Header(request.Header),
	}
	if request.GetBody != nil {
		if body, err := request.GetBody(); err == nil {
			data, _ := io.ReadAll(body) // from memory: can't fail
			message.Body = c.redactor.Body(request.Header.Get("Content-Type"), data)
		}
	}
	return message
}

// keep stores evidence under a name that follows from its content, so that equal screenshots are kept once.
func (c *Client) keep(extension string, data []byte) string {
	if c.evidence == nil || len(data) == 0 {
		return ""
	}
	return c.evidence(extension, data)
}

// EvidenceName is the file name for a piece of evidence.
func EvidenceName(extension string, data []byte) string {
	sum := sha256.Sum256(data)
	return fmt.Sprintf("%s.%s", hex.EncodeToString(sum[:8]), extension)
}
