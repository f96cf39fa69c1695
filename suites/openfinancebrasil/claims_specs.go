package openfinancebrasil

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	. "github.com/fapitest/fapitest/harness/expect"
	"github.com/fapitest/fapitest/harness/flow"
	"github.com/fapitest/fapitest/harness/jose"
	"github.com/fapitest/fapitest/harness/wire"
	"github.com/fapitest/fapitest/suites/everywhere"
)

// elevenDigits is how a CPF is written.
var elevenDigits = regexp.MustCompile(`^[0-9]{11}$`)

// nobody is a CPF with right check digits that no test user has.
const nobody = "39053344705"

// The classes of authentication.
var classes = []string{"urn:brasil:openbanking:loa2", "urn:brasil:openbanking:loa3"}

const numberEssential = `claims={"userinfo": {"cpf": {"essential": true}}}`

func claimSpecs(client *flow.Client) {
	Describe("the tax number", func() {
		It("is told by userinfo where it is asked for, as eleven digits", NumberTold, func(ctx SpecContext) {
			if !slices.Contains(client.Target().Metadata.List("claims_supported"), "cpf") {
				Broken("claims_supported lacks cpf")
			}
			_, _ = numberOf(ctx, client, Broken)
		})
		It("that is right comes back where it is asked for with its value", NumberReturned, func(ctx SpecContext) {
			right, _ := numberOf(ctx, client, leftTo)
			_, tokens := client.GrantAsked(ctx, fmt.Sprintf(`claims={"userinfo": {"cpf": {"essential": true, "value": %q}}}`, right))
			Expect(tokens).To(BeAccepted())
			if told := Needs(client.Userinfo(ctx, tokens)).Members()["cpf"]; told != right {
				Broken("the user's own number was asked for, and userinfo does not tell it")
			}
		})
		It("of somebody else fails the authentication where it is essential", OtherNumberFails, func(ctx SpecContext) {
			right, _ := numberOf(ctx, client, leftTo)
			_, tokens := client.GrantAsked(ctx, fmt.Sprintf(`claims={"userinfo": {"cpf": {"essential": true, "value": %q}}}`, right))
			Needs(tokens)
			other := fmt.Sprintf(`{"userinfo": {"cpf": {"essential": true, "value": %q}}}`, nobody)
			Expect(client.Login(ctx, flow.With(flow.Parameter("claims"), other).As("for a person with another number"))).To(BeRefused())
		})
	})

	Describe("the id_token that the browser carries", func() {
		It("says no tax number in the clear", NoNumberInFront, func(ctx SpecContext) {
			landed := Needs(client.Landing(ctx))
			saysNoNumber(landed.Params().Get("id_token"))
		})
		It("leaves out a tax number that is only wished for", VoluntaryLeft, func(ctx SpecContext) {
			needsNoKey(client)
			landed, tokens := client.GrantAsked(ctx, `claims={"id_token": {"cpf": null}}`)
			Needs(landed)
			Needs(tokens)
			saysNoNumber(landed.Params().Get("id_token"))
		})
		It("is not had for a request that needs a tax number in it", EssentialFails, func(ctx SpecContext) {
			needsNoKey(client)
			Needs(client.Landing(ctx))
			Expect(client.Login(ctx, flow.With(flow.Parameter("claims"), `{"id_token": {"cpf": {"essential": true}}}`).As("for a tax number in the id_token"))).To(BeRefused())
			Needs(client.Push(ctx))
		})
	})

	Describe("the class of authentication", func() {
		It("loa2 is announced", ClassSupported, func(SpecContext) {
			if list := client.Target().Metadata.List("acr_values_supported"); !slices.Contains(list, classes[0]) {
				Broken("acr_values_supported is %q, without %s", wire.Printable(strings.Join(list, ", ")), classes[0])
			}
		})
		It("is told in every id_token", ClassAlways, func(ctx SpecContext) {
			landed := Needs(client.Landing(ctx))
			all := everywhere.IDTokens(ctx, client)
			if front := landed.Params().Get("id_token"); front != "" {
				all = append(all, everywhere.IDToken{When: ", beside the code", Compact: everywhere.Opened(client, front), With: landed})
			}
			for _, one := range all {
				hasClass(one.Compact, one.When)
			}
		})
		It("is told in the id_token where it is asked for as essential", ClassAlways, func(ctx SpecContext) {
			_, tokens := client.GrantAsked(ctx, `claims={"id_token": {"acr": {"essential": true}}}`)
			hasClass(everywhere.Opened(client, Needs(tokens).IDToken()), ", which was asked for acr as essential,")
		})
	})
	It("the subject of a user is the same for another consent", SubjectStays, func(ctx SpecContext) {
		first := jose.Claims(everywhere.Opened(client, Needs(client.Grant(ctx)).IDToken()))
		landed := Needs(client.Login(ctx))
		tokens := Needs(client.Exchange(ctx, landed))
		second := jose.Claims(everywhere.Opened(client, tokens.IDToken()))
		if first["sub"] == nil || second["sub"] == nil {
			NotApplicable("there is no id_token with a subject that could be compared")
		}
		if first["sub"] != second["sub"] && len(client.Target().Users()) == 1 {
			Broken("the same user has another sub with another consent")
		}
		client.LeaveOver(landed, tokens)
	})
}

func leftTo(format string, args ...any) {
	NotApplicable(format+", which is judged at %s", append(args, NumberTold.ID)...)
}

// numberOf is the tax number that userinfo tells of the user. Absent is told where it tells none.
func numberOf(ctx SpecContext, client *flow.Client, absent func(format string, args ...any)) (number string, tokens *flow.Outcome) {
	_, tokens = client.GrantAsked(ctx, numberEssential)
	told, there := Needs(client.Userinfo(ctx, Needs(tokens))).Members()["cpf"]
	number, isText := told.(string)
	switch {
	case !there:
		absent("userinfo has no cpf, although that is asked for as essential")
	case !isText || !elevenDigits.MatchString(number):
		absent("cpf of userinfo is no text of eleven digits")
	}
	return number, tokens
}

// needsNoKey ends a spec about clients to whom nothing can be encrypted.
func needsNoKey(client *flow.Client) {
	if !client.Target().Hybrid() {
		NotApplicable("the browser carries no id_token here")
	}
	if len(client.Self().Decrypts) > 0 {
		NotApplicable("client %s has a key to which id_tokens may be encrypted", client.ID())
	}
}

// saysNoNumber wants no tax number in an id_token that is not encrypted.
func saysNoNumber(token string) {
	if token == "" || jose.Encrypted(token) {
		return
	}
	claims := jose.Claims(token)
	for _, name := range []string{"cpf", "cnpj"} {
		if _, there := claims[name]; there {
			Broken("the browser carries %s of the end user in the clear", name)
		}
	}
}

// hasClass wants a class of authentication in an id_token.
func hasClass(compact, which string) {
	claims := jose.Claims(compact)
	if claims == nil {
		return // judged elsewhere
	}
	if class, _ := claims["acr"].(string); !slices.Contains(classes, class) {
		text, _ := json.Marshal(claims["acr"])
		Broken("acr in the id_token%s is %s, and none of %s", which, wire.Printable(string(text)), strings.Join(classes, ", "))
	}
}

func duration(seconds int) time.Duration { return time.Duration(seconds) * time.Second }
