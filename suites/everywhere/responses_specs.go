package everywhere

import (
	"slices"
	"strings"

	. "github.com/onsi/ginkgo/v2"

	"github.com/fapitest/fapitest/harness/consent"
	. "github.com/fapitest/fapitest/harness/expect"
	"github.com/fapitest/fapitest/harness/flow"
	"github.com/fapitest/fapitest/harness/jose"
	"github.com/fapitest/fapitest/harness/requirement"
	"github.com/fapitest/fapitest/harness/wire"
)

// Signed is an authorization response to a request that asked for a signed one (JARM), as it was read: whether its signature holds is another question.
type Signed struct {
	Mode     string // response_mode of the request
	Error    bool   // the user said no, or nobody may be asked
	How      string // the request deviates, where nobody may be asked; "" where the user was
	Landed   *flow.Outcome
	Response flow.Response
	Header   map[string]any // of the JWT; nil where none came, or where it can't be read
}

// String says which response it is: "where response_mode is jwt".
func (s Signed) String() string {
	switch {
	case s.How != "":
		return "to a request " + s.How
	case s.Error:
		return "where response_mode is " + s.Mode + " and the user says no"
	}
	return "where response_mode is " + s.Mode
}

// Read says whether a JWT came that could be read.
func (s Signed) Read() bool { return s.Header["alg"] != nil && s.Response.Object != nil }

// Sealed says whether a response came encrypted, was opened, and has no JWT in it.
func (s Signed) Sealed() bool {
	return s.Response.Encrypted && s.Response.Token != "" && s.Header == nil
}

// signedIn reads a response. It ends a spec where that is encrypted, and can't be opened.
func signedIn(client *flow.Client, mode string, isError bool, landed *flow.Outcome) Signed {
	response := landed.Response()
	if response.Encrypted && response.Token == "" {
		Opened(client, response.Compact())
	}
	return Signed{Mode: mode, Error: isError, Landed: landed, Response: response, Header: jose.Header(response.Token)}
}

// SignedSuccess is what answers a request that asks for a signed response in a mode and to which the user says yes. A mode other than jwt may be refused, also where
// it is listed for other response types: then ok is false, and because says how. It ends a spec where there was no other answer.
func SignedSuccess(ctx SpecContext, client *flow.Client, mode string) (signed Signed, ok bool, because string) {
	landed, _ := client.GrantAsked(ctx, "response_mode="+mode)
	if decision, because := Decide(landed); decision == wire.Refused && mode != PlainSignedMode {
		return Signed{}, false, because
	}
	if landed.Trip == nil || landed.Trip.Ending != consent.Arrived || !landed.Response().Signed() {
		Needs(landed)
	} // else it is an answer, also where nobody can read it
	return signedIn(client, mode, false, landed), true, ""
}

// PlainSignedMode is the mode of signed responses that every server has which has any.
const PlainSignedMode = "jwt"

// SignedError is the same where the user says no; ok is false where that ends on a page, or the user was not asked.
func SignedError(ctx SpecContext, client *flow.Client, mode string) (signed Signed, ok bool) {
	denied := client.DeclinedAsked(ctx, "response_mode="+mode)
	switch decision, because := Decide(denied); decision {
	case wire.Refused:
	case wire.Accepted:
		return Signed{}, false // remembered, or broken at RFC6749-4.1.2.1-2
	case wire.Undecided, wire.Confused:
		if denied.Trip != nil && denied.Trip.Ending == consent.Arrived {
			break // with what can't be read
		}
		LeaveUndecided(denied.Exchange, because)
		Unknown("the user's no was not answered: %s", because)
	}
	if denied.Trip == nil || denied.Trip.Ending != consent.Arrived {
		return Signed{}, false
	}
	return signedIn(client, mode, true, denied), true
}

// earlyErrors are the errors, in the mode jwt, with which the browser is sent back before anybody has signed in: to a request in a form, and to one in a request object where the
// client can sign one. Who shows them on a page has none.
func earlyErrors(ctx SpecContext, client *flow.Client) (all []Signed) {
	if !client.Target().OpenID() {
		return nil // prompt means nothing then
	}
	asks := []flow.Deviation{flow.With(flow.Parameter("prompt"), "none")}
	if client.Shape().ResponseMode == "" {
		asks = append(asks, flow.With(flow.Parameter("response_mode"), PlainSignedMode))
	}
	ways := []flow.Deviation{flow.All("with prompt=none and response_mode=jwt", asks...)}
	if client.Target().Offered(string(requirement.JAR)) && client.Self().Key != nil && !client.Shape().Signed {
		ways = append(ways, flow.All("with prompt=none and response_mode=jwt, in a request object", append(asks, flow.With(flow.RequestObject, flow.Signed))...))
	}
	for _, way := range ways {
		// What is granted, refused when it is pushed or shown on a page is judged elsewhere.
		refused := client.Login(ctx, way)
		if refused.Trip != nil && refused.Trip.Ending == consent.Arrived && refused.Response().Signed() && refused.Response().Object["code"] == nil {
			signed := signedIn(client, PlainSignedMode, true, refused)
			signed.How = way.String()
			all = append(all, signed)
		}
	}
	return all
}

// SignedModes are the modes of signed responses that a target announces, jwt first, which it has to know anyway.
func SignedModes(client *flow.Client) []string {
	modes := []string{PlainSignedMode}
	for _, mode := range client.Target().Metadata.List("response_modes_supported") {
		if slices.Contains([]string{"query.jwt", "fragment.jwt", "form_post.jwt"}, mode) && !slices.Contains(modes, mode) {
			modes = append(modes, mode)
		}
	}
	return modes
}

// EachSigned looks at the signed responses of all modes that are announced, to a user who says yes, to one who says no and where nobody may be asked; and at those of the mode jwt
// as every other client of the kind. What is no JWT that can be read is told to absent, which ends the spec or has it go on.
func EachSigned(ctx SpecContext, client *flow.Client, absent func(signed Signed), look func(client *flow.Client, signed Signed)) {
	sort := func(client *flow.Client, signed Signed) {
		if signed.Read() {
			look(client, signed)
		} else {
			absent(signed)
		}
	}
	InEachMode(client, func(client *flow.Client, mode string) {
		signed, ok, because := SignedSuccess(ctx, client, mode)
		if !ok {
			Note("response_mode=%s is listed, and refused where a code is asked for: %s", mode, because)
			return
		}
		sort(client, signed)
		if signed, ok := SignedError(ctx, client, mode); ok {
			sort(client, signed)
		}
		if mode == PlainSignedMode {
			for _, signed := range earlyErrors(ctx, client) {
				sort(client, signed)
			}
		}
	})
}

// InEachMode carries something out in each mode of signed responses that is announced, and in the mode jwt as every other client of the kind.
func InEachMode(client *flow.Client, try func(client *flow.Client, mode string)) {
	modes := SignedModes(client)
	AsEach(client, func(client *flow.Client) {
		for _, mode := range modes {
			try(client, mode)
		}
		modes = []string{PlainSignedMode}
	})
}

// LegalInErrors says whether a text has only the characters that errors and their descriptions may have: printable ASCII without " and \ (RFC 6749 section 5.2).
func LegalInErrors(text string) bool {
	return !strings.ContainsFunc(text, func(r rune) bool { return r < 0x20 || r > 0x7e || r == '"' || r == '\\' })
}
