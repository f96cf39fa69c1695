// Package flow plays the client of a target: it does every step right until it is told to deviate, goes on as far as it
// physically can whatever comes back, and judges nothing.
package flow

import (
	"cmp"
	"crypto/tls"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/fapitest/fapitest/harness/consent"
	"github.com/fapitest/fapitest/harness/jose"
	"github.com/fapitest/fapitest/harness/profile"
	"github.com/fapitest/fapitest/harness/target"
	"github.com/fapitest/fapitest/harness/wire"
)

// mostLate is how many journeys in a row may run out of time before no more are made: what hangs so often hangs for all of a run.
const mostLate = 3

// Options are what a Client is made of. Target, Self, Driver, Clock, HTTP and Redactor are required.
type Options struct {
	Target   *target.Target
	Self     *target.Client
	Driver   consent.Driver
	Clock    wire.Clock
	HTTP     func(*tls.Certificate) *http.Client // one per certificate; nil: no certificate. Follows no redirects
	Redactor *wire.Redactor
	Pace     wire.Pace // keeps requests apart; nil: nothing does
	// Shape is how authorization requests travel. Where the target wants them signed they are, whatever stands here.
	Shape Shape
	// Shelf keeps what experiments share for several workers; nil: this client shares with nobody.
	Shelf Shelf
	// People lends the test users; nil: the client has those of the target to itself.
	People People
	// Handshakes are the offers in TLS that the clients of a run have in common; nil: the client makes its own.
	Handshakes *Handshakes
	// ProofKey is the key of DPoP proofs, which workers that share have in common; nil: the client makes one where it needs one.
	ProofKey *jose.Key
	// Evidence keeps a file and returns the path by which the report may name it. Nil: nothing is kept.
	Evidence  func(extension string, data []byte) string
	UserAgent string
	// Limits are what the profile says about times, sizes and lists. Experiments ask for them; the client does not go by them.
	Limits profile.Limits
	// Before is what the client does before it sends the end user to the server; nil: nothing.
	Before *profile.Preparation
}

// Client is one client of the target file, in one run. Its methods may be called from several goroutines.
type Client struct{ *role }

// role is what a client is in a run.
type role struct {
	options   Options // what it was made of
	shape     Shape
	guest     bool // it stands in an experiment of another client
	target    *target.Target
	self      *target.Client
	driver    consent.Driver
	clock     wire.Clock
	sealing   *jose.Sealing // to the target, where request objects are encrypted; nil before it was looked for
	http      func(*tls.Certificate) *http.Client
	redactor  *wire.Redactor
	evidence  func(string, []byte) string
	userAgent string
	pace      wire.Pace
	shelf     Shelf
	people    People
	key       *jose.Key // of DPoP proofs; nil with mutual TLS

	// alone says whether this worker has tokens of the client to itself, and whether that is needed at all.
	alone struct {
		sync.Mutex
		held, known, newest, codes bool
	}

	// guests are other clients of the target file that have stood in this one's experiments, by client_id.
	guests struct {
		sync.Mutex
		all map[string]*Client
	}

	intents intents

	samples *samples // what came that nobody should be able to guess

	sharing sync.Mutex // held while the shared flow is made, so that it is made once

	mu       sync.Mutex
	late     int               // how many journeys in a row, the last ones, ran out of time
	nonces   map[string]string // the newest DPoP nonce by origin and kind of server
	demanded map[string]bool   // URLs at which a DPoP nonce was asked for
	nowhere  map[string]bool   // URLs for clients without certificate, and whether nobody is served there
	passes   map[string]bool   // hosts at which a request with the client's own certificate was answered with success
	serves   map[string]bool   // URLs at which a request that was as it should be was answered with success
	renewed  map[Step]int      // how many grants in a row were had anew for a step that was refused, and in vain
	skew     *time.Duration    // how far the target's clock is ahead of ours
	timed    bool              // skew is the target's own word, no cache's
	kept     map[manner]shared // what experiments share which only need one
	declined map[string]shared // what the user has said no to, by what was asked for more
	anew     struct {          // what a refresh gave that experiments look at, and do not use
		sync.Mutex
		tokens *Outcome
	}
	left []shared // grants that experiments about their codes left over
	// impostor has the certificate that could be taken for this client's own; nil: not made yet, or there is none.
	impostor *target.Client
	// selfMade is the same for one that is signed by its own key.
	selfMade  *target.Client
	scopeless bool // no scope is asked for where the client asks for itself
	// refreshes says whether a refresh leaves a grant as it was; nil: not known yet.
	refreshes *bool
}

