// Package suites lists what fapitest can test, and what it knows of.
package suites

import (
	"slices"

	"github.com/fapitest/fapitest/harness/requirement"
	"github.com/fapitest/fapitest/harness/suite"
	"github.com/fapitest/fapitest/suites/assertion"
	"github.com/fapitest/fapitest/suites/cited"
	"github.com/fapitest/fapitest/suites/dpop"
	"github.com/fapitest/fapitest/suites/fapi2sp"
	"github.com/fapitest/fapitest/suites/issuer"
	"github.com/fapitest/fapitest/suites/jwt"
	"github.com/fapitest/fapitest/suites/oauth2"
	"github.com/fapitest/fapitest/suites/par"
	"github.com/fapitest/fapitest/suites/pkce"
)

// All returns every suite in the order of the report.
func All() []suite.Suite {
	return slices.Concat(
		[]suite.Suite{fapi2sp.Suite(), dpop.Suite(), par.Suite()},
		assertion.Suites(),
		[]suite.Suite{jwt.Suite(), pkce.Suite(), issuer.Suite(), oauth2.Suite()},
	)
}

// Documents returns every document that we know of, in the order of the catalogue.
func Documents() []*requirement.Document {
	return []*requirement.Document{
		fapi2sp.Document,
		cited.FAPI2MS,
		cited.FAPI2HS,
		cited.FAPI1Base,
		cited.FAPI1Adv,
		cited.FAPICIBA,
		cited.CIBACore,
		cited.JARM,
		par.Document,
		dpop.Document,
		cited.RFC8705,
		pkce.Document,
		issuer.Document,
		cited.RFC9101,
		cited.RFC9700,
		jwt.Document,
		assertion.RFC7523,
		assertion.RFC10070,
		cited.RFC9701,
		cited.RFC7662,
		cited.RFC7009,
		cited.RFC8414,
		cited.RFC9325,
		cited.RFC9396,
		oauth2.Document,
		cited.RFC6750,
		cited.RFC9421,
		cited.OIDCCore,
		cited.OIDCDisc,
		cited.GM,
		cited.OBUK,
		cited.CDR,
		cited.OFBR,
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
