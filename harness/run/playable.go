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

// Playable says in one sentence why no client can play a profile yet: it needs a flow that the harness does not have, so that a run would
// test something else. Requirements without experiments are no reason: they stand untested in the report.
func Playable(p profile.Profile) error {
	var needs []string
	if len(p.Shape.Requests) > 0 && !slices.Contains(p.Shape.Requests, profile.Pushed) {
		needs = append(needs, fmt.Sprintf("sends its requests %s, and not pushed", either(spelt(p.Shape.Requests))))
	}
	if len(p.Shape.Responses) > 0 && !slices.Contains(p.Shape.Responses, profile.Code) {
		needs = append(needs, "is answered with "+either(spelt(p.Shape.Responses)))
	}
	if p.Before != nil {
		needs = append(needs, fmt.Sprintf("begins with a step of its own, in which %s", p.Before))
	}
	if kind := profile.AssertionType.In(p.Limits); kind != "" {
		needs = append(needs, fmt.Sprintf("sends client assertions with typ %s", kind))
	}
	// Target has these conditions met by nobody: a run would call them not applicable.
	if slices.ContainsFunc(p.Requirements(), func(r *requirement.Requirement) bool { return r.When == requirement.FAPI1 }) {
		needs = append(needs, "keeps clauses of FAPI 1.0")
	}
	if len(needs) == 0 {
		return nil
	}
	return fmt.Errorf("profile %s can't be run yet: its client %s, which the client of fapitest does not do", p.ID, strings.Join(needs, "; "))
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
		var claims []string
		claimed := 0
		for _, feature := range features.Of {
			claims = append(claims, string(feature.Claim))
			if t.Offered(string(feature.Claim)) {
				claimed++
			}
		}
		if claimed < features.AtLeast {
			return fmt.Errorf("%s: profile %s wants at least %d of %s: claim them in offers", where, p.ID, features.AtLeast, strings.Join(claims, ", "))
		}
	}
	return nil
}
