package flow

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/fapitest/fapitest/harness/consent"
	"github.com/fapitest/fapitest/harness/jose"
	"github.com/fapitest/fapitest/harness/target"
	"github.com/fapitest/fapitest/harness/wire"
)

// newAttempt makes the values that one authorization is told apart by.
func (c *Client) newAttempt() *attempt {
	at := &attempt{
		state: jose.Random(16), verifier: jose.Random(32), redirectURI: c.self.Redirects[0], scope: c.target.Scope, key: c.key,
	}
	if c.target.OpenID() {
		at.nonce = jose.Random(16)
	}
	c.redactor.Learn("code_verifier", at.verifier)
	return at
}

// request fills in what an authorization request says.
func (at *attempt) request(d *draft) {
	d.params.Set("response_type", d.client.shape.ResponseType)
	d.params.Set("redirect_uri", at.redirectURI)
	d.params.Set("scope", at.scope)
	d.params.Set("state", at.state)
	d.params.Set("code_challenge", jose.Hash(at.verifier))
	d.params.Set("code_challenge_method", "S256")
	if at.nonce != "" {
		d.params.Set("nonce", at.nonce)
	}
	if mode := d.client.shape.ResponseMode; mode != "" {
		d.params.Set("response_mode", mode)
	}
	for name, value := range d.client.target.Request {
		d.params.Set(name, value)
	}
	if d.client.key != nil && d.client.target.Required(target.RequiresDPoPJKT) {
		d.params.Set("dpop_jkt", d.client.key.Thumbprint())
	}
	if d.intent = at.intent; d.client.shape.Signed && d.client.self.Key != nil {
		d.object = d.client.newObject()
	}
}

// remember takes over what deviations changed, so that the attempt stays consistent with what was sent.
func (at *attempt) remember(d *draft) {
	at.state, at.nonce, at.intent = d.params.Get("state"), d.params.Get("nonce"), d.intent
	if d.verifier != "" && d.verifier != at.verifier {
		at.verifier = d.verifier
		d.client.redactor.Learn("code_verifier", at.verifier)
	}
	if uri := d.params.Get("redirect_uri"); uri != "" {
		at.redirectURI = uri
	}
}

// Push sends a pushed authorization request. Where requests are not pushed it is kept, as it would have been sent, for the browser to bring.
func (c *Client) Push(ctx context.Context, deviations ...Deviation) *Outcome {
	at := c.newAttempt()
	c.findSealing(ctx)
	if failed := c.intend(ctx, at); failed != nil {
		return failed
	}
	intent := at.intent
	outcome := c.push(ctx, at, deviations)
	c.keepIntent(intent, outcome)
	return outcome
}

func (c *Client) push(ctx context.Context, at *attempt, deviations []Deviation) *Outcome {
	if c.shape.ByValue {
		return c.unpushed(ctx, at, deviations)
	}
	d := c.toPush(at)
	outcome := c.send(ctx, d, at, deviations)
	at.remember(d)
	c.samples.gather("request_uri", outcome.Text("request_uri"), at)
	return outcome
}

// toPush is a request that is to be pushed.
func (c *Client) toPush(at *attempt) *draft {
	d := c.draftFor(StepPush, "pushed_authorization_request_endpoint")
	d.authenticate()
	at.request(d)
	d.verifier = at.verifier
	if c.target.Required(target.RequiresDPoPAtPAR) {
		d.prove()
	}
	return d
}

// VerifierAsChallenge makes the PKCE verifier its own challenge, as the plain method does.
func VerifierAsChallenge(method string) Deviation {
	// The challenge and the method are two edits, and "S256" would be none of the method: together they are one.
	says, edit := "with code_challenge_method "+method+" and the verifier as challenge", func(d *draft) { d.params.Set("code_challenge_method", method) }
	if method == "" {
		says, edit = "with the PKCE verifier as challenge and no method", func(d *draft) { d.params.Del("code_challenge_method") }
	}
	return Deviation{says: says, edits: []func(*draft){func(d *draft) {
		if d.verifier != "" {
			d.params.Set("code_challenge", d.verifier)
			edit(d)
		}
	}}}
}

