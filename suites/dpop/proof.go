package dpop

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/fapitest/fapitest/harness/expect"
	"github.com/fapitest/fapitest/harness/flow"
	"github.com/fapitest/fapitest/harness/jose"
	"github.com/fapitest/fapitest/harness/requirement"
	"github.com/fapitest/fapitest/harness/target"
)

// The clauses about what a proof has to say at the authorization server (section 4.3), and what is said of it.
var (
	ProofAtPAR      = document.Clause("10.1-1")
	KeysAgree       = document.Clause("10.1-2")
	MoreMembers     = document.Clause("4.2-5")
	OneField        = document.Clause("4.3-1")
	OneJWT          = document.Clause("4.3-2")
	RequiredClaims  = document.Clause("4.3-3")
	ProofType       = document.Clause("4.3-4")
	Asymmetric      = document.Clause("4.3-5")
	ProofSignature  = document.Clause("4.3-6")
	NoPrivateKey    = document.Clause("4.3-7")
	Method          = document.Clause("4.3-8")
	Address         = document.Clause("4.3-9a")
	AddressQuery    = document.Clause("4.3-9b")
	AddressSpelling = document.Clause("4.3-9c")
	ProofAge        = document.Clause("4.3-11")
	PushedProof     = document.Clause("10.1-4")
	ErrorCode       = document.Clause("5-1")
	NoReplay        = document.Clause("11.1-2b")
)

// The same at the resource server.
var (
	OneFieldAtRS        = document.Clause("7.1-p2.1")
	OneJWTAtRS          = document.Clause("7.1-p2.2")
	RequiredClaimsAtRS  = document.Clause("7.1-p2.3")
	ProofTypeAtRS       = document.Clause("7.1-p2.4")
	AsymmetricAtRS      = document.Clause("7.1-p2.5")
	SignatureAtRS       = document.Clause("7.1-p2.6")
	NoPrivateKeyAtRS    = document.Clause("7.1-p2.7")
	MethodAtRS          = document.Clause("7.1-p2.8")
	AddressAtRS         = document.Clause("7.1-p2.9")
	AddressQueryAtRS    = document.Clause("7.1-p2.9b")
	AddressSpellingAtRS = document.Clause("7.1-p2.9c")
	AgeAtRS             = document.Clause("7.1-p2.11")
	TokenHash           = document.Clause("4.3-12a")
	NoReplayAtRS        = document.Clause("11.1-2")
	SchemeCase          = document.Clause("7.1-1b")
	NotAsBearer         = document.Clause("7.2-1b")
	OneScheme           = document.Clause("7.2-2")
	Challenge           = document.Clause("7.1-2")
	ChallengeSays       = document.Clause("7.1-3")
)

// fault is a way in which a proof can be wrong, and the clauses that have it refused at either server. What is wrong may depend on the client, on where its
// proof is to be shown, and on the token that comes with it.
type fault struct {
	what     string // as what follows "a DPoP proof "
	atAS     *requirement.Requirement
	atRS     *requirement.Requirement
	attempts func(client *flow.Client, at place) []flow.Deviation
	// doubtful are what nobody should take, and who does has lost nothing: a claim of another type that says what it has to say. Nil: nothing.
	doubtful func(client *flow.Client) []flow.Deviation
	// misrouted are what must not be accepted, and may get lost on the way. Nil: nothing.
	misrouted func() []misroute
}

// place is where a proof is sent.
type place struct {
	method    string
	address   string
	token     bool // it is the token endpoint
	withToken bool // an access token comes with the proof
}

