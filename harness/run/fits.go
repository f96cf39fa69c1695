package run

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/fapitest/fapitest/harness/profile"
	"github.com/fapitest/fapitest/harness/requirement"
	"github.com/fapitest/fapitest/harness/target"
)

// Obstacle says why no client can play a profile yet: it needs a flow that the harness does not have, so that a run would test something
// else; empty: one can. Requirements without experiments are no reason: they stand untested in the report.
func Obstacle(p profile.Profile) string {
	var lacks []string
	if len(p.Shape.Requests) > 0 && !slices.ContainsFunc(p.Shape.Requests, func(r profile.Request) bool { return r == profile.Pushed || r == profile.ByValue }) {
		lacks = append(lacks, fmt.Sprintf("its clients send their requests %s, which fapitest does not", either(spelt(p.Shape.Requests))))
	}
	if p.Before != nil && !p.Before.Takes() {
		lacks = append(lacks, fmt.Sprintf("its clients take a step before the authorization, which fapitest does not: %s", p.Before))
	}
	if kind := profile.AssertionType.In(p.Limits); kind != "" {
		lacks = append(lacks, fmt.Sprintf("its clients send assertions of typ %s, which fapitest does not", kind))
	}
	if slices.ContainsFunc(p.Requirements(), func(r *requirement.Requirement) bool { return r.When == requirement.FAPI1 }) {
		lacks = append(lacks, fmt.Sprintf("some of its clauses apply if %s, which fapitest takes to hold for nobody", requirement.FAPI1))
	}
	return strings.Join(lacks, "; ")
}

func spelt[T ~string](list []T) []string {
	var words []string
	for _, word := range list {
		words = append(words, string(word))
	}
	return words
}

// Fits says in one sentence what in a target file contradicts the profile: with other clients, or without what it requires, a run would test
// something else.
func Fits(p profile.Profile, t *target.Target) error {
	where := cmp.Or(t.File, "the bank that comes with fapitest")
	for _, client := range t.Combinations() {
		for _, has := range []struct {
			key, value string
			parameter  profile.List
		}{{"auth", client.Auth, profile.ClientAuth}, {"binding", client.Binding, profile.Binding}} {
			if allowed, set := has.parameter.In(p.Limits); set && !slices.Contains(allowed, has.value) {
				return fmt.Errorf("%s: client %s has %s: %s, and profile %s allows %s: take the client out, or name another profile",
					where, client.ID, has.key, has.value, p.ID, strings.Join(allowed, ", "))
			}
		}
	}
	if err := fitsShape(p, t, where); err != nil {
		return err
	}
	if err := fitsIntents(p, t, where); err != nil {
		return err
	}
	if profile.OpenID.In(p.Limits) == profile.Required && !t.OpenID() {
		return fmt.Errorf("%s: scope does not ask for openid, which profile %s requires: add it", where, p.ID)
	}
	if profile.SignedRequests.In(p.Limits) == profile.Required && !t.Required(target.RequiresJAR) {
		return fmt.Errorf("%s: profile %s requires signed requests: say requires: [%s]", where, p.ID, target.RequiresJAR)
	}
	if profile.RAR.In(p.Limits) == profile.Required && !t.Offered(string(requirement.RAR)) {
		return fmt.Errorf("%s: profile %s requires rich authorization requests: claim %s in offers, and give authorization_details in request", where, p.ID, requirement.RAR)
	}
	for _, features := range p.Features {
		claims := spelt(features.Claims())
		claimed := 0
		for _, claim := range claims {
			if t.Offered(claim) {
				claimed++
			}
		}
		if claimed < features.AtLeast {
			return fmt.Errorf("%s: profile %s wants at least %d of %s: claim them in offers", where, p.ID, features.AtLeast, strings.Join(claims, ", "))
		}
	}
	return nil
}

// fitsIntents says what a target file lacks of the step that clients of the profile take before they send the end user to the server.
func fitsIntents(p profile.Profile, t *target.Target, where string) error {
	if !p.Before.Takes() {
		return nil
	}
	switch {
	case t.Intents == nil:
		return fmt.Errorf("%s: clients of profile %s first make the server a resource: %s; say at which URL: intents: {url: …}", where, p.ID, p.Before)
	case cmp.Or(t.Intents.Body, p.Before.JSON) == "":
		return fmt.Errorf("%s: intents.body is missing: profile %s leaves open what is asked for, such as %s", where, p.ID, `'{"data": {…}}'`)
	case p.Before.Claim != "" && !t.OpenID():
		return fmt.Errorf("%s: scope does not ask for openid, and the claim %s is OpenID Connect's: add it", where, p.Before.Claim)
	}
	return nil
}

// fitsShape says what about how requests and responses travel contradicts the profile.
func fitsShape(p profile.Profile, t *target.Target, where string) error {
	way := profile.Pushed
	if t.TakesByValue() {
		way = profile.ByValue
	}
	if len(p.Shape.Requests) > 0 && !slices.Contains(p.Shape.Requests, way) {
		return fmt.Errorf("%s: requests travel %s, and those of profile %s %s: say requests: %s", where, way, p.ID, either(spelt(p.Shape.Requests)),
			map[bool]string{true: target.Pushed, false: target.ByValue}[t.TakesByValue()])
	}
	if len(p.Shape.Responses) == 0 {
		return nil
	}
	var ways []profile.Response
	switch {
	case t.Hybrid():
		ways = []profile.Response{profile.Hybrid}
	case t.Required(target.RequiresJARM):
		ways = []profile.Response{profile.JARM, profile.Code} // where a signed response is a feature, it is one of a plain code
	default:
		ways = []profile.Response{profile.Code}
	}
	if !slices.ContainsFunc(ways, func(way profile.Response) bool { return slices.Contains(p.Shape.Responses, way) }) {
		return fmt.Errorf("%s: requests are answered with %s, and those of profile %s with %s: say response_type: %q, or requires: [%s]",
			where, ways[0], p.ID, either(spelt(p.Shape.Responses)), target.CodeIDToken, target.RequiresJARM)
	}
	return nil
}