// VerifierMade sends a PKCE verifier that is made from the right one.
func VerifierMade(says string, made func(verifier string) string) Deviation {
	return Deviation{says: says, edits: []func(*draft){func(d *draft) {
		if right := d.params.Get("code_verifier"); right != "" {
			d.params.Set("code_verifier", made(right))
		}
	}}}
}

// Authorize takes the end user to the authorization endpoint with what a pushed request gave, and has the request accepted.
func (c *Client) Authorize(ctx context.Context, pushed *Outcome, deviations ...Deviation) *Outcome {
	c.keepCodeToOneself(ctx)
	return c.authorize(ctx, pushed, consent.Accept, consent.Never, deviations)
}

// Decline is Authorize with an end user who says no.
func (c *Client) Decline(ctx context.Context, pushed *Outcome, deviations ...Deviation) *Outcome {
	return c.authorize(ctx, pushed, consent.Deny, consent.Never, deviations)
}

// AuthorizeAgain loads the page a second time on the way, in a second tab, and goes on there. The outcome's trip says whether it came to
// that.
func (c *Client) AuthorizeAgain(ctx context.Context, pushed *Outcome, again consent.Again, deviations ...Deviation) *Outcome {
	return c.authorize(ctx, pushed, consent.Accept, again, deviations)
}

func (c *Client) authorize(ctx context.Context, pushed *Outcome, choice consent.Choice, again consent.Again, deviations []Deviation) *Outcome {
	if pushed.Kept() {
		return c.visit(ctx, pushed.kept.clone(), pushed.attempt, choice, again, slices.Concat(pushed.deviations, deviations))
	}
	if pushed.Step != StepPush || pushed.RequestURI() == "" {
		return pushed
	}
	d := c.draft(StepAuthorize, http.MethodGet, c.target.Metadata.Endpoint("authorization_endpoint", false))
	d.params.Set("client_id", c.self.ID)
	d.params.Set("request_uri", pushed.RequestURI())
	return c.visit(ctx, d, pushed.attempt, choice, again, deviations)
}

// AuthorizeUnpushed sends the end user to the authorization endpoint with the whole request in the URL, nothing pushed.
func (c *Client) AuthorizeUnpushed(ctx context.Context, deviations ...Deviation) *Outcome {
	at := c.newAttempt()
	if failed := c.intend(ctx, at); failed != nil {
		failed.Trip = &consent.Trip{Ending: consent.Broken, Says: failed.Err.Error()}
		return failed
	}
	return c.visit(ctx, c.brought(at), at, consent.Accept, consent.Never, deviations)
}

// brought is an authorization request that the browser brings as a whole.
func (c *Client) brought(at *attempt) *draft {
	d := c.draft(StepAuthorize, http.MethodGet, c.target.Metadata.Endpoint("authorization_endpoint", false))
	d.params.Set("client_id", c.self.ID)
	at.request(d)
	d.verifier = at.verifier
	return d
}

// AuthorizeWith sends the end user to the authorization endpoint with these parameters and no others.
func (c *Client) AuthorizeWith(ctx context.Context, says string, params url.Values, deviations ...Deviation) *Outcome {
	d := c.draft(StepAuthorize, http.MethodGet, c.target.Metadata.Endpoint("authorization_endpoint", false))
	d.params = params
	return c.visit(ctx, d, c.newAttempt(), consent.Accept, consent.Never, append([]Deviation{{says: says}}, deviations...))
}

// Logout sends the end user to the end_session_endpoint with these parameters.
func (c *Client) Logout(ctx context.Context, says string, params url.Values, deviations ...Deviation) *Outcome {
	d := c.draft(StepLogout, http.MethodGet, c.target.Metadata.Text("end_session_endpoint"))
	d.params = params
	return c.visit(ctx, d, c.newAttempt(), consent.Accept, consent.Never, append([]Deviation{{says: says}}, deviations...))
}

