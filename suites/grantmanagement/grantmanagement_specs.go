package grantmanagement

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	. "github.com/fapitest/fapitest/harness/expect"
	"github.com/fapitest/fapitest/harness/flow"
	"github.com/fapitest/fapitest/harness/wire"
	"github.com/fapitest/fapitest/suites/everywhere"
)

const (
	grantID  = "grant_id"
	action   = "grant_management_action"
	supports = "grant_management_actions_supported"
	required = "grant_management_action_required"
	endpoint = "grant_management_endpoint"
)

// The actions.
const (
	query   = "query"
	revoke  = "revoke"
	merge   = "merge"
	replace = "replace"
	create  = "create"
)

// The scopes of the API.
const (
	toQuery  = "grant_management_query"
	toRevoke = "grant_management_revoke"
)

func grantSpecs(client *flow.Client) {
	requestSpecs(client)
	responseSpecs(client)
	apiSpecs(client)
}

func requestSpecs(client *flow.Client) {
	creating := asks(create)
	Describe("a request to create a grant", func() {
		It("is refused without client authentication", ConfidentialClients, func(ctx SpecContext) {
			needs(client, create)
			everywhere.NeedsPAR(client)
			Needs(client.Push(ctx, creating))
			for _, wrong := range everywhere.AtBothURLs(client, "pushed_authorization_request_endpoint", flow.All("to create a grant, without client authentication", creating, flow.Without(flow.ClientAuthentication))) {
				Expect(client.Push(ctx, wrong)).To(BeRefused())
			}
			Needs(client.Push(ctx, creating))
		})
		It("leads to a grant of its own each time", FreshGrants, func(ctx SpecContext) {
			first := idOf(created(ctx, client))
			if second := idOf(Needs(client.Obtain(ctx, creating))); second == first {
				Broken("two authorizations that were to create a grant have the same grant_id")
			}
		})
	})

	Describe("a request about a grant", func() {
		It("adds to it where it is to be merged", Merging, func(ctx SpecContext) {
			needs(client, merge)
			more := lesser(client)
			before, after := changed(ctx, client, merge, more)
			content, told := contentOf(ctx, client, after)
			for _, word := range slices.Concat(before.Scopes(), after.Scopes()) {
				if told && !slices.Contains(content, word) {
					Broken("the scope %s is not in a grant any more into which a request was merged, or is not in it yet", wire.Printable(word))
				}
			}
			noContent(told, more)
		})
		It("leaves nothing else in it where it is to be replaced", Replacing, func(ctx SpecContext) {
			needs(client, replace)
			more := lesser(client)
			before, after := changed(ctx, client, replace, more)
			content, told := contentOf(ctx, client, after)
			// Of the usual request the same server makes a grant without it: nobody has it unasked.
			usual, _ := contentOf(ctx, client, created(ctx, client))
			if told && slices.Contains(content, more) && slices.Contains(before.Scopes(), more) && !slices.Contains(usual, more) {
				Broken("the scope %s is still in a grant that was replaced, and the request did not ask for it", wire.Printable(more))
			}
			noContent(told, more)
		})
		It("is refused where the grant is another client's, or nobody's", KnownGrantsOnly, func(ctx SpecContext) {
			id := idOf(created(ctx, client))
			guest := everywhere.Guests(client)[0]
			var codes []string
			for _, what := range changing(client) {
				Needs(client.Push(ctx, asksFor(what, id)))
				codes = append(codes, refused(ctx, client, asksFor(what, flow.Lookalike(id)).As("to "+what+" a grant that nobody has")))
				codes = append(codes, refused(ctx, guest, asksFor(what, id).As("to "+what+" another client's grant")))
				Needs(client.Push(ctx, asksFor(what, id)))
			}
			if some := changing(client); len(some) > 0 {
				landed, _ := client.GrantAsked(ctx, action+"="+create)
				if other, ok := everywhere.AsAnotherUser(ctx, client, landed, asksFor(some[0], id)); ok {
					Expect(other).To(BeRefused())
					codes = append(codes, other.ErrorCode())
				}
			}
			otherCodes(codes, "invalid_grant_id")
		})
		It("is refused where it has a grant_id and creates one, or says nothing of what to do", IDWithItsAction, func(ctx SpecContext) {
			id := idOf(created(ctx, client))
			control := asks(create)
			if some := changing(client); len(some) > 0 {
				control = asksFor(some[0], id)
			}
			Needs(client.Push(ctx, control))
			codes := []string{
				refused(ctx, client, asksFor(create, id).As("to create a grant, with the grant_id of one that is there")),
				refused(ctx, client, flow.With(flow.Parameter(grantID), id).As("with a grant_id and without an action")),
			}
			Needs(client.Push(ctx, control))
			otherCodes(codes, "invalid_request")
		})
		It("is refused where it wants an action that there is not, or none where one is needed", KnownActionsOnly, func(ctx SpecContext) {
			needs(client, create)
			Needs(client.Push(ctx, creating))
			codes := []string{refused(ctx, client, asks("fapitest"))}
			listed := client.Target().Metadata.List(supports)
			if some := []string{merge, replace}; !slices.Contains(listed, merge) || !slices.Contains(listed, replace) {
				id := idOf(created(ctx, client))
				for _, what := range some {
					if !slices.Contains(listed, what) {
						codes = append(codes, refused(ctx, client, asksFor(what, id).As("to "+what+" a grant, which "+supports+" does not list")))
					}
				}
			}
			if client.Target().Metadata.Values[required] == true && client.Target().Request[action] == "" {
				codes = append(codes, refused(ctx, client, flow.Words("without "+action+", which "+required+" says is needed")))
			}
			Needs(client.Push(ctx, creating))
			otherCodes(codes, "invalid_request")
		})
	})
}

