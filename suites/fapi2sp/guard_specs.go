package fapi2sp

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	. "github.com/fapitest/fapitest/harness/expect"
	"github.com/fapitest/fapitest/harness/flow"
	"github.com/fapitest/fapitest/harness/target"
)

// guardSpecs are about requests that show no token at all. How they are refused is judged by RFC 6750; what is asked here is that they are not served.
func guardSpecs(client *flow.Client, at placeOfTokens) {
	It("serves nobody who shows no token", SufficientToken, func(ctx SpecContext) {
		at.needs()
		grant := NeedsService(ctx, client, at.on(ctx))
		posts := at.posts(ctx, grant)
		without := withoutToken(client)
		within := flow.FromWithin()
		for _, bare := range append(without, flow.All(without[0].String()+", "+within.String(), without[0], within)) {
			tries := []flow.Deviation{bare}
			if posts {
				tries = alsoByPost(tries)
			}
			for _, try := range append(tries, at.atOtherURL(ctx, client, grant, []flow.Deviation{bare})...) {
				if answer := at.call(ctx, grant, try); Accepts(answer) {
					Expect(answer).To(BeRefused())
				}
			}
		}
		NeedsService(ctx, client, at.on(ctx))
	})
	// A filter may stand before some methods and some spellings of an address alone, and what stands behind it serve more of them. Whatever else is answered
	// there is none of our business: it is a breach where it is the content.
	It("serves nobody who shows no token by another method, or at another spelling of its address", SufficientToken, func(ctx SpecContext) {
		at.needs()
		grant := NeedsService(ctx, client, at.on(ctx))
		one := Needs(at.call(ctx, grant))
		content := contentOf(one, Needs(at.call(ctx, grant)))
		bare := withoutToken(client)[0]
		if content == nil {
			NotApplicable("two proper requests are answered with nothing that is the same")
		}
		if answer := at.call(ctx, grant, bare); Accepts(answer) {
			NotApplicable("a request without a token is served by the usual method too, which is judged by itself")
		}
		var tries []flow.Deviation
		// By no method that could destroy something at a target that is open.
		for _, method := range []string{http.MethodHead, http.MethodOptions, http.MethodPost, http.MethodGet} {
			if method != at.method() {
				tries = append(tries, flow.ByMethod(method))
			}
		}
		for _, spelling := range flow.OtherSpellings(at.address()) {
			tries = append(tries, flow.AtAddress("at its address "+spelling.Says, func(string) string { return spelling.Address }))
		}
		// A filter may go by the path that was sent, and what stands behind it by what a header field says that it was.
		for _, open := range []string{"/", "/health"} {
			tries = append(tries, flow.RewrittenFrom(open))
		}
		for _, try := range tries {
			answer := at.call(ctx, grant, flow.All(bare.String()+", "+try.String(), bare, try))
			if answer.Err != nil || answer.Status != http.StatusOK {
				continue
			}
			switch head := try.String() == flow.ByMethod(http.MethodHead).String(); {
			case head && answer.Length() != "" && answer.Length() == fmt.Sprint(len(one.Body)):
				Broken("a request %s is answered with 200 and the length that the content has (%s)", answer.Exchange.Deviation, answer.Length())
			case !head && content(answer):
				Broken("a request %s is answered with the content that a proper request gets", answer.Exchange.Deviation)
			}
		}
		NeedsService(ctx, client, at.on(ctx))
	})
}

// withoutToken are requests without a token, and with all or nothing of what would come with one.
func withoutToken(client *flow.Client) []flow.Deviation {
	bare := flow.Without(flow.AccessToken)
	if client.Self().Binding == target.MTLS {
		return []flow.Deviation{
			flow.All("without access token and client certificate", bare, flow.Without(flow.Certificate)), bare,
			flow.All("with the scheme Bearer and no access token behind it, and without client certificate", flow.SchemeAlone("Bearer"), flow.Without(flow.Certificate)),
		}
	}
	all := []flow.Deviation{flow.All("without access token and DPoP proof", bare, flow.Without(flow.Proof)), bare}
	for _, scheme := range []string{"DPoP", "Bearer"} {
		alone := flow.SchemeAlone(scheme)
		all = append(all, flow.All(alone.String()+", and without a DPoP proof", alone, flow.Without(flow.Proof)))
	}
	return all
}

// contentOf recognises the content of two answers in another one: by what is the same in both of them. Nil where nothing is.
func contentOf(one, other *flow.Outcome) func(*flow.Outcome) bool {
	if len(bytes.TrimSpace(one.Body)) > 0 && bytes.Equal(one.Body, other.Body) && leaves(one.Body) == nil {
		return func(answer *flow.Outcome) bool { return bytes.Equal(answer.Body, one.Body) }
	}
	same, second := leaves(one.Body), leaves(other.Body)
	maps.DeleteFunc(same, func(path, value string) bool { return second[path] != value })
	if len(same) == 0 {
		return nil
	}
	return func(answer *flow.Outcome) bool {
		found := leaves(answer.Body)
		for path, value := range same {
			if found[path] != value {
				return false
			}
		}
		return true
	}
}

// leaves are what stands in a JSON text, by where it stands; nil where it is none, or there is nothing in it.
func leaves(text []byte) map[string]string {
	var whole any
	if json.Unmarshal(text, &whole) != nil {
		return nil
	}
	all := map[string]string{}
	var read func(path string, value any)
	read = func(path string, value any) {
		switch value := value.(type) {
		case map[string]any:
			for name, member := range value {
				read(path+"/"+name, member)
			}
		case []any:
			for i, entry := range value {
				read(fmt.Sprint(path, "/", i), entry)
			}
		default:
			all[path] = fmt.Sprintf("%T %v", value, value)
		}
	}
	read("", whole)
	return all
}
