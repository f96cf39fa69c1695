// Package profiles lists who asks for which requirements: one file per family or ecosystem, each profile a value. They are values of Go and
// no data file, because what they are made of is Go's: documents that suites declare, parameters with types that experiments look up. A
// slip of the pen does not compile, and who changes a parameter is led to every profile that sets it.
package profiles

import (
	"github.com/fapitest/fapitest/harness/profile"
	"github.com/fapitest/fapitest/harness/requirement"
)

// Default is the id of the profile that a run uses when none is named.
const Default = "fapi2-security-profile"

// All returns every profile, those that stand on others after them.
func All() []profile.Declaration {
	return []profile.Declaration{
		oauth2BCP,
		oidcBasic,
		fapi2SecurityProfile,
		fapi2MessageSigning,
		fapi1Baseline,
		fapi1Advanced,
		fapiCIBA1,
		openBankingUK,
		cdrAustralia,
		openFinanceBrasil,
		identityAssurance,
		ksaOpenBanking,
		uaeCBUAE,
		connectIDAustralia,
		japan,
		norwayHelseID,
		iGov,
	}
}

// Set returns all of them, checked.
func Set(catalogue *requirement.Catalogue) (*profile.Set, error) {
	return profile.NewSet(All(), catalogue, Read())
}

// Tested is what suites declare of Message Signing, which asks everything of the default profile and more, without what nobody tests yet.
func Tested(catalogue *requirement.Catalogue) (profile.Profile, error) {
	set, err := Set(catalogue)
	if err != nil {
		return profile.Profile{}, err
	}
	return set.Tested(fapi2MessageSigning.ID)
}

// Read are the parameters that experiments hold a server against. Any other that a profile tightens stands untested in a run.
func Read() []string {
	return []string{profile.RequestURILife.Name(), profile.RequestObjectLife.Name(), profile.NotBeforeAge.Name(), profile.JARMLifeWarn.Name()}
}