func (c *Client) visit(ctx context.Context, d *draft, at *attempt, choice consent.Choice, again consent.Again, deviations []Deviation) *Outcome {
	outcome := c.visitOnce(ctx, d.clone(), at, choice, again, deviations)
	trip := outcome.Trip
	if trip.Ending == consent.Busy && len(trip.Hops) == 0 && len(trip.Pages) <= 1 && c.pace != nil && ctx.Err() == nil {
		return c.visitOnce(ctx, d, at, choice, again, deviations) // it ended where it began, and has used nothing up
	}
	return outcome
}

func (c *Client) visitOnce(ctx context.Context, d *draft, at *attempt, choice consent.Choice, again consent.Again, deviations []Deviation) *Outcome {
	c.findSealing(ctx)
	fault := d.deviate(deviations, "")
	if c.shape.ByValue && d.verifier != "" {
		at.remember(d)
	}
	params, err := d.finish("", c.Now(), func() string { return jose.Random(16) }).travelling()
	address, body := withQuery(d.url, params), url.Values(nil)
	if d.method == http.MethodPost {
		address, body = d.url, params
	}
	outcome := &Outcome{Step: d.step, attempt: at, point: d.point}
	words := c.words(deviations)
	switch {
	case choice == consent.Deny:
		words = join(words, "the end user says no")
	case again != consent.Never:
		words = join(words, "the page is loaded a second time "+string(again))
	}
	exchange := &wire.Exchange{
		Step: string(d.step), Deviation: words, Started: c.clock.Now(),
		Request: wire.Message{Method: d.method, URL: c.redactor.URL(address)},
	}
	if body != nil {
		exchange.Request.Body = c.redactor.Body("application/x-www-form-urlencoded", []byte(body.Encode()))
	}
	outcome.Exchange = exchange
	wire.TraceFrom(ctx).Add(exchange)
	if fault == nil {
		fault = err
	}
	if fault != nil {
		outcome.Err, outcome.Trip, outcome.Arrived = fault, &consent.Trip{Ending: consent.Broken, Says: fault.Error()}, c.clock.Now()
		exchange.Failure = fault.Error()
		return outcome
	}

	until := append([]string{ForeignOrigin}, c.self.Redirects...)
	foreign := ""
	if uri := d.params.Get("redirect_uri"); uri != "" {
		until = append(append(until, uri), alsoRead(uri)...)
	}
	if at.redirectURI != "" {
		until = append(until, at.redirectURI, stripped(at.redirectURI))
	}
	for _, values := range slices.Concat(slices.Collect(maps.Values(d.params)), slices.Collect(maps.Values(d.beside)), [][]string{{d.tempt.To}}) {
		for _, value := range values {
			if origin := foreignOrigin(value); origin != "" {
				foreign, until = origin, append(until, origin)
			}
		}
	}
	started := time.Now()
	ledger := wire.LedgerFrom(ctx)
	trip, disturbed, err := c.travel(ctx, ledger, consent.Visit{
		URL: address, Form: body, Until: until, Choice: choice, Script: c.target.Consent.Script, Again: again, Foreign: foreign, Tempt: d.tempt, Framed: d.framed, Trick: d.trick,
	})
	exchange.Seconds, outcome.Arrived = time.Since(started).Seconds(), c.clock.Now()
	if err != nil {
		outcome.Err, outcome.Trip = err, &consent.Trip{Ending: consent.Broken, Says: err.Error()}
		exchange.Failure = c.redactor.Scrub(wire.Printable(err.Error()))
		return outcome
	}
	ledger.Answered(trip.Answered)
	ledger.Paced(trip.Held)
	if trip.Ending == consent.Busy {
		exchange.Busy = true
		if c.pace != nil {
			c.pace.Hold(trip.RetryAfter)
		}
	}
	outcome.Disturbed, exchange.Disturbed, outcome.User = disturbed, disturbed, trip.User
	outcome.Trip, outcome.Status, outcome.response = trip, trip.Status, responseOf(trip, c.self.Decrypts)
	outcome.params = outcome.response.all()
	for _, name := range []string{"code", "access_token", "id_token", "response"} {
		c.redactor.Learn(name, outcome.params.Get(name))
	}
	c.samples.gather("code", outcome.params.Get("code"), at)
	c.captureTrip(exchange, trip)
	return outcome
}

