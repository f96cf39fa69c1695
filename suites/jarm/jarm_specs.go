package jarm

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"

	. "github.com/fapitest/fapitest/harness/expect"
	"github.com/fapitest/fapitest/harness/flow"
	"github.com/fapitest/fapitest/harness/profile"
	"github.com/fapitest/fapitest/harness/target"
	"github.com/fapitest/fapitest/harness/wire"
	"github.com/fapitest/fapitest/suites/everywhere"
)

// Judged elsewhere: that a JWT comes at all. The profile's suite imports this one.
const (
	comesAtAll  = "FAPI2-MS-5.4.1-1a"
	comesToo    = "FAPI2-MS-5.4.1-1c"
	issTwice    = "FAPI2-MS-5.4.1-N1"
	leeway      = 30 * time.Second // by which clocks may differ, and answers may be under way
	mostBesides = 12               // names of parameters in a message: there may be any number
)

// recommendedLife is what JARM section 2.1 recommends at most, where a profile says nothing of its own.
const recommendedLife = 10 * time.Minute

func specs(client *flow.Client) {
	Describe("the authorization response that is asked for as a JWT", func() {
		It("names the issuer in it", IssuerNamed, func(ctx SpecContext) {
			each(ctx, client, func(client *flow.Client, signed everywhere.Signed) {
				switch iss := signed.Response.Object["iss"].(type) {
				case nil:
					Broken("iss is missing in the JWT %s", signed)
				case string:
					if iss != client.Issuer() {
						Broken("iss in the JWT is %q %s, and not the issuer, %q", wire.Printable(iss), signed, client.Issuer())
					}
				default:
					Broken("iss in the JWT is no text %s", signed)
				}
			})
		})
		It("is for the client that asked", ClientNamed, func(ctx SpecContext) {
			each(ctx, client, addressed)
		})
		It("ends, and has not ended when it comes", EndGiven, func(ctx SpecContext) {
			each(ctx, client, func(client *flow.Client, signed everywhere.Signed) {
				if left := life(client, signed, Broken); left < -leeway {
					Broken("exp in the JWT is %.0fs before the response came, %s", -left.Seconds(), signed)
				}
			})
		})
		It("ends soon", EndsSoon, func(ctx SpecContext) {
			each(ctx, client, func(client *flow.Client, signed everywhere.Signed) {
				left := life(client, signed, func(words string, args ...any) {
					NotApplicable("%s, which is judged at %s", fmt.Sprintf(words, args...), EndGiven.ID)
				})
				// Clocks may differ.
				switch _, set := profile.JARMLifeWarn.In(client.Limits()); {
				case left <= leeway:
				case !set && left-leeway > recommendedLife:
					Warn("the JWT ends %.0fs after it came, %s: at most %.0fs are recommended", left.Seconds(), signed, recommendedLife.Seconds())
				case set:
					Keeps(client, profile.JARMLifeWarn, (left - leeway).Truncate(time.Second), "the JWT ends %.0fs after it came, %s", left.Seconds(), signed)
				}
			})
		})
		It("says everything in it", AllInside, func(ctx SpecContext) {
			each(ctx, client, func(_ *flow.Client, signed everywhere.Signed) { allInside(signed) })
		})
		It("says nothing beside it", AllInside, func(ctx SpecContext) {
			each(ctx, client, func(_ *flow.Client, signed everywhere.Signed) {
				names := slices.Sorted(maps.Keys(signed.Landed.Beside()))
				if slices.Contains(names, "iss") {
					Note("iss stands beside the JWT %s, which is judged at %s", signed, issTwice)
				}
				names = slices.DeleteFunc(names, func(name string) bool { return name == "iss" })
				if len(names) > mostBesides {
					names = append(names[:mostBesides], "and more")
				}
				if len(names) > 0 {
					Broken("beside the JWT stands %s, %s", wire.Printable(strings.Join(names, ", ")), signed)
				}
			})
		})
		It("is signed by an algorithm of the profile", SignedFirst, func(ctx SpecContext) {
			unsigned := func(signed everywhere.Signed) {
				if signed.Sealed() {
					Broken("what was encrypted is not signed %s", signed)
				}
				absent(signed)
			}
			everywhere.EachSigned(ctx, client, unsigned, func(_ *flow.Client, signed everywhere.Signed) {
				algorithm, _ := signed.Header["alg"].(string)
				if !everywhere.ProfileAlgorithm(algorithm) {
					Broken("it is signed by %q %s, and not by PS256, ES256 or EdDSA", wire.Printable(algorithm), signed)
				}
				if strings.HasSuffix(signed.Response.Token, ".") {
					Broken("its signature is empty %s", signed)
				}
			})
		})
		It("is signed by a key of the key set", SignedFirst, func(ctx SpecContext) {
			keys := everywhere.KeySet(ctx, client, func(words string) {
				Unknown("jwks_uri leads to no key set, and so the signature can't be checked: %s", words)
			})
			each(ctx, client, func(_ *flow.Client, signed everywhere.Signed) {
				if everywhere.UnsignedAlgorithm(signed.Header) {
					Broken("it is not signed by anybody %s: alg is %q", signed, wire.Printable(fmt.Sprint(signed.Header["alg"])))
				}
				everywhere.HeldByKeySet(keys, signed.Response.Token, signed.String())
			})
		})
		It("is encrypted always, where it is once", EncryptedToAll, func(ctx SpecContext) {
			everywhere.AsEach(client, func(client *flow.Client) {
				var open, sealed []string
				everywhere.EachSigned(ctx, client, absent, func(playing *flow.Client, signed everywhere.Signed) {
					switch {
					case playing.ID() != client.ID():
					case signed.Response.Encrypted:
						sealed = append(sealed, signed.String())
					default:
						open = append(open, signed.String())
					}
				})
				switch {
				case len(sealed) == 0:
					NotApplicable("no response is encrypted: this client is not registered for that")
				case len(open) > 0:
					Broken("the response is not encrypted %s, and is %s", strings.Join(open, ", "), sealed[0])
				}
			})
		})

		It("stands in the query with query.jwt", InQuery, func(ctx SpecContext) { standsIn(ctx, client, "query.jwt", "query") })
		It("stands in the fragment with fragment.jwt", InFragment, func(ctx SpecContext) { standsIn(ctx, client, "fragment.jwt", "fragment") })
		It("is posted as a form with form_post.jwt", ByForm, func(ctx SpecContext) { standsIn(ctx, client, "form_post.jwt", "form") })
		It("stands in the query with jwt", DefaultOfCode, func(ctx SpecContext) {
			standsIn(ctx, client, everywhere.PlainSignedMode, "query")
			if denied, ok := everywhere.SignedError(ctx, client, everywhere.PlainSignedMode); ok && denied.Read() {
				if where := places(denied); where != "query" {
					Broken("the response stands in the %s %s, and not in the query", where, denied)
				}
			}
		})
	})

	It("an encryption of content is not registered without one for its key", KeyEncryption, SendsNothing, func(SpecContext) {
		if client.Endpoint("registration_endpoint") == "" && !client.Target().Offered("dcr") {
			NotApplicable("the target does not offer dynamic registration")
		}
		LeaveToAttestation("clients are not registered in a run")
	})

	It("the metadata announce signed responses", ModesAnnounced, SendsNothing, func(SpecContext) { announced(client.Target()) })
}

