package everywhere

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	. "github.com/fapitest/fapitest/harness/expect"
	"github.com/fapitest/fapitest/harness/flow"
	"github.com/fapitest/fapitest/harness/jose"
	"github.com/fapitest/fapitest/harness/target"
	"github.com/fapitest/fapitest/harness/wire"
)

// Aside is a parameter that stands beside the request proper with a value of its own, which must not count.
type Aside struct {
	Name, Value string
	// shows says by what it shows in the response that the value has counted; "": by nothing. nil: it shows elsewhere.
	shows func(landed *flow.Outcome) string
	// tells are the claims of the id_token by which it shows, where they are not there without it.
	tells []string
	// word is the word of the scope by which it shows.
	word string
	// proves is what redeems the code where the value counts all the same; it has edits only where the value is of something secret.
	proves []flow.Deviation
}

// AsideOf is one of them; an empty value is a random one.
func AsideOf(name, value string) Aside {
	if value == "" {
		value = jose.Random(16)
	}
	return Aside{Name: name, Value: value}
}

// ScopeAside is a scope with a word in it that the request does not ask for.
func ScopeAside(scope, word string) Aside { return Aside{Name: "scope", Value: scope, word: word} }

// DetailsAside is more authorization details than a request asks for; less is what it is to ask for, and ok false where there is nothing to leave out.
func DetailsAside(client *flow.Client) (aside Aside, less string, ok bool) {
	all := client.Target().Details
	fewer, more := fewerDetails(all)
	if _, everywhere := client.Target().Request[authorizationDetails]; more == "" || everywhere {
		return Aside{}, "", false
	}
	written, err := json.Marshal(all)
	asked, err2 := json.Marshal(fewer)
	return Aside{Name: authorizationDetails, Value: string(written), word: more}, string(asked), err == nil && err2 == nil
}

// fewerDetails are authorization details of one type with a list that has its first member alone, and one that it had beside that; "" where there is none.
func fewerDetails(details []map[string]any) (less []map[string]any, more string) {
	for _, detail := range details {
		for _, name := range slices.Sorted(maps.Keys(detail)) {
			words, isList := detail[name].([]any)
			if !isList || len(words) < 2 {
				continue
			}
			if last, isText := words[len(words)-1].(string); isText {
				first := maps.Clone(detail)
				first[name] = words[:1]
				return []map[string]any{first}, last
			}
		}
	}
	return nil, ""
}

// ForeignKeyAside is a dpop_jkt of nobody's key; ok is false for clients that do not bind their tokens by DPoP.
func ForeignKeyAside(client *flow.Client) (aside Aside, ok bool) {
	key, err := jose.NewKey(jose.ES256)
	if err != nil || client.Self().Binding != target.DPoP {
		return Aside{}, false
	}
	return Aside{
		Name: "dpop_jkt", Value: key.Thumbprint(),
		proves: []flow.Deviation{flow.With(flow.ProofKey, key).As("with a proof by the key of the dpop_jkt that stood beside")},
	}, true
}

// Asides are those of which it shows afterwards whether they have counted: state and nonce, which come back, and the code_challenge and the key to which the
// code is bound.
func Asides(client *flow.Client) []Aside {
	verifier := jose.Random(32)
	all := []Aside{AsideOf("state", ""), {
		Name: "code_challenge", Value: jose.Hash(verifier),
		proves: []flow.Deviation{flow.With(flow.CodeVerifier, verifier).As("with the verifier of the code_challenge that stood beside")},
	}}
	if client.Target().OpenID() {
		all = append(all, AsideOf("nonce", ""))
	}
	if key, ok := ForeignKeyAside(client); ok {
		all = append(all, key)
	}
	return all
}

// Replacing are Asides, and what else would show where it took the place of what was pushed: that the challenge is its own verifier.
func Replacing(client *flow.Client) []Aside {
	return append(Asides(client), Aside{
		Name: "code_challenge_method", Value: "plain",
		proves: []flow.Deviation{flow.VerifierMade("with the code_challenge for a verifier, as the code_challenge_method that stood beside has it", jose.Hash)},
	})
}

