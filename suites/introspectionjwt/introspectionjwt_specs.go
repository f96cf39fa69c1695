package introspectionjwt

import (
	"context"
	"fmt"
	"math"
	"mime"
	"reflect"
	"slices"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	. "github.com/fapitest/fapitest/harness/expect"
	"github.com/fapitest/fapitest/harness/flow"
	"github.com/fapitest/fapitest/harness/jose"
	"github.com/fapitest/fapitest/harness/requirement"
	"github.com/fapitest/fapitest/harness/target"
	"github.com/fapitest/fapitest/harness/wire"
	"github.com/fapitest/fapitest/suites/everywhere"
)

// Judged elsewhere: that a JWT comes at all, and that clients are kept apart. The profile's suite imports this one.
const (
	comesAtAll = "FAPI2-MS-5.5.1-1"
	keptApart  = "FAPI2-MS-6.2-p1"
)

func specs(client *flow.Client) {
	Describe("introspection that is asked for a JWT", func() {
		It("refuses who does not authenticate as the client", Authenticated, func(ctx SpecContext) { refusesOthers(ctx, client) })
		It("has the media type of such answers", MediaType, func(ctx SpecContext) {
			eachAnswer(ctx, client, func(_ *flow.Client, what string, told everywhere.Told) {
				said := told.Answer.Header.Get("Content-Type")
				if media, _, err := mime.ParseMediaType(said); err != nil || media != flow.IntrospectionJWT {
					Broken("Content-Type is %q where %s, and not %s", wire.Printable(said), what, flow.IntrospectionJWT)
				}
			})
		})
		It("has typ in the header of the JWT", TypeNamed, func(ctx SpecContext) {
			eachAnswer(ctx, client, func(_ *flow.Client, what string, told everywhere.Told) {
				const typ = "token-introspection+jwt"
				said, isText := told.Header["typ"].(string)
				switch {
				case told.Header["typ"] == nil:
					Broken("typ is missing where %s", what)
				case !isText:
					Broken("typ is no text where %s", what)
				case said == typ:
				case strings.EqualFold(strings.TrimPrefix(strings.ToLower(said), "application/"), typ):
					// RFC 7515 section 4.1.9: a media type, in any case, from which application/ may be left out.
					Note("typ is %q, which is %s by the rules for media types", wire.Printable(said), typ)
				default:
					Broken("typ is %q where %s, and not %s", wire.Printable(said), what, typ)
				}
			})
		})
		It("says who answers, whom, and when", ClaimsThere, func(ctx SpecContext) {
			eachAnswer(ctx, client, func(client *flow.Client, what string, told everywhere.Told) {
				from(client, what, told)
				to(client, what, told)
				at(client, what, told)
			})
		})
		It("says what the token is in an object of its own", ClaimsThere, func(ctx SpecContext) {
			eachAnswer(ctx, client, func(_ *flow.Client, what string, told everywhere.Told) {
				needsInside(what, told)
			})
		})
		It("says of a good token what the answer in JSON says", ClaimsThere, func(ctx SpecContext) {
			served := false
			asEach(ctx, client, func(client *flow.Client, grant *flow.Outcome, told everywhere.Told) {
				needsInside("the token is good", told)
				plain := client.Introspect(ctx, grant)
				switch decision, because := Decide(plain); decision {
				case wire.Accepted:
				case wire.Refused:
					Note("introspection is not answered with JSON: %s", because)
					return
				case wire.Undecided, wire.Confused:
					LeaveUndecided(plain.Exchange, because)
					Unknown("introspection that is asked for JSON was neither answered nor refused: %s", because)
				}
				if _, isJWT := everywhere.ToldIn(client, plain); isJWT {
					Note("introspection is answered with a JWT where JSON is asked for")
					return
				}
				served = true
				same(plain.Members(), told.Inside())
				if grant.RefreshToken() == "" {
					return
				}
				plain, answer := client.IntrospectRefreshToken(ctx, grant), client.IntrospectRefreshTokenSigned(ctx, grant)
				if told, isJWT := everywhere.ToldIn(client, answer); isJWT && Accepts(plain) && Accepts(answer) && told.Inside() != nil {
					same(plain.Members(), told.Inside())
				}
			})
			if !served {
				NotApplicable("introspection is answered with JWTs alone: there is nothing to compare")
			}
		})
		It("is for the client that asks, whoever has asked before", ClaimsThere, func(ctx SpecContext) {
			grant, _ := needsTold(ctx, client)
			for _, guest := range everywhere.Guests(client) {
				const what = "another client asks about the same token"
				if told, answered := asksBeside(ctx, guest, grant); answered {
					from(guest, what, told)
					to(guest, what, told)
				}
			}
			_, told := needsTold(ctx, client)
			to(client, "it asks after another client", told)
		})
		It("says nothing of the token beside that object", InsideAlone, func(ctx SpecContext) {
			eachAnswer(ctx, client, func(_ *flow.Client, what string, told everywhere.Told) {
				inside := told.Inside() // where that is none, it is judged at ClaimsThere
				for _, name := range ofTokens {
					if _, there := told.Claims[name]; there {
						Broken("%s stands beside token_introspection where %s", name, what)
					}
				}
				for _, name := range []string{"client_id", "jti"} {
					// Both can be said of the answer too: of who has asked, and to tell answers apart.
					if value, there := told.Claims[name]; there && reflect.DeepEqual(value, inside[name]) {
						Warn("%s beside token_introspection is that of the token where %s", name, what)
					}
				}
			})
		})
		It("has neither sub nor exp beside that object", NotAnAccessToken, func(ctx SpecContext) {
			eachAnswer(ctx, client, func(_ *flow.Client, what string, told everywhere.Told) {
				for _, name := range []string{"sub", "exp"} {
					if _, there := told.Claims[name]; there {
						Warn("%s stands beside token_introspection where %s: the answer could be taken for an access token", name, what)
					}
				}
			})
		})
		It("is signed by an algorithm of the profile", Algorithm, func(ctx SpecContext) {
			eachAnswer(ctx, client, func(_ *flow.Client, what string, told everywhere.Told) {
				algorithm, _ := told.Header["alg"].(string)
				if !everywhere.ProfileAlgorithm(algorithm) {
					Broken("it is signed by %q where %s, and not by PS256, ES256 or EdDSA", wire.Printable(algorithm), what)
				}
				if strings.HasSuffix(told.Compact, ".") {
					Broken("its signature is empty where %s", what)
				}
			})
		})
		It("says nothing of a token that was never issued", NothingElse, func(ctx SpecContext) {
			asEach(ctx, client, func(client *flow.Client, grant *flow.Outcome, _ everywhere.Told) {
				for _, unknown := range everywhere.NeverIssued(grant) {
					plain := client.Introspect(ctx, grant, unknown)
					tellsNothing("a token "+unknown.String(), plain, read(client, client.IntrospectSigned(ctx, grant, unknown)))
				}
				for what, value := range map[string]string{"an id_token": grant.IDToken(), "the client's own assertion": client.Assertion()} {
					if value == "" {
						continue
					}
					none := flow.With(flow.Parameter("token"), value).As("with " + what + " in the place of the token")
					// What is called active in JSON is judged at RFC 7662.
					if plain := client.Introspect(ctx, grant, none); Accepts(plain) && plain.Members()["active"] == false {
						tellsNothing(what, plain, read(client, client.IntrospectSigned(ctx, grant, none)))
					}
				}
			})
		})
		It("says nothing of a code", NothingElse, func(ctx SpecContext) {
			grant, _ := needsTold(ctx, client)
			landed := Needs(client.Login(ctx))
			none := flow.With(flow.Parameter("token"), landed.Code()).As("with a code in the place of the token")
			plain := client.Introspect(ctx, grant, none)
			answer := client.IntrospectSigned(ctx, grant, none)
			if proper := client.Exchange(ctx, landed); Accepts(proper) {
				client.LeaveOver(landed, proper)
			}
			if !Accepts(plain) || plain.Members()["active"] != false {
				NotApplicable("a code is called active in JSON, or not answered, which is judged at RFC 7662")
			}
			tellsNothing("a code", plain, read(client, answer))
		})
		It("says nothing of a token that was revoked", NothingElse, func(ctx SpecContext) {
			everywhere.NeedsOffer(client, requirement.Revocation)
			needsTold(ctx, client)
			grant := Needs(client.Own(ctx))
			after := flow.Words("after the token was revoked")
			if revoked := client.Revoke(ctx, grant); Accepts(revoked) {
				plain := client.Introspect(ctx, grant, after)
				tellsNothing("an access token that was revoked", plain, read(client, client.IntrospectSigned(ctx, grant, after)))
			} else if revoked.ErrorCode() != everywhere.UnsupportedTokenType {
				Needs(revoked)
			}
			if grant.RefreshToken() == "" {
				return
			}
			shared, _ := needsTold(ctx, client)
			known, isJWT := everywhere.ToldIn(client, client.IntrospectRefreshTokenSigned(ctx, shared))
			if !isJWT || !known.Active() {
				Note("refresh tokens are not known to the introspection endpoint")
				return
			}
			Needs(client.RevokeRefreshToken(ctx, grant))
			plain := client.IntrospectRefreshToken(ctx, grant, after)
			tellsNothing("a refresh token that was revoked", plain, read(client, client.IntrospectRefreshTokenSigned(ctx, grant, after)))
		})
		It("says nothing of a token that is not for the client that asks", NothingElse, func(ctx SpecContext) {
			grant, _ := needsTold(ctx, client)
			for _, guest := range everywhere.Guests(client) {
				told, answered := asksBeside(ctx, guest, grant)
				if !answered {
					continue
				}
				if told.Active() {
					NotApplicable("a token of client %s is called active to client %s, which is judged at %s", client.ID(), guest.ID(), keptApart)
				}
				tellsNothing("a token of another client", nil, told)
			}
		})
	})

	AgedBy(Age[[]ageing]{
		Of:      func(all []ageing) time.Duration { return lifetime(all[0].tokens) + afterExpiry },
		About:   2 * time.Minute, // later than those who wait for less than a token may live
		Says:    fmt.Sprintf("as long as an access token lives and %ds more", int(afterExpiry.Seconds())),
		Shorten: "have the target give this client access tokens that live shorter",
	},
		"introspection that is asked for a JWT says nothing of a token that has expired", NothingElse,
		func(ctx SpecContext) []ageing {
			needsTold(ctx, client)
			grant := Needs(client.Own(ctx))
			if lifetime(grant) == 0 {
				LeaveToAttestation("the token response does not say how long the token lives")
			}
			return append([]ageing{{"a token", grant}}, ageingBeside(ctx, client, grant)...)
		},
		func(ctx context.Context, all []ageing) (found []expired) {
			after := flow.Words(fmt.Sprintf("%s after the token has expired", afterExpiry))
			for _, token := range all {
				plain := client.Introspect(ctx, token.tokens, after)
				found = append(found, expired{what: token.what, plain: plain, signed: client.IntrospectSigned(ctx, token.tokens, after)})
			}
			return found
		},
		func(ctx SpecContext, all []expired) {
			for _, e := range all {
				tellsNothing(e.what+" that has expired", e.plain, read(client, e.signed))
			}
			needsTold(ctx, client)
		})

	It("the algorithms of signed introspection are listed as they should be", AlgorithmsAllowed, SendsNothing, func(SpecContext) {
		const list = "introspection_signing_alg_values_supported"
		value, there := client.Target().Metadata.Values[list]
		words, isList := value.([]any)
		switch {
		case !there:
			Note("the metadata do not say by which algorithms introspection answers are signed")
		case !isList || slices.ContainsFunc(words, func(word any) bool { _, isText := word.(string); return !isText }):
			Note("%s is no list of texts", list)
		}
	})
}

