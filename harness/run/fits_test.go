package run_test

import (
	"strings"
	"testing"

	"github.com/fapitest/fapitest/harness/profile"
	"github.com/fapitest/fapitest/harness/requirement"
	"github.com/fapitest/fapitest/harness/run"
	"github.com/fapitest/fapitest/harness/target"
)

// What no client can play is no run of something else.
func TestObstacle(t *testing.T) {
	document := &requirement.Document{ID: "X"}
	for name, test := range map[string]struct {
		profile profile.Profile
		says    string
	}{
		"a plain one":       {profile.Profile{}, ""},
		"pushed or not":     {profile.Profile{Shape: profile.Shape{Requests: []profile.Request{profile.ByValue, profile.Pushed}}}, ""},
		"by value":          {profile.Profile{Shape: profile.Shape{Requests: []profile.Request{profile.ByValue}}}, ""},
		"backchannel":       {profile.Profile{Shape: profile.Shape{Requests: []profile.Request{profile.Backchannel}}}, "through the backchannel, which fapitest does not"},
		"a code among more": {profile.Profile{Shape: profile.Shape{Responses: []profile.Response{profile.Hybrid, profile.Code}}}, ""},
		"hybrid":            {profile.Profile{Shape: profile.Shape{Responses: []profile.Response{profile.Hybrid}}}, ""},
		"a consent first":   {profile.Profile{Before: &profile.Preparation{Creates: "a consent"}}, "a step before the authorization"},
		"assertions":        {profile.Profile{Limits: profile.Limits{{Limit: profile.AssertionType.Is("own+jwt")}}}, "typ own+jwt"},
		"FAPI 1.0":          {profile.Profile{Requires: []*requirement.Requirement{document.Plan(requirement.Entry{ID: "X-1", AppliesIf: requirement.FAPI1})}}, "apply if fapi1"},
	} {
		if got := run.Obstacle(test.profile); (got == "") != (test.says == "") || !strings.Contains(got, test.says) {
			t.Errorf("%s: %q, want %q", name, got, test.says)
		}
	}
}

// A target file that contradicts the profile is no target for it.
func TestFits(t *testing.T) {
	limits := func(list ...profile.Limit) profile.Profile {
		p := profile.Profile{ID: "x"}
		for _, limit := range list {
			p.Limits = append(p.Limits, profile.Held{Limit: limit, Profile: "x"})
		}
		return p
	}
	fits := func() *target.Target {
		return &target.Target{
			File: "bank.yaml", Scope: "openid accounts", Offers: []string{"rar", "jarm"}, Requires: []string{target.RequiresJAR},
			Clients: []*target.Client{{ID: "one", Auth: target.PrivateKeyJWT, Binding: target.MTLS}},
		}
	}
	shaped := func(shape profile.Shape) profile.Profile { return profile.Profile{ID: "x", Shape: shape} }
	features := profile.Profile{ID: "x", Features: []profile.Features{{AtLeast: 1, Of: []profile.Feature{{Claim: "jar"}, {Claim: "jarm"}}}}}
	for name, test := range map[string]struct {
		profile profile.Profile
		spoil   func(*target.Target)
		says    string
	}{
		"binding":         {limits(profile.Binding.Of("mtls")), func(t *target.Target) { t.Clients[0].Binding = target.DPoP }, "bank.yaml: client one has binding: dpop, and profile x allows mtls"},
		"auth":            {limits(profile.ClientAuth.Of("private_key_jwt")), func(t *target.Target) { t.Clients[0].Auth = target.TLSClientAuth }, "client one has auth: tls_client_auth"},
		"openid":          {limits(profile.OpenID.Is(profile.Required)), func(t *target.Target) { t.Scope = "accounts" }, "scope does not ask for openid"},
		"signed requests": {limits(profile.SignedRequests.Is(profile.Required)), func(t *target.Target) { t.Requires = nil }, "say requires: [jar]"},
		"rar":             {limits(profile.RAR.Is(profile.Required)), func(t *target.Target) { t.Offers = nil }, "claim rar in offers"},
		"pushed":          {shaped(profile.Shape{Requests: []profile.Request{profile.Pushed}}), func(t *target.Target) { t.Requests = target.ByValue }, "those of profile x pushed: say requests: pushed"},
		"hybrid": {
			shaped(profile.Shape{Responses: []profile.Response{profile.Code}}), func(t *target.Target) { t.ResponseType = target.CodeIDToken },
			"requests are answered with code id_token, and those of profile x with code",
		},
		"features": {features, func(t *target.Target) { t.Offers = nil }, "wants at least 1 of jar, jarm"},
	} {
		good := fits()
		if err := run.Fits(test.profile, good); err != nil {
			t.Errorf("%s, as it should be: %v", name, err)
		}
		test.spoil(good)
		if err := run.Fits(test.profile, good); err == nil || !strings.Contains(err.Error(), test.says) {
			t.Errorf("%s: %v, want %q", name, err, test.says)
		}
	}
}