// Adding are those that would show where the request itself has nothing of the kind: where the response comes, what the token is good for, and what the id_token
// tells. What every request to the target has is none of them.
func Adding(client *flow.Client) []Aside {
	t := client.Target()
	var all []Aside
	if client.Shape().ResponseType == target.Code { // others come in the fragment anyway
		mode := "fragment"
		if client.Shape().ResponseMode == "" && slices.Contains(t.Metadata.List("response_modes_supported"), "jwt") {
			mode = "jwt"
		}
		all = append(all, Aside{Name: "response_mode", Value: mode, shows: func(landed *flow.Outcome) string {
			switch response := landed.Response(); {
			case response.Fragment.Has("code") || response.Fragment.Has("response"):
				return "the response comes in the fragment"
			case mode == "jwt" && response.Query.Has("response"):
				return "the response is signed"
			}
			return ""
		}})
	}
	if details, err := json.Marshal(t.Details); err == nil && len(t.Details) > 0 {
		all = append(all, AsideOf(authorizationDetails, string(details)))
	}
	if t.OpenID() {
		all = append(all,
			Aside{Name: "claims", Value: `{"id_token":{"name":null,"given_name":null,"family_name":null,"email":null}}`, tells: []string{"name", "given_name", "family_name", "email"}},
			Aside{Name: "max_age", Value: "3600", tells: []string{"auth_time"}})
		context := "urn:mace:incommon:iap:silver"
		if known := t.Metadata.List("acr_values_supported"); len(known) > 0 {
			context = known[0]
		}
		all = append(all, Aside{Name: "acr_values", Value: context, tells: []string{"acr"}})
	}
	return slices.DeleteFunc(all, func(aside Aside) bool { _, everywhere := t.Request[aside.Name]; return everywhere })
}

// ResponseTypeAside is a response_type by which an id_token comes in the response.
func ResponseTypeAside() Aside {
	return Aside{Name: "response_type", Value: "code id_token", shows: func(landed *flow.Outcome) string {
		if landed.Params().Has("id_token") {
			return "the response has an id_token"
		}
		return ""
	}}
}

// RedirectAside is another registered redirect URI of the client; ok is false where it has only one.
func RedirectAside(client *flow.Client) (aside Aside, ok bool) {
	uris := client.Self().Redirects
	if len(uris) < 2 {
		return Aside{}, false
	}
	return Aside{Name: "redirect_uri", Value: uris[1], shows: func(landed *flow.Outcome) string {
		if strings.HasPrefix(landed.Trip.Arrival, uris[1]) && !strings.HasPrefix(landed.Trip.Arrival, uris[0]) {
			return "the response comes to another redirect URI of the client's"
		}
		return ""
	}}, true
}

const authorizationDetails = "authorization_details"

// LessScope is the scope of the target file without one of its words; "" where there is none to spare.
func LessScope(t *target.Target) (less, word string) {
	words := strings.Fields(t.Scope)
	spare := slices.DeleteFunc(slices.Clone(words), func(word string) bool { return word == "openid" || word == "offline_access" })
	if len(spare) == 0 || len(words) < 2 {
		return "", ""
	}
	word = spare[len(spare)-1]
	return strings.Join(slices.DeleteFunc(words, func(other string) bool { return other == word }), " "), word
}

