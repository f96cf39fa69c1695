package fapi2ms

import (
	"slices"
	"strings"

	"github.com/fapitest/fapitest/fixtures/authserver"
	"github.com/fapitest/fapitest/fixtures/mutant"
	"github.com/fapitest/fapitest/harness/requirement"
	"github.com/fapitest/fapitest/harness/target"
)

// Mutants returns the banks that break this profile's requirements.
func Mutants() []mutant.Mutant {
	return slices.Concat(signerMutants(), audienceMutants(), lifeMutants(), typeMutants(), responseMutants(), introspectionMutants(), oddMutants())
}

// second says whether a client is another one of its kind than the one that experiments run as.
func second(client string) bool { return strings.HasSuffix(client, "-second") }

func signerMutants() []mutant.Mutant {
	knows := func(known func(client string) bool) func(*authserver.Policy) {
		return func(p *authserver.Policy) {
			p.ObjectSigner = func(s authserver.ObjectSigner) bool { return s.Signer == s.Client && known(s.Client) }
		}
	}
	trusts := func(accept func(authserver.ObjectSigner) bool) func(*authserver.Policy) {
		return func(p *authserver.Policy) {
			p.ObjectSigner = func(s authserver.ObjectSigner) bool { return s.Signer == s.Client || !s.Sealed && accept(s) }
		}
	}
	wants := func(of func(client string) bool) func(*authserver.Policy) {
		return func(p *authserver.Policy) { p.NeedsRequestObject = of }
	}
	return []mutant.Mutant{{
		Name:   "request-objects-of-clients-with-assertions",
		Breaks: ObjectsTaken,
		How:    "looks for the key of a request object among those for client assertions, and knows none of clients that authenticate by a certificate",
		Policy: knows(func(client string) bool { return strings.HasPrefix(client, "key-") }),
		Auth:   "tls_client_auth",
	}, {
		Name:   "request-objects-of-the-first-client",
		Breaks: ObjectsTaken,
		How:    "has request objects switched on for the first client, and not for those that were registered later",
		Policy: knows(func(client string) bool { return !second(client) }),
		Auth:   "private_key_jwt",
	}, {
		Name:     "unsigned-where-signing-is-required",
		Breaks:   SignedOnly,
		How:      "says that requests have to be signed, and takes those that are not",
		Policy:   wants(func(string) bool { return false }),
		Requires: []string{target.RequiresJAR},
	}, {
		Name:     "unsigned-where-signing-is-required-of-the-first-client",
		Breaks:   SignedOnly,
		How:      "wants requests signed by the one client for which that was switched on",
		Policy:   wants(func(client string) bool { return !second(client) }),
		Requires: []string{target.RequiresJAR},
		Auth:     "private_key_jwt",
	}, {
		Name:   "request-object-signature-not-verified",
		Breaks: SignatureVerified,
		How:    "reads request objects, the client having authenticated, and does not verify their signatures",
		Policy: trusts(func(s authserver.ObjectSigner) bool { return !s.MACed }),
	}, {
		Name:   "request-object-signature-verified-where-there-is-one",
		Breaks: SignatureVerified,
		How:    "verifies the signature of a request object if there is one",
		Policy: trusts(func(s authserver.ObjectSigner) bool { return s.Empty && !s.MACed }),
	}, {
		Name:   "request-object-key-known-by-its-name",
		Breaks: SignatureVerified,
		How:    "takes a request object for signed when its kid is that of a key of the client",
		Policy: trusts(func(s authserver.ObjectSigner) bool { return s.KnownKey && !s.MACed }),
	}, {
		Name:   "request-object-by-any-client",
		Breaks: SignatureVerified,
		How:    "keeps the keys of all clients in one store, and verifies request objects by whichever fits",
		Policy: trusts(func(s authserver.ObjectSigner) bool { return s.Signer != "" }),
	}, {
		Name:   "request-object-by-the-key-that-it-brings",
		Breaks: SignatureVerified,
		How:    "verifies a request object by the key in its own header",
		Policy: trusts(func(s authserver.ObjectSigner) bool { return s.Brought == "jwk" }),
	}, {
		Name:   "request-object-by-the-public-key-as-secret",
		Breaks: SignatureVerified,
		How:    "hands the client's public key to its library, whatever algorithm the header names",
		Policy: trusts(func(s authserver.ObjectSigner) bool { return s.MACed }),
	}, {
		Name:   "request-object-signature-verified-of-one-client",
		Breaks: SignatureVerified,
		How:    "verifies the request objects of the first client alone",
		Policy: trusts(func(s authserver.ObjectSigner) bool { return second(s.Client) && !s.MACed }),
		Auth:   "private_key_jwt",
	}}
}

