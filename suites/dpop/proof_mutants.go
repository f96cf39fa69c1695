package dpop

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/fapitest/fapitest/fixtures/authserver"
	"github.com/fapitest/fapitest/fixtures/mutant"
)

// Where a proof is shown. One function may check all proofs, or each server, endpoint or grant may have its own.
var (
	atTokens        = func(e authserver.Endpoint, _ string) bool { return e == authserver.EndpointToken }
	anywhere        = func(authserver.Endpoint, string) bool { return true }
	withCodes       = func(_ authserver.Endpoint, grant string) bool { return grant == "authorization_code" }
	withCredentials = func(_ authserver.Endpoint, grant string) bool { return grant == "client_credentials" }
	onRefresh       = func(_ authserver.Endpoint, grant string) bool { return grant == "refresh_token" }
	atPAR           = func(e authserver.Endpoint, _ string) bool { return e == authserver.EndpointPAR }
	atRS            = func(e authserver.Endpoint, _ string) bool {
		return e == authserver.EndpointResource || e == authserver.EndpointUserinfo
	}
	atUserinfo = func(e authserver.Endpoint, _ string) bool { return e == authserver.EndpointUserinfo }
)

type where func(endpoint authserver.Endpoint, grant string) bool

// overlooks is a bank that reads something else in a proof than there is.
func overlooks(at where, edit func(p *authserver.Proof)) func(*authserver.Policy) {
	return func(p *authserver.Policy) {
		p.SoundProof = func(facts authserver.Proof) bool {
			if at(facts.Endpoint, facts.Grant) {
				edit(&facts)
			}
			return authserver.WellMadeProof(facts)
		}
	}
}

// atPostedUserinfo is overlooks where userinfo is asked for by POST.
func atPostedUserinfo(edit func(p *authserver.Proof)) func(*authserver.Policy) {
	return overlooks(atUserinfo, func(p *authserver.Proof) {
		if p.WantedMethod == http.MethodPost {
			edit(p)
		}
	})
}

// timed is a bank with another window, or none.
func timed(at where, accept func(t authserver.ProofTime) bool) func(*authserver.Policy) {
	return func(p *authserver.Policy) {
		p.ProofTime = func(t authserver.ProofTime) bool {
			return authserver.FreshProof(t) || at(t.Endpoint, t.Grant) && accept(t)
		}
	}
}

// oddly is a bank that takes something for a proof that is no JWT by an asymmetric algorithm.
func oddly(at where, form string) func(*authserver.Policy) {
	return func(p *authserver.Policy) {
		p.OddProof = func(o authserver.OddProof) bool { return at(o.Endpoint, o.Grant) && o.Form == form }
	}
}

// The mistakes.
func anyType(p *authserver.Proof)      { p.Type = "dpop+jwt" }
func anySignature(p *authserver.Proof) { p.Signature = true }
func anyAddress(p *authserver.Proof)   { p.SameURL = true }
func seenOrNot(p *authserver.Proof)    { p.Seen = false }
func manyFields(p *authserver.Proof)   { p.Fields = 1 }
func privateKey(p *authserver.Proof)   { p.Private = false }

func overridden(p *authserver.Proof) {
	if p.Overriding != "" {
		p.WantedMethod = p.Overriding
	}
}

func anyMethod(p *authserver.Proof) {
	if p.Method != nil {
		p.Method = p.WantedMethod
	}
}

// forgottenAfter forgets a jti after so many seconds.
func forgottenAfter(seconds float64) func(p *authserver.Proof) {
	return func(p *authserver.Proof) { p.Seen = p.Seen && p.SeenFor < seconds }
}

// unnamed takes a jti that says nothing, or is no text, and does not remember it.
func unnamed(p *authserver.Proof) {
	if id, _ := p.ID.(string); id == "" && p.ID != nil {
		p.ID, p.Seen = "none", false
	}
}

// races enters a jti a moment after it has looked for it.
func races(where authserver.Endpoint) func(*authserver.Policy) {
	loses := authserver.LosesRaces()
	return func(p *authserver.Policy) {
		p.NotesID = func(kind string, at authserver.Endpoint, look, mark func() bool) bool {
			if kind == "proof" && at == where {
				return loses(look, mark)
			}
			return mark()
		}
	}
}

// longNamed does not remember what is long.
func longNamed(p *authserver.Proof) {
	id, _ := p.ID.(string)
	p.Seen = p.Seen && len(id) <= 1000
}

// anyPast takes every time in the past.
func anyPast(t authserver.ProofTime) bool {
	return !t.Missing && !t.Odd && t.Iat < t.Now && (t.Nbf == nil || *t.Nbf <= t.Now)
}

func missing(claim *any, stands any) {
	if *claim == nil {
		*claim = stands
	}
}

