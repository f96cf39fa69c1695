package profile

import (
	"fmt"
	"slices"
	"strings"
)

// Shape is how a client of the profile gets a code or a token. What a profile leaves empty is as its bases have it.
type Shape struct {
	Requests  []Request  // the ways in which a request reaches the server, of which the operator chooses
	Responses []Response // the ways in which the answer comes back; none where no browser is there
}

// Request is a way in which an authorization request reaches the server.
type Request string

// The ways of requests.
const (
	Pushed      Request = "pushed"
	ByValue     Request = "by value, through the browser"
	Encrypted   Request = "by value, signed and encrypted" // a narrower ByValue
	Backchannel Request = "through the backchannel"
)

// Response is a way in which the answer to an authorization request comes back.
type Response string

// The ways of responses.
const (
	Code   Response = "code"
	Hybrid Response = "code id_token"
	JARM   Response = "code in a signed response (JARM)"
)

// String says the shape in words.
func (s Shape) String() string {
	words := "requests " + join(s.Requests, " or ")
	if len(s.Responses) > 0 {
		words += "; answered with " + join(s.Responses, " or ")
	}
	return words
}

func join[T ~string](list []T, between string) string {
	var words []string
	for _, word := range list {
		words = append(words, string(word))
	}
	return strings.Join(words, between)
}

// narrow is the shape that a profile has which says own of itself. The error says what its base does not have.
func (s Shape) narrow(own Shape) (Shape, error) {
	narrowed := s
	if len(own.Requests) > 0 {
		for _, request := range own.Requests {
			wider := request
			if request == Encrypted && !slices.Contains(s.Requests, Encrypted) {
				wider = ByValue
			}
			if len(s.Requests) > 0 && !slices.Contains(s.Requests, wider) {
				return Shape{}, fmt.Errorf("requests %s: its base has requests %s: a profile narrows", request, join(s.Requests, " or "))
			}
		}
		narrowed.Requests = own.Requests
	}
	if len(own.Responses) > 0 {
		for _, response := range own.Responses {
			if len(s.Responses) > 0 && !slices.Contains(s.Responses, response) {
				return Shape{}, fmt.Errorf("answers with %s: its base answers with %s: a profile narrows", response, join(s.Responses, " or "))
			}
		}
		narrowed.Responses = own.Responses
	}
	return narrowed, nil
}

// Preparation is what a client does before it sends the end user to the server.
type Preparation struct {
	Creates string // the resource that it creates, with a token of its own: "an account access consent"
	Body    string // in which form: "JSON", "a signed JWT"
	Carried string // how the authorization request names it: "in the scope, as consent:<id>"

	// What follows says the same to the client. Where neither Claim nor Scope is there, no client of ours takes the step.

	Claim string // the claim of the id_token that the request asks for, with the id as its value: openbanking_intent_id
	Scope string // what stands before the id in a word of the scope: "consent:"
	ID    string // where the answer has the id: members, separated by dots
	Asks  string // the scope of the token with which it is created, where the target file names none
	JSON  string // the body, where the target file has none
}

// Takes says whether the step is one that a client of ours can take.
func (p *Preparation) Takes() bool { return p != nil && p.ID != "" && (p.Claim != "" || p.Scope != "") }

// String says the step in words.
func (p Preparation) String() string {
	return fmt.Sprintf("%s is created (%s) and named %s", p.Creates, p.Body, p.Carried)
}
