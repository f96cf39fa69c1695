package profiles

import "github.com/fapitest/fapitest/harness/profile"

// japan is FAPI as it is.
var japan = profile.Declaration{
	ID: "japan-plain-fapi", Title: "FAPI as it is used in Japan", Edition: "no text of its own",
	AnyOf:  []string{fapi1Advanced.ID, Default, fapiCIBA1.ID},
	Source: profile.Source{Text: "no national text with rules of its own was found; FAPI as it is", Verified: profile.Unread},
}