func withoutID(p *authserver.Proof) {
	if p.ID == nil {
		p.ID, p.Seen = "none", false
	}
}

func withoutMethod(p *authserver.Proof) { missing(&p.Method, p.WantedMethod) }

func withoutAddress(p *authserver.Proof) {
	if p.URL == nil {
		p.SameURL = true
	}
}

func withoutType(p *authserver.Proof) {
	if p.Type == "" {
		p.Type = "dpop+jwt"
	}
}

func methodInAnyCase(p *authserver.Proof) {
	if sent, _ := p.Method.(string); strings.EqualFold(sent, p.WantedMethod) {
		p.Method = p.WantedMethod
	}
}

// addressBy takes an address by a comparison with the right one.
func addressBy(alike func(sent, wanted *url.URL) bool) func(p *authserver.Proof) {
	return func(p *authserver.Proof) {
		sent, err := url.Parse(fmt.Sprint(p.URL))
		wanted, worse := url.Parse(p.WantedURL)
		p.SameURL = p.SameURL || p.URL != nil && err == nil && worse == nil && alike(sent, wanted)
	}
}

func sameHost(sent, wanted *url.URL) bool {
	return sent.Host == wanted.Host && sent.Scheme == wanted.Scheme
}
func samePath(sent, wanted *url.URL) bool { return sent.Path == wanted.Path }
func beginsAlike(sent, wanted *url.URL) bool {
	return strings.HasPrefix(sent.String(), wanted.String())
}
func onlySchemeDiffers(sent, wanted *url.URL) bool {
	return sent.Host == wanted.Host && sent.Path == wanted.Path && sent.User == nil
}
func beginsTheRightOne(sent, wanted *url.URL) bool {
	return strings.HasPrefix(wanted.String(), sent.String())
}
func ofTokenEndpoint(sent, wanted *url.URL) bool {
	return sent.Host == wanted.Host && strings.HasSuffix(sent.Path, "/token")
}

// withoutQuery knows of query and fragment, and of nothing else that makes no difference.
func withoutQuery(p *authserver.Proof) {
	sent := fmt.Sprint(p.URL)
	sent, _, _ = strings.Cut(sent, "#")
	sent, _, _ = strings.Cut(sent, "?")
	p.SameURL = sent == p.WantedURL
}

// normalisedWhole normalises, and counts the query.
func normalisedWhole(p *authserver.Proof) {
	p.SameURL = p.SameURL && !strings.ContainsAny(fmt.Sprint(p.URL), "?#")
}

// nulled takes null for the right value of a claim.
func nulled(claim string) func(p *authserver.Proof) {
	return func(p *authserver.Proof) {
		if p.Null != claim {
			return
		}
		switch claim {
		case "jti":
			p.ID, p.Seen = "none", false
		case "htm":
			p.Method = p.WantedMethod
		case "htu":
			p.SameURL = true
		case "ath":
			p.Hash = p.WantedHash
		}
	}
}

func anyID(p *authserver.Proof) {
	if _, isText := p.ID.(string); !isText && p.ID != nil {
		p.ID, p.Seen = "none", false
	}
}

func emptyMethod(p *authserver.Proof) {
	if p.Method == "" {
		p.Method = p.WantedMethod
	}
}

func listedMethod(p *authserver.Proof) {
	if list, _ := p.Method.([]any); slices.Contains(list, any(p.WantedMethod)) {
		p.Method = p.WantedMethod
	}
}

func emptyAddress(p *authserver.Proof) { p.SameURL = p.SameURL || p.URL == "" }

func listedAddress(p *authserver.Proof) {
	list, _ := p.URL.([]any)
	p.SameURL = p.SameURL || slices.Contains(list, any(p.WantedURL))
}

// oddHash passes over an ath that is no text.
func oddHash(p *authserver.Proof) {
	if _, isText := p.Hash.(string); !isText && p.Hash != nil {
		p.Hash = p.WantedHash
	}
}

func anyExtension(p *authserver.Proof) { p.Extension = false }

func forwardedHost(p *authserver.Proof) {
	p.SameURL = p.SameURL || p.ForwardedURL != "" && p.URL == p.ForwardedURL
}

// typeLike takes every typ that is like the right one.
func typeLike(like func(typ, right string) bool) func(p *authserver.Proof) {
	return func(p *authserver.Proof) {
		if like(p.Type, "dpop+jwt") {
			p.Type = "dpop+jwt"
		}
	}
}

