package selftest

import (
	"slices"

	"github.com/fapitest/fapitest/fixtures/mutant"
	"github.com/fapitest/fapitest/suites/assertion"
	"github.com/fapitest/fapitest/suites/attacks"
	"github.com/fapitest/fapitest/suites/bearer"
	"github.com/fapitest/fapitest/suites/cdr"
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
	"github.com/fapitest/fapitest/suites/openid"
	"github.com/fapitest/fapitest/suites/par"
	"github.com/fapitest/fapitest/suites/pkce"
	"github.com/fapitest/fapitest/suites/rar"
	"github.com/fapitest/fapitest/suites/revocation"
	"github.com/fapitest/fapitest/suites/transport"
)

// Mutants returns every mutant, in the order of the suites.
func Mutants() []mutant.Mutant {
	return slices.Concat(
		fapi2sp.Mutants(),
		fapi2ms.Mutants(),
		fapi1base.Mutants(),
		fapi1adv.Mutants(),
		dpop.Mutants(),
		par.Mutants(),
		jar.Mutants(),
		jarm.Mutants(),
		assertion.Mutants(),
		jwt.Mutants(),
		pkce.Mutants(),
		issuer.Mutants(),
		attacks.Mutants(),
		oauth2.Mutants(),
		openid.Mutants(),
		mtls.Mutants(),
		bearer.Mutants(),
		introspection.Mutants(),
		introspectionjwt.Mutants(),
		revocation.Mutants(),
		rar.Mutants(),
		grantmanagement.Mutants(),
		cdr.Mutants(),
		httpsignatures.Mutants(),
		metadata.Mutants(),
		transport.Mutants(),
		openbankinguk.Mutants(),
		r4Mutants(),
	)
}
