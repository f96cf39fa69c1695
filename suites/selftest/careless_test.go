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

// A bank that looks at no signature, no certificate and no proof beyond their being there is not conformant, and each of its faults is named.
func TestCarelessBank(t *testing.T) {
	if UnderRace {
		t.Skip("make long runs this without the race detector")
	}
	careless := func(p *authserver.Policy) {
		p.SoundAssertion = func(authserver.Assertion) bool { return true }
		p.SoundCertificate = func(authserver.ClientCertificate) bool { return true }
		p.SoundProof = func(authserver.Proof) bool { return true }
	}
	// What RFC 7523 says of an assertion's signature, RFC 8705 of whose certificate it is, and RFC 9449 of a proof, check by check.
	faults := []string{
		"FAPI2-SP-5.3.2.1-3", "FAPI2-SP-5.3.2.1-6a", "FAPI2-SP-5.3.2.2-4", "FAPI2-SP-5.4.1-1.1", "RFC7523-3-1", "RFC7523-3-6", "RFC7523-3-6b",
		"RFC8705-2.1-2", "RFC8705-2.2-1", "RFC9449-4.3-1", "RFC9449-4.3-3", "RFC9449-4.3-4", "RFC9449-4.3-6", "RFC9449-4.3-7", "RFC9449-4.3-8",
		"RFC9449-4.3-9a", "RFC9449-4.3-12a",
	}
	for name, test := range map[string]struct {
		policy func(*authserver.Policy)
		fails  []string
	}{
		"of who asks": {policy: careless, fails: faults},
		"of who asks and who comes by": {policy: func(p *authserver.Policy) {
			careless(p)
			p.Possession = func(authserver.Possession) bool { return true }
		}, fails: append([]string{"FAPI2-SP-5.3.4-5a", "FAPI2-SP-5.3.4-5b", "FAPI2-SP-5.3.4-5c", "FAPI2-SP-5.3.4-5d", "RFC9449-7.2-1b"}, faults...)},
	} {
		t.Run(name, func(t *testing.T) {
			policy := authserver.Reference()
			test.policy(policy)
			report, _, err := sharedLab(t).test(context.Background(), bench.Options{Policy: policy}, 1, func(*target.Target, *run.Options) error { return nil })
			if err != nil {
				t.Fatal(err)
			}
			if report.Conclusion != verdict.NotConformant {
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
