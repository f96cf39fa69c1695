// Package profiles lists who asks for which requirements: one file per profile or ecosystem, each a value.
package profiles

import "github.com/fapitest/fapitest/harness/profile"

// Default is the id of the profile that a run uses when none is named.
const Default = "fapi2-security-profile"

// All returns every profile.
func All() []profile.Profile {
	return []profile.Profile{FAPI2SecurityProfile()}
}