// travel makes a journey, unless too many in a row have run out of time: a bank that hangs would keep a run busy for hours.
func (c *Client) travel(ctx context.Context, ledger *wire.Ledger, v consent.Visit) (trip *consent.Trip, disturbed bool, err error) {
	c.mu.Lock()
	late := c.late
	c.mu.Unlock()
	if late >= mostLate {
		return &consent.Trip{
			Ending: consent.TimedOut,
			Says:   fmt.Sprintf("not opened: the last %d journeys of client %s ran out of time, one after the other, and so no more are made", mostLate, c.self.ID),
		}, false, nil
	}
	waited := ledger.Begin(wire.HeldBack, "")
	loan, back, err := c.lend(ctx, &v)
	waited()
	switch {
	case err != nil:
		return nil, false, err
	case loan.Withheld != "":
		return &consent.Trip{Ending: consent.Withheld, Says: loan.Withheld}, false, nil
	}
	v.Logins = max(1, c.target.Consent.Logins)
	if v.Again != consent.Never {
		v.Logins *= 2 // the second tab may have to sign in by itself
	}
	if loan.Logins > 0 {
		v.Logins = min(v.Logins, loan.Logins)
	}
	if v.Trick == consent.WrongPassword {
		if v.Logins++; loan.Logins > 0 && loan.Logins < v.Logins {
			back(Came{Led: true})
			return &consent.Trip{Ending: consent.Withheld, Says: "max_logins leaves no password to be mistyped"}, false, nil
		}
	}
	v.User, v.Values = loan.User, c.target.Users()[loan.User].Values()
	came := Came{Logins: loan.Logins, Led: true} // where nothing is known of it
	defer func() { disturbed = back(came) }()
	ended := ledger.Begin(wire.InBrowser, "")
	driver := c.driver
	if v.Framed || v.Trick != consent.NoTrick {
		// Pages that work without scripts do so in whatever plays the user, and a browser has no frame to show them in here.
		driver = consent.NewForm(consent.FormOptions{Client: target.ForPages(c.http(nil)), Hosts: c.target.PagesMayContact(), Pace: c.pace})
	}
	trip, err = driver.Visit(ctx, v)
	ended()
	if err != nil {
		return nil, false, err
	}
	trip.User = c.target.Users()[loan.User].Key
	came = Came{Logins: trip.Logins, Acted: acted(trip), Led: led(trip, v.Choice) || v.Trick != consent.NoTrick || ctx.Value(sideBySide{}) != nil}
	c.mu.Lock()
	defer c.mu.Unlock()
	if trip.Ending == consent.TimedOut {
		c.late++
	} else {
		c.late = 0
	}
	return trip, false, nil
}

// acted says whether the script did something on a page.
func acted(trip *consent.Trip) bool {
	return trip.Logins > 0 || slices.ContainsFunc(trip.Pages, func(shot consent.Shot) bool { return shot.Did != "" })
}

// led says whether a journey led to where it was to lead, or ended for a reason that no other journey can be.
func led(trip *consent.Trip, choice consent.Choice) bool {
	switch trip.Ending {
	case consent.Arrived:
		params := responseOf(trip, nil).all()
		return params.Get("error") == "" || choice == consent.Deny && params.Get("error") == "access_denied"
	case consent.Busy, consent.Broken, consent.TimedOut, consent.Left:
		return true
	case consent.ErrorPage, consent.Stuck, consent.Confused, consent.Withheld:
	}
	return false
}

func join(a, b string) string {
	if a == "" {
		return b
	}
	return a + ", " + b
}

