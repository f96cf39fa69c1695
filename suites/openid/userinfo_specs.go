package openid

import (
	"encoding/json"
	"mime"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	. "github.com/fapitest/fapitest/harness/expect"
	"github.com/fapitest/fapitest/harness/flow"
	"github.com/fapitest/fapitest/harness/jose"
	"github.com/fapitest/fapitest/harness/wire"
	"github.com/fapitest/fapitest/suites/everywhere"
)

func userinfoSpecs(client *flow.Client) {
	Describe("the userinfo endpoint", func() {
		It("answers a good access token with claims, sub among them", UserinfoAnswers, func(ctx SpecContext) {
			_, answer := told(ctx, client)
			Expect(answer).To(BeAccepted())
			if sub, _ := claimsOf(client, answer)["sub"].(string); sub == "" {
				Broken("the answer has no sub, or one that is no text")
			}
		})
		It("has the sub of the id_token", UserinfoSubject, func(ctx SpecContext) {
			grant, answer := told(ctx, client)
			sub, there := claimsOf(client, Needs(answer))["sub"]
			if !there {
				NotApplicable("the answer has no sub, which is judged at %s", UserinfoAnswers.ID)
			}
			if sub != needsIdentity(client, grant).claims["sub"] {
				Broken("sub is another one than in the id_token that came with the access token")
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
	})
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
