package par

import (
	"context"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	. "github.com/fapitest/fapitest/harness/expect"
	"github.com/fapitest/fapitest/harness/flow"
	"github.com/fapitest/fapitest/harness/target"
	"github.com/fapitest/fapitest/harness/wire"
	"github.com/fapitest/fapitest/suites/everywhere"
)

const endpoint = "pushed_authorization_request_endpoint"

func metadataSpecs(client *flow.Client) {
	Describe("the metadata", func() {
		It("name a pushed authorization request endpoint", EndpointAnnounced, SendsNothing, func(SpecContext) {
			if client.Target().Metadata.Text(endpoint) == "" {
				Broken("the metadata lack %s", endpoint)
			}
		})
		It("name one that is reached by https", EndpointSecure, SendsNothing, func(SpecContext) {
			for _, certified := range []bool{false, true} {
				address := client.Target().Metadata.Endpoint(endpoint, certified)
				if parsed, err := url.Parse(address); address != "" && (err != nil || !strings.EqualFold(parsed.Scheme, "https")) {
					Broken("%s is %q, and no https URL", endpoint, wire.Printable(address))
				}
			}
		})
		It("say by a boolean whether requests have to be pushed, where they say so", RequiredIsBoolean, SendsNothing, func(SpecContext) {
			value, there := client.Target().Metadata.Values["require_pushed_authorization_requests"]
			required, isBoolean := value.(bool)
			switch {
			case !there:
				Note("the metadata do not say that requests have to be pushed, which a server of this profile demands")
			case !isBoolean:
				Broken("require_pushed_authorization_requests is no boolean")
			case !required:
				Note("require_pushed_authorization_requests is false, although a server of this profile demands it")
			}
		})
	})
}

func answerSpecs(client *flow.Client) {
	Describe("the answer to a pushed request", func() {
		It("is 201 with JSON", Created, func(ctx SpecContext) {
			pushed := Needs(client.Push(ctx))
			if pushed.Status != http.StatusCreated {
				Broken("the status is %d and not 201", pushed.Status)
			}
			if media, _, _ := strings.Cut(pushed.Header.Get("Content-Type"), ";"); !strings.EqualFold(strings.TrimSpace(media), "application/json") {
				Broken("Content-Type is %q and not application/json", wire.Printable(pushed.Header.Get("Content-Type")))
			}
		})
		It("has a request_uri that is a URI", RequestURIForm, func(ctx SpecContext) {
			uri := Needs(client.Push(ctx)).RequestURI()
			if parsed, err := url.Parse(uri); err != nil || parsed.Scheme == "" || strings.ContainsAny(uri, " \t\r\n") {
				Broken("request_uri is %q, and no absolute URI", wire.Printable(uri))
			}
		})
		It("says by a positive whole number how long the request_uri lives", LifetimeForm, func(ctx SpecContext) {
			lives, isNumber := Needs(client.Push(ctx)).Members()["expires_in"].(float64)
			if !isNumber || lives <= 0 || lives != math.Trunc(lives) {
				Broken("expires_in is missing, or no positive whole number")
			}
		})
		It("that refuses it is an error as the token endpoint has them", ErrorForm, func(ctx SpecContext) {
			Needs(client.Push(ctx))
			refused := 0
			for _, wrong := range []flow.Deviation{
				flow.With(flow.ResponseType, "fapitest"), flow.Without(flow.ResponseType), flow.With(flow.RedirectURI, flow.ForeignOrigin+"/landing"),
				flow.Without(flow.PKCE), flow.Without(flow.ClientAuthentication),
			} {
				answer := client.Push(ctx, wrong)
				switch decision, because := Decide(answer); {
				case decision == wire.Accepted:
					continue // whether it may be is judged elsewhere, and it may be refused when the user arrives
				case answer.Err != nil || answer.Status < 400 || answer.Status >= 500 || answer.Status == http.StatusTooManyRequests || answer.Members() == nil && decision != wire.Refused:
					LeaveUndecided(answer.Exchange, because)
					Unknown("how the target refuses a request %s was not learnt: %s", wrong, because)
				}
				refused++
				hasForm(answer, wrong)
			}
			if refused == 0 {
				NotApplicable("nothing that is wrong with a request is refused when it is pushed")
			}
			Needs(client.Push(ctx))
		})
	})
}