func (c *Client) captureTrip(exchange *wire.Exchange, trip *consent.Trip) {
	exchange.Hops, exchange.Hosts = trip.Hops, trip.Hosts
	for i := range exchange.Hops {
		exchange.Hops[i].URL = c.redactor.URL(exchange.Hops[i].URL)
		exchange.Hops[i].Location = c.redactor.URL(exchange.Hops[i].Location)
	}
	for _, shot := range trip.Pages {
		page := wire.Page{
			URL: c.redactor.URL(shot.URL), Status: shot.Status, Title: wire.Printable(shot.Title), Did: shot.Did,
			Screenshot: c.keep("png", shot.Screenshot),
		}
		if trip.Ending == consent.Stuck {
			page.HTML = c.keep("html.txt", []byte(c.redactor.Scrub(string(shot.HTML))))
		}
		exchange.Pages = append(exchange.Pages, page)
	}
	answer := &wire.Message{Status: trip.Status}
	if trip.Ending == consent.Arrived {
		answer.Header = []wire.Field{{Name: "Location", Value: wire.Printable(c.redactor.URL(trip.Arrival))}}
		if last := len(trip.Hops); last > 0 && trip.By == "redirect" {
			answer.Status = trip.Hops[last-1].Status
		}
		if trip.Posted != "" {
			answer.Body = c.redactor.Body("application/x-www-form-urlencoded", []byte(trip.Posted))
		}
	} else {
		exchange.Failure = c.redactor.Scrub(wire.Printable(trip.Says))
		exchange.Unreached = len(trip.Pages)+len(trip.Hops) == 0 && (trip.Ending == consent.TimedOut || trip.Ending == consent.Broken &&
			slices.ContainsFunc([]string{"connection refused", "no such host", "ERR_CONNECTION_REFUSED", "ERR_NAME_NOT_RESOLVED"}, func(why string) bool { return strings.Contains(trip.Says, why) }))
		if trip.Ending == consent.ErrorPage {
			exchange.Failure = ""
			answer.Body = "error page: " + c.redactor.Scrub(wire.Printable(trip.Says))
		}
	}
	exchange.Answer = answer
}

// Login makes a request and takes the end user through it: a fresh code. Deviations are of the request, which is pushed unless the client's shape
// is another one.
func (c *Client) Login(ctx context.Context, deviations ...Deviation) *Outcome {
	return c.Authorize(ctx, c.Push(ctx, deviations...))
}

// Exchange redeems the code of an authorization response.
func (c *Client) Exchange(ctx context.Context, landed *Outcome, deviations ...Deviation) *Outcome {
	if landed.Step != StepAuthorize || landed.Code() == "" {
		return landed
	}
	c.keepToOneself(ctx)
	return c.exchange(ctx, landed, deviations)
}

// exchange is Exchange for who has the tokens to himself, or is about to find out whether that is needed.
func (c *Client) exchange(ctx context.Context, landed *Outcome, deviations []Deviation) *Outcome {
	if landed.Step != StepAuthorize || landed.Code() == "" {
		return landed
	}
	outcome := c.send(ctx, c.exchangeDraft(landed), landed.attempt, deviations)
	c.learnTokens(outcome)
	return outcome
}

func (c *Client) exchangeDraft(landed *Outcome) *draft {
	d := c.draftFor(StepExchange, "token_endpoint")
	d.authenticate()
	d.prove()
	d.params.Set("grant_type", "authorization_code")
	d.params.Set("code", landed.Code())
	d.params.Set("redirect_uri", landed.attempt.redirectURI)
	d.params.Set("code_verifier", landed.attempt.verifier)
	return d
}

func (c *Client) learnTokens(outcome *Outcome) {
	for _, name := range []string{"access_token", "refresh_token", "id_token"} {
		c.redactor.Learn(name, outcome.Text(name))
		c.samples.gather(name, outcome.Text(name), outcome.attempt)
	}
}

// Obtain goes the whole way: push, login, code, tokens.
func (c *Client) Obtain(ctx context.Context, deviations ...Deviation) *Outcome {
	return c.Exchange(ctx, c.Login(ctx, deviations...))
}

// Call requests the protected resource with the token of a grant.
func (c *Client) Call(ctx context.Context, grant *Outcome, deviations ...Deviation) *Outcome {
	if grant.AccessToken() == "" {
		return grant
	}
	d := c.draft(StepCall, c.target.Resource.Method, c.target.Resource.URL)
	if c.ResourceIsUserinfo() {
		d.endpoint = "userinfo_endpoint"
	}
	return c.show(ctx, d, grant, deviations)
}

