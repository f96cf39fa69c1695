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
		{Name: "expired-request-uri-by-post", Breaks: RequestURIExpires, How: "looks at the age of a request_uri where it comes by GET", Policy: odd("expired-request-uri-by-post")},
		{Name: "used-request-uri-by-post", Breaks: UsedOnce, How: "takes a request_uri that was used where it comes by POST", Policy: odd("used-request-uri-by-post")},
		{Name: "request-uri-use-forgotten", Breaks: UsedOnce, How: "forgets after twenty seconds that a request_uri was used", Policy: odd("request-uri-use-forgotten")},
		{Name: "request-uri-good-after-a-denial", Breaks: UsedOnce, How: "uses a request_uri up when the user allows", Policy: odd("request-uri-good-after-a-denial")},
		{Name: "form-twice", Breaks: TwoBrowsers, How: "gives a second code when the consent form is sent twice", Policy: odd("form-twice")},
		{Name: "pushed-errors-with-quotes", Breaks: ErrorForm, How: "quotes what was wrong in error_description at the PAR endpoint", Policy: odd("pushed-errors-with-quotes")},
	}
}
