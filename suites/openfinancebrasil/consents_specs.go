package openfinancebrasil

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	. "github.com/fapitest/fapitest/harness/expect"
	"github.com/fapitest/fapitest/harness/flow"
	"github.com/fapitest/fapitest/harness/wire"
	"github.com/fapitest/fapitest/suites/everywhere"
)

// consentScope stands before the id of a consent in a scope.
const consentScope = "consent:"

// named is what the id of a consent looks like: a URN of a namespace.
var named = regexp.MustCompile(`^urn:[A-Za-z0-9][A-Za-z0-9-]*:[A-Za-z0-9._~:()+,=@;$!*'-]+$`)

// others are characters that the API's own pattern of such ids has, and that URLs have a use of their own for.
const others = "()+,=@;$!*'"

func consentSpecs(client *flow.Client) {
	It("a scope with a consent leads to a token that opens what that permits", ScopeBinds, func(ctx SpecContext) {
		grant := client.Grant(ctx)
		Expect(grant).To(BeAccepted())
		Expect(client.Call(ctx, grant)).To(BeAccepted())
		if scope := grant.Text("scope"); scope != "" && !slices.Contains(strings.Fields(scope), consentScope+grant.Intent()) {
			Broken("the scope that was granted is %q, and does not name the consent", wire.Printable(scope))
		}
	})
	It("a consent of another client, or that there is not, is refused", OwnConsents, func(ctx SpecContext) {
		everywhere.AsEach(client, func(client *flow.Client) {
			own := client.IntentOf(Needs(client.CreateIntent(ctx)))
			last := own[:max(0, len(own)-8)] + flow.Alphabetical(8)
			refusedOrWarned(client.LoginFor(ctx, last, flow.Words("for a consent that was never created")))
			for _, other := range everywhere.Guests(client) {
				theirs := other.IntentOf(Needs(other.CreateIntent(ctx)))
				refusedOrWarned(client.LoginFor(ctx, theirs, flow.Words("for a consent of client "+other.ID())))
				if Accepts(client.ReadIntent(ctx, theirs, flow.Words("of client "+other.ID()))) {
					Warn("a consent is shown to another client")
				}
				if Accepts(client.DeleteIntent(ctx, theirs, flow.Words("of client "+other.ID()))) {
					Warn("a consent is deleted by another client")
				}
			}
			Needs(client.LoginFor(ctx, own, flow.Words("for its own consent")))
		})
	})
	It("two consents in one request are refused", OneConsent, func(ctx SpecContext) {
		other := client.IntentOf(Needs(client.CreateIntent(ctx)))
		Needs(client.Push(ctx))
		refusedOrWarned(client.Login(ctx, flow.With(flow.Scope, client.Target().Scope+" "+consentScope+other).As("for two consents")))
		Needs(client.Push(ctx))
	})
	It("scopes that the consent permits nothing of are no reason to refuse", WiderScopes, func(ctx SpecContext) {
		wider := client.Target().Resource.Lesser
		if wider == "" {
			NotApplicable("the target file names no other scopes (resource.lesser)")
		}
		Needs(client.Login(ctx))
		Expect(client.Login(ctx, flow.With(flow.Scope, client.Target().Scope+" "+wider).As("with more scopes than the consent permits anything of"))).To(BeAccepted())
	})
	It("another person than the consent names is denied", NamedPerson, func(ctx SpecContext) {
		Needs(client.Login(ctx))
		created := Needs(client.CreateIntent(ctx, forPerson(client, nobody)))
		landed := client.LoginFor(ctx, client.IntentOf(created), flow.Words("for a consent of another person"))
		Expect(landed).To(BeRefused())
		if code := landed.ErrorCode(); code != "access_denied" {
			Warn("the error is %q, and not access_denied", wire.Printable(code))
		}
	})
	It("consents have names that are URNs, and that nobody can guess", ConsentNames, func(ctx SpecContext) {
		var names []string
		for range 4 {
			id := client.IntentOf(Needs(client.CreateIntent(ctx)))
			last := id[strings.LastIndex(id, ":")+1:]
			switch {
			case !named.MatchString(id):
				Broken("%q is no URN of a namespace in characters that a URL can have", wire.Printable(id))
			case slices.Contains(names, id):
				Broken("two consents have the name %s", wire.Printable(id))
			case strings.Trim(last, "0123456789") == "" && len(last) < 20:
				Broken("%s ends with a number of %d digits: the next one can be guessed", wire.Printable(id), len(last))
			case strings.ContainsAny(id, others):
				Warn("%s has one of %s in it: not all of a URL can be written with them", wire.Printable(id), others)
			case len(last) < 22:
				Warn("the last part of %s has %d characters: that is less than 128 bits", wire.Printable(id), len(last))
			}
			names = append(names, id)
		}
	})
}

// refusedOrWarned wants an authorization refused, of which the text does not say that it has to be.
func refusedOrWarned(landed *flow.Outcome) {
	if Accepts(landed) {
		Warn("a code came for it")
		return
	}
	Expect(landed).To(BeRefused())
}

// forPerson is a wish for a consent of the person with that number.
func forPerson(client *flow.Client, number string) flow.Deviation {
	var whole map[string]any
	_ = json.Unmarshal([]byte(client.IntentBody()), &whole) // whoever wrote it into the target file was told whether it is JSON
	data, _ := whole["data"].(map[string]any)
	user, _ := data["loggedUser"].(map[string]any)
	document, _ := user["document"].(map[string]any)
	if document == nil {
		NotApplicable("intents.body has no data.loggedUser.document")
	}
	document["identification"] = number
	body, err := json.Marshal(whole)
	if err != nil {
		Unknown("%s", err)
	}
	return flow.IntentContent("for another person", string(body), "")
}
