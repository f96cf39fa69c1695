package profiles

import "github.com/fapitest/fapitest/harness/profile"

// norwayHelseID is the identity provider of Norway's health services.
var norwayHelseID = profile.Declaration{
	ID: "norway-helseid", Title: "HelseID (Norway)", Edition: "as its client library has it",
	Extends: Default,
	Limits: []profile.Limit{
		profile.ClientAuth.Of("private_key_jwt"),
		profile.Binding.Of("dpop"),
		profile.AssertionLife.AtMost(60 * second),
		profile.AssertionType.Is("client-authentication+jwt"),
		profile.OpenID.Is(profile.Required),
		profile.AccessTokenLife.Open(),
		profile.RequestURILife.Open(),
	},
	Shape: profile.Shape{Requests: []profile.Request{profile.Pushed}},
	Source: profile.Source{
		Text:     "NorskHelsenett/HelseID.Library.Java (client code); the security profile itself was not readable",
		URL:      "https://github.com/NorskHelsenett/HelseID.Library.Java",
		Verified: profile.Unread,
	},
}