func proofMutants() []mutant.Mutant {
	return []mutant.Mutant{
		{Name: "dpop-more-members-unwelcome", Breaks: MoreMembers, How: "has a schema for DPoP proofs, and refuses what is not in it",
			Policy: overlooks(atTokens, func(p *authserver.Proof) { p.Key = p.Key && !p.Unknown })},
		{Name: "dpop-in-two-fields", Breaks: OneField, How: "takes the first of several DPoP header fields at the token endpoint", Policy: overlooks(atTokens, manyFields)},
		{Name: "dpop-in-a-list", Breaks: OneJWT, How: "cuts the DPoP header field at a comma at the token endpoint, and takes the first", Policy: oddly(atTokens, "list")},
		{Name: "dpop-of-two-parts", Breaks: OneJWT, How: "decodes header and claims of a proof at the token endpoint, and verifies a signature where there is one", Policy: oddly(atTokens, "two parts")},
		{Name: "dpop-of-five-parts", Breaks: OneJWT, How: "reads the first three parts of a proof at the token endpoint, and does not look whether there are more", Policy: oddly(atTokens, "five parts")},
		{Name: "dpop-without-jti", Breaks: RequiredClaims, How: "looks at jti of a proof at the token endpoint where there is one", Policy: overlooks(atTokens, withoutID)},
		{Name: "dpop-without-htm", Breaks: RequiredClaims, How: "compares htm of a proof at the token endpoint where there is one", Policy: overlooks(atTokens, withoutMethod)},
		{Name: "dpop-without-htu", Breaks: RequiredClaims, How: "compares htu of a proof at the token endpoint where there is one", Policy: overlooks(atTokens, withoutAddress)},
		{Name: "dpop-without-iat", Breaks: RequiredClaims, How: "looks at iat of a proof at the token endpoint where there is one", Policy: timed(atTokens, func(t authserver.ProofTime) bool { return t.Missing })},
		{Name: "dpop-of-any-type", Breaks: ProofType, How: "does not look at typ of a proof at the token endpoint", Policy: overlooks(atTokens, anyType)},
		{Name: "dpop-without-type", Breaks: ProofType, How: "compares typ of a proof at the token endpoint where there is one", Policy: overlooks(atTokens, withoutType)},
		{Name: "dpop-maced-by-the-public-key", Breaks: Asymmetric, How: "has the algorithm of the header verify a proof at the token endpoint with the key of the header", Policy: oddly(atTokens, "MAC by the public key")},
		{Name: "dpop-maced-by-a-key-in-it", Breaks: Asymmetric, How: "takes symmetric keys in a proof at the token endpoint", Policy: oddly(atTokens, "MAC by a symmetric key")},
		{Name: "dpop-signature-not-checked", Breaks: ProofSignature, How: "decodes proofs at the token endpoint and does not verify them", Policy: overlooks(atTokens, anySignature)},
		{Name: "dpop-signature-not-checked-with-codes", Breaks: ProofSignature, How: "decodes proofs where a code is redeemed and does not verify them", Policy: overlooks(withCodes, anySignature)},
		{Name: "dpop-address-not-checked-with-codes", Breaks: ProofSignature, How: "does not look for what a proof was made where a code is redeemed", Policy: overlooks(withCodes, func(p *authserver.Proof) { anyAddress(p); anyMethod(p) })},
		{Name: "dpop-signature-not-checked-with-client-credentials", Breaks: ProofSignature, How: "decodes proofs where a client asks for itself and does not verify them", Policy: overlooks(withCredentials, anySignature)},
		{Name: "dpop-of-any-age-with-client-credentials", Breaks: ProofSignature, How: "does not look how old a proof is where a client asks for itself", Policy: timed(withCredentials, anyPast)},
		{Name: "dpop-with-the-private-key", Breaks: NoPrivateKey, How: "takes jwk of a proof at the token endpoint for public, whatever is in it", Policy: overlooks(atTokens, privateKey)},
		{Name: "dpop-for-any-method", Breaks: Method, How: "does not look at htm of a proof at the token endpoint", Policy: overlooks(atTokens, anyMethod)},
		{Name: "dpop-for-a-method-in-small-letters", Breaks: Method, How: "compares htm of a proof at the token endpoint without regard to case", Policy: overlooks(atTokens, methodInAnyCase), Warns: true},
		{Name: "dpop-for-any-address", Breaks: Address, How: "does not look at htu of a proof at the token endpoint", Policy: overlooks(atTokens, func(p *authserver.Proof) { p.SameURL = p.URL != nil })},
		{Name: "dpop-for-the-host", Breaks: Address, How: "compares the host of htu at the token endpoint, and not the path", Policy: overlooks(atTokens, addressBy(sameHost))},
		{Name: "dpop-for-the-path", Breaks: Address, How: "compares the path of htu at the token endpoint, not knowing its own host behind a proxy", Policy: overlooks(atTokens, addressBy(samePath))},
		{Name: "dpop-for-what-begins-alike", Breaks: Address, How: "looks whether htu begins with the URL of the token endpoint", Policy: overlooks(atTokens, addressBy(beginsAlike))},
		{Name: "dpop-for-a-beginning", Breaks: Address, How: "looks whether the URL of the token endpoint begins with htu", Policy: overlooks(atTokens, addressBy(beginsTheRightOne))},
		{Name: "dpop-for-http", Breaks: Address, How: "compares htu at the token endpoint without its scheme", Policy: overlooks(atTokens, addressBy(onlySchemeDiffers))},
		{Name: "dpop-for-the-host-that-is-named", Warns: true, Breaks: Address, How: "compares htu at the token endpoint with the host that the request names", Policy: overlooks(atTokens, func(p *authserver.Proof) { p.SameURL = p.SameURL || p.URL == p.NamedURL })},
		{Name: "dpop-for-the-forwarded-host", Breaks: Address, How: "compares htu at the token endpoint with the host that X-Forwarded-Host names, whoever wrote that", Policy: overlooks(atTokens, forwardedHost)},
		{Name: "dpop-for-the-forwarded-host-with-codes", Breaks: Address, How: "compares htu with the host that X-Forwarded-Host names where codes are redeemed", Policy: overlooks(withCodes, forwardedHost)},
		{Name: "dpop-for-the-forwarded-host-of-clients-that-ask-for-themselves", Breaks: Address, How: "compares htu with the host that X-Forwarded-Host names with client credentials", Policy: overlooks(withCredentials, forwardedHost)},
		{Name: "dpop-for-the-forwarded-host-where-requests-are-pushed", Breaks: PushedProof, How: "compares htu with the host that X-Forwarded-Host names where requests are pushed", Policy: overlooks(atPAR, forwardedHost)},
		{Name: "dpop-for-the-overriding-method-with-codes", Breaks: Method, How: "compares htm with the method that X-HTTP-Method-Override names where codes are redeemed", Policy: overlooks(withCodes, overridden)},
		{Name: "dpop-for-the-overriding-method-on-refresh", Breaks: Method, How: "compares htm with the method that X-HTTP-Method-Override names where tokens are refreshed", Policy: overlooks(onRefresh, overridden)},
		{Name: "dpop-for-the-overriding-method-where-requests-are-pushed", Breaks: PushedProof, How: "compares htm with the method that X-HTTP-Method-Override names where requests are pushed", Policy: overlooks(atPAR, overridden)},
		{Name: "dpop-for-the-forwarded-host-at-userinfo-by-post", Breaks: AddressAtRS, How: "compares htu with the host that X-Forwarded-Host names where userinfo is asked for by POST", Policy: atPostedUserinfo(forwardedHost)},
		{Name: "dpop-for-the-overriding-method-at-userinfo-by-post", Breaks: MethodAtRS, How: "compares htm with the method that X-HTTP-Method-Override names where userinfo is asked for by POST", Policy: atPostedUserinfo(overridden)},
		{Name: "dpop-address-with-its-query", Breaks: AddressQuery, How: "counts query and fragment of htu at the token endpoint", Policy: overlooks(atTokens, normalisedWhole)},
		{Name: "dpop-address-word-for-word", Breaks: AddressSpelling, How: "compares htu at the token endpoint as a text, query and fragment aside", Policy: overlooks(atTokens, withoutQuery)},
		{Name: "dpop-of-any-age", Breaks: ProofAge, How: "does not look how old a proof is at the token endpoint", Policy: timed(atTokens, anyPast)},
		{Name: "dpop-of-an-age-in-words", Breaks: ProofAge, How: "passes over an iat at the token endpoint that is no number", Policy: timed(atTokens, func(t authserver.ProofTime) bool { return t.Odd })},
		{Name: "dpop-with-null-for-a-jti", Breaks: RequiredClaims, How: "looks whether a proof at the token endpoint has the member jti, and not whether anything is in it", Policy: overlooks(atTokens, nulled("jti"))},
		{Name: "dpop-with-a-jti-of-any-kind", Breaks: RequiredClaims, How: "takes a jti at the token endpoint that is no text", Policy: overlooks(atTokens, anyID), AlsoBreaks: requirements(NoReplay), Warns: true},
		{Name: "dpop-with-null-for-an-iat", Breaks: RequiredClaims, How: "looks at iat of a proof at the token endpoint where it is not null", Policy: timed(atTokens, func(t authserver.ProofTime) bool { return t.Null })},
		{Name: "dpop-of-a-type-that-begins-alike", Breaks: ProofType, How: "looks whether typ of a proof at the token endpoint begins with dpop+jwt", Policy: overlooks(atTokens, typeLike(strings.HasPrefix))},
		{Name: "dpop-for-an-empty-method", Breaks: Method, How: "passes over an empty htm at the token endpoint", Policy: overlooks(atTokens, emptyMethod)},
		{Name: "dpop-for-a-list-of-methods", Breaks: Method, How: "looks whether the method stands in htm of a proof at the token endpoint", Policy: overlooks(atTokens, listedMethod)},
		{Name: "dpop-for-an-empty-address", Breaks: Address, How: "passes over an empty htu at the token endpoint", Policy: overlooks(atTokens, emptyAddress)},
		{Name: "dpop-of-no-age", Breaks: ProofAge, How: "takes an iat of 0 for none at the token endpoint, and asks for none", Policy: timed(atTokens, func(t authserver.ProofTime) bool { return !t.Missing && !t.Odd && t.Iat == 0 })},
		{Name: "dpop-of-an-age-in-milliseconds", Breaks: ProofAge, How: "takes an iat in milliseconds at the token endpoint, and looks only whether it is over", Policy: timed(atTokens, func(t authserver.ProofTime) bool { return t.Iat > 1e11 })},
		{Name: "dpop-with-an-extension", Breaks: ProofSignature, How: "passes over crit in the header of a proof at the token endpoint", Policy: overlooks(atTokens, anyExtension)},
		{Name: "dpop-with-an-extension-with-codes", Breaks: ProofSignature, How: "passes over crit in the header of a proof where codes are redeemed", Policy: overlooks(withCodes, anyExtension)},
		{Name: "dpop-error-of-its-own", Breaks: ErrorCode, How: "answers invalid_request where a proof does not hold", Policy: func(p *authserver.Policy) {
			p.ProofErrorCode = func(authserver.Endpoint) string { return "invalid_request" }
		}},
		{Name: "dpop-replayed-for-tokens", Breaks: NoReplay, How: "does not remember the jti of proofs at the token endpoint", Policy: overlooks(atTokens, seenOrNot)},
		{Name: "dpop-replayed-in-other-letters-for-tokens", Breaks: NoReplay, How: "remembers proofs at the token endpoint by their text", Policy: overlooks(atTokens, func(p *authserver.Proof) { p.Seen = p.Seen && p.SeenText })},
		{Name: "dpop-replayed-after-a-minute", Breaks: NoReplay, How: "remembers the jti of proofs at the token endpoint for a minute, and takes proofs of five", Policy: overlooks(atTokens, forgottenAfter(60))},
		{Name: "dpop-replayed-after-5-seconds-with-client-credentials", Breaks: NoReplay, How: "remembers proofs for 5 seconds where a client asks for itself", Policy: overlooks(withCredentials, forgottenAfter(5))},
		{Name: "dpop-replayed-after-5-seconds-at-par", Breaks: NoReplay, How: "remembers the jti of proofs at the PAR endpoint for 5 seconds", Policy: overlooks(atPAR, forgottenAfter(5))},
		{Name: "dpop-replayed-with-codes", Breaks: NoReplay, How: "does not look whether it has seen a proof where codes are redeemed", Policy: overlooks(withCodes, seenOrNot)},
		{Name: "dpop-replayed-with-client-credentials", Breaks: NoReplay, How: "does not look whether it has seen a proof where a client asks for itself", Policy: overlooks(withCredentials, seenOrNot)},
		{Name: "dpop-replayed-after-5-seconds", Breaks: NoReplay, How: "remembers the jti of proofs at the token endpoint for 5 seconds", Policy: overlooks(atTokens, forgottenAfter(5))},
		{Name: "dpop-replayed-after-30-seconds", Breaks: NoReplay, How: "remembers the jti of proofs at the token endpoint for 30 seconds, and takes proofs that are older", Policy: overlooks(atTokens, forgottenAfter(30))},
		{Name: "dpop-replayed-without-a-name", Breaks: NoReplay, How: "does not remember an empty jti at the token endpoint, nor one that is no text", Policy: overlooks(atTokens, unnamed), AlsoBreaks: requirements(RequiredClaims)},
		{Name: "dpop-replayed-at-par", Breaks: NoReplay, How: "does not remember the jti of proofs at the PAR endpoint", Policy: overlooks(atPAR, seenOrNot)},
		{Name: "dpop-races-at-par", Breaks: NoReplay, How: "looks at the PAR endpoint whether it has seen a proof, and enters it a moment later", Policy: races(authserver.EndpointPAR)},
		{Name: "dpop-races-for-tokens", Breaks: NoReplay, How: "looks at the token endpoint whether it has seen a proof, and enters it a moment later", Policy: races(authserver.EndpointToken)},
		{Name: "dpop-replayed-with-a-long-name", Breaks: NoReplay, How: "has no room for a long jti at the token endpoint, and passes over the error of the store", Policy: overlooks(atTokens, longNamed)},

		{Name: "dpop-unwelcome-at-par", Breaks: ProofAtPAR, How: "refuses pushed requests with a DPoP proof", Policy: overlooks(atPAR, func(p *authserver.Proof) { p.Key = false })},
		{Name: "dpop-and-another-dpop-jkt", Breaks: KeysAgree, How: "takes dpop_jkt where there is one, and the key of the proof where there is none", Policy: func(p *authserver.Policy) { p.PushedKey = func(string, string) bool { return true } }},
		{Name: "dpop-not-checked-at-par", Breaks: PushedProof, How: "takes the key of a proof at the PAR endpoint, and does not verify it", Policy: overlooks(atPAR, func(p *authserver.Proof) { anySignature(p); anyType(p); anyMethod(p); anyAddress(p) })},
		{Name: "dpop-of-the-token-endpoint-at-par", Breaks: PushedProof, How: "takes proofs for the token endpoint at the PAR endpoint", Policy: overlooks(atPAR, addressBy(ofTokenEndpoint))},
		{Name: "dpop-of-any-age-at-par", Breaks: PushedProof, How: "does not look how old a proof is at the PAR endpoint", Policy: timed(atPAR, anyPast)},
		{Name: "dpop-in-two-fields-at-par", Breaks: PushedProof, How: "takes the first of several DPoP header fields at the PAR endpoint", Policy: overlooks(atPAR, manyFields), Warns: true},
	}
}

