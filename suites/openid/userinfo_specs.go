package openid

import (
	"encoding/json"
	"fmt"
	"mime"
	"net/http"
	"slices"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	. "github.com/fapitest/fapitest/harness/expect"
	"github.com/fapitest/fapitest/harness/flow"
	"github.com/fapitest/fapitest/harness/jose"
	"github.com/fapitest/fapitest/harness/requirement"
	"github.com/fapitest/fapitest/harness/wire"
	"github.com/fapitest/fapitest/suites/everywhere"
)

func userinfoSpecs(client *flow.Client) {
	Describe("the userinfo endpoint", func() {
		It("answers a good access token with claims, sub among them", UserinfoAnswers, func(ctx SpecContext) {
			grant, answer := told(ctx, client)
			Expect(answer).To(BeAccepted())
			if sub, _ := claimsOf(client, answer)["sub"].(string); sub == "" {
				Broken("the answer has no sub, or one that is no text")
			}
			for _, other := range toldOtherwise(ctx, client, grant) {
				if sub, _ := claimsOf(client, other.answer)["sub"].(string); sub == "" {
					Broken("the answer has no sub, or one that is no text, %s", other.when)
				}
			}
			if storable(answer.Header) {
				Warn("Cache-Control of the answer is %q: a cache on the way may hand the claims to whoever asks next, with whatever token (RFC 9111 section 3.5)",
					wire.Printable(strings.Join(answer.Header.Values("Cache-Control"), ", ")))
			}
		})
		It("has the sub of the id_token", UserinfoSubject, func(ctx SpecContext) {
			grant, answer := told(ctx, client)
			sub, there := claimsOf(client, Needs(answer))["sub"]
			if !there {
				NotApplicable("the answer has no sub, which is judged at %s", UserinfoAnswers.ID)
			}
			own := needsIdentity(client, grant).claims["sub"]
			if sub != own {
				Broken("sub is another one than in the id_token that came with the access token")
			}
			// By POST section 5.3.1 has it as well; whether it is served at all is judged elsewhere.
			if posted := client.Userinfo(ctx, grant, flow.ByPost()); Accepts(posted) {
				if sub, there := claimsOf(client, posted)["sub"]; there && sub != own {
					Broken("sub is another one than in the id_token that came with the access token where userinfo is asked by POST")
				}
			}
		})
		It("has the sub of the id_token when tokens were refreshed", UserinfoSubject, func(ctx SpecContext) {
			_, _ = told(ctx, client)
			everywhere.NeedsRefresh(ctx, client)
			grant, after := NeedsRefreshed(ctx, client)
			own := needsIdentity(client, grant).claims["sub"]
			for _, deviation := range [][]flow.Deviation{nil, {flow.ByPost()}} {
				answer := client.Userinfo(ctx, after, deviation...)
				if deviation == nil {
					Needs(answer)
				}
				if sub, there := claimsOf(client, answer)["sub"]; Accepts(answer) && there && sub != own {
					Broken("sub is another one than in the id_token of the login, where userinfo is asked with an access token that was refreshed")
				}
			}
		})
		It("answers with JSON or a JWT, and says which", UserinfoForm, func(ctx SpecContext) {
			_, answer := told(ctx, client)
			said := Needs(answer).Header.Get("Content-Type")
			media, _, _ := mime.ParseMediaType(said)
			body := strings.TrimSpace(string(answer.Body))
			switch {
			case media == "application/json" && answer.Members() == nil:
				Broken("the answer is called application/json, and is no JSON object")
			case media == "application/jwt" && !jose.Encrypted(body) && jose.Claims(body) == nil:
				Broken("the answer is called application/jwt, and is no JWT")
			case media != "application/json" && media != "application/jwt":
				Broken("the answer is %q, and neither application/json nor application/jwt", wire.Printable(said))
			}
		})
		It("signs its answer by a key of the key set where that is a JWT", UserinfoForm, func(ctx SpecContext) {
			grant, answer := told(ctx, client)
			Needs(answer)
			isJWT := false
			for _, one := range append([]toldWhen{{"", answer}}, toldOtherwise(ctx, client, grant)...) {
				isJWT = signedByKeySet(ctx, client, one) || isJWT
			}
			if !isJWT {
				NotApplicable("the answer is no JWT")
			}
		})
	})
}

