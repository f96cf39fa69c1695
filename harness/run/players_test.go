package run_test

import (
	"cmp"
	"slices"
	"testing"

	"github.com/fapitest/fapitest/harness/requirement"
	"github.com/fapitest/fapitest/harness/run"
	"github.com/fapitest/fapitest/harness/target"
)

// As which clients a requirement is tried follows from what its scope says that servers can decide by.
func TestPlayers(t *testing.T) {
	described := &target.Target{Clients: []*target.Client{
		{ID: "a", Auth: target.PrivateKeyJWT, Binding: target.DPoP}, {ID: "b", Auth: target.PrivateKeyJWT, Binding: target.MTLS},
		{ID: "c", Auth: target.TLSClientAuth, Binding: target.DPoP}, {ID: "d", Auth: target.TLSClientAuth, Binding: target.MTLS},
	}}
	for name, test := range map[string]struct {
		per      requirement.Scope
		when     requirement.Condition
		thorough bool
		want     []string
	}{
		"every client":                        {want: []string{"a", "b", "c", "d"}},
		"each authentication":                 {per: requirement.EachAuthentication, want: []string{"a", "c"}},
		"each binding":                        {per: requirement.EachBinding, want: []string{"a", "b"}},
		"once":                                {per: requirement.OncePerTarget, want: []string{"a"}},
		"once, thoroughly":                    {per: requirement.OncePerTarget, thorough: true, want: []string{"a", "b", "c", "d"}},
		"those that it does not apply to too": {per: requirement.OncePerTarget, when: requirement.MTLS, want: []string{"a", "b", "c"}},
	} {
		r := &requirement.Requirement{ID: "DOC-1", Per: test.per, When: cmp.Or(test.when, requirement.Always)}
		var got []string
		for _, client := range run.Players(r, described.Clients, described, test.thorough) {
			got = append(got, client.ID)
		}
		if !slices.Equal(got, test.want) {
			t.Errorf("%s: as %v, want %v", name, got, test.want)
		}
	}
}
