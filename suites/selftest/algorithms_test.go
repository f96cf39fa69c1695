package selftest

import (
	"context"
	"slices"
	"testing"

	"github.com/fapitest/fapitest/fixtures/authserver"
	"github.com/fapitest/fapitest/fixtures/bench"
	"github.com/fapitest/fapitest/harness/run"
	"github.com/fapitest/fapitest/harness/target"
	"github.com/fapitest/fapitest/harness/verdict"
)

// The self-test signs with ES256. Harness and bank, each with its own library, agree on the other algorithms of the profile too.
func TestOtherAlgorithms(t *testing.T) {
	for _, algorithm := range []string{"PS256", "EdDSA"} {
		t.Run(algorithm, func(t *testing.T) {
			material, err := authserver.NewMaterialWith(authserver.MaterialOptions{ClientAlgorithm: algorithm})
			if err != nil {
				t.Fatal(err)
			}
			laboratory := &lab{material: material, catalogue: sharedLab(t).catalogue, profile: sharedLab(t).profile}
			report, _, err := laboratory.test(context.Background(), bench.Options{}, 1, func(described *target.Target, o *run.Options) error {
				o.Plan.Clients = []string{described.Combinations()[0].ID}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
			// What an RSA key can do beside PS256 is not seen where no client has one.
			unseen := algorithm != "PS256" && slices.Equal(red(report), []string{"FAPI2-SP-5.4.1-1.2a", "FAPI2-SP-5.4.1-1.2e"})
			if report.Conclusion != verdict.Conformant && !unseen {
				t.Errorf("the reference is %s: %v", report.Conclusion, red(report))
			}
		})
	}
}
