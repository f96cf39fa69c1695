package profiles

import (
	"github.com/fapitest/fapitest/harness/profile"
	"github.com/fapitest/fapitest/harness/requirement"
	"github.com/fapitest/fapitest/suites/rar"
)

// ksaOpenBanking is the open banking of Saudi Arabia.
var ksaOpenBanking = profile.Declaration{
	ID: "ksa-open-banking", Title: "Open Banking Framework of Saudi Arabia", Edition: "2026",
	Extends: fapi2MessageSigning.ID,
	Holds:   []requirement.Condition{"mtls_ecosystem"},
	Limits: []profile.Limit{
		profile.ClientAuth.Of("private_key_jwt"),
		profile.Binding.Of("mtls"),
		profile.MTLSEverywhere.Is("every endpoint"),
		profile.SignedRequests.Is(profile.Required),
		profile.SignedResponses.Is(profile.Unused),
		profile.SigningAlgorithms.Of("PS256"),
		profile.OpenID.Is(profile.Required),
		profile.RAR.Is(profile.Unused),
		profile.FrontChannel.Of("client_id", "request_uri"),
		profile.AccessTokenLife.Open(),
	},
	Before: &profile.Preparation{
		Creates: "a consent", Body: "a signed JWT (application/jwt) with the member message", Carried: "in the scope, as accounts:<id>",
	},
	Source: profile.Source{
		Text:     "conformance-suite@12f2a4da KsaProfileBehavior and design notes of 2026-06; portal not readable",
		URL:      "https://ksaob.atlassian.net",
		Verified: profile.Unread,
	},
}

// uaeCBUAE is the open finance of the United Arab Emirates.
var uaeCBUAE = profile.Declaration{
	ID: "uae-cbuae", Title: "Open Finance of the United Arab Emirates (CBUAE)", Edition: "2025",
	Extends:   fapi2MessageSigning.ID,
	Documents: []*requirement.Document{rar.Document},
	Holds:     []requirement.Condition{"mtls_ecosystem"},
	Limits: []profile.Limit{
		profile.ClientAuth.Of("private_key_jwt"),
		profile.Binding.Of("mtls"),
		profile.MTLSEverywhere.Is("every endpoint"),
		profile.SignedRequests.Is(profile.Required),
		profile.SigningAlgorithms.Of("PS256"),
		profile.RSAKey.AtLeast(2048),
		profile.RAR.Is(profile.Required),
		profile.AccessTokenLife.Between(1*second, 600*second),
		profile.RequestObjectLife.AtMost(300 * second),
		profile.RequestObjectEncryption.Is(profile.Optional),
		profile.MaxAge.AtMost(3600 * second),
		profile.RefreshTokenLife.Is("as long as the consent"),
		profile.OpenID.Is(profile.Required),
	},
	Source: profile.Source{
		Text:     "Nebras-Open-Finance/community-standards@1079bf0c (guides for third parties) and CbuaeProfileBehavior",
		URL:      "https://github.com/Nebras-Open-Finance/community-standards",
		Verified: profile.ReadInPart,
	},
}
