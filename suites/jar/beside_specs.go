package jar

import (
	"slices"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	. "github.com/fapitest/fapitest/harness/expect"
	"github.com/fapitest/fapitest/harness/flow"
	"github.com/fapitest/fapitest/harness/target"
	"github.com/fapitest/fapitest/harness/wire"
	"github.com/fapitest/fapitest/suites/everywhere"
)

func besideSpecs(client *flow.Client) {
	Describe("what stands in the URL beside a request_uri", func() {
		Control("is not needed", func(ctx SpecContext) {
			Expect(client.Landing(ctx)).To(BeAccepted())
		})

		opened := func(ctx SpecContext, client *flow.Client, asides []everywhere.Aside, pushed []flow.Deviation, how ...flow.Deviation) *flow.Outcome {
			var beside []flow.Deviation
			for _, aside := range asides {
				beside = append(beside, flow.With(flow.Parameter(aside.Name), aside.Value).As("with another "+aside.Name+" beside a good request_uri"))
			}
			return client.Authorize(ctx, Needs(client.Push(ctx, pushed...)), append(beside, how...)...)
		}
		// replacing are what stands beside that would replace something, and how it is pushed.
		replacing := func(ctx SpecContext, client *flow.Client) (asides []everywhere.Aside, pushed []flow.Deviation) {
			asides = everywhere.Replacing(client)
			if less, word := everywhere.LessScope(client.Target()); word != "" && client.Push(ctx, flow.With(flow.Scope, less)).ErrorCode() != "invalid_scope" { // a server may have no use for it alone
				pushed = append(pushed, flow.With(flow.Scope, less))
				asides = append(asides, everywhere.ScopeAside(client.Target().Scope, word))
			}
			// What else was pushed is replaced by code of its own, if it is: what stands beside where nothing of the kind was pushed is tried where something would be added.
			push := func(way flow.Deviation) bool {
				taken := Accepts(client.Push(ctx, append(slices.Clone(pushed), way)...))
				if taken {
					pushed = append(pushed, way)
				}
				return taken
			}
			if details, less, ok := everywhere.DetailsAside(client); ok && push(flow.With(flow.Parameter(details.Name), less)) {
				asides = append(asides, details)
			}
			for _, aside := range everywhere.Adding(client) {
				if aside.Name == "claims" && push(flow.With(flow.Parameter("claims"), `{"id_token":{"auth_time":null}}`)) {
					asides = append(asides, aside)
				}
			}
			if _, ok := everywhere.ForeignKeyAside(client); ok && !client.Target().Required(target.RequiresDPoPJKT) {
				push(flow.With(flow.DPoPKeyThumbprint, client.ProofKey().Thumbprint()).As("with dpop_jkt of the client's own key"))
			}
			return asides, pushed
		}
		It("replaces nothing of what was pushed", OnlyWhatWasPushed, func(ctx SpecContext) {
			asides, pushed := replacing(ctx, client)
			everywhere.NothingBeside(ctx, client, asides, func(asides []everywhere.Aside) *flow.Outcome { return opened(ctx, client, asides, pushed) })
			everywhere.AsEach(client, func(client *flow.Client) {
				if redirect, ok := everywhere.RedirectAside(client); ok {
					everywhere.NothingBeside(ctx, client, []everywhere.Aside{redirect}, func(asides []everywhere.Aside) *flow.Outcome { return opened(ctx, client, asides, nil) })
				}
			})
		})
		It("replaces nothing of what was pushed where that does not ask for openid", OnlyWhatWasPushed, func(ctx SpecContext) {
			tried := false
			everywhere.Plainly(ctx, client, func(plain flow.Deviation, _ *flow.Outcome) {
				tried = true
				asides := slices.DeleteFunc(everywhere.Replacing(client), func(aside everywhere.Aside) bool { return aside.Name == "nonce" }) // it would show nowhere
				asides = append(asides, everywhere.ScopeAside(client.Target().Scope, "openid"))
				everywhere.NothingBeside(ctx, client, asides, func(asides []everywhere.Aside) *flow.Outcome {
					return opened(ctx, client, asides, []flow.Deviation{plain})
				})
			})
			if !tried {
				NotApplicable("every request asks for openid here, or none does")
			}
		})
		It("adds nothing to what was pushed", OnlyWhatWasPushed, func(ctx SpecContext) {
			without, asides := []flow.Deviation{flow.Without(flow.State)}, append([]everywhere.Aside{everywhere.AsideOf("state", "")}, everywhere.Adding(client)...)
			if client.Target().OpenID() {
				without, asides = append(without, flow.Without(flow.Nonce)), append(asides, everywhere.AsideOf("nonce", ""))
			}
			if key, ok := everywhere.ForeignKeyAside(client); ok && !client.Target().Required(target.RequiresDPoPJKT) {
				asides = append(asides, key)
			}
			everywhere.NothingBeside(ctx, client, asides, func(asides []everywhere.Aside) *flow.Outcome {
				if decision, _ := Decide(client.Push(ctx, without...)); decision == wire.Refused {
					NotApplicable("a request without state and nonce is refused, which is judged at FAPI2-SP-5.3.2.2-D1")
				}
				return opened(ctx, client, asides, without)
			})
		})
		It("neither replaces nor adds anything where it comes by POST", OnlyWhatWasPushed, func(ctx SpecContext) {
			everywhere.NeedsPosting(ctx, client)
			asides, pushed := replacing(ctx, client)
			for _, aside := range append(everywhere.Adding(client), everywhere.ResponseTypeAside()) {
				if !slices.ContainsFunc(asides, func(other everywhere.Aside) bool { return other.Name == aside.Name }) {
					asides = append(asides, aside)
				}
			}
			everywhere.NothingBeside(ctx, client, asides, func(asides []everywhere.Aside) *flow.Outcome {
				return opened(ctx, client, asides, pushed, flow.ByPost())
			})
		})
		It("spares nobody the login that what was pushed wants", OnlyWhatWasPushed, WaitsByItself, func(ctx SpecContext) {
			if !client.Target().OpenID() {
				NotApplicable("the scope of the target file does not ask for openid, without which a request can't ask for a login")
			}
			browser, end := flow.OneBrowser(ctx, 5)
			defer end()
			last := signedIn(ctx, client, Needs(client.Login(browser)))
			for _, wish := range []struct{ name, pushed, beside string }{{"max_age", "1", "86400"}, {"prompt", "login", "consent"}} {
				if _, everywhere := client.Target().Request[wish.name]; everywhere {
					continue
				}
				if client.Wait(ctx, 2*time.Second, OnlyWhatWasPushed.ID) != nil {
					Unknown("waiting was interrupted")
				}
				with := func(beside ...flow.Deviation) (spared, refused bool) {
					landed := client.Authorize(browser, client.Push(ctx, flow.With(flow.Parameter(wish.name), wish.pushed)), beside...)
					if decision, _ := Decide(landed); decision == wire.Refused {
						return false, true
					}
					now := signedIn(ctx, client, Needs(landed))
					spared = now.sparedAfter(last)
					last = now
					return spared, false
				}
				spared, refused := with(flow.With(flow.Parameter(wish.name), wish.beside).As("with another " + wish.name + " beside a good request_uri, in the browser of the login before"))
				if refused || !spared {
					continue
				}
				if alone, _ := with(); alone {
					Note("the user does not have to sign in again where %s=%s was pushed and nothing stands beside, which is judged at OIDC-CORE-3.1.2.1", wish.name, wish.pushed)
					continue
				}
				Broken("the user did not have to sign in again, as %s=%s has it that was pushed: the %s=%s beside the request_uri counted", wish.name, wish.pushed, wish.name, wish.beside)
			}
		})
	})
}

// login is what is known of when and whether a user has signed in.
type login struct {
	at      float64 // auth_time; 0: it is not told
	offered bool    // the script has offered the password
}

// signedIn redeems the code of an authorization, and reads from the id_token when its user has signed in.
func signedIn(ctx SpecContext, client *flow.Client, landed *flow.Outcome) login {
	claims, err := client.IDClaims(Needs(client.Exchange(ctx, landed)))
	if err != nil {
		Unknown("the id_token can't be read: %s", err)
	}
	at, _ := claims["auth_time"].(float64)
	return login{at: at, offered: landed.Trip.Logins > 0}
}

// sparedAfter says whether a login was spared after an earlier one in the same browser, as far as it shows.
func (l login) sparedAfter(earlier login) bool {
	if l.at != 0 && earlier.at != 0 {
		return l.at <= earlier.at && !l.offered
	}
	return earlier.offered && !l.offered
}