func responseSpecs(client *flow.Client) {
	Describe("a grant", func() {
		It("is named in the token response, and not before", ToldInTokenResponse, func(ctx SpecContext) {
			needs(client, create)
			landed, tokens := client.GrantAsked(ctx, action+"="+create)
			if id, isText := Needs(tokens).Members()[grantID].(string); !isText || id == "" {
				Broken("the token response of a request with %s=%s has no grant_id", action, create)
			}
			if landed.Params().Has(grantID) {
				// The text has a should not for this one.
				Warn("the authorization response has the grant_id: whoever sees the browser's addresses learns it")
			}
		})
		It("has a name that is hard to guess, and can stand in a URL", Unguessable, func(ctx SpecContext) {
			first := idOf(created(ctx, client))
			second := idOf(Needs(client.Obtain(ctx, asks(create))))
			for _, id := range []string{first, second} {
				if url.PathEscape(id) != id || strings.Trim(id, everywhere.Unreserved) != "" {
					Broken("a grant_id has characters that can't stand in a URL as they are")
				}
			}
			const wanted, fewest = 128, 96 // bits: UUIDs of version 4 have 122
			switch bits := everywhere.RoomForChance(first, second); {
			case bits < fewest:
				Broken("a grant_id can be guessed: in what differs between two of them there is no room for more than %d bits of chance", bits)
			case bits < wanted:
				Note("in what differs between two grant_ids there is no room for more than %d bits of chance", bits)
			}
		})
	})

	Describe("the metadata", func() {
		It("say what can be done to grants, and where", Announced, SendsNothing, func(SpecContext) {
			values := client.Target().Metadata.Values
			if said, there := values[supports]; there {
				listed, isArray := said.([]any)
				known := []any{query, revoke, merge, replace, create}
				if !isArray || slices.ContainsFunc(listed, func(one any) bool { return !slices.Contains(known, one) }) {
					Broken("%s is no array of actions that the document knows", supports)
				}
			}
			if said, there := values[endpoint]; there {
				text, _ := said.(string)
				if address, err := url.Parse(text); err != nil || address.Scheme != "https" || address.Host == "" {
					Broken("%s is no https URL", endpoint)
				}
			}
			if said, there := values[required]; there {
				if _, is := said.(bool); !is {
					Broken("%s is no boolean", required)
				}
			}
		})
	})
}