// ageing is a token that is to expire, and what it is in words.
type ageing struct {
	what   string
	tokens *flow.Outcome
}

// ageingBeside are tokens that come another way than that of a grant, with a refresh and for the client itself, and do not live longer.
func ageingBeside(ctx SpecContext, client *flow.Client, grant *flow.Outcome) (all []ageing) {
	add := func(what string, tokens *flow.Outcome) {
		if Accepts(tokens) && lifetime(tokens) > 0 && lifetime(tokens) <= lifetime(grant) {
			all = append(all, ageing{what, tokens})
		}
	}
	if grant.RefreshToken() != "" {
		add("a token that came with a refresh", client.Refresh(ctx, grant))
	}
	for _, alone := range everywhere.AnnouncedForItself(client) {
		add("a token that the client has for itself", client.ForItself(ctx, alone))
	}
	return all
}

// expired are the answers about a token that had expired, and what it was in words.
type expired struct {
	what          string
	plain, signed *flow.Outcome
}

// afterExpiry is when an expired token is asked about. How late a server may notice is judged where it answers with JSON.
const afterExpiry = 10 * time.Second

func lifetime(grant *flow.Outcome) time.Duration {
	seconds, _ := grant.ExpiresIn()
	return time.Duration(seconds) * time.Second
}

