package fapi1base

import (
	"net/url"
	"slices"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	. "github.com/fapitest/fapitest/harness/expect"
	"github.com/fapitest/fapitest/harness/flow"
	"github.com/fapitest/fapitest/suites/everywhere"
)

func requestSpecs(client *flow.Client) {
	Describe("an authorization request", func() {
		Control("in which everything is as it should be leads to a code", func(ctx SpecContext) {
			Expect(client.Landing(ctx)).To(BeAccepted())
		})

		It("that asks for openid is refused without a nonce", NonceDemanded, func(ctx SpecContext) {
			if !client.Target().OpenID() {
				NotApplicable("the scope of the target file does not ask for openid")
			}
			refused(ctx, client, less(client, flow.Nonce, "nonce")...)
		})
		It("that does not ask for openid is refused without a state", StateDemanded, func(ctx SpecContext) {
			less := less(client, flow.State, "state")
			if !client.Target().OpenID() {
				refused(ctx, client, less...)
				return
			}
			tried := false
			everywhere.Plainly(ctx, client, func(plain flow.Deviation, _ *flow.Outcome) {
				tried = true
				for i := range less {
					less[i] = flow.All(plain.String()+" and "+less[i].String(), plain, less[i])
				}
				refused(ctx, client, less...)
			})
			if !tried {
				NotApplicable("a request that does not ask for openid is refused with a state as well")
			}
		})
		It("is not served that asks for tokens in the browser", ResponseTypes, func(ctx SpecContext) {
			for _, kind := range []string{"token", "id_token token", "code token", "code id_token token"} {
				landed := client.Login(ctx, flow.With(flow.ResponseType, kind))
				if Accepts(landed) || landed.Params().Has("access_token") {
					// The edition that everybody was certified by does not have the sentence.
					Warn("response_type=%s is served", kind)
					continue
				}
				Expect(landed).To(BeRefused())
			}
		})
	})
}

// less are requests without a parameter. In a form an empty one counts as left out (RFC 6749 section 3.1); of what stands in a request object no text says so.
func less(client *flow.Client, part flow.Part, name string) []flow.Deviation {
	all := []flow.Deviation{flow.Without(part)}
	if !client.Shape().Signed {
		all = append(all, flow.With(part, "").As("with an empty "+name))
	}
	return all
}

// refused wants requests refused wherever that happens, as every client of the kind: who sends them otherwise as they should be has just got a code, or has a request taken.
func refused(ctx SpecContext, client *flow.Client, deviations ...flow.Deviation) {
	GinkgoHelper()
	everywhere.AsEach(client, func(client *flow.Client) {
		Needs(client.Push(ctx))
		for _, deviation := range deviations {
			landed := client.Login(ctx, deviation)
			if landed.Trip != nil {
				Expect(landed).NotTo(BeSentAstray())
			}
			Expect(landed).To(BeRefused())
		}
		Needs(client.Push(ctx))
	})
}

func redirectSpecs(client *flow.Client) {
	to := func(address, how string) flow.Deviation {
		return flow.With(flow.RedirectURI, address).As("with a redirect_uri " + how)
	}
	Describe("a redirect URI", func() {
		Control("of the registration leads to a code", func(ctx SpecContext) {
			Expect(client.Landing(ctx)).To(BeAccepted())
		})

		It("is refused that nobody has registered", RegisteredBefore, func(ctx SpecContext) {
			refused(ctx, client, to(flow.ForeignOrigin+"/cb", "at a foreign host"))
		})
		It("is refused that differs a little from the registered one", ComparedExactly, func(ctx SpecContext) {
			own, err := url.Parse(client.Self().Redirects[0])
			if err != nil || own.Host == "" {
				NotApplicable("the redirect URI of client %s has no host", client.ID())
			}
			with := func(edit func(*url.URL)) string {
				other := *own
				edit(&other)
				return other.String()
			}
			path := strings.TrimSuffix(own.EscapedPath(), "/")
			all := []struct{ address, how string }{
				{with(func(u *url.URL) { *u = *u.JoinPath("fapitest") }), "below the registered one"},
				{with(func(u *url.URL) { u.RawQuery = strings.TrimPrefix(u.RawQuery+"&fapitest=1", "&") }), "that has more in its query"},
				{with(func(u *url.URL) { u.Path, u.RawPath = path+"-fapitest", "" }), "that begins as the registered one and goes on"},
				{with(func(u *url.URL) { u.Path, u.RawPath = strings.ToUpper(own.Path), "" }), "with its path in capitals"},
				{with(func(u *url.URL) { u.Host = "fapitest." + u.Host }), "at a host below the registered one's"},
			}
			var deviations []flow.Deviation
			for _, other := range all {
				if !slices.Contains(client.Self().Redirects, other.address) {
					deviations = append(deviations, to(other.address, other.how))
				}
			}
			refused(ctx, client, deviations...)
		})
		It("is refused that has a scheme of an app's own", NoPrivateScheme, func(ctx SpecContext) {
			refused(ctx, client, to("com.example.app:/cb", "of the scheme com.example.app"))
		})
		It("is refused at the loopback interface", NoLoopback, func(ctx SpecContext) {
			refused(ctx, client, to("http://127.0.0.1:49163/cb", "at 127.0.0.1"), to("http://[::1]:49163/cb", "at [::1]"))
		})
	})
}