func faults() []fault {
	always := func(deviations ...flow.Deviation) func(*flow.Client, place) []flow.Deviation {
		return func(*flow.Client, place) []flow.Deviation { return deviations }
	}
	return []fault{{
		what: "in two header fields", atAS: OneField, atRS: OneFieldAtRS,
		attempts: always(flow.ProofBeside("with a second DPoP proof, as good as the first, in a header field of its own", false)),
	}, {
		what: "that is no single JWT", atAS: OneJWT, atRS: OneJWTAtRS,
		attempts: func(_ *flow.Client, at place) []flow.Deviation {
			all := []flow.Deviation{
				flow.ProofBeside("with a second DPoP proof, as good as the first, in the same header field behind a comma", true),
				flow.ProofMade("with a DPoP proof of two parts, without the signature", func(compact string) string { return compact[:strings.LastIndexByte(compact, '.')] }),
				flow.ProofMade("with a DPoP proof of five parts", func(compact string) string { return compact + "." + jose.Random(16) + "." + jose.Random(16) }),
			}
			if !at.withToken {
				// At a resource these come without a proof, which is another clause.
				all = append(all, flow.ProofMade("with an empty DPoP proof", func(string) string { return "" }),
					flow.ProofMade("with something in the place of the DPoP proof that is none", func(string) string { return "not-a-proof" }))
			}
			return all
		},
	}, {
		what: "that lacks a claim", atAS: RequiredClaims, atRS: RequiredClaimsAtRS,
		attempts: func(client *flow.Client, at place) []flow.Deviation {
			var all []flow.Deviation
			for _, claim := range []string{"jti", "htm", "htu", "iat"} {
				all = append(all, flow.Without(flow.ProofClaim(claim)))
				if cheap(client, at) {
					all = append(all, flow.With(flow.ProofClaim(claim), nil))
				}
			}
			return all
		},
		doubtful: func(*flow.Client) []flow.Deviation {
			var all []flow.Deviation
			for _, odd := range []any{"", []string{jose.Random(16)}, map[string]any{"id": jose.Random(16)}, true} {
				all = append(all, flow.With(flow.ProofClaim("jti"), odd))
			}
			return all
		},
	}, {
		what: "of another type", atAS: ProofType, atRS: ProofTypeAtRS,
		attempts: func(client *flow.Client, at place) []flow.Deviation {
			all := []flow.Deviation{flow.Without(flow.ProofHeader("typ")), flow.With(flow.ProofHeader("typ"), "JWT"), flow.With(flow.ProofHeader("typ"), "at+jwt")}
			if !cheap(client, at) {
				return all
			}
			for _, other := range []any{"", nil, "dpop+jwt-x", "x-dpop+jwt", "dpop", []string{"dpop+jwt"}} {
				all = append(all, flow.With(flow.ProofHeader("typ"), other))
			}
			return all
		},
	}, {
		what: "by a symmetric algorithm", atAS: Asymmetric, atRS: AsymmetricAtRS, attempts: symmetric,
	}, {
		what: "whose signature is not by the key in it", atAS: ProofSignature, atRS: SignatureAtRS, attempts: badlySigned,
	}, {
		what: "that has the private key in it", atAS: NoPrivateKey, atRS: NoPrivateKeyAtRS,
		attempts: func(client *flow.Client, _ place) []flow.Deviation {
			var private map[string]any
			if written, err := client.ProofKey().Private(); err != nil || json.Unmarshal(written, &private) != nil {
				expect.Unknown("the private half of the proof key can't be written")
			}
			key := client.ProofKey().Public()
			key["d"] = private["d"]
			return []flow.Deviation{flow.With(flow.ProofHeader("jwk"), key).As("with the private member d in the DPoP proof's jwk")}
		},
	}, {
		what: "for another method", atAS: Method, atRS: MethodAtRS,
		attempts: func(client *flow.Client, at place) []flow.Deviation {
			var all []flow.Deviation
			for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodPut} {
				if method != at.method {
					all = append(all, flow.With(flow.ProofClaim("htm"), method))
				}
			}
			if cheap(client, at) {
				for _, odd := range []any{"", []string{http.MethodGet, http.MethodPost}, map[string]any{}, 1, true} {
					all = append(all, flow.With(flow.ProofClaim("htm"), odd))
				}
			}
			return all
		},
	}, {
		what: "for another address", atAS: Address, atRS: AddressAtRS, attempts: elsewhere, misrouted: atNamedHost,
	}, {
		what: "of another hour", atAS: ProofAge, atRS: AgeAtRS, attempts: ofAnotherHour,
		doubtful: func(client *flow.Client) []flow.Deviation {
			return []flow.Deviation{flow.With(flow.ProofClaim("iat"), strconv.FormatInt(client.Now().Unix(), 10)).As("with an iat that is a text, the present time in digits, in the DPoP proof")}
		},
	}}
}

