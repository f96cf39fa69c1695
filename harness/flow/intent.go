package flow

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
)

// Where a profile has it so, a client creates a resource before it sends the end user to the server: a consent with the terms of what he is to allow,
// which an authorization request then names. Every request that may lead to a code gets one of its own, since a server may take each but once.

// UnpreparedError says that an authorization request was not made, because what it has to name could not be created. That says nothing about the request.
type UnpreparedError struct{ Says string }

func (e *UnpreparedError) Error() string {
	return "no request was made: the consent that it has to name could not be created: " + e.Says
}

// intents are the consents that a client has created, and that no request has used up.
type intents struct {
	sync.Mutex
	tokens map[string]*Outcome // of the client's own, with which they are created, by scope
	spare  []string
	last   string
}

// Intends says whether authorization requests of the client name a consent that is created before.
func (c *Client) Intends() bool { return c.options.Before.Takes() && c.target.Intents != nil }

// IntentBody is the body with which consents are created: JSON.
func (c *Client) IntentBody() string {
	if !c.Intends() {
		return ""
	}
	return cmp.Or(c.target.Intents.Body, c.options.Before.JSON)
}

// IntentURL is where a consent is read and deleted.
func (c *Client) IntentURL(id string) string {
	if !c.Intends() {
		return ""
	}
	return strings.TrimSuffix(c.target.Intents.URL, "/") + "/" + url.PathEscape(id)
}

// IntentClaim is the claim of id_tokens that names the consent; empty where none does.
func (c *Client) IntentClaim() string {
	if !c.Intends() {
		return ""
	}
	return c.options.Before.Claim
}

// intend gives an attempt a consent to name, where there has to be one; nil, or what came of the step that failed.
func (c *Client) intend(ctx context.Context, at *attempt) *Outcome {
	if !c.Intends() {
		return nil
	}
	if at.intent = c.spareIntent(); at.intent != "" {
		return nil
	}
	created := c.CreateIntent(ctx)
	if at.intent = c.IntentOf(created); at.intent != "" {
		return nil
	}
	says := created.Exchange.Failure
	if says == "" {
		says = fmt.Sprintf("the %s was answered with %d, and without %s", created.Step, created.Status, c.options.Before.ID)
	}
	return &Outcome{Step: created.Step, Exchange: created.Exchange, Arrived: created.Arrived, Err: &UnpreparedError{Says: says}, attempt: at}
}

func (c *Client) spareIntent() string {
	c.intents.Lock()
	defer c.intents.Unlock()
	last := len(c.intents.spare) - 1
	if last < 0 {
		return ""
	}
	id := c.intents.spare[last]
	c.intents.spare = c.intents.spare[:last]
	return id
}

// keepIntent keeps the consent of a request that was refused when it was pushed, before anybody was asked: the next one can name it.
func (c *Client) keepIntent(id string, pushed *Outcome) {
	if id == "" || pushed.Err != nil || pushed.Status < 400 || pushed.Status >= 500 {
		return
	}
	c.intents.Lock()
	defer c.intents.Unlock()
	c.intents.spare = append(c.intents.spare, id)
}

// lastIntent is the newest consent; empty where none was created yet.
func (c *Client) lastIntent() string {
	c.intents.Lock()
	defer c.intents.Unlock()
	return c.intents.last
}

// IntentToken is the token of the client's own with which it creates consents. It is had anew when it becomes old.
func (c *Client) IntentToken(ctx context.Context) *Outcome {
	return c.ownToken(ctx, cmp.Or(c.target.Intents.Scope, c.options.Before.Asks))
}

func (c *Client) ownToken(ctx context.Context, scope string) *Outcome {
	c.intents.Lock()
	token := c.intents.tokens[scope]
	c.intents.Unlock()
	if token != nil && c.fresh(token) {
		return recall(ctx, token)[0]
	}
	d := c.draftFor(StepForItself, "token_endpoint")
	d.authenticate()
	d.prove()
	d.params.Set("grant_type", GrantClientCredentials)
	if scope != "" {
		d.params.Set("scope", scope)
	}
	token = c.send(ctx, d, &attempt{key: c.key}, nil)
	c.learnTokens(token)
	if token.AccessToken() != "" {
		c.intents.Lock()
		if c.intents.tokens == nil {
			c.intents.tokens = map[string]*Outcome{}
		}
		c.intents.tokens[scope] = token
		c.intents.Unlock()
	}
	return token
}

// CreateIntent creates a consent, with a token of the client's own.
func (c *Client) CreateIntent(ctx context.Context, deviations ...Deviation) *Outcome {
	created := c.asItself(ctx, http.MethodPost, c.target.Intents.URL, c.IntentBody(), deviations)
	if id := c.IntentOf(created); id != "" {
		c.intents.Lock()
		c.intents.last = id
		c.intents.Unlock()
	}
	return created
}

// ReadIntent asks for a consent by its id.
func (c *Client) ReadIntent(ctx context.Context, id string, deviations ...Deviation) *Outcome {
	return c.asItself(ctx, http.MethodGet, c.IntentURL(id), "", deviations)
}