// hasForm wants an error to look as RFC 6749 section 5.2 has it.
func hasForm(answer *flow.Outcome, wrong flow.Deviation) {
	switch answer.Status {
	case http.StatusMethodNotAllowed, http.StatusRequestEntityTooLarge:
		return // has a status of its own (section 2.3)
	case http.StatusBadRequest, http.StatusUnauthorized:
	default:
		Broken("a request %s is refused with status %d, and not with 400 (or 401, where the client is not authenticated)", wrong, answer.Status)
	}
	if code, isText := answer.Members()["error"].(string); !isText || code == "" {
		Broken("a request %s is refused with %d, and no JSON object with an error in it", wrong, answer.Status)
	}
	for _, name := range []string{"error", "error_description"} {
		said, there := answer.Members()[name]
		if !there {
			continue
		}
		text, isText := said.(string)
		bare := strings.NewReplacer("\r", "", "\n", "", "\t", "").Replace(text)
		if !isText || !everywhere.LegalInErrors(bare) {
			Broken("a request %s is refused with an %s that is no text, or has characters that must not be there", wrong, name)
		}
		if bare != text {
			Warn("a request %s is refused with line breaks or tabs in %s", wrong, name)
		}
	}
}

func pushingSpecs(client *flow.Client) {
	Describe("the pushed authorization request endpoint", func() {
		It("refuses a request that has a request_uri itself", NoRequestURI, func(ctx SpecContext) {
			everywhere.AsEach(client, func(client *flow.Client) {
				earlier := Needs(client.Push(ctx))
				for _, uri := range []flow.Deviation{
					flow.With(flow.RequestURI, earlier.RequestURI()).As("with the request_uri of an earlier push beside the parameters"),
					flow.With(flow.RequestURI, flow.ForeignOrigin+"/request").As("with an https request_uri beside the parameters"),
				} {
					Expect(client.Push(ctx, uri)).To(BeRefused())
				}
				Needs(client.Push(ctx))
			})
		})
		It("does not take a request by GET", PostOnly, func(ctx SpecContext) {
			Needs(client.Push(ctx))
			answer := client.Push(ctx, flow.ByGet())
			if decision, because := Decide(answer); decision == wire.Accepted {
				Warn("a request that comes by GET, with client authentication in the URL, is taken: %s", because)
				return
			}
			if answer.Err != nil || answer.Status >= 500 || answer.Status == http.StatusTooManyRequests {
				Expect(answer).To(BeRefused()) // which says why nothing is known
			}
			if answer.Status != http.StatusMethodNotAllowed {
				Note("a request that comes by GET is answered with %d, for which RFC 9126 section 2.3 names 405", answer.Status)
			}
		})
		It("does not take client authentication from the query of a POST", PostedForms, func(ctx SpecContext) {
			if client.Self().Auth != target.PrivateKeyJWT {
				NotApplicable("client %s does not authenticate by an assertion", client.ID())
			}
			everywhere.AsEach(client, func(client *flow.Client) {
				Needs(client.Push(ctx))
				if Accepts(client.Push(ctx, flow.Without(flow.ClientAuthentication))) {
					NotApplicable("requests are taken of who does not authenticate, which is judged at FAPI2-SP-5.3.2.2-4")
				}
				answer := client.Push(ctx, flow.AssertionInQuery())
				if decision, because := Decide(answer); decision == wire.Accepted {
					Warn("a request whose client assertion stands in the query, and so in logs, is taken: %s", because)
				} else if answer.Err != nil || answer.Status >= 500 || answer.Status == http.StatusTooManyRequests {
					Expect(answer).To(BeRefused()) // which says why nothing is known
				}
				Needs(client.Push(ctx))
			})
		})
		It("refuses a request that is not signed with 400 and invalid_request, where requests have to be", SignedOnly, func(ctx SpecContext) {
			if !client.Target().Required(target.RequiresJAR) || client.Self().Key == nil {
				NotApplicable("the target file does not say that requests of client %s have to be signed (requires: [jar])", client.ID())
			}
			Needs(client.Push(ctx))
			answer := client.Push(ctx, flow.Without(flow.RequestObject).As("in a form, and not signed"))
			switch decision, because := Decide(answer); {
			case decision == wire.Accepted:
				NotApplicable("it is not refused when it is pushed, which is judged at FAPI2-MS-5.3.1-1b")
			case decision == wire.Refused && (answer.Status != http.StatusBadRequest || answer.ErrorCode() != "invalid_request"):
				Warn("a request that is not signed is refused otherwise than with 400 and invalid_request: %s", because)
			default:
				Expect(answer).To(BeRefused())
			}
			Needs(client.Push(ctx))
		})
		It("refuses a request object that names another client", ObjectOfClient, func(ctx SpecContext) {
			signed := signing(client)
			index := slices.IndexFunc(client.Target().Clients, func(other *target.Client) bool { return other.ID != client.ID() })
			if index < 0 {
				Unknown("the target file has no other client")
			}
			needsObjects(ctx, client, signed)
			Expect(client.Push(ctx, signed, flow.With(flow.RequestObjectClaim("client_id"), client.Target().Clients[index].ID).
				As("with the client_id of another client in the request object"))).To(BeRefused())
			needsObjects(ctx, client, signed)
		})
		It("goes by nothing but the request object, where there is one", ObjectAlone, func(ctx SpecContext) {
			signed := signing(client)
			needsObjects(ctx, client, signed)
			words := strings.Fields(client.Target().Scope)
			asking := flow.All("with a request object that asks for "+words[0], signed, flow.With(flow.Scope, words[0]))
			if len(words) > 1 && client.Push(ctx, asking).ErrorCode() == "invalid_scope" {
				words = words[:1] // which a server may have no use for alone (RFC 6749 section 3.3)
			}
			if len(words) > 1 {
				narrow := Needs(client.Obtain(ctx, asking))
				alone := narrow.Scopes() // a server may have defaults (RFC 6749 section 3.3)
				grant := client.Obtain(ctx, flow.All("with a request object that asks for "+words[0]+", and scope "+client.Target().Scope+" beside it",
					signed, flow.With(flow.Scope, words[0]), flow.Beside("scope", client.Target().Scope)))
				if decision, _ := Decide(grant); decision == wire.Accepted {
					if more := slices.DeleteFunc(grant.Scopes(), func(scope string) bool { return scope == words[0] || slices.Contains(alone, scope) }); len(more) > 0 {
						Broken("the scope beside the request object was granted, which does not ask for it: %q", more)
					}
				} else {
					Expect(grant).To(BeRefused())
				}
			}
			landed := client.Login(ctx, flow.All("with another redirect_uri beside the request object", signed, flow.Beside("redirect_uri", flow.ForeignOrigin+"/landing")))
			if landed.Step == flow.StepPush {
				Expect(landed).To(BeRefused()) // nothing has to stand there, and no browser goes anywhere
			} else {
				Expect(landed).NotTo(BeSentAstray())
			}
			everywhere.NothingBeside(ctx, client, everywhere.Asides(client), func(asides []everywhere.Aside) *flow.Outcome {
				all := []flow.Deviation{signed}
				var names []string
				for _, aside := range asides {
					all, names = append(all, flow.Beside(aside.Name, aside.Value)), append(names, aside.Name)
				}
				return client.Login(ctx, flow.All("with another "+strings.Join(names, " and another ")+" beside the request object", all...))
			})
			fillsNothing(ctx, client, signed)
			silencesNothing(ctx, client, signed)
			needsObjects(ctx, client, signed)
		})
	})

	Describe("a request_uri", func() {
		// others are who may bring what is not theirs: another client, and each of the same kind, whose names are alike.
		others := func() (all []flow.Deviation) {
			index := slices.IndexFunc(client.Target().Clients, func(other *target.Client) bool { return other.ID != client.ID() })
			if index < 0 {
				Unknown("the target file has no other client")
			}
			for _, other := range append([]*target.Client{client.Target().Clients[index]}, everywhere.OthersOfItsKind(client)...) {
				all = append(all, flow.With(flow.ClientID, other.ID).As("with client_id "+other.ID+", of another client"))
			}
			return all
		}
		It("is refused when another client brings it", RequestURIOfOne, func(ctx SpecContext) {
			for _, other := range others() {
				Expect(client.Authorize(ctx, Needs(client.Push(ctx)), other)).To(BeRefused())
				everywhere.Plainly(ctx, client, func(plain flow.Deviation, _ *flow.Outcome) {
					Expect(client.Authorize(ctx, Needs(client.Push(ctx, plain)), other.As(other.String()+", where the request was pushed "+plain.String()))).To(BeRefused())
				})
			}
			Needs(client.Login(ctx))
		})
		It("is refused when another client brings it by POST", RequestURIOfOne, func(ctx SpecContext) {
			var tries []*flow.Outcome
			for _, other := range others() {
				tries = append(tries, client.Authorize(ctx, Needs(client.Push(ctx)), other, flow.ByPost()))
			}
			everywhere.RefusedByPost(ctx, client, tries...)
		})
		It("leads to one code", UsedOnce, func(ctx SpecContext) {
			pushed := Needs(client.Push(ctx))
			Needs(client.Authorize(ctx, pushed))
			again := client.Authorize(ctx, pushed, flow.Words("with the request_uri of an authorization that was completed"))
			if decision, because := Decide(again); decision == wire.Accepted {
				Warn("a request_uri that has led to a code leads to another one: %s", because)
				return
			}
			Expect(again).To(BeRefused())
			if posted := client.Authorize(ctx, pushed, flow.ByPost().As("by POST, with the request_uri of an authorization that was completed")); Accepts(posted) {
				Warn("a request_uri that has led to a code leads to another one where it comes by POST")
			}
		})
		It("leads to no code when the user has said no", UsedOnce, func(ctx SpecContext) {
			if len(client.Target().Consent.Script.Deny) == 0 {
				NotApplicable("the consent script does not say how the user says no")
			}
			pushed := Needs(client.Push(ctx))
			if denied := client.Decline(ctx, pushed); Accepts(denied) {
				NotApplicable("the user was not asked, or could not say no, which is judged at RFC6749-4.1.2.1-2")
			} else if decision, because := Decide(denied); decision != wire.Refused {
				Unknown("the user could not say no: %s", because)
			}
			again := client.Authorize(ctx, pushed, flow.Words("with the request_uri of an authorization that was denied"))
			if decision, because := Decide(again); decision == wire.Accepted {
				Warn("a request_uri leads to a code after the user has said no to it: %s", because)
				return
			}
			Expect(again).To(BeRefused())
		})
		Aged(longAfterUse, "leads to one code, and to none 30 seconds later", UsedOnce,
			func(ctx SpecContext) *flow.Outcome {
				pushed := Needs(client.Push(ctx))
				Needs(client.Authorize(ctx, pushed))
				return pushed
			},
			func(ctx context.Context, pushed *flow.Outcome) *flow.Outcome {
				return client.Authorize(ctx, pushed, flow.Words("30 seconds after an authorization with the request_uri was completed"))
			},
			func(_ SpecContext, again *flow.Outcome) {
				if decision, because := Decide(again); decision == wire.Accepted {
					Warn("a request_uri that has led to a code leads to another one 30 seconds later: %s", because)
					return
				}
				Expect(again).To(BeRefused())
			})
	})
}