// cheap says whether another deviation costs no more than a request. Where there are only codes to try proofs with, each may cost a login.
func cheap(client *flow.Client, at place) bool {
	return !at.token || client.Target().Offered(string(requirement.RefreshToken))
}

// ofAnotherHour are proofs that no window can have room for. They have no nonce: one that the server wants may stand in for the clock. An age that is a text is
// none, and who passes over what he can't read takes proofs of any age.
func ofAnotherHour(client *flow.Client, at place) []flow.Deviation {
	type age struct {
		words string
		iat   any
	}
	ages := []age{{"1h ago", flow.Ago(time.Hour)}, {"1h ahead", flow.Ahead(time.Hour)}, {"a text, \"an hour ago\",", "an hour ago"}}
	if hour := client.Now().Add(-time.Hour); cheap(client, at) {
		ages = append(ages, age{"0", 0}, age{"-1", -1}, age{"1.5", 1.5}, age{"of now in milliseconds", client.Now().UnixMilli()}, age{"a text, an hour ago in digits,", strconv.FormatInt(hour.Unix(), 10)},
			age{"a list, an hour ago in it,", []int64{hour.Unix()}}, age{"an object", map[string]any{}}, age{"true", true})
	}
	var all []flow.Deviation
	for _, at := range ages {
		all = append(all, flow.All("with iat "+at.words+" and no nonce in the DPoP proof", flow.With(flow.ProofClaim("iat"), at.iat), flow.Without(flow.ProofNonce)))
	}
	return all
}

// symmetric are proofs with a message authentication code: by a secret that stands in the proof, and by the public key, which everybody knows.
func symmetric(client *flow.Client, at place) []flow.Deviation {
	var all []flow.Deviation
	secret := jose.Random(32)
	if !at.withToken {
		all = append(all, flow.All("with a DPoP proof by HS256 and the secret of it as jwk", flow.ProofMACed("by HS256", secret),
			flow.With(flow.ProofHeader("jwk"), map[string]any{"kty": "oct", "k": base64.RawURLEncoding.EncodeToString([]byte(secret))})))
	}
	spellings, err := client.ProofKey().PublicSpellings()
	if err != nil {
		expect.Unknown("the public key of the proofs can't be written: %s", err)
	}
	for _, form := range []string{"PEM", "DER", "JWK"} {
		all = append(all, flow.ProofMACed("with a DPoP proof by HS256 and the "+form+" of its public key as secret", spellings[form]))
	}
	return all
}

func badlySigned(client *flow.Client, _ place) []flow.Deviation {
	another := client.ProofToShow()
	contradicts := map[string]string{jose.ES256: jose.PS256, jose.PS256: jose.ES256, jose.EdDSA: jose.ES256}[client.ProofKey().Algorithm]
	return []flow.Deviation{
		flow.With(flow.ProofSigner, client.NewProofKey()).As("with a DPoP proof that another key has signed than the one in it"),
		flow.ProofMade("with one character changed in the middle of the DPoP proof's signature", func(compact string) string {
			for part, altered := range flow.Altered(compact) {
				if part == "its signature" {
					return altered
				}
			}
			return ""
		}),
		flow.ProofMade("with the signature of another DPoP proof by the same key", func(compact string) string {
			return compact[:strings.LastIndexByte(compact, '.')] + another[strings.LastIndexByte(another, '.'):]
		}),
		flow.ProofMade("with a DPoP proof whose signature has no bytes", func(compact string) string { return compact[:strings.LastIndexByte(compact, '.')+1] }),
		flow.ProofMade("with an alg in the DPoP proof's header that its key can't do ("+contradicts+")", func(compact string) string {
			return jose.WithHeader(compact, "alg", contradicts)
		}),
		flow.Without(flow.ProofHeader("jwk")),
		// Whoever does not know what a header names in crit has to refuse the whole (RFC 7515 section 4.1.11). b64 is not tried: there are those who know it.
		flow.All("with an extension in the DPoP proof's header that nobody knows and crit names", flow.With(flow.ProofHeader("crit"), []string{"https://fapitest.example/extension"}),
			flow.With(flow.ProofHeader("https://fapitest.example/extension"), true)),
	}
}