// each looks at every signed response; what is no JWT is judged elsewhere.
func each(ctx SpecContext, client *flow.Client, look func(client *flow.Client, signed everywhere.Signed)) {
	everywhere.EachSigned(ctx, client, absent, look)
}

func absent(signed everywhere.Signed) {
	if signed.Sealed() {
		NotApplicable("what was encrypted is not signed %s, which is judged at %s", signed, SignedFirst.ID)
	}
	clause := comesAtAll
	if signed.Error {
		clause = comesToo
	}
	NotApplicable("no JWT that can be read came %s, which is judged at %s", signed, clause)
}

// addressed wants the response to be for the client, and for no other client that is known.
func addressed(client *flow.Client, signed everywhere.Signed) {
	if signed.Response.Object["aud"] == nil {
		Broken("aud is missing in the JWT %s", signed)
	}
	names := everywhere.Names(signed.Response.Object["aud"])
	if !slices.Contains(names, client.ID()) {
		Broken("aud in the JWT is %q %s, and not the client_id, %q", wire.Printable(strings.Join(names, " ")), signed, client.ID())
	}
	others := func(name string) bool {
		return name != client.ID() && slices.ContainsFunc(client.Target().Clients, func(other *target.Client) bool { return other.ID == name })
	}
	if i := slices.IndexFunc(names, others); i >= 0 {
		Broken("aud in the JWT has %q too %s, which is another client", wire.Printable(names[i]), signed)
	}
}