// ofTokens are members of an introspection answer that say what the token is, and nothing about the answer itself.
var ofTokens = []string{"active", "scope", "username", "token_type", "cnf", "authorization_details", "act", "may_act", "auth_time", "acr", "amr"}

// needsTold is what a proper request is told of a shared grant. It ends a spec where that is no JWT, or the client may not ask.
func needsTold(ctx SpecContext, client *flow.Client) (*flow.Outcome, everywhere.Told) {
	grant, answer, why := everywhere.Asked(ctx, client)
	if why != "" {
		NotApplicable("the target lets this client introspect nothing (%s), which is judged at %s", why, comesAtAll)
	}
	return grant, read(client, answer)
}

// read reads an answer that has to be there. It ends a spec where that is no JWT.
func read(client *flow.Client, answer *flow.Outcome) everywhere.Told {
	told, isJWT := everywhere.ToldIn(client, everywhere.WasAnswered(answer))
	if !isJWT {
		NotApplicable("the answer is no JWT, which is judged at %s", comesAtAll)
	}
	return told
}

// asEach carries an experiment out as the client, and as every other one of its kind that may ask.
func asEach(ctx SpecContext, client *flow.Client, experiment func(client *flow.Client, grant *flow.Outcome, told everywhere.Told)) {
	denied := func(why string) {
		NotApplicable("the target lets no client of this kind introspect (%s), which is judged at %s", why, comesAtAll)
	}
	everywhere.AsEachAsking(ctx, client, denied, func(client *flow.Client, grant, answer *flow.Outcome) {
		experiment(client, grant, read(client, answer))
	})
}