// signedByKeySet wants an answer of userinfo that is a JWT to be signed by a key of the key set, and says whether it is one.
func signedByKeySet(ctx SpecContext, client *flow.Client, one toldWhen) bool {
	answer, when := one.answer, ""
	if one.when != "" {
		when = ", " + one.when
	}
	signed := everywhere.Opened(client, strings.TrimSpace(string(answer.Body)))
	algorithm, _ := jose.Header(signed)["alg"].(string)
	claims := jose.Claims(signed)
	switch {
	case answer.Members() != nil || algorithm == "" || claims == nil:
		return false
	case strings.EqualFold(algorithm, "none") && slices.Contains(client.Target().Metadata.List("userinfo_signing_alg_values_supported"), "none"):
		Warn("the answer is a JWT that nobody has signed, as the metadata announce%s", when)
		return true
	case strings.EqualFold(algorithm, "none"), strings.HasSuffix(signed, "."):
		Broken("the answer is a JWT that nobody has signed%s", when)
	case strings.HasPrefix(strings.ToUpper(algorithm), "HS"):
		Warn("the answer is a JWT by %s, and so by a secret that the client shares, which clients of this profile do not have%s", wire.Printable(algorithm), when)
		return true
	case !jose.CanVerify(signed):
		Unknown("it is signed by %s, and such signatures can't be checked here%s", wire.Printable(algorithm), when)
	}
	if keys := everywhere.KeySet(ctx, client, noKeys); !verifiedByAny(signed, keys) {
		Broken("the signature of the JWT holds by no key of the key set, which has %d%s", len(keys), when)
	}
	if iss, there := claims["iss"]; there && iss != client.Issuer() {
		Warn("iss of the JWT is %s, and not the issuer%s", wire.Printable(fmt.Sprint(iss)), when)
	}
	if _, there := claims["aud"]; there {
		if audience, _ := (identity{claims: claims}).audience(); !slices.Contains(audience, client.ID()) {
			Warn("aud of the JWT does not have the client: %s%s", wire.Printable(strings.Join(audience, ", ")), when)
		}
	}
	return true
}

// toldWhen is an answer of userinfo, and what was special about the question; empty: nothing.
type toldWhen struct {
	when   string
	answer *flow.Outcome
}

// toldOtherwise is what the userinfo endpoint answers by POST, and for an access token that was refreshed, where it answers to that.
func toldOtherwise(ctx SpecContext, client *flow.Client, grant *flow.Outcome) []toldWhen {
	asked := []toldWhen{{"where userinfo is asked by POST", client.Userinfo(ctx, grant, flow.ByPost())}}
	if client.Target().Offered(string(requirement.RefreshToken)) {
		if again := client.Anew(ctx); again != nil {
			asked = append(asked, toldWhen{"where tokens were refreshed", client.Userinfo(ctx, again)})
		}
	}
	return slices.DeleteFunc(asked, func(one toldWhen) bool { return !Accepts(one.answer) })
}

// told is what the userinfo endpoint answers a proper request, and the grant with whose access token it was made.
func told(ctx SpecContext, client *flow.Client) (grant, answer *flow.Outcome) {
	if client.Endpoint("userinfo_endpoint") == "" {
		NotApplicable("the metadata name no userinfo_endpoint")
	}
	return client.Proven(ctx, func(grant *flow.Outcome) *flow.Outcome { return client.Userinfo(ctx, Needs(grant)) })
}

// claimsOf are the claims of an answer, be it JSON or a JWT, whatever it is called; nil for anything else.
func claimsOf(client *flow.Client, answer *flow.Outcome) map[string]any {
	if members := answer.Members(); members != nil {
		return members
	}
	content := everywhere.Opened(client, strings.TrimSpace(string(answer.Body)))
	if claims := jose.Claims(content); claims != nil {
		return claims
	}
	var members map[string]any
	_ = json.Unmarshal([]byte(content), &members) // encrypted, and not signed: section 5.3.2 has that too
	return members
}

// storable says whether a cache that many share may store an answer that came for a token: only where that is said (RFC 9111 section 3.5), and where it does not have to
// tell tokens apart.
func storable(header http.Header) bool {
	shared := false
	for directive := range strings.SplitSeq(strings.ToLower(strings.Join(header.Values("Cache-Control"), ",")), ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(directive), "=")
		switch name {
		case "no-store", "private":
			return false
		case "public":
			shared = true
		case "s-maxage":
			shared = shared || strings.Trim(value, `"0`) != ""
		}
	}
	vary := strings.ToLower(strings.Join(header.Values("Vary"), ","))
	return shared && !strings.Contains(vary, "authorization") && !strings.Contains(vary, "*")
}