// NothingBeside carries a login out with asides, and wants none of them to have counted. A server may refuse them as well; but one that refuses many together
// has not refused each of them: then each half is tried by itself.
func NothingBeside(ctx SpecContext, client *flow.Client, asides []Aside, login func(asides []Aside) *flow.Outcome) {
	GinkgoHelper()
	landed := login(asides)
	if decision, _ := Decide(landed); decision != wire.Accepted {
		Expect(landed).To(BeRefused())
		if half := len(asides) / 2; half > 0 {
			NothingBeside(ctx, client, asides[:half], login)
			NothingBeside(ctx, client, asides[half:], login)
		}
		return
	}
	if state := valueOf(asides, "state"); state != "" && slices.Contains(landed.Params()["state"], state) {
		Broken("the response has the state that stood beside the request, and not its own")
	}
	for _, aside := range asides {
		if aside.shows == nil {
			continue
		}
		if shown := aside.shows(landed); shown != "" {
			if aside.shows(Needs(login(nil))) == shown {
				continue // so it is whatever is asked for
			}
			Broken("%s, as the %s has it that stood beside the request", shown, aside.Name)
		}
	}
	grant := client.Exchange(ctx, landed)
	if decision, because := Decide(grant); decision == wire.Refused {
		counted := false
		for _, aside := range asides {
			if aside.proves == nil {
				continue
			}
			again := login([]Aside{aside})
			if decision, _ := Decide(again); decision != wire.Accepted {
				continue
			}
			counted = true
			Expect(client.Exchange(ctx, again, aside.proves...)).To(BeRefused())
		}
		if !counted {
			Needs(grant)
		}
		// Nobody can redeem such a code, and nothing was issued that the request did not ask for.
		Note("the code is refused where it is redeemed: %s", because)
		return
	}
	Needs(grant)
	if nonce := valueOf(asides, "nonce"); nonce != "" && grant.IDToken() != "" {
		claims, err := client.IDClaims(grant)
		if err != nil {
			Unknown("the id_token can't be read: %s", err)
		}
		if claims["nonce"] == nonce {
			Broken("the id_token has the nonce that stood beside the request, and not its own")
		}
	}
	if granted, _ := grant.Members()[authorizationDetails].([]any); len(granted) > 0 && valueOf(asides, authorizationDetails) != "" {
		word := wordOf(asides, authorizationDetails)
		has := func(list any) bool {
			written, err := json.Marshal(list)
			return err == nil && strings.Contains(string(written), `"`+word+`"`)
		}
		switch {
		case word != "" && !has(granted):
		case word != "" && has(Needs(client.Exchange(ctx, Needs(login(nil)))).Members()[authorizationDetails]):
			Note("more of authorization_details is granted than is asked for: whether what stands beside counts does not show by them")
		default:
			Broken("authorization_details are granted, for which the request does not ask, but what stood beside it")
		}
	}
	toldNothingBeside(ctx, client, asides, landed, grant, login)
	if word := wordOf(asides, "scope"); word != "" && slices.Contains(grant.Scopes(), word) {
		// A server may grant what nobody has asked for, if the user allows it.
		if alone := Needs(client.Exchange(ctx, Needs(login(nil)))); slices.Contains(alone.Scopes(), word) {
			Note("the scope %q is granted without being asked for: whether what stands beside counts does not show by it", word)
			return
		}
		Broken("the scope %q was granted, for which the request does not ask, but what stood beside it", word)
	}
}

// toldNothingBeside wants no claims in the id_token that are there for an aside alone. What an id_token tells may depend on who has signed in.
func toldNothingBeside(ctx SpecContext, client *flow.Client, asides []Aside, landed, grant *flow.Outcome, login func(asides []Aside) *flow.Outcome) {
	GinkgoHelper()
	claims, err := client.IDClaims(grant)
	if err != nil || claims == nil || !slices.ContainsFunc(asides, func(aside Aside) bool { return len(aside.tells) > 0 }) {
		return // there is nothing to see
	}
	usual, _ := client.IDClaims(Needs(client.Grant(ctx)))
	for _, aside := range asides {
		for _, name := range aside.tells {
			_, there := claims[name]
			if _, always := usual[name]; !there || always {
				continue
			}
			for try := 0; ; try++ {
				plain := Needs(login(nil))
				same := plain.User == landed.User
				told, err := client.IDClaims(Needs(client.Exchange(ctx, plain)))
				if _, always := told[name]; err != nil || always {
					break
				}
				if same {
					Broken("the id_token has %s, for which the request does not ask, but the %s that stood beside it", name, aside.Name)
				}
				if try == 2 {
					Unknown("the id_token has %s where %s stands beside the request; whether it has it of the same test user without that was not seen", name, aside.Name)
				}
			}
		}
	}
}

// valueOf is the value of the aside of that name; "" where there is none.
func valueOf(asides []Aside, name string) string {
	for _, aside := range asides {
		if aside.Name == name {
			return aside.Value
		}
	}
	return ""
}

// wordOf is what shows of the aside of that name; "" where nothing in particular does.
func wordOf(asides []Aside, name string) string {
	for _, aside := range asides {
		if aside.Name == name {
			return aside.word
		}
	}
	return ""
}
