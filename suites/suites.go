// Package suites lists what fapitest can test, and what it knows of.
package suites

import (
	"slices"

	"github.com/fapitest/fapitest/harness/requirement"
	"github.com/fapitest/fapitest/harness/suite"
	"github.com/fapitest/fapitest/suites/assertion"
	"github.com/fapitest/fapitest/suites/attacks"
	"github.com/fapitest/fapitest/suites/bearer"
	"github.com/fapitest/fapitest/suites/cdr"
	"github.com/fapitest/fapitest/suites/cited"
	"github.com/fapitest/fapitest/suites/dpop"
	"github.com/fapitest/fapitest/suites/fapi1adv"
	"github.com/fapitest/fapitest/suites/fapi1base"
	"github.com/fapitest/fapitest/suites/fapi2ms"
	"github.com/fapitest/fapitest/suites/fapi2sp"
	"github.com/fapitest/fapitest/suites/grantmanagement"
	"github.com/fapitest/fapitest/suites/httpsignatures"
	"github.com/fapitest/fapitest/suites/introspection"
	"github.com/fapitest/fapitest/suites/introspectionjwt"
	"github.com/fapitest/fapitest/suites/issuer"
	"github.com/fapitest/fapitest/suites/jar"
	"github.com/fapitest/fapitest/suites/jarm"
	"github.com/fapitest/fapitest/suites/jwt"
	"github.com/fapitest/fapitest/suites/metadata"
	"github.com/fapitest/fapitest/suites/mtls"
	"github.com/fapitest/fapitest/suites/oauth2"
	"github.com/fapitest/fapitest/suites/openbankinguk"
	"github.com/fapitest/fapitest/suites/openfinancebrasil"
	"github.com/fapitest/fapitest/suites/openid"
	"github.com/fapitest/fapitest/suites/par"
	"github.com/fapitest/fapitest/suites/pkce"
	"github.com/fapitest/fapitest/suites/rar"
	"github.com/fapitest/fapitest/suites/revocation"
	"github.com/fapitest/fapitest/suites/transport"
)

// All returns every suite in the order of the report.
func All() []suite.Suite {
	return slices.Concat(
		[]suite.Suite{fapi2sp.Suite(), fapi2ms.Suite(), fapi1base.Suite(), fapi1adv.Suite(), dpop.Suite(), par.Suite()},
		assertion.Suites(),
		[]suite.Suite{jar.Suite(), jarm.Suite(), jwt.Suite(), pkce.Suite(), issuer.Suite(), attacks.Suite(), oauth2.Suite(), openid.Suite(),
			mtls.Suite(), bearer.Suite(), introspection.Suite(), introspectionjwt.Suite(), revocation.Suite(), rar.Suite(), grantmanagement.Suite(), cdr.Suite(), transport.Suite()},
		httpsignatures.Suites(),
		metadata.Suites(),
		[]suite.Suite{openbankinguk.Suite(), openfinancebrasil.Suite()},
	)
}

// Documents returns every document that we know of, in the order of the catalogue.
func Documents() []*requirement.Document {
	return []*requirement.Document{
		fapi2sp.Document,
		fapi2ms.Document,
		httpsignatures.Document,
		fapi1base.Document,
		fapi1adv.Document,
		cited.FAPICIBA,
		cited.CIBACore,
		jarm.Document,
		par.Document,
		dpop.Document,
		mtls.Document,
		pkce.Document,
		issuer.Document,
		jar.Document,
		attacks.Document,
		jwt.Document,
		assertion.RFC7523,
		assertion.RFC10070,
		introspectionjwt.Document,
		introspection.Document,
		revocation.Document,
		metadata.RFC8414,
		transport.Document,
		rar.Document,
		oauth2.Document,
		bearer.Document,
		httpsignatures.RFC9421,
		openid.Document,
		metadata.Discovery,
		grantmanagement.Document,
		openbankinguk.Document,
		cdr.Document,
		openfinancebrasil.Document,
		cited.OFBRCIBA,
		cited.OFBRDCR,
		cited.IDA,
		cited.IDAVC,
		cited.IDAATT,
		cited.RFC8252,
		cited.BBA,
		cited.RFC7591,
		cited.RFC7592,
	}
}

// Catalogue returns every requirement that we know of, tested or not.
func Catalogue() (*requirement.Catalogue, error) {
	return requirement.Join(Documents()...)
}