// eachAnswer looks at the answers about a token that is good, and about one that is none, to each client that may ask. An answer may be put together elsewhere
// where there is little to say.
func eachAnswer(ctx SpecContext, client *flow.Client, look func(client *flow.Client, what string, told everywhere.Told)) {
	asEach(ctx, client, func(client *flow.Client, grant *flow.Outcome, told everywhere.Told) {
		look(client, "the token is good", told)
		look(client, "the token was never issued", read(client, client.IntrospectSigned(ctx, grant, everywhere.NeverIssued(grant)[0])))
		if grant.RefreshToken() != "" {
			if told, isJWT := everywhere.ToldIn(client, client.IntrospectRefreshTokenSigned(ctx, grant)); isJWT {
				look(client, "the token is a refresh token", told)
			}
		}
	})
}

// asksBeside is what another client is told about a grant; answered is false where it may not ask, or is given no JWT.
func asksBeside(ctx SpecContext, guest *flow.Client, grant *flow.Outcome) (told everywhere.Told, answered bool) {
	answer := guest.IntrospectSigned(ctx, grant, flow.Words("by client "+guest.ID()))
	switch decision, because := Decide(answer); decision {
	case wire.Accepted:
		return everywhere.ToldIn(guest, answer)
	case wire.Undecided, wire.Confused:
		LeaveUndecided(answer.Exchange, because)
		Unknown("introspection by client %s was neither answered nor refused: %s", guest.ID(), because)
	case wire.Refused:
	}
	return everywhere.Told{}, false
}

func needsInside(what string, told everywhere.Told) map[string]any {
	switch value, there := told.Claims["token_introspection"]; {
	case !there:
		Broken("token_introspection is missing where %s", what)
	case told.Inside() == nil:
		if _, isText := value.(string); isText {
			Broken("token_introspection is a text where %s, and no object", what)
		}
		Broken("token_introspection is no object where %s", what)
	}
	if _, isBoolean := told.Inside()["active"].(bool); !isBoolean {
		Broken("token_introspection has no boolean active where %s", what)
	}
	return told.Inside()
}

func from(client *flow.Client, what string, told everywhere.Told) {
	if iss, isText := told.Claims["iss"].(string); !isText || iss != client.Issuer() {
		if told.Claims["iss"] == nil {
			Broken("iss is missing where %s", what)
		}
		Broken("iss is %q where %s, and not the issuer", wire.Printable(iss), what)
	}
}