// longAfterUse is when a request_uri that was used is tried again.
const longAfterUse = 30 * time.Second

// signing is a request that is signed: by its deviation, or as every request of the client is. It ends a spec for clients that can sign nothing.
func signing(client *flow.Client) flow.Deviation {
	if client.Self().Key == nil {
		NotApplicable("client %s has no signing key", client.ID())
	}
	if client.Shape().Signed {
		return flow.Words("") // as every request of this client
	}
	return flow.With(flow.RequestObject, flow.Signed).As("in a request object")
}

// needsObjects wants a proper request to be taken in a request object.
func needsObjects(ctx SpecContext, client *flow.Client, signed flow.Deviation) {
	pushed := client.Push(ctx, signed)
	if code := pushed.ErrorCode(); code == "request_not_supported" {
		NotApplicable("request objects are not taken: %s", code)
	}
	Needs(pushed)
}

// silencesNothing has prompt=none stand beside a request object, which has the user asked nothing where it counts.
func silencesNothing(ctx SpecContext, client *flow.Client, signed flow.Deviation) {
	if _, everywhere := client.Target().Request["prompt"]; everywhere || !client.Target().OpenID() {
		return
	}
	landed := client.Login(ctx, flow.All("with prompt=none beside the request object", signed, flow.Beside("prompt", "none")))
	code := landed.ErrorCode()
	if Accepts(landed) || !slices.Contains([]string{"login_required", "interaction_required", "consent_required", "account_selection_required"}, code) {
		return // a server may refuse what stands there
	}
	Needs(client.Login(ctx, signed))
	Broken("the user is asked nothing (%s), as prompt=none has it that stood beside the request object", code)
}