func apiSpecs(client *flow.Client) {
	Describe("a query of a grant", func() {
		It("is answered with a JSON object", Queried, func(ctx SpecContext) {
			needs(client, query)
			answer := Needs(client.QueryGrant(ctx, idOf(created(ctx, client)), toUse(ctx, client, toQuery)))
			content := answer.Members()
			if answer.Status != http.StatusOK || content == nil {
				Broken("the query of a grant is answered with %d and no JSON object", answer.Status)
			}
			for _, member := range []struct {
				name    string
				isRight func(any) bool
			}{
				{"scopes", func(one any) bool {
					object, isObject := one.(map[string]any)
					scope, isText := object["scope"].(string)
					return isObject && (object["scope"] == nil || isText && scope != "")
				}},
				{"claims", func(one any) bool { _, isText := one.(string); return isText }},
				{"authorization_details", func(one any) bool {
					object, _ := one.(map[string]any)
					_, isText := object["type"].(string)
					return isText
				}},
			} {
				if said, there := content[member.name]; there {
					if list, isArray := said.([]any); !isArray || slices.ContainsFunc(list, func(one any) bool { return !member.isRight(one) }) {
						Broken("%s of a grant is not written as the document has it", member.name)
					}
				}
			}
			if content["scopes"] == nil && content["claims"] == nil && content["authorization_details"] == nil {
				Note("the answer to a query names neither scopes nor claims nor authorization_details")
			}
		})
		It("tells no tokens", NoTokensTold, func(ctx SpecContext) {
			needs(client, query)
			tokens := created(ctx, client)
			answer := Needs(client.QueryGrant(ctx, idOf(tokens), toUse(ctx, client, toQuery)))
			for _, kind := range []string{"access_token", "refresh_token", "id_token"} {
				if value := tokens.Text(kind); value != "" && strings.Contains(string(answer.Body), value) || strings.Contains(string(answer.Body), `"`+kind+`"`) {
					Broken("the answer to the query of a grant has the %s", kind)
				}
			}
		})
	})

	Describe("the revocation of a grant", func() {
		It("ends it", Revoked, func(ctx SpecContext) {
			needs(client, revoke)
			api := toUse(ctx, client, toRevoke)
			grant := Needs(client.Obtain(ctx, asks(create)))
			newest, good := grant, grant // a refresh may end the access token of before
			if grant.RefreshToken() != "" {
				good = Needs(client.Refresh(ctx, grant))
				newest = flow.Newest(grant, good)
			}
			Needs(client.Call(ctx, good))
			if answer := Needs(client.RevokeGrant(ctx, idOf(grant), api)); answer.Status != http.StatusNoContent {
				Broken("the revocation of a grant is answered with %d and not 204", answer.Status)
			}
			if newest.RefreshToken() != "" {
				Expect(client.Refresh(ctx, newest, flow.Words("after its grant was revoked"))).To(BeRefused())
			}
			for _, what := range changing(client) {
				refused(ctx, client, asksFor(what, idOf(grant)).As("to "+what+" a grant that was revoked"))
				break // whoever looks whether it stands does so for both
			}
			if slices.Contains(client.Target().Metadata.List(supports), query) {
				if asking := toUse(ctx, client, toQuery); Accepts(client.QueryGrant(ctx, idOf(grant), asking, flow.Words("after it was revoked"))) {
					Warn("a grant that was revoked is still told in a query") // the text has 404 for grants that are unknown, and names no revoked ones
				}
			}
			late := client.Call(ctx, good, flow.Words("after its grant was revoked"))
			if Accepts(late) {
				if client.Wait(ctx, client.Target().Propagation, Revoked.ID) != nil {
					Unknown("interrupted while waiting")
				}
				if Accepts(client.Call(ctx, good, flow.Words(fmt.Sprintf("%s after its grant was revoked", client.Target().Propagation)))) {
					Warn("an access token is still good after its grant was revoked")
				}
			}
		})
	})

	Describe("a call about a grant", func() {
		It("is answered with 403 to who may not make it", ErrorsOfAPI, func(ctx SpecContext) {
			needs(client, query)
			grant := Needs(client.Obtain(ctx, asks(create)))
			id, api := idOf(grant), toUse(ctx, client, toQuery)
			Needs(client.QueryGrant(ctx, id, api))
			if !slices.Contains(slices.Concat(grant.Scopes(), strings.Fields(client.Target().Scope)), toQuery) {
				wants(client.QueryGrant(ctx, id, grant, flow.Words("with a token that has not the scope for it")), http.StatusForbidden)
			}
			canRevoke := slices.Contains(client.Target().Metadata.List(supports), revoke)
			if canRevoke && !slices.Contains(api.Scopes(), toRevoke) {
				wants(client.RevokeGrant(ctx, id, api, flow.Words("with a token to query grants alone")), http.StatusForbidden)
			}
			guest := everywhere.Guests(client)[0]
			// Who does not say which grants of others there are is no worse for it.
			wants(guest.QueryGrant(ctx, id, toUse(ctx, guest, toQuery), flow.Words("of another client's grant")), http.StatusForbidden, http.StatusNotFound)
			if canRevoke {
				wants(guest.RevokeGrant(ctx, id, toUse(ctx, guest, toRevoke), flow.Words("of another client's grant")), http.StatusForbidden, http.StatusNotFound)
			}
			Needs(client.QueryGrant(ctx, id, api))
		})
		It("is answered with 404 where there is no such grant", ErrorsOfAPI, func(ctx SpecContext) {
			needs(client, query)
			id, api := idOf(created(ctx, client)), toUse(ctx, client, toQuery)
			Needs(client.QueryGrant(ctx, id, api))
			nobodys := flow.Words("of a grant that nobody has")
			if answer := client.QueryGrant(ctx, flow.Lookalike(id), api, nobodys); answer.Status == http.StatusForbidden {
				Warn("the query of a grant that there is not is answered with 403 and not 404") // it says of no grant whether it is there
			} else {
				wants(answer, http.StatusNotFound, http.StatusGone)
			}
		})
		It("is answered with 401 where it comes without a good token", ErrorsOfAPI, func(ctx SpecContext) {
			needs(client, query)
			id, api := idOf(created(ctx, client)), toUse(ctx, client, toQuery)
			Needs(client.QueryGrant(ctx, id, api))
			wants(client.QueryGrant(ctx, id, api, flow.Without(flow.AccessToken)), http.StatusUnauthorized)
			bad := client.QueryGrant(ctx, id, api, flow.With(flow.AccessToken, flow.Lookalike(api.AccessToken())).As("with a token that nobody has issued"))
			wants(bad, http.StatusUnauthorized)
			if !strings.Contains(strings.Join(bad.Challenges(), ", "), "invalid_token") && bad.ErrorCode() != "invalid_token" {
				Warn("a token that nobody has issued is refused without invalid_token")
			}
			Needs(client.QueryGrant(ctx, id, api))
		})
	})
}