// ResourceIsUserinfo says whether the resource of the target file is the userinfo endpoint, by either of its URLs.
func (c *Client) ResourceIsUserinfo() bool {
	resource, metadata := c.target.Resource.URL, c.target.Metadata
	return resource != "" && (resource == metadata.Endpoint("userinfo_endpoint", false) || resource == metadata.Endpoint("userinfo_endpoint", true))
}

// Userinfo requests the end user's claims with the token of a grant.
func (c *Client) Userinfo(ctx context.Context, grant *Outcome, deviations ...Deviation) *Outcome {
	if grant.AccessToken() == "" {
		return grant
	}
	d := c.draft(StepUserinfo, http.MethodGet, c.Endpoint("userinfo_endpoint"))
	d.endpoint = "userinfo_endpoint"
	return c.show(ctx, d, grant, deviations)
}

// show sends a request with the access token of a grant, and with what it is bound to.
func (c *Client) show(ctx context.Context, d *draft, grant *Outcome, deviations []Deviation) *Outcome {
	d.token, d.scheme = grant.AccessToken(), "Bearer"
	if c.self.Binding == target.DPoP {
		d.scheme = "DPoP"
	}
	d.prove()
	for _, header := range c.target.Resource.Headers {
		d.header.Set(header.Name, header.Value.Reveal())
	}
	if c.signsThis(d.step) {
		d.signs()
	}
	return c.send(ctx, d, grant.attempt, deviations)
}

// Refresh asks for new tokens with the refresh token of a grant.
func (c *Client) Refresh(ctx context.Context, grant *Outcome, deviations ...Deviation) *Outcome {
	if grant.RefreshToken() == "" {
		return grant
	}
	c.keepToOneself(ctx)
	d := c.draftFor(StepRefresh, "token_endpoint")
	d.authenticate()
	d.prove()
	d.params.Set("grant_type", "refresh_token")
	d.params.Set("refresh_token", grant.RefreshToken())
	outcome := c.send(ctx, d, grant.attempt, deviations)
	c.learnTokens(outcome)
	return outcome
}

// Password asks for tokens with the end user's name and password.
func (c *Client) Password(ctx context.Context, deviations ...Deviation) *Outcome {
	d := c.draftFor(StepPassword, "token_endpoint")
	d.authenticate()
	d.prove()
	d.params.Set("grant_type", "password")
	loan, err := c.people.Lend(ctx, consent.Accept)
	if err == nil && loan.Withheld != "" {
		err = &WithheldError{Says: loan.Withheld}
	}
	if err != nil {
		outcome := &Outcome{Step: StepPassword, Exchange: &wire.Exchange{Step: string(StepPassword), Deviation: c.words(deviations), Started: c.clock.Now()}}
		wire.TraceFrom(ctx).Add(outcome.Exchange)
		return c.unanswered(outcome, err)
	}
	defer c.people.Back(loan, Came{Logins: 1, Led: true})
	user := c.target.Users()[loan.User]
	d.params.Set("username", user.Name)
	d.params.Set("password", user.Password.Reveal())
	d.params.Set("scope", c.target.Scope)
	outcome := c.send(ctx, d, c.newAttempt(), deviations)
	c.learnTokens(outcome)
	return outcome
}

// The grants with which a client can ask for tokens for itself, without a person.
const (
	GrantClientCredentials = "client_credentials"
	GrantJWTBearer         = "urn:ietf:params:oauth:grant-type:jwt-bearer"
)

// ForItself asks for a token for the client itself: with its credentials alone (RFC 6749 section 4.4), or with an assertion of its own making, which it
// can make where it has a key (RFC 7523 section 2.1). Where the target does not know the scope that end users are asked for among those of clients,
// none is asked for, then and from then on.
func (c *Client) ForItself(ctx context.Context, grant string, deviations ...Deviation) *Outcome {
	c.keepToOneself(ctx)
	outcome := c.forItself(ctx, grant, deviations)
	if len(deviations) == 0 && outcome.ErrorCode() == "invalid_scope" && c.ScopeForItself() != "" {
		c.mu.Lock()
		c.scopeless = true
		c.mu.Unlock()
		outcome = c.forItself(ctx, grant, nil)
	}
	return outcome
}