// life is how long a response is good for from when it came, by the clock of the target. Where exp is no time, none is told, and ends the spec.
func life(client *flow.Client, signed everywhere.Signed, none func(words string, args ...any)) time.Duration {
	value, there := signed.Response.Object["exp"]
	exp, isNumber := value.(float64)
	switch {
	case !there:
		none("exp is missing in the JWT %s", signed)
	case !isNumber:
		none("exp in the JWT is no number %s", signed)
	case exp > 1e11:
		none("exp in the JWT is %.0f %s, which are no seconds since 1970", exp, signed)
	}
	return time.Unix(int64(exp), 0).Sub(client.AtTarget(signed.Landed.Arrived))
}

// allInside wants the parameters of the response to be in its JWT, as texts.
func allInside(signed everywhere.Signed) {
	wanted := "code"
	if signed.Error {
		wanted = "error"
	}
	object := signed.Response.Object
	switch value := object[wanted].(type) {
	case nil:
		Broken("%s is missing in the JWT %s", wanted, signed)
	case string:
		if value == "" {
			Broken("%s in the JWT is empty %s", wanted, signed)
		}
	default:
		Broken("%s in the JWT is no text %s", wanted, signed)
	}
	if state, isText := object["state"].(string); !isText || state != signed.Landed.State() {
		if object["state"] == nil {
			Broken("state is missing in the JWT %s", signed)
		}
		Broken("state in the JWT is not the one that was sent %s", signed)
	}
	for _, name := range []string{"error_description", "error_uri"} {
		if value, there := object[name]; there {
			if _, isText := value.(string); !isText {
				Broken("%s in the JWT is no text %s", name, signed)
			}
		}
	}
}

// standsIn wants the response in a mode to stand in one place alone.
func standsIn(ctx SpecContext, client *flow.Client, mode, place string) {
	if !slices.Contains(everywhere.SignedModes(client), mode) {
		NotApplicable("response_modes_supported does not list %s", mode)
	}
	signed, ok, because := everywhere.SignedSuccess(ctx, client, mode)
	if !ok {
		NotApplicable("response_mode=%s is refused where a code is asked for: %s", mode, because)
	}
	if !signed.Read() {
		absent(signed)
	}
	if where := places(signed); where != place {
		Broken("the response stands in the %s %s, and not in the %s", where, signed, place)
	}
}

// places says where the response stands.
func places(signed everywhere.Signed) string {
	var all []string
	r := signed.Response
	if r.Query.Has("response") {
		all = append(all, "query")
	}
	if r.Fragment.Has("response") {
		all = append(all, "fragment")
	}
	if r.Form.Has("response") {
		all = append(all, "form")
	}
	return strings.Join(all, " and in the ")
}

// announced wants the metadata to say which modes and which algorithms there are.
func announced(t *target.Target) {
	const modes, algorithms = "response_modes_supported", "authorization_signing_alg_values_supported"
	if !slices.Contains(t.Metadata.List(modes), "jwt") {
		Broken("%s does not list jwt", modes)
	}
	listed := t.Metadata.List(algorithms)
	if value, there := t.Metadata.Values[algorithms]; !there {
		Broken("the metadata lack %s", algorithms)
	} else if _, isList := value.([]any); !isList {
		Broken("%s is no list", algorithms)
	}
	if !slices.ContainsFunc(listed, everywhere.ProfileAlgorithm) {
		Broken("%s lists none of PS256, ES256 and EdDSA", algorithms)
	}
	if slices.Contains(listed, "none") {
		Broken("%s lists none, which JARM forbids", algorithms)
	}
}
