package flow

import "fmt"

// Step is one kind of request of the flow.
type Step string

// The steps.
const (
	StepPush      Step = "pushed authorization request"
	StepAuthorize Step = "authorization request"
	StepExchange  Step = "token request"
	StepRefresh   Step = "refresh request"
	StepCall      Step = "resource request"
	// StepCallSigned is StepCall where the request is signed, or its answer is to be (FAPI 2.0 HTTP Signatures).
	StepCallSigned Step = "signed resource request"
	StepUserinfo   Step = "userinfo request"
	StepIntrospect Step = "introspection request"
	StepRevoke     Step = "revocation request"
	// StepIntrospectSigned is StepIntrospect where the answer is to be a JWT (RFC 9701).
	StepIntrospectSigned Step = "introspection request for a JWT"
	StepPassword         Step = "password grant request"
	StepLogout           Step = "logout request"
	StepAcross           Step = "request by a script"
	StepKeySet           Step = "key set request"
	StepForItself        Step = "token request of the client for itself"
	StepHandshake        Step = "TLS handshake"
	StepInClear          Step = "request in clear text"
	StepFront            Step = "bare authorization request"
	StepQueryGrant       Step = "grant query"
	StepRevokeGrant      Step = "grant revocation"
	StepEndArrangement   Step = "revocation of an arrangement"
	// StepIntent creates, reads or deletes what an end user is asked to authorise.
	StepIntent Step = "consent request"
)

// TakesToken says whether the step is a request that is served for an access token.
func (s Step) TakesToken() bool {
	return s == StepCall || s == StepCallSigned || s == StepUserinfo || s == StepIntent || s.ManagesGrant()
}

// ManagesGrant says whether the step is a call of the API with which clients manage grants.
func (s Step) ManagesGrant() bool { return s == StepQueryGrant || s == StepRevokeGrant }

// Introspects says whether the step asks what a token is, whatever form of answer it wants.
func (s Step) Introspects() bool { return s == StepIntrospect || s == StepIntrospectSigned }

// Succeeded says whether an answer with a status of success (2xx) is one by its step's own rule, which is about what it hands out, and in words
// what that was read from.
func (o *Outcome) Succeeded() (ok bool, words string) {
	words = fmt.Sprint(o.Status)
	switch o.Step {
	case StepPush:
		return o.handsOut("request_uri")
	case StepExchange, StepRefresh, StepPassword, StepForItself:
		return o.handsOut("access_token")
	case StepIntrospect:
		if _, ok := o.Members()["active"].(bool); !ok {
			return false, words + " without the member active"
		}
		return true, words
	case StepIntrospectSigned:
		// In which form, and whether that is what was asked for, is for experiments to say: it is an answer.
		if _, ok := o.Members()["active"].(bool); !ok && !jwtLike(o.Body) {
			return false, words + " with neither a JWT nor the member active"
		}
		return true, words
	case StepKeySet:
		if _, ok := o.Members()["keys"].([]any); !ok {
			return false, words + " without the member keys"
		}
		return true, words
	case StepIntent, StepCall, StepCallSigned, StepUserinfo, StepQueryGrant, StepRevokeGrant, StepEndArrangement, StepRevoke, StepAuthorize, StepLogout, StepAcross, StepInClear, StepFront:
		return true, words // the status says it all
	case StepHandshake:
		return false, words + " in a handshake"
	}
	return false, words + " to a request of which nobody said what its success is"
}

// handsOut wants a text by name.
func (o *Outcome) handsOut(name string) (ok bool, words string) {
	if o.Text(name) == "" {
		return false, fmt.Sprintf("%d without %s", o.Status, name)
	}
	return true, fmt.Sprintf("%d with %s", o.Status, name)
}
