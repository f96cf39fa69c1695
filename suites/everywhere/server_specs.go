package everywhere

import (
	"net/http"

	. "github.com/onsi/ginkgo/v2"

	. "github.com/fapitest/fapitest/harness/expect"
	"github.com/fapitest/fapitest/harness/flow"
	"github.com/fapitest/fapitest/harness/jose"
	"github.com/fapitest/fapitest/harness/wire"
)

// Opened is a JWT for the client without the encryption around it. It ends a spec where that can't be taken off.
func Opened(client *flow.Client, token string) string {
	if !jose.Encrypted(token) {
		return token
	}
	content, err := jose.Decrypt(token, client.Self().Decrypts)
	if err != nil {
		Unknown("what is for the client alone is encrypted, and can't be read (%s): put the client's private key, with use enc, into the file that its jwks names", err)
	}
	return content
}

// KeySet are the server's keys. It ends a spec where they could not be fetched, and where the metadata do not say where they are; where there are none at that
// address, absent says what that means.
func KeySet(ctx SpecContext, client *flow.Client, absent func(words string)) []map[string]any {
	answer := client.KeySet(ctx)
	if answer == nil {
		NotApplicable("the metadata name no jwks_uri")
	}
	switch decision, because := Decide(answer); {
	case answer.Err != nil, answer.Status >= 500, answer.Status == http.StatusTooManyRequests, answer.Status >= 300 && answer.Status < 400, wire.AboutArrival(answer.Status):
		LeaveUndecided(answer.Exchange, because)
		Unknown("the key set could not be fetched: %s", because)
	case decision != wire.Accepted:
		absent(because)
	}
	return answer.Keys()
}

// NeedsUserinfo ends a spec that has nothing to try at userinfo beside what is tried at the resource.
func NeedsUserinfo(client *flow.Client) {
	switch {
	case client.Endpoint("userinfo_endpoint") == "":
		NotApplicable("the metadata name no userinfo_endpoint")
	case !client.Target().OpenID():
		NotApplicable("the scope of the target file has no openid, without which there is no userinfo")
	case client.ResourceIsUserinfo():
		NotApplicable("the resource of the target file is the userinfo endpoint, and is tried as that")
	}
}

// Said is what the metadata say in one place.
type Said struct {
	Values map[string]any
	At     string // the place, as words behind a sentence; empty: as clients of both read them
}

// Places are the metadata as they are read, and those of the issuer at each well-known place: whoever reads the other one is told what stands there.
func Places(client *flow.Client) []Said {
	all := []Said{{Values: client.Target().Metadata.Values}}
	for _, document := range client.Target().Metadata.Documents {
		if document.Values["issuer"] == client.Target().Issuer {
			all = append(all, Said{document.Values, " at " + document.URL})
		}
	}
	return all
}