func proofAtResourceMutants() []mutant.Mutant {
	halfHash := func(p *authserver.Proof) {
		if sum, err := base64.RawURLEncoding.DecodeString(p.WantedHash); err == nil && len(sum) == 32 && p.Hash == base64.RawURLEncoding.EncodeToString(sum[:16]) {
			p.Hash = p.WantedHash
		}
	}
	return []mutant.Mutant{
		{Name: "dpop-more-members-unwelcome-at-the-resource", Breaks: MoreMembers, How: "has a schema for DPoP proofs at the resource, and refuses what is not in it",
			Policy: overlooks(atRS, func(p *authserver.Proof) { p.Key = p.Key && !p.Unknown })},
		{Name: "dpop-in-two-fields-at-the-resource", Breaks: OneFieldAtRS, How: "takes the first of several DPoP header fields at the resource", Policy: overlooks(atRS, manyFields)},
		{Name: "dpop-in-a-list-at-the-resource", Breaks: OneJWTAtRS, How: "cuts the DPoP header field at a comma at the resource, and takes the first", Policy: oddly(atRS, "list")},
		{Name: "dpop-of-two-parts-at-the-resource", Breaks: OneJWTAtRS, How: "decodes header and claims of a proof at the resource, and verifies a signature where there is one", Policy: oddly(atRS, "two parts")},
		{Name: "dpop-without-jti-at-the-resource", Breaks: RequiredClaimsAtRS, How: "looks at jti of a proof at the resource where there is one", Policy: overlooks(atRS, withoutID)},
		{Name: "dpop-without-htm-at-the-resource", Breaks: RequiredClaimsAtRS, How: "compares htm of a proof at the resource where there is one", Policy: overlooks(atRS, withoutMethod)},
		{Name: "dpop-without-htu-at-userinfo", Breaks: RequiredClaimsAtRS, How: "compares htu of a proof at the userinfo endpoint where there is one", Policy: overlooks(atUserinfo, withoutAddress)},
		{Name: "dpop-without-iat-at-the-resource", Breaks: RequiredClaimsAtRS, How: "looks at iat of a proof at the resource where there is one", Policy: timed(atRS, func(t authserver.ProofTime) bool { return t.Missing })},
		{Name: "dpop-of-any-type-at-the-resource", Breaks: ProofTypeAtRS, How: "does not look at typ of a proof at the resource", Policy: overlooks(atRS, anyType)},
		{Name: "dpop-without-type-at-userinfo", Breaks: ProofTypeAtRS, How: "compares typ of a proof at the userinfo endpoint where there is one", Policy: overlooks(atUserinfo, withoutType)},
		{Name: "dpop-maced-by-the-public-key-at-the-resource", Breaks: AsymmetricAtRS, How: "has the algorithm of the header verify a proof at the resource with the key of the header", Policy: oddly(atRS, "MAC by the public key")},
		{Name: "dpop-signature-not-checked-at-the-resource", Breaks: SignatureAtRS, How: "compares the thumbprint of a proof's key at the resource, and does not verify the signature", Policy: overlooks(atRS, anySignature)},
		{Name: "dpop-signature-not-checked-at-userinfo", Breaks: SignatureAtRS, How: "compares the thumbprint of a proof's key at the userinfo endpoint, and does not verify the signature", Policy: overlooks(atUserinfo, anySignature)},
		{Name: "dpop-signature-not-checked-at-userinfo-by-post", Breaks: SignatureAtRS, How: "has another filter before userinfo by POST, which does not verify the signature of proofs",
			Policy: overlooks(atUserinfo, func(p *authserver.Proof) { p.Signature = p.Signature || p.WantedMethod == http.MethodPost })},
		{Name: "dpop-of-any-hash-at-userinfo-by-post", Breaks: SignatureAtRS, How: "does not look for which token a proof was made at userinfo by POST",
			Policy: overlooks(atUserinfo, func(p *authserver.Proof) {
				if p.WantedMethod == http.MethodPost {
					p.Hash = p.WantedHash
				}
			})},
		{Name: "dpop-with-the-private-key-at-the-resource", Breaks: NoPrivateKeyAtRS, How: "takes jwk of a proof at the resource for public, whatever is in it", Policy: overlooks(atRS, privateKey)},
		{Name: "dpop-for-any-method-at-the-resource", Breaks: MethodAtRS, How: "does not look at htm of a proof at the resource", Policy: overlooks(atRS, anyMethod)},
		{Name: "dpop-for-a-method-that-a-field-names", Breaks: MethodAtRS, How: "compares htm of a proof at the resource with X-HTTP-Method-Override, where there is that", Policy: overlooks(atRS, overridden)},
		{Name: "dpop-for-a-method-that-a-field-names-at-userinfo", Breaks: MethodAtRS, How: "compares htm of a proof at the userinfo endpoint with X-HTTP-Method-Override, where there is that", Policy: overlooks(atUserinfo, overridden)},
		{Name: "dpop-for-a-method-in-small-letters-at-the-resource", Breaks: MethodAtRS, How: "compares htm of a proof at the resource without regard to case", Policy: overlooks(atRS, methodInAnyCase), Warns: true},
		{Name: "dpop-for-any-address-at-the-resource", Breaks: AddressAtRS, How: "does not look at htu of a proof at the resource", Policy: overlooks(atRS, func(p *authserver.Proof) { p.SameURL = p.URL != nil })},
		{Name: "dpop-for-the-host-at-the-resource", Breaks: AddressAtRS, How: "compares the host of htu at the resource, and not the path", Policy: overlooks(atRS, addressBy(sameHost))},
		{Name: "dpop-for-the-path-at-userinfo", Breaks: AddressAtRS, How: "compares the path of htu at the userinfo endpoint, not knowing its own host behind a proxy", Policy: overlooks(atUserinfo, addressBy(samePath))},
		{Name: "dpop-for-what-begins-alike-at-the-resource", Breaks: AddressAtRS, How: "looks whether htu begins with the URL of the resource", Policy: overlooks(atRS, addressBy(beginsAlike))},
		{Name: "dpop-for-the-host-that-is-named-at-userinfo", Warns: true, Breaks: AddressAtRS, How: "compares htu at the userinfo endpoint with the host that the request names", Policy: overlooks(atUserinfo, func(p *authserver.Proof) { p.SameURL = p.SameURL || p.URL == p.NamedURL })},
		{Name: "dpop-for-the-forwarded-host-at-the-resource", Breaks: AddressAtRS, How: "compares htu at the resource with the host that X-Forwarded-Host names, whoever wrote that", Policy: overlooks(atRS, forwardedHost)},
		{Name: "dpop-address-with-its-query-at-the-resource", Breaks: AddressQueryAtRS, How: "counts query and fragment of htu at the resource", Policy: overlooks(atRS, normalisedWhole)},
		{Name: "dpop-address-word-for-word-at-the-resource", Breaks: AddressSpellingAtRS, How: "compares htu at the resource as a text, query and fragment aside", Policy: overlooks(atRS, withoutQuery)},
		{Name: "dpop-of-any-age-at-the-resource", Breaks: AgeAtRS, How: "does not look how old a proof is at the resource", Policy: timed(atRS, anyPast)},
		{Name: "dpop-ahead-at-the-resource", Breaks: AgeAtRS, How: "looks only how old a proof is at the resource", Policy: timed(atRS, func(t authserver.ProofTime) bool { return t.Iat > t.Now })},
		{Name: "dpop-of-an-age-in-words-at-the-resource", Breaks: AgeAtRS, How: "passes over an iat at the resource that is no number", Policy: timed(atRS, func(t authserver.ProofTime) bool { return t.Odd })},
		{Name: "dpop-with-null-for-htm-at-the-resource", Breaks: RequiredClaimsAtRS, How: "compares htm of a proof at the resource where it is not null", Policy: overlooks(atRS, nulled("htm"))},
		{Name: "dpop-with-null-for-htu-at-userinfo", Breaks: RequiredClaimsAtRS, How: "compares htu of a proof at the userinfo endpoint where it is not null", Policy: overlooks(atUserinfo, nulled("htu"))},
		{Name: "dpop-of-a-type-that-ends-alike-at-the-resource", Breaks: ProofTypeAtRS, How: "looks whether typ of a proof at the resource ends with dpop+jwt", Policy: overlooks(atRS, typeLike(strings.HasSuffix))},
		{Name: "dpop-for-a-list-of-addresses-at-the-resource", Breaks: AddressAtRS, How: "looks whether the URL of the resource stands in htu", Policy: overlooks(atRS, listedAddress)},
		{Name: "dpop-for-an-empty-address-at-userinfo", Breaks: AddressAtRS, How: "passes over an empty htu at the userinfo endpoint", Policy: overlooks(atUserinfo, emptyAddress)},
		{Name: "dpop-of-an-age-below-zero-at-the-resource", Breaks: AgeAtRS, How: "takes an iat below zero at the resource for one that was not set", Policy: timed(atRS, func(t authserver.ProofTime) bool { return t.Iat < 0 })},
		{Name: "dpop-with-null-for-ath", Breaks: TokenHash, How: "compares ath of a proof where it is not null", Policy: overlooks(atRS, nulled("ath"))},
		{Name: "dpop-with-an-ath-of-any-kind-at-userinfo", Breaks: TokenHash, How: "compares ath of a proof at the userinfo endpoint where it is a text", Policy: overlooks(atUserinfo, oddHash)},
		{Name: "dpop-with-an-extension-at-the-resource", Breaks: SignatureAtRS, How: "passes over crit in the header of a proof at the resource", Policy: overlooks(atRS, anyExtension)},
		{Name: "dpop-without-ath", Breaks: TokenHash, How: "compares ath of a proof where there is one", Policy: overlooks(atRS, func(p *authserver.Proof) { missing(&p.Hash, p.WantedHash) })},
		{Name: "dpop-with-any-ath", Breaks: TokenHash, How: "looks whether a proof has ath, and not at its value", Policy: overlooks(atRS, func(p *authserver.Proof) {
			if p.Hash != nil {
				p.Hash = p.WantedHash
			}
		})},
		{Name: "dpop-with-half-an-ath", Breaks: TokenHash, How: "makes ath as at_hash of OpenID Connect is made, of the left half of the hash, and takes that too", Policy: overlooks(atUserinfo, halfHash)},
		{Name: "dpop-replayed-at-the-resource", Breaks: NoReplayAtRS, How: "does not remember the jti of proofs at the resource", Policy: overlooks(atRS, seenOrNot)},
		{Name: "dpop-replayed-after-5-seconds-at-the-resource", Breaks: NoReplayAtRS, How: "remembers the jti of proofs at the resource for 5 seconds", Policy: overlooks(atRS, forgottenAfter(5))},
		{Name: "dpop-replayed-after-a-minute-at-the-resource", Breaks: NoReplayAtRS, How: "remembers the jti of proofs at the resource for a minute, and takes proofs of five, with tokens that live as long",
			Policy: func(p *authserver.Policy) {
				overlooks(atRS, forgottenAfter(60))(p)
				p.TokenLifetime = func() int { return 300 }
			}},
		{Name: "dpop-replayed-in-other-letters-at-the-resource", Breaks: NoReplayAtRS, How: "remembers proofs at the resource by their text, of which there are several for one signature", Policy: overlooks(atRS, func(p *authserver.Proof) { p.Seen = p.Seen && p.SeenText })},
		{Name: "dpop-replayed-in-other-letters-at-userinfo", Breaks: NoReplayAtRS, How: "remembers proofs at the userinfo endpoint by their text", Policy: overlooks(atUserinfo, func(p *authserver.Proof) { p.Seen = p.Seen && p.SeenText })},
		{Name: "dpop-replayed-after-30-seconds-at-userinfo", Breaks: NoReplayAtRS, How: "remembers the jti of proofs at the userinfo endpoint for 30 seconds, and takes proofs that are older", Policy: overlooks(atUserinfo, forgottenAfter(30))},
		{Name: "dpop-replayed-without-a-name-at-the-resource", Breaks: NoReplayAtRS, How: "does not remember an empty jti at the resource, nor one that is no text", Policy: overlooks(atRS, unnamed), AlsoBreaks: requirements(RequiredClaimsAtRS)},
		{Name: "dpop-replayed-with-a-long-name-at-the-resource", Breaks: NoReplayAtRS, How: "has no room for a long jti at the resource, and passes over the error of the store", Policy: overlooks(atRS, longNamed)},
		{Name: "dpop-replayed-at-userinfo-by-post", Breaks: NoReplayAtRS, How: "does not remember the jti of proofs at the userinfo endpoint by POST", Policy: overlooks(atUserinfo, func(p *authserver.Proof) {
			p.Seen = p.Seen && p.WantedMethod != http.MethodPost
		})},
		{Name: "dpop-replayed-at-userinfo", Breaks: NoReplayAtRS, How: "does not remember the jti of proofs at the userinfo endpoint", Policy: overlooks(atUserinfo, seenOrNot)},
	}
}