// to wants the answer to be for the one who asks. By what name a server knows a resource server the RFC leaves to it; a name that is somebody else's is wrong.
func to(client *flow.Client, what string, told everywhere.Told) {
	if told.Claims["aud"] == nil {
		Broken("aud is missing where %s", what)
	}
	names := everywhere.Names(told.Claims["aud"])
	if len(names) == 0 || slices.Contains(names, "") {
		Broken("aud is neither a name nor a list of names where %s", what)
	}
	// The list of all clients is for nobody in particular.
	foreign := func(name string) bool {
		return name != client.ID() && slices.ContainsFunc(client.Target().Clients, func(other *target.Client) bool { return other.ID == name })
	}
	if i := slices.IndexFunc(names, foreign); i >= 0 {
		Broken("aud has %s where %s, which is another client than the one that asks", wire.Printable(names[i]), what)
	}
	if slices.Contains(names, client.ID()) {
		return
	}
	for _, name := range names {
		own := name == client.Issuer() || strings.TrimSuffix(name, "/") == strings.TrimSuffix(client.Issuer(), "/")
		for _, endpoint := range []string{"introspection_endpoint", "token_endpoint"} {
			own = own || name == client.Target().Metadata.Endpoint(endpoint, false) || name == client.Target().Metadata.Endpoint(endpoint, true)
		}
		if own {
			Broken("aud is %q where %s, which is the server itself, and not who asks", wire.Printable(name), what)
		}
	}
	Warn("aud is %q where %s, and not the client_id of who asks: whether that is a name of it can't be told", wire.Printable(strings.Join(names, " ")), what)
}

// at wants the answer to say when it was made. Clocks may differ, and an answer is no old one.
func at(client *flow.Client, what string, told everywhere.Told) {
	const tolerated = 5 * time.Minute
	iat, isNumber := told.Claims["iat"].(float64)
	switch {
	case told.Claims["iat"] == nil:
		Broken("iat is missing where %s", what)
	case !isNumber:
		Broken("iat is no number where %s", what)
	case math.Abs(iat-float64(client.Now().Unix())) > tolerated.Seconds():
		Broken("iat is not the time of the answer where %s, but %.0fs away from it", what, math.Abs(iat-float64(client.Now().Unix())))
	}
}

// tellsNothing wants an answer to say that a token is not active, and nothing else. Where it says otherwise, and so does the answer in JSON, that is judged there. Plain is
// that answer; it was asked for first, so that what a server only comes to know in between makes no difference to the worse.
func tellsNothing(what string, plain *flow.Outcome, told everywhere.Told) {
	inside := told.Inside()
	if inside == nil {
		NotApplicable("the answer has no object token_introspection, which is judged at %s", ClaimsThere.ID)
	}
	if told.Active() {
		if decision, because := Decide(plain); decision == wire.Undecided || decision == wire.Confused {
			LeaveUndecided(plain.Exchange, because)
			Unknown("%s is called active in the JWT, and introspection that is asked for JSON was neither answered nor refused: %s", what, because)
		}
		if plain.Members()["active"] == true { // of the JWT, where one comes whatever is asked for
			NotApplicable("%s is called active, by the answer in JSON too, which is judged at RFC 7662", what)
		}
		Broken("%s is called active in the JWT, and not in JSON", what)
	}
	if more := everywhere.BesidesActive(inside); more != "" {
		Broken("the answer about %s has more inside token_introspection than active: %s", what, more)
	}
}

// same wants what is told of a good token in a JWT to be what is told in JSON: a resource server checks the binding, the scope and the user by either.
func same(plain, inside map[string]any) {
	if active, told := plain["active"].(bool); !told || !active {
		return // which is judged where it is asked for
	}
	if inside["active"] != true {
		Broken("active is true in JSON, and not in the JWT")
	}
	if plain["cnf"] != nil && inside["cnf"] == nil {
		Broken("cnf is missing in the JWT, and there in JSON: whoever asks for the JWT does not know what the token is bound to")
	}
	for _, name := range []string{"cnf", "client_id", "sub", "iss", "authorization_details"} {
		if value, there := inside[name]; there && plain[name] != nil && !reflect.DeepEqual(value, plain[name]) {
			Broken("%s is another one in the JWT than in JSON", name)
		}
	}
	if exp, isNumber := inside["exp"].(float64); isNumber {
		if other, told := plain["exp"].(float64); told && math.Abs(exp-other) > 5 {
			Broken("exp is another one in the JWT than in JSON")
		}
	}
	if scope, isText := inside["scope"].(string); isText {
		if other, told := plain["scope"].(string); told && !slices.Equal(sorted(scope), sorted(other)) {
			Broken("scope has other words in the JWT than in JSON")
		}
	}
	for _, name := range []string{"scope", "exp", "client_id", "authorization_details"} {
		if plain[name] != nil && inside[name] == nil {
			Warn("%s is missing in the JWT, and there in JSON", name)
		}
	}
}

