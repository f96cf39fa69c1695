package par

import (
	"github.com/fapitest/fapitest/fixtures/authserver"
	"github.com/fapitest/fapitest/fixtures/mutant"
)

// thirdRefutation are the banks of the third refuter that nothing has caught.
func thirdRefutation() []mutant.Mutant {
	odd := func(mistake string) func(*authserver.Policy) {
		return func(p *authserver.Policy) { p.Odd = func(asked string) bool { return asked == mistake } }
	}
	return []mutant.Mutant{
		{Name: "expired-request-uri-without-openid", Breaks: RequestURIExpires, How: "looks at the age of a request_uri where openid was asked for", Policy: odd("expired-request-uri-without-openid")},
		{Name: "expired-request-uri-for-second", Breaks: RequestURIExpires, How: "looks at the age of a request_uri of the client for which it was switched on", Policy: odd("expired-request-uri-for-second")},
		{Name: "parameters-beside-without-openid", Breaks: UsedOnce, How: "has parameters beside a request_uri win where openid was not pushed (RFC9101-6.3-2)", Policy: odd("parameters-beside-without-openid")},
	}
}
