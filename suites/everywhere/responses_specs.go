package everywhere

import (
	"slices"
	"strings"

	. "github.com/onsi/ginkgo/v2"

	"github.com/fapitest/fapitest/harness/consent"
	. "github.com/fapitest/fapitest/harness/expect"
	"github.com/fapitest/fapitest/harness/flow"
	"github.com/fapitest/fapitest/harness/jose"
	"github.com/fapitest/fapitest/harness/wire"
)

// Signed is an authorization response to a request that asked for a signed one (JARM), as it was read: whether its signature holds is another question.
type Signed struct {
	Mode     string // response_mode of the request
	Error    bool   // the user said no
	Landed   *flow.Outcome
	Response flow.Response
	Header   map[string]any // of the JWT; nil where none came, or where it can't be read
}

// String says which response it is: "where response_mode is jwt".
func (s Signed) String() string {
	if s.Error {
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

// SignedSuccess is what answers a request that asks for a signed response in a mode and to which the user says yes. It ends a spec where there was no such answer.
func SignedSuccess(ctx SpecContext, client *flow.Client, mode string) Signed {
	landed, _ := client.GrantAsked(ctx, "response_mode="+mode)
	return signedIn(client, mode, false, Needs(landed))
}

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

// SignedModes are the modes of signed responses that a target announces, jwt first, which it has to know anyway.
func SignedModes(client *flow.Client) []string {
	modes := []string{"jwt"}
	for _, mode := range client.Target().Metadata.List("response_modes_supported") {
		if slices.Contains([]string{"query.jwt", "fragment.jwt", "form_post.jwt"}, mode) && !slices.Contains(modes, mode) {
			modes = append(modes, mode)
		}
	}
	return modes
}

// EachSigned looks at the signed responses of all modes that are announced, and at one to a user who says no; and at one of both kinds as every other client of
// the kind. What is no JWT that can be read is told to absent, which ends the spec or has it go on.
func EachSigned(ctx SpecContext, client *flow.Client, absent func(signed Signed), look func(client *flow.Client, signed Signed)) {
	first := true
	AsEach(client, func(client *flow.Client) {
		modes := []string{"jwt"}
		if first {
			modes = SignedModes(client)
		}
		first = false
		for _, mode := range modes {
			if signed := SignedSuccess(ctx, client, mode); signed.Read() {
				look(client, signed)
			} else {
				absent(signed)
			}
		}
		if signed, ok := SignedError(ctx, client, "jwt"); ok {
			if signed.Read() {
				look(client, signed)
			} else {
				absent(signed)
			}
		}
	})
}

// UnsignedAlgorithm says whether an algorithm of a JOSE header makes no signature that anybody could check: none, or a code by a shared secret.
func UnsignedAlgorithm(header map[string]any) bool {
	algorithm, _ := header["alg"].(string)
	return strings.EqualFold(algorithm, "none") || strings.HasPrefix(strings.ToUpper(algorithm), "HS") || algorithm == ""
}
