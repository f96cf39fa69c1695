package selftest

import (
	"fmt"
	"maps"
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
	if _, why := got.wants("metadata-nowhere"); why == "" || !slices.Equal(got.Everywhere, []string{"metadata-nowhere"}) {
		t.Errorf("everywhere: %v", got.Everywhere)
	}
	if in, why := got.wants("a"); why != "" || len(in["one"]) != 3 || in["two"] != nil {
		t.Errorf("a wants %v, everything because %q", in, why)
	}
	if got.Calls["Owns"] != 6 || got.Calls["Metadata"] != 1 {
		t.Errorf("calls: %v", got.Calls)
	}
}

func TestEverything(t *testing.T) {
	if why, sampled := everything(func(p *authserver.Policy) { p.TakeCode = authserver.LosesRaces() }); why == "" || !sampled {
		t.Error("a decision that acts can't be asked in the shadow")
	}
	if why, _ := everything(func(p *authserver.Policy) { p.Nonce = func(string, bool) (string, bool) { return "", true } }); why != "" {
		t.Errorf("everything, because %q", why)
	}
}

// The sample of a bank is about as large as it is to be, the same each time, and another bank's is another.
func TestDrawn(t *testing.T) {
	const sample, all = 100, 600
	drawnFor := func(bank string) map[int]bool {
		list := map[int]bool{}
		for i := range all {
			if drawn(bank, fmt.Sprint("sentence ", i), sample, all) {
				list[i] = true
			}
		}
		return list
	}
	one, again, other := drawnFor("one"), drawnFor("one"), drawnFor("other")
	if !maps.Equal(one, again) || maps.Equal(one, other) {
		t.Error("what is drawn does not follow from the name of the bank alone")
	}
	for bank, list := range map[string]map[int]bool{"one": one, "other": other} {
		if len(list) < sample/2 || len(list) > 2*sample {
			t.Errorf("of %d experiments %d are drawn for %s", all, len(list), bank)
		}
	}
	for i := range sample {
		if !drawn("few", fmt.Sprint("sentence ", i), sample, sample) {
			t.Errorf("%d experiments are not more than a sample, and yet one is left out", sample)
		}
	}
}

// All experiments of what a bank breaks are run, whatever is drawn of the others.
func TestNarrow(t *testing.T) {
	var in []string
	for i := range 500 {
		in = append(in, fmt.Sprint("sentence ", i))
	}
	j := job{Name: "a-bank", In: map[string][]string{"client": in}, Surely: map[string][]string{"client": in[:10]}, Sample: 100}
	var o run.Options
	j.narrow(&o, "X-1")
	others := 0
	for i, sentence := range in {
		switch {
		case !o.Only("X-1", "client", sentence):
			t.Errorf("%s of the broken clause is left out", sentence)
		case i < 10 && !o.Only("X-2", "client", sentence):
			t.Errorf("%s is left out, and was not to be", sentence)
		case o.Only("X-1", "other", sentence) || o.Only("X-1", "client", "not noticed"):
			t.Error("an experiment is run in which the bank is not noticed")
		case o.Only("X-2", "client", sentence):
			others++
		}
	}
	if others < 50 || others > 200 {
		t.Errorf("of %d others %d are run", len(in), others)
	}
}