// New makes a client. The error says why a key could not be made.
func New(options Options) (*Client, error) {
	if options.Handshakes == nil {
		options.Handshakes = NewHandshakes(options.Shelf)
	}
	client := &Client{&role{
		options: options, target: options.Target, self: options.Self, driver: options.Driver, clock: options.Clock, http: options.HTTP,
		redactor: options.Redactor, evidence: options.Evidence, userAgent: options.UserAgent, pace: options.Pace, shelf: options.Shelf,
		nonces: map[string]string{}, demanded: map[string]bool{}, passes: map[string]bool{}, serves: map[string]bool{}, renewed: map[Step]int{}, nowhere: map[string]bool{}, kept: map[manner]shared{}, declined: map[string]shared{},
	}}
	client.guests.all, client.samples = map[string]*Client{}, &samples{all: map[string][]sample{}}
	client.shape = options.Shape
	client.shape.Encrypted = client.shape.Encrypted || options.Target.Required(target.RequiresEncryptedJAR)
	client.shape.Signed = client.shape.Signed || client.shape.Encrypted || options.Target.Required(target.RequiresJAR)
	if client.shape.ResponseMode == "" && options.Target.Required(target.RequiresJARM) {
		client.shape.ResponseMode = "jwt"
	}
	client.shape.ByValue = client.shape.ByValue || options.Target.TakesByValue()
	if client.shape.ResponseType == "" {
		client.shape.ResponseType = cmp.Or(options.Target.ResponseType, target.Code)
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
		client.people = NewCrowd(options.Target).For(0)
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

// Absent returns a client that is nobody yet, for whoever registers experiments: those may not know of the target, or no two targets would have
// the same. Every method of it panics.
func Absent() *Client { return &Client{} }

// Become makes an absent client the other one.
func (c *Client) Become(other *Client) { c.role = other.role }

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

// Limits are what the profile says about times, sizes and lists.
func (c *Client) Limits() profile.Limits { return c.options.Limits }

// Clock is what waiting goes by.
func (c *Client) Clock() wire.Clock { return c.clock }

// Issuer is the issuer identifier.
func (c *Client) Issuer() string { return c.target.Issuer }

// OnLoopback says whether the target is on this machine, and so could fetch what we serve.
func (c *Client) OnLoopback() bool { return OnLoopback(c.target.Issuer) }

// OnLoopback says whether a URL is of this machine.
func OnLoopback(address string) bool { return target.OnLoopback(address) }

// Endpoint is the URL of an endpoint by its metadata name, the mutual TLS alias where this client shows a certificate.
func (c *Client) Endpoint(name string) string {
	return c.target.Metadata.Endpoint(name, c.self.Certified())
}

// ProofKey is the key of the client's DPoP proofs; nil with mutual TLS.
func (c *Client) ProofKey() *jose.Key { return c.key }

// Beside is a client of the same run that is another one of the target file: the same one each time. What it is granted is this worker's
// own, and is shared only among experiments as this client's guest. The error says why a key could not be made.
func (c *Client) Beside(other *target.Client) (*Client, error) {
	c.guests.Lock()
	defer c.guests.Unlock()
	if guest := c.guests.all[other.ID]; guest != nil {
		return guest, nil
	}
	guest, err := c.beside(other)
	if err == nil {
		c.guests.all[other.ID] = guest
	}
	return guest, err
}

func (c *Client) beside(other *target.Client) (*Client, error) { return c.besideWith(other, nil) }

func (c *Client) besideWith(other *target.Client, proofKey *jose.Key) (*Client, error) {
	options := c.options
	options.Self, options.Shelf, options.ProofKey, options.People = other, nil, proofKey, c.people
	beside, err := New(options)
	if err != nil {
		return nil, err
	}
	if other.ID == c.self.ID {
		beside.samples = c.samples
	}
	c.mu.Lock()
	beside.guest, beside.skew, beside.timed = true, c.skew, c.timed
	c.mu.Unlock()
	return beside, nil
}

// ProofToShow is a DPoP proof of the client for a token request, to be shown elsewhere; empty where it has none.
func (c *Client) ProofToShow() string {
	if c.key == nil {
		return ""
	}
	d := c.draftFor(StepExchange, "token_endpoint")
	d.prove()
	signed, err := d.finish("", c.Now(), func() string { return jose.Random(16) }).proof.Sign()
	if err != nil {
		return ""
	}
	return signed
}

// AssertionToShow is a client assertion of the client for a pushed request, to be shown elsewhere; empty where it has no key.
func (c *Client) AssertionToShow() string {
	if c.self.Key == nil {
		return ""
	}
	d := c.draftFor(StepPush, "pushed_authorization_request_endpoint")
	d.assertion = c.newAssertion()
	signed, err := d.finish("", c.Now(), func() string { return jose.Random(16) }).assertion.Sign()
	if err != nil {
		return ""
	}
	return signed
}

// NewProofKey makes another key for DPoP proofs, one that the target has never seen.
func (c *Client) NewProofKey() *jose.Key {
	key, err := NewProofKey(c.target)
	if err != nil {
		// Only a random source that fails can be the reason, and that panics by itself.
		return c.key
	}
	return key
}

// Now is the time at the target, as far as its Date header shows it.
func (c *Client) Now() time.Time { return c.AtTarget(c.clock.Now()) }

// AtTarget is the time at the target, as far as its Date header shows it, at a moment by the run's clock: when an answer had come.
func (c *Client) AtTarget(moment time.Time) time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.skew != nil {
		return moment.Add(*c.skew)
	}
	return moment
}

// aheadOfUs is how far the target's clock is supposed to be ahead of ours; known says whether that is its own word, and no cache's.
func (c *Client) aheadOfUs() (ahead time.Duration, known bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.skew != nil {
		ahead = *c.skew
	}
	return ahead, c.timed
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
