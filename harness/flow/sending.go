package flow

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/fapitest/fapitest/harness/httpsig"
	"github.com/fapitest/fapitest/harness/jose"
	"github.com/fapitest/fapitest/harness/target"
	"github.com/fapitest/fapitest/harness/wire"
)

// What is kept of a body that is too much to be read, in bytes.
const keptOfExcess = 4 << 10

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
	if c.self.Key != nil && c.self.Key.ID != "" {
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
		return c.notMade(ctx, d, at, deviations, fault)
	}
	supposed, known := c.aheadOfUs()
	outcome := c.sendOnce(ctx, d, at, deviations)
	// What was made by the time of a cache may be refused for that, and its answer has the right time.
	if learnt, _ := c.aheadOfUs(); !known && (learnt-supposed).Abs() > 5*time.Second && outcome.Status >= 400 && outcome.Status < 500 {
		outcome = c.sendOnce(ctx, d, at, deviations)
	}
	if d.proof != nil && demandsNonce(outcome) {
		c.learnDemand(d.url)
		outcome = c.sendOnce(ctx, d, at, deviations)
	}
	if d.point&pointPlace != 0 && notFound(outcome) {
		proper.url = d.url
		outcome.Unrouted = c.unrouted(ctx, proper, at)
	}
	return outcome
}

// notMade is what comes of a request that was not sent, for a fault of the suite. It stands in the trace all the same, so that nobody takes it for the target's.
func (c *Client) notMade(ctx context.Context, d *draft, at *attempt, deviations []Deviation, fault error) *Outcome {
	outcome := &Outcome{Step: d.step, attempt: at, point: d.point}
	outcome.Exchange = &wire.Exchange{Step: string(d.step), Deviation: c.words(deviations), Started: c.clock.Now()}
	wire.TraceFrom(ctx).Add(outcome.Exchange)
	return c.unanswered(outcome, fault)
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
	answer := c.sendOnce(ctx, proper, at, []Deviation{Words("as it should be, to the endpoint's other URL")})
	nothing := notFound(answer)
	c.mu.Lock()
	defer c.mu.Unlock()
	if answer.Err == nil && answer.Status >= 200 && answer.Status < 300 {
		c.serves[htu(proper.url)] = true
	}
	c.nowhere[proper.url] = nothing
	return nothing
}

// sendOnce sends a request until something came of it: over another connection, where the one that it went over had been closed meanwhile, and
// once more where the target asks to be left alone for a while. An experiment of many requests would else never come to its end at a
// target that counts them.
func (c *Client) sendOnce(ctx context.Context, d *draft, at *attempt, deviations []Deviation) *Outcome {
	for again, patient := false, false; ; {
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
		if outcome.Exchange.Busy && outcome.Exchange.Asked == 0 && !patient && c.pace != nil && ctx.Err() == nil {
			patient = true
			continue
		}
		var late *wire.NoAnswer
		if again || ctx.Err() != nil || !connection.Stale(outcome.Err) || errors.As(outcome.Err, &late) {
			if outcome.Err != nil && outcome.Status == 0 && outcome.Secured && outcome.AboutCertificate() {
				outcome.Unasked = endsUnasked(ctx, via, r.request.URL)
			}
			return outcome
		}
		// Made anew, so that a target which has seen it after all does not take it for a replay.
		again, outcome.Exchange.Stale = true, true
		via.CloseIdleConnections()
	}
}

// ready is a request that is finished and signed. Its outcome is still to come; request is nil where it could not be made.
type ready struct {
	outcome     *Outcome
	request     *http.Request
	certificate *tls.Certificate // to show; nil: none
	server      string           // whose nonces go with it
	proper      bool             // nothing in it deviates, whoever sends it
}

func (c *Client) prepare(ctx context.Context, d *draft, at *attempt, deviations []Deviation) *ready {
	outcome := &Outcome{Step: d.step, attempt: at, point: d.point}
	exchange := &wire.Exchange{Step: string(d.step), Deviation: c.words(deviations), Started: c.clock.Now()}
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
	outcome.asked = &httpsig.Message{Method: request.Method, TargetURI: targetURI(request.URL), Header: request.Header}
	outcome.passed = func() bool { return c.letsThrough(request.URL.Host) }
	outcome.certified = c.self.Certificate != nil
	outcome.served = func() bool { return c.isServed(request.URL.String()) }
	certificate := d.certificateToShow()
	exchange.Request = c.captureRequest(request)
	return &ready{outcome: outcome, request: request, certificate: certificate, server: server, proper: says(deviations) == ""}
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
	var operation *net.OpError
	var late net.Error
	var unsent *wire.NotSent
	outcome.Exchange.Unreached = errors.As(err, &operation) && operation.Op == "dial" || errors.As(err, &late) && late.Timeout() || errors.As(err, &unsent) && unsent.Mute
	words := failure(err)
	if means := aboutCertificate(err, !strings.HasPrefix(outcome.Exchange.Request.Certificate, "none")); means != "" {
		words += ": " + means
	}
	outcome.Exchange.Failure = bounded(c.redactor.Scrub(wire.Printable(words)))
	return outcome
}

// longestFailure is how many bytes are kept of why there is no answer: some errors repeat what came.
const longestFailure = 500

func bounded(words string) string {
	if len(words) <= longestFailure {
		return words
	}
	return strings.ToValidUTF8(words[:longestFailure], "") + "…"
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
		outcome.Body, err = io.ReadAll(io.LimitReader(answer.Body, wire.LongestAnswer+1))
		_ = answer.Body.Close()
		if outcome.Excess = wire.Excess(outcome.Body); outcome.Excess != "" {
			outcome.Body = slices.Clone(outcome.Body[:min(len(outcome.Body), keptOfExcess)])
		}
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
		if exchange.Asked = wire.LeftAlone(outcome.Status, outcome.Header.Get("Retry-After"), time.Now()); exchange.Asked > 0 {
			pause = 2 * time.Second // nobody waits that long: a few more are tried, and no more
		}
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
		if r.proper {
			c.serves[htu(r.request.URL.String())] = true
		}
		c.mu.Unlock()
	}
	// The body first: what it has of secrets is known when the header fields, which may repeat it, are looked at.
	body := c.redactor.Body(outcome.Header.Get("Content-Type"), outcome.Body)
	if outcome.Excess != "" {
		body = "[" + outcome.Excess + ": not shown]" // what of it is secret nobody has read
	}
	exchange.Answer = &wire.Message{Status: outcome.Status, Header: c.redactor.Header(outcome.Header), Body: body}
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