// needs ends a spec about an action that the target does not announce: where the list is left out there is none.
func needs(client *flow.Client, what string) {
	if !slices.Contains(client.Target().Metadata.List(supports), what) {
		NotApplicable("%s does not list %s", supports, what)
	}
	if (what == query || what == revoke) && client.Endpoint(endpoint) == "" {
		NotApplicable("the metadata lack %s", endpoint)
	}
}

// changing are the actions on a grant that is there which the target announces.
func changing(client *flow.Client) []string {
	listed := client.Target().Metadata.List(supports)
	return slices.DeleteFunc([]string{merge, replace}, func(what string) bool { return !slices.Contains(listed, what) })
}

// asks is a request with an action and no grant.
func asks(what string) flow.Deviation { return flow.With(flow.Parameter(action), what) }

// asksFor is a request with an action on a grant.
func asksFor(what, id string) flow.Deviation {
	return flow.All("to "+what+" a grant", asks(what), flow.With(flow.Parameter(grantID), id))
}

// created is the token response of a request that has created a grant, which experiments share.
func created(ctx SpecContext, client *flow.Client) *flow.Outcome {
	needs(client, create)
	_, tokens := client.GrantAsked(ctx, action+"="+create)
	return Needs(tokens)
}

// idOf is the grant_id of a token response.
func idOf(tokens *flow.Outcome) string {
	id := tokens.Text(grantID)
	if id == "" {
		Unknown("the token response has no grant_id, which is judged at %s", ToldInTokenResponse.ID)
	}
	return id
}

