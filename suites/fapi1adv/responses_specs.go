package fapi1adv

import (
	"slices"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/fapitest/fapitest/harness/consent"
	. "github.com/fapitest/fapitest/harness/expect"
	"github.com/fapitest/fapitest/harness/flow"
	"github.com/fapitest/fapitest/harness/jose"
	"github.com/fapitest/fapitest/harness/target"
	"github.com/fapitest/fapitest/harness/wire"
	"github.com/fapitest/fapitest/suites/everywhere"
)

func responseSpecs(client *flow.Client) {
	It("a response type that leaves the response unsigned is refused", ResponseTypes, func(ctx SpecContext) {
		Needs(client.Login(ctx))
		for _, kind := range []string{"code token", "code id_token token", "token", "id_token token"} {
			Expect(client.Login(ctx, flow.With(flow.ResponseType, kind))).To(BeRefused())
		}
		Needs(client.Login(ctx))
	})
	It("a code alone is refused where no signed response is asked for", ResponseTypes, func(ctx SpecContext) {
		Needs(client.Login(ctx))
		bare := flow.With(flow.ResponseType, target.Code)
		if client.Shape().ResponseType == target.Code {
			bare = flow.Without(flow.Parameter("response_mode")).As("for a code, and for no signed response")
		}
		landed := client.Login(ctx, bare)
		if Accepts(landed) && landed.Response().Signed() {
			Needs(client.Login(ctx))
			return // it is signed all the same
		}
		Expect(landed).To(BeRefused())
		Needs(client.Login(ctx))
	})

	Describe("the id_token beside the code", func() {
		It("comes with it", OpenIDSupported, func(ctx SpecContext) {
			landed := Needs(client.Landing(ctx))
			beside(client, landed, Broken)
			if query := landed.Response().Query; query.Has("id_token") || query.Has("code") {
				Broken("the response stands in the query, which servers and Referer see, and not in the fragment")
			}
		})
		It("has its place taken by the error where the user says no", OpenIDSupported, func(ctx SpecContext) {
			denied := client.DeclinedAsked(ctx)
			if denied.Trip == nil || denied.Trip.Ending != consent.Arrived || denied.ErrorCode() == "" && !denied.Params().Has("error") {
				NotApplicable("the user's no is shown on a page, or was not asked for")
			}
			if denied.Response().Query.Has("error") && !denied.Response().Fragment.Has("error") {
				Warn("the error stands in the query, and who waits for a response in the fragment does not see it there")
			}
		})
		It("is signed by the server, and so is that of the token response", IDTokenSigned, func(ctx SpecContext) {
			front := beside(client, Needs(client.Landing(ctx)), leftTo)
			isSigned(ctx, client, front, "the id_token beside the code")
			tokens := Needs(client.Grant(ctx))
			if tokens.IDToken() == "" {
				Broken("the token response has no id_token, although openid is asked for")
			}
			isSigned(ctx, client, everywhere.Opened(client, tokens.IDToken()), "the id_token of the token response")
		})
		It("has the hash of the code", CodeHashed, func(ctx SpecContext) {
			landed := Needs(client.Landing(ctx))
			fits(beside(client, landed, leftTo), "c_hash", landed.Code())
		})
		It("has the hash of the code for other clients of this kind", CodeHashed, func(ctx SpecContext) {
			others := everywhere.Guests(client)
			if len(others) == 0 {
				NotApplicable("the target file has no other client of this kind")
			}
			for _, other := range others {
				landed := Needs(other.Landing(ctx))
				fits(beside(other, landed, leftTo), "c_hash", landed.Code())
			}
		})
		It("has the hash of the state", StateHashed, func(ctx SpecContext) {
			landed := Needs(client.Landing(ctx))
			fits(beside(client, landed, leftTo), "s_hash", landed.State())
		})
		It("has the hash of the state for other clients of this kind", StateHashed, func(ctx SpecContext) {
			for _, other := range everywhere.Guests(client) {
				landed := Needs(other.Landing(ctx))
				fits(beside(other, landed, leftTo), "s_hash", landed.State())
			}
		})
		It("is encrypted where the other one is, and the other where it is", BothEncrypted, func(ctx SpecContext) {
			front, back := jose.Encrypted(Needs(client.Landing(ctx)).Params().Get("id_token")), jose.Encrypted(Needs(client.Grant(ctx)).IDToken())
			switch {
			case !front && !back:
				NotApplicable("no id_token is encrypted: client %s is not registered for that", client.ID())
			case !front:
				Broken("the id_token of the token response is encrypted, and the one that goes through the browser is not")
			case !back:
				Broken("the id_token beside the code is encrypted, and that of the token response is not")
			}
		})
		It("says nothing about the end user that is not encrypted", NothingPersonal, func(ctx SpecContext) {
			landed := Needs(client.Landing(ctx))
			token := beside(client, landed, leftTo)
			if jose.Encrypted(landed.Params().Get("id_token")) {
				return
			}
			var personal []string
			for name := range jose.Claims(token) {
				if slices.Contains(personalClaims, name) {
					personal = append(personal, name)
				}
			}
			if slices.Sort(personal); len(personal) > 0 {
				Broken("the browser carries %s of the end user in the clear", strings.Join(personal, ", "))
			}
		})
	})
}

// personalClaims are the claims of OpenID Connect Core section 5.1 that say who somebody is. The subject identifier has to be there.
var personalClaims = []string{
	"name", "given_name", "family_name", "middle_name", "nickname", "preferred_username", "profile", "picture", "website", "email", "gender", "birthdate",
	"phone_number", "address",
}

// leftTo ends a spec about an id_token that is not there.
func leftTo(format string, args ...any) {
	NotApplicable(format+", which is judged at %s", append(args, OpenIDSupported.ID)...)
}

// beside is the id_token beside the code of an authorization response, opened where it is encrypted. Absent is told where there is none.
func beside(client *flow.Client, landed *flow.Outcome, absent func(format string, args ...any)) string {
	token := landed.Params().Get("id_token")
	if token == "" {
		absent("the authorization response has no id_token")
	}
	if token = everywhere.Opened(client, token); jose.Claims(token) == nil {
		absent("the id_token beside the code is no JWT that can be read")
	}
	return token
}

// isSigned wants a JWT verified by a key of the server.
func isSigned(ctx SpecContext, client *flow.Client, token, what string) {
	keys := everywhere.KeySet(ctx, client, func(words string) { Unknown("%s", words) })
	if everywhere.UnsignedAlgorithm(jose.Header(token)) {
		Broken("%s is not signed", what)
	}
	everywhere.HeldByKeySet(keys, token, what)
}

// fits wants a hash in an id_token to be that of a text (OpenID Connect Core section 3.3.2.11).
func fits(token, name, text string) {
	algorithm, _ := jose.Header(token)["alg"].(string)
	said, there := jose.Claims(token)[name].(string)
	switch {
	case !there:
		Broken("the id_token beside the code has no %s", name)
	case !slices.Contains(jose.LeftHalves(algorithm, text), strings.TrimRight(said, "=")):
		Broken("%s is %s, and not the left half of the hash that goes with %s", name, wire.Printable(said), wire.Printable(algorithm))
	}
}

// sameWords says whether a list has the words of a text, in any order.
func sameWords(list []string, text string) bool {
	return slices.Equal(slices.Sorted(slices.Values(list)), slices.Sorted(slices.Values(strings.Fields(text))))
}
