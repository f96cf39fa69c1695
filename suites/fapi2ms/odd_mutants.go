package fapi2ms

import (
	"github.com/fapitest/fapitest/fixtures/authserver"
	"github.com/fapitest/fapitest/fixtures/mutant"
	"github.com/fapitest/fapitest/harness/target"
)

func oddMutants() []mutant.Mutant {
	return []mutant.Mutant{{
		Name: "unsigned-denial-without-a-mode", Breaks: NoneUnsigned,
		How: "signs a response with a code where no mode is named, and has the user's no in the open",
		Policy: func(p *authserver.Policy) {
			p.SignsResponse = func(r authserver.SignedResponse) bool { return r.Wanted || r.Error == "" }
		},
		Requires: []string{target.RequiresJARM},
	}, {
		Name: "response-encrypted-unasked", Breaks: NotEncrypted,
		How:    "encrypts signed responses to a key that the client does not have any more",
		Policy: func(p *authserver.Policy) { p.EncryptsUnasked = func(authserver.SignedResponse) bool { return true } },
	}, {
		Name: "response-encrypted-unasked-to-later-clients", Breaks: NotEncrypted,
		How: "encrypts signed responses to clients that were registered after it had learnt to, whether they want that or not",
		Policy: func(p *authserver.Policy) {
			p.EncryptsUnasked = func(r authserver.SignedResponse) bool { return second(r.Client) }
		},
		Auth: "private_key_jwt",
	}, {
		Name: "unsigned-beside-an-empty-request-object", Breaks: SignedOnly,
		How: "looks whether request is there where requests have to be signed, and takes an empty one for none",
		Policy: func(p *authserver.Policy) {
			p.NeedsRequestObject = func(string) bool { return true }
			p.TakesEmptyObject = func() bool { return true }
		},
		Requires: []string{target.RequiresJAR},
	}, {
		Name: "encrypted-request-object-expired", Breaks: NotExpired,
		How: "does not compare exp of a request object that was encrypted with the present time",
		Policy: func(p *authserver.Policy) {
			p.ObjectLife = func(l authserver.ObjectLife) bool {
				if end := l.Now + 1; l.Sealed && l.Exp != nil && *l.Exp <= l.Now {
					l.Exp = &end
				}
				return authserver.WithinTheHour(l)
			}
		},
	}, {
		Name: "encrypted-request-object-by-any-client", Breaks: SignatureVerified,
		How: "looks whether somebody whom it knows has signed a request object that was encrypted to it",
		Policy: func(p *authserver.Policy) {
			p.ObjectSigner = func(s authserver.ObjectSigner) bool { return s.Signer == s.Client || s.Sealed && s.Signer != "" }
		},
	}, {
		Name: "encrypted-request-object-by-the-key-that-it-brings", Breaks: SignatureVerified,
		How: "takes the key in the header of a request object that was encrypted to it",
		Policy: func(p *authserver.Policy) {
			p.ObjectSigner = func(s authserver.ObjectSigner) bool { return s.Signer == s.Client || s.Sealed && s.Brought != "" }
		},
	}, {
		Name: "encrypted-request-object-without-begin", Breaks: BeginGiven,
		How: "needs no nbf in a request object that was encrypted to it",
		Policy: func(p *authserver.Policy) {
			p.ObjectLife = func(l authserver.ObjectLife) bool {
				return authserver.WithinTheHour(l) || l.Sealed && l.Nbf == nil && !l.OddNbf && l.Exp != nil && *l.Exp > l.Now
			}
		},
	}, {
		Name: "encrypted-request-object-of-any-length", Breaks: LifeBounded,
		How: "does not look how long a request object lasts that was encrypted to it",
		Policy: func(p *authserver.Policy) {
			p.ObjectLife = func(l authserver.ObjectLife) bool {
				return authserver.WithinTheHour(l) || l.Sealed && l.Nbf != nil && *l.Nbf >= l.Now-3600 && l.Exp != nil && *l.Exp > l.Now
			}
		},
	}, {
		Name: "encrypted-request-object-for-anybody", Breaks: AudienceCompared,
		How: "looks at aud of request objects that were not encrypted alone",
		Policy: func(p *authserver.Policy) {
			p.ObjectAudience = func(a authserver.ObjectAudience) bool { return a.Sealed || authserver.ForTheIssuer(a) }
		},
	}}
}