// changed is a grant of the experiment's own with one scope more than usual, and what came of an action on it by a usual request. It wants the grant to keep its name, and its
// earlier refresh token to be good no more.
func changed(ctx SpecContext, client *flow.Client, what, more string) (before, after *flow.Outcome) {
	needs(client, create)
	creating := asks(create)
	if more != "" {
		creating = flow.All("to create a grant with the scope "+more, creating, flow.With(flow.Scope, client.Target().Scope+" "+more))
	}
	// One and the same user has to come, where there are several.
	journeys, end := flow.OneBrowser(ctx, 2)
	defer end()
	before = Needs(client.Obtain(journeys, creating))
	newest := before
	if before.RefreshToken() != "" {
		newest = flow.Newest(before, Needs(client.Refresh(ctx, before)))
	}
	after = Needs(client.Obtain(journeys, asksFor(what, idOf(before))))
	if after.Text(grantID) != idOf(before) {
		Broken("after %s the token response has not the grant_id of the request", what)
	}
	if newest.RefreshToken() == "" {
		return before, after
	}
	if after.RefreshToken() != "" {
		Needs(client.Refresh(ctx, after))
	}
	Expect(client.Refresh(ctx, newest, flow.Words("that its grant had before "+what))).To(BeRefused())
	return before, after
}

// lesser is a scope beside the usual ones; "" where the target file names none.
func lesser(client *flow.Client) string {
	for word := range strings.FieldsSeq(client.Target().Resource.Lesser) {
		if !slices.Contains(strings.Fields(client.Target().Scope), word) {
			return word
		}
	}
	return ""
}

// contentOf are the scopes of a grant, as a query tells them; told is false where it tells none, or there are no queries.
func contentOf(ctx SpecContext, client *flow.Client, tokens *flow.Outcome) (words []string, told bool) {
	if !slices.Contains(client.Target().Metadata.List(supports), query) || client.Endpoint(endpoint) == "" {
		return nil, false
	}
	answer := Needs(client.QueryGrant(ctx, idOf(tokens), toUse(ctx, client, toQuery)))
	list, _ := answer.Members()["scopes"].([]any)
	for _, one := range list {
		object, _ := one.(map[string]any)
		text, _ := object["scope"].(string)
		words = append(words, strings.Fields(text)...)
	}
	return words, len(words) > 0
}

// noContent says so where it was not seen what became of what was in a grant.
func noContent(told bool, more string) {
	if !told || more == "" {
		Note("what is in a grant afterwards is not seen: a query would have to tell scopes, and the target file to name a lesser scope of the resource")
	}
}

// refused makes a request that is to be refused, when it is pushed or when the user arrives, and returns the error; "" where the user saw it alone.
func refused(ctx SpecContext, client *flow.Client, wrong flow.Deviation) string {
	answer := client.Push(ctx, wrong)
	if Accepts(answer) {
		answer = client.Authorize(ctx, answer)
	}
	Expect(answer).To(BeRefused())
	return answer.ErrorCode()
}

// otherCodes warns of errors that are not those of the document: that they were refused is what matters.
func otherCodes(codes []string, right string) {
	for _, code := range codes {
		if code != "" && code != right {
			Warn("a request about a grant is refused with %s and not with %s", wire.Printable(code), right)
			return
		}
	}
}

// toUse is a token for the API: of the client for itself, or of a user where it gets none.
func toUse(ctx SpecContext, client *flow.Client, scope string) *flow.Outcome {
	asking := flow.With(flow.Scope, scope)
	if slices.Contains(client.Target().Metadata.List("grant_types_supported"), flow.GrantClientCredentials) {
		if tokens := client.ForItself(ctx, flow.GrantClientCredentials, asking); Accepts(tokens) && (tokens.Members()["scope"] == nil || slices.Contains(tokens.Scopes(), scope)) {
			return tokens
		}
	}
	return Needs(client.Obtain(ctx, flow.With(flow.Scope, client.Target().Scope+" "+scope)))
}

// wants judges a refusal by its status, which is what the document speaks of.
func wants(answer *flow.Outcome, right int, also ...int) {
	switch decision, because := Decide(answer); {
	case answer.Err == nil && (answer.Status == right || slices.Contains(also, answer.Status)):
	case decision == wire.Accepted:
		Expect(answer).To(BeRefused())
	case answer.Err != nil || answer.Status >= 500 || answer.Status == http.StatusTooManyRequests || wire.AboutShape(answer.Status) || answer.Status < 400,
		decision != wire.Refused && len(answer.Body) > 0 && answer.Members() == nil: // a page or a bare word: somebody in front of the server says that
		LeaveUndecided(answer.Exchange, because)
		Unknown("a call about a grant was neither served nor refused: %s", because)
	default:
		Broken("a call about a grant is refused with %d and not %d", answer.Status, right)
	}
}
