package selftest

import (
	"context"
	"testing"

	"github.com/fapitest/fapitest/fixtures/authserver"
	"github.com/fapitest/fapitest/fixtures/bench"
	"github.com/fapitest/fapitest/harness/run"
	"github.com/fapitest/fapitest/harness/target"
	"github.com/fapitest/fapitest/harness/verdict"
)

// A bank that looks at no signature, no certificate and no proof beyond their being there is not called conformant, whether or not the
// requirements that it breaks have experiments yet.
func TestCarelessBank(t *testing.T) {
	careless := func(p *authserver.Policy) {
		p.SoundAssertion = func(authserver.Assertion) bool { return true }
		p.SoundCertificate = func(authserver.ClientCertificate) bool { return true }
		p.SoundProof = func(authserver.Proof) bool { return true }
	}
	for name, test := range map[string]struct {
		policy func(*authserver.Policy)
		fails  []string
	}{
		"of who asks": {policy: careless},
		"of who asks and who comes by": {policy: func(p *authserver.Policy) {
			careless(p)
			p.Possession = func(authserver.Possession) bool { return true }
		}, fails: []string{"FAPI2-SP-5.3.4-5b", "FAPI2-SP-5.3.4-5d"}},
	} {
		t.Run(name, func(t *testing.T) {
			policy := authserver.Reference()
			test.policy(policy)
			report, _, err := sharedLab(t).test(context.Background(), bench.Options{Policy: policy}, 1, func(*target.Target, *run.Options) error { return nil })
			if err != nil {
				t.Fatal(err)
			}
			if report.Conclusion == verdict.Conformant || len(test.fails) > 0 && report.Conclusion != verdict.NotConformant {
				t.Errorf("the conclusion is %s", report.Conclusion)
			}
			for _, id := range test.fails {
				if result, _ := report.Result(id); result.Verdict != verdict.Fail {
					t.Errorf("%s is %s", id, result.Verdict)
				}
			}
		})
	}
}
