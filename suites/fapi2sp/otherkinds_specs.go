package fapi2sp

import (
	. "github.com/onsi/ginkgo/v2"

	. "github.com/fapitest/fapitest/harness/expect"
	"github.com/fapitest/fapitest/harness/flow"
	"github.com/fapitest/fapitest/harness/jose"
)

// kept is a grant of which something is shown as access token that is none, and whether that was good all the while: what is dead is refused for that alone.
type kept func(ctx SpecContext, client *flow.Client) (grant *flow.Outcome, good func() bool)

// refusesOf is about something of a grant that is no access token. Where that turns out not to have been good, it is tried again with what was just issued.
func refusesOf(client *flow.Client, at placeOfTokens, text string, of kept, tries Tries) {
	It(text, OtherTokens, func(ctx SpecContext) {
		at.needs()
		grant, good := of(ctx, client)
		try := func() {
			shown := tries(grant)
			RefusesToServe(ctx, client, at.on(ctx), func(proper *flow.Outcome) []flow.Deviation { return at.byBothMethods(ctx, proper, shown) })
		}
		try()
		if !good() {
			grant = Needs(client.Obtain(ctx))
			try()
		}
	})
}

// goodRefreshToken is a grant whose refresh token gets tokens when it has been shown.
func goodRefreshToken(ctx SpecContext, client *flow.Client) (grant *flow.Outcome, good func() bool) {
	if grant = Needs(client.Grant(ctx)); grant.RefreshToken() == "" {
		return grant, func() bool { return true }
	}
	grant = Needs(client.ToRefresh(ctx))
	return grant, func() bool {
		if Accepts(client.Refresh(ctx, grant)) {
			return true
		}
		client.Spoil(grant)
		return false
	}
}

// unexpiredIDToken is a grant whose id_token has not expired when it has been shown.
func unexpiredIDToken(ctx SpecContext, client *flow.Client) (grant *flow.Outcome, good func() bool) {
	grant = Needs(client.Grant(ctx))
	return grant, func() bool {
		expires, told := jose.Claims(grant.IDToken())["exp"].(float64)
		return !told || expires > float64(client.Now().Unix())
	}
}