// DeleteIntent deletes a consent by its id.
func (c *Client) DeleteIntent(ctx context.Context, id string, deviations ...Deviation) *Outcome {
	return c.asItself(ctx, http.MethodDelete, c.IntentURL(id), "", deviations)
}

// asItself makes a request about consents. A token that is refused was ended by somebody, and is had anew once.
func (c *Client) asItself(ctx context.Context, method, address, body string, deviations []Deviation) *Outcome {
	for again := false; ; again = true {
		token := c.IntentToken(ctx)
		if token.AccessToken() == "" {
			return token
		}
		d := c.draft(StepIntent, method, address)
		d.content = body
		outcome := c.show(ctx, d, token, deviations)
		if again || len(deviations) > 0 || outcome.Status != http.StatusUnauthorized {
			return outcome
		}
		c.intents.Lock()
		c.intents.tokens = nil
		c.intents.Unlock()
	}
}

// IntentOf is the id of the consent that an answer is about; empty where it is about none.
func (c *Client) IntentOf(o *Outcome) string {
	if o.Step != StepIntent || o.Status < 200 || o.Status > 299 {
		return ""
	}
	id, _ := o.Member(c.options.Before.ID).(string)
	return id
}

// Member is a member of the JSON object that was answered, by its path: members, separated by dots. Nil where there is none.
func (o *Outcome) Member(path string) any {
	var value any = o.Members()
	for name := range strings.SplitSeq(path, ".") {
		object, _ := value.(map[string]any)
		value = object[name]
	}
	return value
}

// Intent is the consent that the authorization was for; empty where it named none.
func (o *Outcome) Intent() string {
	if o.attempt == nil {
		return ""
	}
	return o.attempt.intent
}

// Intent is the consent that an authorization request names.
var Intent = Part{
	name:   "the consent",
	remove: func(d *draft) { d.intent = "" },
	set: func(d *draft, value any) {
		if d.intent != "" {
			d.intent = fmt.Sprint(value)
		}
	},
}

// IntentContent is the body of a request about consents, and its media type; empty: JSON's.
func IntentContent(says, body, media string) Deviation {
	return Deviation{says: says, edits: []func(*draft){func(d *draft) {
		if d.content != "" {
			d.content, d.media = body, media
		}
	}}}
}

// named are the parameters of an authorization request with the consent in its place.
func (d *draft) named() url.Values {
	if d.intent == "" {
		return d.params
	}
	before, params := d.client.options.Before, url.Values(http.Header(d.params).Clone())
	switch {
	case before.Claim != "":
		asked := map[string]any{}
		if text := params.Get("claims"); text != "" && json.Unmarshal([]byte(text), &asked) != nil {
			return params // it is none, and stays none
		}
		inside, _ := asked["id_token"].(map[string]any)
		if inside == nil {
			inside = map[string]any{}
		}
		inside[before.Claim] = map[string]any{"value": d.intent, "essential": true}
		asked["id_token"] = inside
		if text, err := json.Marshal(asked); err == nil {
			params.Set("claims", string(text))
		}
	case before.Scope != "":
		for i, scope := range params["scope"] {
			params["scope"][i] = strings.TrimSpace(scope + " " + before.Scope + d.intent)
		}
	}
	return params
}

// withoutIntent leaves out of a scope the word that names the consent, for who compares it with the target file's.
func (o *Outcome) withoutIntent(words []string) []string {
	if o.attempt == nil || o.attempt.intent == "" {
		return words
	}
	return slices.DeleteFunc(words, func(word string) bool {
		return strings.HasSuffix(word, ":"+o.attempt.intent) || strings.HasSuffix(word, o.attempt.intent)
	})
}

// Untold leaves a header field out of a request that the client writes by itself. The name is as net/http spells it.
func Untold(name string) Deviation {
	return Deviation{says: "without " + name, edits: []func(*draft){func(d *draft) { d.untold = append(slices.Clone(d.untold), name) }}}
}

// PushFor is Push for a consent of the caller's choice.
func (c *Client) PushFor(ctx context.Context, intent string, deviations ...Deviation) *Outcome {
	at := c.newAttempt()
	at.intent = intent
	return c.push(ctx, at, deviations)
}

// LoginFor is Login for a consent of the caller's choice.
func (c *Client) LoginFor(ctx context.Context, intent string, deviations ...Deviation) *Outcome {
	return c.Authorize(ctx, c.PushFor(ctx, intent, deviations...))
}

// BesideIntents is the URL of another resource of the API to which consents belong: "accounts".
func (c *Client) BesideIntents(path string) string {
	root := strings.TrimSuffix(c.target.Intents.URL, "/")
	return root[:strings.LastIndex(root, "/")+1] + path
}

// CallAt reads another resource than that of the target file, with the token of a grant.
func (c *Client) CallAt(ctx context.Context, grant *Outcome, address string, deviations ...Deviation) *Outcome {
	if grant.AccessToken() == "" {
		return grant
	}
	return c.show(ctx, c.draft(StepCall, http.MethodGet, address), grant, deviations)
}

// WithField has a request carry a header field that the client does not write otherwise.
func WithField(name, value string) Deviation {
	return Deviation{says: "with " + name + " " + value, edits: []func(*draft){func(d *draft) { d.header.Set(name, value) }}}
}
