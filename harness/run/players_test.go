package run_test

import (
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
		traits   []requirement.Trait
		thorough bool
		want     []string
	}{
		"every client":                        {want: []string{"a", "b", "c", "d"}},
		"each authentication":                 {traits: []requirement.Trait{requirement.EachAuthentication}, want: []string{"a", "c"}},
		"each binding":                        {traits: []requirement.Trait{requirement.EachBinding}, want: []string{"a", "b"}},
		"once":                                {traits: []requirement.Trait{requirement.OncePerTarget}, want: []string{"a"}},
		"once, thoroughly":                    {traits: []requirement.Trait{requirement.OncePerTarget}, thorough: true, want: []string{"a", "b", "c", "d"}},
		"those that it does not apply to too": {traits: []requirement.Trait{requirement.OncePerTarget, requirement.MTLS}, want: []string{"a", "b", "c"}},
	} {
		document := &requirement.Document{ID: "DOC"}
		var got []string
		for _, client := range run.Players(document.Shall("1", "do something", "", test.traits...), described.Clients, described, test.thorough) {
			got = append(got, client.ID)
		}
		if !slices.Equal(got, test.want) {
			t.Errorf("%s: as %v, want %v", name, got, test.want)
		}
	}
}