func audienceMutants() []mutant.Mutant {
	stricter := func(accept func(authserver.ObjectAudience) bool) func(*authserver.Policy) {
		return func(p *authserver.Policy) {
			p.ObjectAudience = func(a authserver.ObjectAudience) bool { return authserver.ForTheIssuer(a) && accept(a) }
		}
	}
	also := func(accept func(a authserver.ObjectAudience, text string) bool) func(*authserver.Policy) {
		return func(p *authserver.Policy) {
			p.ObjectAudience = func(a authserver.ObjectAudience) bool {
				text, _ := a.Value.(string)
				return authserver.ForTheIssuer(a) || accept(a, text)
			}
		}
	}
	isList := func(value any) bool {
		_, list := value.([]any)
		return list
	}
	return []mutant.Mutant{{
		Name:   "request-object-for-a-list-refused",
		Breaks: AudienceAccepted,
		How:    "reads aud of a request object as a text, which a list is not",
		Policy: stricter(func(a authserver.ObjectAudience) bool { return !isList(a.Value) }),
	}, {
		Name:   "request-object-for-the-first-of-a-list",
		Breaks: AudienceAccepted,
		How:    "compares the first member of the list in aud alone",
		Policy: stricter(func(a authserver.ObjectAudience) bool {
			list, _ := a.Value.([]any)
			return len(list) == 0 || list[0] == a.Issuer
		}),
	}, {
		Name:   "request-object-for-a-list-of-one-client-refused",
		Breaks: AudienceAccepted,
		How:    "takes lists in aud from the first client alone",
		Policy: stricter(func(a authserver.ObjectAudience) bool { return !isList(a.Value) || !second(a.Client) }),
		Auth:   "private_key_jwt",
	}, {
		Name:   "request-object-for-nobody",
		Breaks: AudienceCompared,
		How:    "compares aud of a request object if it is there",
		Policy: also(func(a authserver.ObjectAudience, _ string) bool { return a.Value == nil }),
	}, {
		Name:   "request-object-for-the-token-endpoint",
		Breaks: AudienceCompared,
		How:    "takes a request object that is meant for the token endpoint, as it takes client assertions",
		Policy: also(func(a authserver.ObjectAudience, text string) bool {
			return slices.Contains(a.Endpoints[authserver.EndpointToken], text)
		}),
	}, {
		Name:   "request-object-for-the-pushing-endpoint",
		Breaks: AudienceCompared,
		How:    "takes a request object that is meant for the address to which it was pushed",
		Policy: also(func(a authserver.ObjectAudience, text string) bool {
			return slices.Contains(a.Endpoints[authserver.EndpointPAR], text)
		}),
	}, {
		Name:   "request-object-for-the-issuer-with-a-slash",
		Breaks: AudienceCompared,
		How:    "compares aud of a request object without the slashes at the end",
		Policy: also(func(a authserver.ObjectAudience, text string) bool {
			return strings.TrimRight(text, "/") == strings.TrimRight(a.Issuer, "/")
		}),
	}, {
		Name:   "request-object-for-what-begins-like-the-issuer",
		Breaks: AudienceCompared,
		How:    "wants aud of a request object to begin with the issuer",
		Policy: also(func(a authserver.ObjectAudience, text string) bool { return strings.HasPrefix(text, a.Issuer+".") }),
	}, {
		Name:   "request-object-for-any-list",
		Breaks: AudienceCompared,
		How:    "compares aud of a request object where it is a text, and lets lists through",
		Policy: also(func(a authserver.ObjectAudience, _ string) bool { return isList(a.Value) }),
	}, {
		Name:   "request-object-for-no-text",
		Breaks: AudienceCompared,
		How:    "compares aud of a request object where it is a text or a list, and fails open on everything else",
		Policy: also(func(a authserver.ObjectAudience, _ string) bool {
			_, isObject := a.Value.(map[string]any)
			return isObject
		}),
	}, {
		Name:   "request-object-for-the-issuer-in-any-case",
		Breaks: AudienceCompared,
		How:    "compares aud of a request object in any case",
		Policy: also(func(a authserver.ObjectAudience, text string) bool { return strings.EqualFold(text, a.Issuer) }),
	}, {
		Name:   "request-object-for-the-issuer-among-words",
		Breaks: AudienceCompared,
		How:    "reads aud of a request object as a list of words, as scope is one",
		Policy: also(func(a authserver.ObjectAudience, text string) bool {
			return slices.Contains(strings.Fields(text), a.Issuer)
		}),
	}, {
		Name:   "request-object-for-an-empty-list",
		Breaks: AudienceCompared,
		How:    "looks for a member of aud that is somebody else, and finds none in an empty list",
		Policy: also(func(a authserver.ObjectAudience, _ string) bool {
			list, ok := a.Value.([]any)
			return ok && len(list) == 0
		}),
	}, {
		Name:   "request-object-for-anybody-of-one-client",
		Breaks: AudienceCompared,
		How:    "looks at aud in the request objects of the first client alone",
		Policy: also(func(a authserver.ObjectAudience, _ string) bool { return second(a.Client) }),
		Auth:   "private_key_jwt",
	}}
}

