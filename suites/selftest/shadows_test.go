package selftest

import (
	"reflect"
	"slices"
	"testing"

	"github.com/fapitest/fapitest/fixtures/authserver"
	"github.com/fapitest/fapitest/harness/run"
	"github.com/fapitest/fapitest/harness/wire"
)

// Who takes over an exchange takes over what was noticed where it was made, however many have had it in between; the owner does not
// take over from the heirs, clients not from each other, and nobody what was noticed in a later half.
func TestNoticedIsInherited(t *testing.T) {
	s := newShadows()
	var options run.Options
	s.follow(&options)
	spec := func(client, sentence string, said []*wire.Exchange, noticed ...string) {
		options.Begins(client, sentence)
		s.asked("Owns", noticed)
		options.Ends(client, sentence, said)
	}
	grant, call, again := &wire.Exchange{ID: "grant"}, &wire.Exchange{ID: "call"}, &wire.Exchange{ID: "again"}
	s.asked("Metadata", []string{"metadata-nowhere"})
	spec("one", "owner", []*wire.Exchange{grant}, "a")
	spec("one", "heir", []*wire.Exchange{grant, call}, "b")
	spec("one", "heir of the heir", []*wire.Exchange{call})
	spec("one", "stranger", []*wire.Exchange{again}, "c")
	spec("two", "owner", nil, "d")
	spec("one", "owner", []*wire.Exchange{grant}, "e") // the second half of an aged experiment

	got := s.noticed()
	want := map[string]map[string][]string{
		"a": {"one": {"heir", "heir of the heir", "owner"}}, "b": {"one": {"heir", "heir of the heir"}}, "c": {"one": {"stranger"}}, "d": {"two": {"owner"}},
		"e": {"one": {"owner"}},
	}
	if !reflect.DeepEqual(got.In, want) {
		t.Errorf("%v", got.In)
	}
	if _, why := got.wants("metadata-nowhere", false); why == "" || !slices.Equal(got.Everywhere, []string{"metadata-nowhere"}) {
		t.Errorf("everywhere: %v", got.Everywhere)
	}
	if in, why := got.wants("a", false); why != "" || len(in["one"]) != 3 || in["two"] != nil {
		t.Errorf("a wants %v, everything because %q", in, why)
	}
	if got.Calls["Owns"] != 6 || got.Calls["Metadata"] != 1 {
		t.Errorf("calls: %v", got.Calls)
	}
}

func TestEverything(t *testing.T) {
	if why := everything(func(p *authserver.Policy) { p.TakeCode = authserver.LosesRaces() }); why == "" {
		t.Error("a decision that acts can't be asked in the shadow")
	}
	if why := everything(func(p *authserver.Policy) { p.Nonce = func(string, bool) (string, bool) { return "", true } }); why != "" {
		t.Errorf("everything, because %q", why)
	}
}