// elsewhere are proofs made for something else than the request. Servers compare addresses as texts, from the front or from the back, or parts of them alone.
func elsewhere(client *flow.Client, at place) []flow.Deviation {
	changed := func(says string, change func(u *url.URL)) flow.Deviation {
		return flow.ProofFor("with htu "+says+" in the DPoP proof", func(address string) string {
			u, err := url.Parse(address)
			if err != nil {
				return address
			}
			change(u)
			return u.String()
		})
	}
	all := []flow.Deviation{
		changed("of another path", func(u *url.URL) { u.Path = u.Path[:strings.LastIndexByte(u.Path, '/')+1] + "fapitest" }),
		changed("with something behind the right one", func(u *url.URL) { u.Path += "x" }),
		changed("with a segment behind the right one", func(u *url.URL) { u.Path += "/x" }),
		changed("of the path alone", func(u *url.URL) { u.Scheme, u.Host = "", "" }),
		changed("of another host", func(u *url.URL) { u.Host = strings.TrimPrefix(flow.ForeignOrigin, "https://") }),
		changed("of a host that begins as the right one", func(u *url.URL) {
			u.Host = strings.Replace(u.Host, u.Hostname(), u.Hostname()+".evil.example", 1)
		}),
		changed("of another host, the right one in front of an @", func(u *url.URL) {
			u.User, u.Host = url.User(u.Hostname()), strings.TrimPrefix(flow.ForeignOrigin, "https://")
		}),
		changed("of another port", func(u *url.URL) {
			port := "4443"
			if u.Port() == port {
				port = "4444"
			}
			u.Host = u.Hostname() + ":" + port
		}),
		changed("of http", func(u *url.URL) { u.Scheme = "http" }),
	}
	if u, err := url.Parse(at.address); err == nil && strings.Trim(u.Path, "/") != "" {
		all = append(all, changed("of the host alone", func(u *url.URL) { u.Path = "" }))
	}
	if cheap(client, at) {
		for _, odd := range []any{"", []string{at.address, flow.ForeignOrigin}, map[string]any{}, 1, true} {
			all = append(all, flow.With(flow.ProofClaim("htu"), odd))
		}
	}
	if pushed := client.Endpoint("pushed_authorization_request_endpoint"); at.token && pushed != "" {
		all = append(all, flow.With(flow.ProofClaim("htu"), pushed).As("with the URL of the pushed authorization request endpoint as htu in the DPoP proof"))
	}
	return all
}

// misroute is a deviation that may get lost on the way. By what it says of itself the request may be for that other host: RFC 9110 section 7.1 makes its Host part of the URI that
// it is for.
type misroute struct {
	flow.Deviation
	says bool
}

// atNamedHost are proofs for another host, which the request says itself that it is for: a proof that somebody has got hold of for a host of his own is good
// at every server that goes by that word.
func atNamedHost() []misroute {
	host := strings.TrimPrefix(flow.ForeignOrigin, "https://")
	var all []misroute
	for _, forwarded := range []bool{false, true} {
		field := "the Host header field"
		if forwarded {
			field = "the header fields of a proxy"
		}
		words := "with a DPoP proof for another host, which " + field + " names too"
		all = append(all, misroute{says: !forwarded, Deviation: flow.All(words, flow.NamedHost(words, host, forwarded), flow.ProofFor(words, atForeignHost))})
	}
	return all
}

// atForeignHost is an address at another host.
func atForeignHost(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return address
	}
	u.Host = strings.TrimPrefix(flow.ForeignOrigin, "https://")
	return u.String()
}