func sorted(words string) []string {
	list := strings.Fields(words)
	slices.Sort(list)
	return list
}

// refusesOthers tries the ways in which somebody else could ask for the JWT, as each client that may.
func refusesOthers(ctx SpecContext, client *flow.Client) {
	asEach(ctx, client, func(client *flow.Client, grant *flow.Outcome, _ everywhere.Told) {
		deviations := everywhere.AtBothURLs(client, "introspection_endpoint", flow.Without(flow.ClientAuthentication))
		deviations = append(deviations, bySecrets(client)...)
		if client.Self().Key != nil && client.Self().Auth == target.PrivateKeyJWT {
			deviations = append(deviations, byAssertions(client)...)
		} else if impostor, ok := client.Impostor(); ok {
			deviations = append(deviations, flow.With(flow.Certificate, impostor).As("with the certificate of an impostor"))
		}
		for i, deviation := range deviations {
			KeepKnown(ctx, client, i)
			Expect(client.IntrospectSigned(ctx, grant, deviation)).To(BeRefused())
		}
		Needs(client.Push(ctx))
		for i, deviation := range everywhere.AtBothURLs(client, "introspection_endpoint", everywhere.Unauthorized(grant)...) {
			KeepKnown(ctx, client, i)
			// What else an endpoint may answer to what it does not know is no business of this.
			answer := client.IntrospectSigned(ctx, grant, deviation)
			if told, isJWT := everywhere.ToldIn(client, answer); Accepts(answer) && (isJWT && told.Active() || answer.Members()["active"] == true) {
				Expect(answer).To(BeRefused())
			}
		}
		Needs(client.IntrospectSigned(ctx, grant))
	})
}

// bySecrets are authentications by a secret, which no client of the profile has.
func bySecrets(client *flow.Client) (all []flow.Deviation) {
	by := func(method, value, says string) {
		all = append(all, flow.With(flow.ClientAuthentication, flow.Secret{Method: method, Value: value}).As("with "+says+" ("+method+")"))
	}
	right := client.Self().Secret
	if !right.Empty() {
		by("client_secret_jwt", right.Reveal(), "the secret that the target knows")
	}
	for _, method := range []string{"client_secret_basic", "client_secret_post"} {
		if !right.Empty() {
			by(method, right.Reveal(), "the secret that the target knows")
		}
		by(method, "", "an empty secret")
		by(method, jose.Random(24), "a made-up secret")
	}
	return all
}

// byAssertions are client assertions that are not the client's, not for the target or not good any more.
func byAssertions(client *flow.Client) []flow.Deviation {
	all := []flow.Deviation{
		flow.With(flow.AssertionClaim("exp"), flow.Ago(5*time.Minute)),
		flow.With(flow.AssertionClaim("aud"), flow.ForeignOrigin),
		flow.With(flow.AssertionAlgorithm, "none"),
	}
	own := client.Self().Key
	if key, err := jose.NewKey(own.Algorithm); err == nil {
		all = append(all, flow.With(flow.AssertionKey, key).As("with a client assertion by another key"))
	}
	for _, other := range client.Target().Clients {
		if other.ID == client.ID() || other.Key == nil || other.Key.Thumbprint() == own.Thumbprint() {
			continue
		}
		all = append(all, flow.With(flow.AssertionKey, other.Key).As("with a client assertion by the key of another client"))
		if other.Key.ID != "" && other.Key.ID != own.ID {
			all = append(all, flow.All("with a client assertion by the key of another client, under its kid",
				flow.With(flow.AssertionKey, other.Key), flow.With(flow.AssertionHeader("kid"), other.Key.ID)))
		}
		break
	}
	return all
}