func (c *Client) forItself(ctx context.Context, grant string, deviations []Deviation) *Outcome {
	d := c.draftFor(StepForItself, "token_endpoint")
	d.authenticate()
	d.prove()
	d.params.Set("grant_type", grant)
	if scope := c.ScopeForItself(); scope != "" {
		d.params.Set("scope", scope)
	}
	if signed := c.Assertion(); grant == GrantJWTBearer && signed != "" {
		d.params.Set("assertion", signed)
	}
	outcome := c.send(ctx, d, c.newAttempt(), deviations)
	c.learnTokens(outcome)
	return outcome
}

// Assertion is a JWT by which the client says that it is itself (RFC 7523 section 3); "" where it has no key.
func (c *Client) Assertion() string {
	if c.self.Key == nil {
		return ""
	}
	assertion, now := c.newAssertion(), c.Now().Unix()
	assertion.Claims["jti"], assertion.Claims["iat"], assertion.Claims["exp"] = jose.Random(16), now, now+40
	signed, err := assertion.Sign()
	if err != nil {
		return ""
	}
	return signed
}

// ScopeForItself is what ForItself asks for: what of the target's scope makes sense without a person.
func (c *Client) ScopeForItself() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.scopeless {
		return ""
	}
	return strings.Join(slices.DeleteFunc(strings.Fields(c.target.Scope), func(word string) bool { return word == "openid" || word == "offline_access" }), " ")
}

// Introspect asks what the target says of the access token of a grant.
func (c *Client) Introspect(ctx context.Context, grant *Outcome, deviations ...Deviation) *Outcome {
	return c.about(ctx, StepIntrospect, "introspection_endpoint", grant, "access_token", deviations)
}

// Revoke withdraws the access token of a grant.
func (c *Client) Revoke(ctx context.Context, grant *Outcome, deviations ...Deviation) *Outcome {
	return c.about(ctx, StepRevoke, "revocation_endpoint", grant, "access_token", deviations)
}

// IntrospectRefreshToken asks what the refresh token of a grant is.
func (c *Client) IntrospectRefreshToken(ctx context.Context, grant *Outcome, deviations ...Deviation) *Outcome {
	return c.about(ctx, StepIntrospect, "introspection_endpoint", grant, "refresh_token", deviations)
}

// RevokeRefreshToken withdraws the refresh token of a grant.
func (c *Client) RevokeRefreshToken(ctx context.Context, grant *Outcome, deviations ...Deviation) *Outcome {
	return c.about(ctx, StepRevoke, "revocation_endpoint", grant, "refresh_token", deviations)
}

// about makes a request about a token of a grant: "access_token" or "refresh_token".
func (c *Client) about(ctx context.Context, step Step, endpoint string, grant *Outcome, kind string, deviations []Deviation) *Outcome {
	return c.aboutIn(ctx, step, endpoint, grant, kind, "application/json", deviations)
}

// aboutIn is about where the answer is wanted in a form, by its media type.
func (c *Client) aboutIn(ctx context.Context, step Step, endpoint string, grant *Outcome, kind, media string, deviations []Deviation) *Outcome {
	token := grant.Text(kind)
	if token == "" {
		return grant
	}
	d := c.draftFor(step, endpoint)
	d.authenticate()
	// Some servers want a proof from DPoP clients here; one that is sent along harms nowhere.
	d.prove()
	d.params.Set("token", token)
	d.params.Set("token_type_hint", kind)
	Accept.set(d, media)
	return c.send(ctx, d, grant.attempt, deviations)
}

// Wait waits by the run's clock, on the account of a requirement.
func (c *Client) Wait(ctx context.Context, d time.Duration, clause string) error {
	ledger := wire.LedgerFrom(ctx)
	defer ledger.Begin(wire.InWait, clause)()
	if _, moved := c.clock.(*wire.MovableClock); !moved {
		ledger.Forced(d)
	}
	return c.clock.Wait(ctx, d)
}

// Alphabetical returns n characters from A-Z a-z 0-9 - _, random.
func Alphabetical(n int) string {
	var b strings.Builder
	for b.Len() < n {
		b.WriteString(jose.Random(48))
	}
	return b.String()[:n]
}
