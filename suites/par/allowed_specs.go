package par

import (
	"net/url"
	"strings"
	"sync"

	. "github.com/onsi/ginkgo/v2"

	"github.com/fapitest/fapitest/harness/consent"
	. "github.com/fapitest/fapitest/harness/expect"
	"github.com/fapitest/fapitest/harness/flow"
	"github.com/fapitest/fapitest/harness/wire"
)

// allowedSpecs note what a server makes of what RFC 9126 leaves to it. Nothing of it is right or wrong.
func allowedSpecs(client *flow.Client) {
	It("a redirect_uri that was not registered is taken or refused", RedirectPerRequest, func(ctx SpecContext) {
		uri := Needs(client.Push(ctx)).RequestURI()
		if uri == "" {
			return
		}
		other := client.Push(ctx, flow.With(flow.RedirectURI, client.Self().Redirects[0]+"/of-this-request-alone"))
		switch decision, because := Decide(other); decision {
		case wire.Accepted:
			Note("a redirect_uri that was not registered is taken where it is pushed by a client that has authenticated")
		case wire.Refused:
			Note("a redirect_uri that was not registered is refused: %s", because)
		case wire.Undecided, wire.Confused:
			Note("what the target makes of a redirect_uri that was not registered was not learnt: %s", because)
		}
	})
	It("the answer to a pushed request is kept from caches or is not", AnswerNotCached, func(ctx SpecContext) {
		said := strings.Join(Needs(client.Push(ctx)).Header.Values("Cache-Control"), ", ")
		if !strings.Contains(strings.ToLower(said), "no-store") {
			Note("Cache-Control of the answer to a pushed request has no no-store: %q", wire.Printable(said))
		}
	})
	It("a request of half a mebibyte is taken or refused", TooLarge, func(ctx SpecContext) {
		Needs(client.Push(ctx))
		answer := client.Push(ctx, flow.Long(flow.Parameter("unheard_of"), 1<<19))
		if _, because := Decide(answer); answer.Status != 413 {
			Note("a pushed request of half a mebibyte is not answered with 413: %s", because)
		}
		Needs(client.Push(ctx))
	})
}

// twoBrowsersSpecs have two browsers use one request_uri at the same time.
func twoBrowsersSpecs(client *flow.Client) {
	It("two browsers that use a request_uri at the same time don't both get a code", TwoBrowsers, func(ctx SpecContext) {
		got := false
		// That both are on their way before one of them is through is certain with the form driver, and likely with others.
		for range 3 {
			pushed := Needs(client.Push(ctx))
			together := consent.Together(flow.SideBySide(ctx), 2)
			outcomes := make([]*flow.Outcome, 2)
			var away sync.WaitGroup
			for i := range outcomes {
				away.Go(func() {
					outcomes[i] = client.Authorize(together, pushed, flow.Words("in one of two browsers that use the same request_uri at the same time"))
				})
			}
			away.Wait()
			first, second := outcomes[0].Code(), outcomes[1].Code()
			if got = got || first != "" || second != ""; first != "" && second != "" && first != second {
				Warn("two browsers that used one request_uri at the same time both got a code")
				return
			}
		}
		if !got {
			Needs(client.Login(ctx)) // as one browser does
		}
	})
	It("a consent form that is sent twice does not give two codes", TwoBrowsers, func(ctx SpecContext) {
		landed := Needs(client.Authorize(ctx, Needs(client.Push(ctx)), flow.Played(consent.SentTwice)))
		if !landed.Trip.Tricked {
			NotApplicable("no form of the pages leads to the client by a redirect")
		}
		second, err := url.Parse(landed.Trip.Second)
		if code := landed.Params().Get("code"); err == nil && code != "" && second.Query().Get("code") != "" && second.Query().Get("code") != code {
			Warn("the consent form gives a second code when it is sent a second time, as by who presses its button twice")
		}
	})
}