// fillsNothing has something stand beside a request object that does not have it itself.
func fillsNothing(ctx SpecContext, client *flow.Client, signed flow.Deviation) {
	without, asides := []flow.Deviation{signed, flow.Without(flow.State)}, append([]everywhere.Aside{everywhere.AsideOf("state", "")}, everywhere.Adding(client)...)
	if client.Target().OpenID() {
		without, asides = append(without, flow.Without(flow.Nonce)), append(asides, everywhere.AsideOf("nonce", ""))
	}
	if Accepts(client.Push(ctx, without...)) { // else whether it has to be taken is judged at FAPI2-SP-5.3.2.2-D1
		everywhere.NothingBeside(ctx, client, asides, func(asides []everywhere.Aside) *flow.Outcome {
			all, names := slices.Clone(without), []string{}
			for _, aside := range asides {
				all, names = append(all, flow.Beside(aside.Name, aside.Value)), append(names, aside.Name)
			}
			return client.Login(ctx, flow.All("with "+strings.Join(names, " and ")+" beside the request object, and not in it", all...))
		})
	}
	for _, needed := range [][]string{{"redirect_uri"}, {"code_challenge", "code_challenge_method"}} {
		lacking := []flow.Deviation{signed}
		for _, name := range needed {
			lacking = append(lacking, flow.Without(flow.RequestObjectClaim(name)))
		}
		if pushed := client.Push(ctx, lacking...); Accepts(pushed) && Accepts(client.Authorize(ctx, pushed, flow.Words("without "+needed[0]))) {
			continue // nothing has to be filled in; that it is needed is judged elsewhere
		}
		everywhere.RefusedLater(ctx, client, client.Push(ctx, append(lacking, flow.AlsoOutside("with "+strings.Join(needed, " and ")+" beside the request object", needed...))...))
	}
}