func lifeMutants() []mutant.Mutant {
	reads := func(read func(*authserver.ObjectLife)) func(*authserver.Policy) {
		return func(p *authserver.Policy) {
			p.ObjectLife = func(l authserver.ObjectLife) bool {
				read(&l)
				return authserver.WithinTheHour(l)
			}
		}
	}
	// begins and ends have a request object begin or end where that is as good as any, if it may.
	begins := func(may func(authserver.ObjectLife) bool) func(*authserver.Policy) {
		return reads(func(l *authserver.ObjectLife) {
			if begin := l.Now; may(*l) {
				l.Nbf = &begin
			}
		})
	}
	ends := func(may func(authserver.ObjectLife) bool) func(*authserver.Policy) {
		return reads(func(l *authserver.ObjectLife) {
			if end := l.Now + 1; may(*l) {
				l.Exp = &end
			}
		})
	}
	// longer lets a request object end later than it may where that is due to it.
	longer := func(may func(l authserver.ObjectLife) bool) func(*authserver.Policy) {
		return reads(func(l *authserver.ObjectLife) {
			if end := l.Now + 1; l.Nbf != nil && l.Exp != nil && *l.Exp > l.Now && may(*l) {
				l.Exp = &end
			}
		})
	}
	return []mutant.Mutant{{
		Name:   "request-object-without-begin",
		Breaks: BeginGiven,
		How:    "compares nbf of a request object if it is there",
		Policy: begins(func(l authserver.ObjectLife) bool { return l.Nbf == nil && !l.OddNbf }),
	}, {
		Name:   "request-object-with-an-odd-begin",
		Breaks: BeginGiven,
		How:    "looks whether a request object has nbf, and passes over what is no number",
		Policy: begins(func(l authserver.ObjectLife) bool { return l.OddNbf }),
	}, {
		Name:   "request-object-without-begin-of-one-client",
		Breaks: BeginGiven,
		How:    "wants nbf in the request objects of the first client alone",
		Policy: begins(func(l authserver.ObjectLife) bool { return l.Nbf == nil && second(l.Client) }),
		Auth:   "private_key_jwt",
	}, {
		Name:       "request-object-begun-by-iat",
		Breaks:     BegunLately,
		AlsoBreaks: []*requirement.Requirement{LifeBounded},
		How:        "takes iat of a request object for the time at which it begins",
		Policy:     begins(func(l authserver.ObjectLife) bool { return l.Nbf != nil && l.Iat != nil && *l.Iat > *l.Nbf }),
	}, {
		Name:   "request-object-begun-long-ago",
		Breaks: BegunLately,
		How:    "counts the 60 minutes of a request object that began long ago from now",
		Policy: begins(func(l authserver.ObjectLife) bool { return l.Nbf != nil && *l.Nbf < l.Now-3600 }),
	}, {
		Name:   "request-object-begun-long-ago-of-one-client",
		Breaks: BegunLately,
		How:    "compares nbf with the present time for the first client alone",
		Policy: begins(func(l authserver.ObjectLife) bool { return l.Nbf != nil && *l.Nbf < l.Now-3600 && second(l.Client) }),
		Auth:   "private_key_jwt",
	}, {
		Name:   "request-object-without-end",
		Breaks: EndGiven,
		How:    "compares exp of a request object if it is there",
		Policy: ends(func(l authserver.ObjectLife) bool { return l.Exp == nil && !l.OddExp }),
	}, {
		Name:   "request-object-with-an-odd-end",
		Breaks: EndGiven,
		How:    "looks whether a request object has exp, and passes over what is no number",
		Policy: ends(func(l authserver.ObjectLife) bool { return l.OddExp }),
	}, {
		Name:   "request-object-without-end-of-one-client",
		Breaks: EndGiven,
		How:    "wants exp in the request objects of the first client alone",
		Policy: ends(func(l authserver.ObjectLife) bool { return l.Exp == nil && second(l.Client) }),
		Auth:   "private_key_jwt",
	}, {
		Name:   "request-object-of-any-length",
		Breaks: LifeBounded,
		How:    "looks whether a request object has expired, and not for how long it holds",
		Policy: longer(func(authserver.ObjectLife) bool { return true }),
	}, {
		Name:   "request-object-with-an-end-within-the-hour",
		Breaks: LifeBounded,
		How:    "counts the 60 minutes of a request object from now, and not from nbf",
		Policy: longer(func(l authserver.ObjectLife) bool { return *l.Exp <= l.Now+3600 }),
	}, {
		Name:   "request-object-of-two-hours",
		Breaks: LifeBounded,
		How:    "lets a request object hold for two hours",
		Policy: longer(func(l authserver.ObjectLife) bool { return *l.Exp <= *l.Nbf+7200 }),
	}, {
		Name:   "request-object-of-any-length-of-one-client",
		Breaks: LifeBounded,
		How:    "looks at how long request objects of the first client hold, and of no other",
		Policy: longer(func(l authserver.ObjectLife) bool { return second(l.Client) }),
		Auth:   "private_key_jwt",
	}, {
		Name:   "request-object-expired",
		Breaks: NotExpired,
		How:    "does not compare exp of a request object with the present time",
		Policy: ends(func(l authserver.ObjectLife) bool { return l.Exp != nil && *l.Exp <= l.Now }),
	}, {
		Name:   "request-object-expired-half-an-hour-ago",
		Breaks: NotExpired,
		How:    "gives the clocks of clients half an hour when it looks whether a request object has expired",
		Policy: ends(func(l authserver.ObjectLife) bool { return l.Exp != nil && *l.Exp <= l.Now && *l.Exp > l.Now-1800 }),
	}, {
		Name:   "request-object-expired-of-one-client",
		Breaks: NotExpired,
		How:    "looks whether the request objects of the first client have expired, and no others",
		Policy: ends(func(l authserver.ObjectLife) bool { return l.Exp != nil && *l.Exp <= l.Now && second(l.Client) }),
		Auth:   "private_key_jwt",
	}}
}

func typeMutants() []mutant.Mutant {
	types := func(accept func(client, typ string) bool) func(*authserver.Policy) {
		return func(p *authserver.Policy) {
			p.ObjectType = func(client, typ string) bool { return authserver.RequestTyped(client, typ) && accept(client, typ) }
		}
	}
	const small = "oauth-authz-req+jwt"
	return []mutant.Mutant{{
		Name:   "request-object-type-in-small-letters",
		Breaks: TypeAccepted,
		How:    "compares typ of a request object letter by letter",
		Policy: types(func(_, typ string) bool { return typ == "" || typ == small }),
	}, {
		Name:   "request-object-type-in-small-letters-of-one-client",
		Breaks: TypeAccepted,
		How:    "compares typ letter by letter for clients that were registered later",
		Policy: types(func(client, typ string) bool { return typ == "" || typ == small || !second(client) }),
		Auth:   "private_key_jwt",
	}, {
		Name:   "request-object-type-wanted",
		Breaks: TypeAccepted,
		How:    "refuses request objects that do not say their type",
		Policy: types(func(_, typ string) bool { return typ != "" }),
		Warns:  true,
	}}
}