// forOtherTokens are proofs for a token that was not shown, or for none. What has another spelling of the right hash binds the token as well; it is no other one.
func forOtherTokens(grant *flow.Outcome) []flow.Deviation {
	token := grant.AccessToken()
	sum := sha256.Sum256([]byte(token))
	return []flow.Deviation{
		flow.Without(flow.ProofClaim("ath")),
		flow.With(flow.ProofClaim("ath"), jose.Hash(flow.Lookalike(token))).As("with ath of another token in the DPoP proof"),
		flow.With(flow.ProofClaim("ath"), jose.Hash("")).As("with ath of an empty token in the DPoP proof"),
		flow.With(flow.ProofClaim("ath"), "").As("with an empty ath in the DPoP proof"),
		flow.With(flow.ProofClaim("ath"), nil), flow.With(flow.ProofClaim("ath"), true), flow.With(flow.ProofClaim("ath"), 0), flow.With(flow.ProofClaim("ath"), map[string]any{}),
		flow.With(flow.ProofClaim("ath"), []string{}), flow.With(flow.ProofClaim("ath"), []string{jose.Hash(flow.Lookalike(token))}).As("with a list for ath in the DPoP proof, another token's in it"),
		flow.With(flow.ProofClaim("ath"), base64.RawURLEncoding.EncodeToString(sum[:16])).As("with the left half of the token's hash as ath in the DPoP proof"),
	}
}

// otherSpellings are those of the right hash of a token that are not base64url.
func otherSpellings(grant *flow.Outcome) []flow.Deviation {
	sum := sha256.Sum256([]byte(grant.AccessToken()))
	return []flow.Deviation{
		flow.With(flow.ProofClaim("ath"), hex.EncodeToString(sum[:])).As("with ath in hexadecimal in the DPoP proof"),
		flow.With(flow.ProofClaim("ath"), base64.URLEncoding.EncodeToString(sum[:])).As("with a padded ath in the DPoP proof"),
	}
}

// inOtherWords are proofs for the right address, spelt otherwise (RFC 3986 sections 6.2.2 and 6.2.3).
func inOtherWords(address string) []flow.Deviation {
	all := []flow.Deviation{flow.ProofFor("with scheme and host of htu in capitals in the DPoP proof", func(address string) string {
		scheme, rest, _ := strings.Cut(address, "://")
		host, path, _ := strings.Cut(rest, "/")
		return strings.ToUpper(scheme+"://"+host) + "/" + path
	})}
	if u, err := url.Parse(address); err == nil && u.Port() == "" {
		all = append(all, flow.ProofFor("with the port that is the default in htu in the DPoP proof", func(address string) string {
			return strings.Replace(address, u.Host, u.Host+":443", 1)
		}))
	}
	return all
}

// withQuery is a proof for the right address, with what does not count behind it.
func withQuery() flow.Deviation {
	return flow.ProofFor("with a query and a fragment behind htu in the DPoP proof", func(address string) string { return address + "?fapitest=1#part" })
}

// withMore is a proof that says more than it has to.
func withMore() flow.Deviation {
	return flow.All("with a header member and a claim in the DPoP proof that nobody knows, and with nbf and exp",
		flow.With(flow.ProofHeader("fapitest"), "1"), flow.With(flow.ProofClaim("https://fapitest.example/claim"), "1"),
		flow.With(flow.ProofClaim("nbf"), flow.Ahead(0)), flow.With(flow.ProofClaim("exp"), flow.Ahead(5*time.Minute)))
}

// proven is a pushed request with a DPoP proof, and what is to be different about that. Where the target wants one in every pushed request it is
// there already.
func proven(client *flow.Client, deviation flow.Deviation) flow.Deviation {
	if client.Target().Required(target.RequiresDPoPAtPAR) {
		return deviation
	}
	return flow.All(deviation.String(), flow.With(flow.Proof, client.ProofKey()), deviation)
}

// withProof is a pushed request with a DPoP proof as it should be.
func withProof(client *flow.Client, words string) flow.Deviation {
	if client.Target().Required(target.RequiresDPoPAtPAR) {
		return flow.Words(words)
	}
	return flow.With(flow.Proof, client.ProofKey()).As(words)
}
