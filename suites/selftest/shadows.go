package selftest

import (
	"maps"
	"slices"
	"sync"

	"github.com/fapitest/fapitest/fixtures/authserver"
	"github.com/fapitest/fapitest/fixtures/eccentrics"
	"github.com/fapitest/fapitest/harness/run"
	"github.com/fapitest/fapitest/harness/wire"
)

// Noticed is where the decisions of mutants and eccentrics, asked in the shadow of the reference's, would have answered differently.
// In every other experiment such a bank does to the letter what the reference does, and so need not be looked at again.
type Noticed struct {
	// Everywhere are the banks that were noticed while no experiment was running: when the metadata were read.
	Everywhere []string `json:"everywhere"`
	// In says for each bank in which experiments it was noticed, by client.
	In map[string]map[string][]string `json:"in"`
	// Calls says how often each decision was called.
	Calls map[string]int `json:"calls"`
}

// wants returns the experiments that a bank needs, by client; why says that, and why, it needs all of them.
func (n *Noticed) wants(name string) (in map[string][]string, why string) {
	if slices.Contains(n.Everywhere, name) {
		return nil, "it is noticed in the metadata, which every experiment reads"
	}
	return n.In[name], ""
}

// everything says why a bank runs every experiment, wherever it is noticed; empty: that it is noticed is enough.
func everything(policy func(*authserver.Policy)) string {
	replaced := replacedBy(policy)
	for _, decision := range authserver.Decisions() {
		if decision.Everything != "" && slices.Contains(replaced, decision.Name) {
			return decision.Name + ": " + decision.Everything
		}
	}
	return ""
}

// replacedBy returns the decisions that somebody replaces.
func replacedBy(policy func(*authserver.Policy)) []string {
	replaced := authserver.Reference()
	policy(replaced)
	return authserver.Replaced(replaced)
}

// experiment is one experiment as one client.
type experiment struct{ client, sentence string }

// shadows follow a run of the reference, and note who is noticed in which experiment.
type shadows struct {
	mu         sync.Mutex // ten requests of one experiment may be at the bank at the same moment
	running    *experiment
	everywhere map[string]bool
	in         map[experiment]map[string]bool // banks by experiment
	calls      map[string]int
	// owners are the experiments in whose course an exchange was made; heirs those that took it over, because they share what came
	// of it: an accepted control, a grant.
	owners map[*wire.Exchange]experiment
	heirs  map[experiment]map[experiment]bool // by who took over: from whom
}

func newShadows() *shadows {
	return &shadows{
		everywhere: map[string]bool{}, in: map[experiment]map[string]bool{}, calls: map[string]int{},
		owners: map[*wire.Exchange]experiment{}, heirs: map[experiment]map[experiment]bool{},
	}
}

// policy is the reference's, with every mutant and every eccentric in its shadow.
func (s *shadows) policy() *authserver.Policy {
	others := map[string]*authserver.Policy{}
	for _, m := range Mutants() {
		others[m.Name] = authserver.Reference()
		m.Policy(others[m.Name])
	}
	for _, e := range eccentrics.All() {
		others[e.Name] = authserver.Reference()
		e.Policy(others[e.Name])
	}
	return authserver.Shadowed(others, s.asked)
}

func (s *shadows) asked(decision string, differing []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls[decision]++
	for _, name := range differing {
		if s.running == nil {
			s.everywhere[name] = true
			continue
		}
		if s.in[*s.running] == nil {
			s.in[*s.running] = map[string]bool{}
		}
		s.in[*s.running][name] = true
	}
}

// follow has a run tell what is running. The two halves of an aged experiment are one.
func (s *shadows) follow(options *run.Options) {
	options.Begins = func(client, sentence string) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.running = &experiment{client, sentence}
	}
	options.Ends = func(client, sentence string, said []*wire.Exchange) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.running = nil
		this := experiment{client, sentence}
		for _, exchange := range said {
			owner, known := s.owners[exchange]
			switch {
			case !known:
				s.owners[exchange] = this
			case owner != this:
				if s.heirs[this] == nil {
					s.heirs[this] = map[experiment]bool{}
				}
				s.heirs[this][owner] = true
			}
		}
	}
}

// noticed adds up what was seen. Who took something over from another experiment takes over everything that was noticed in it: more
// than can matter, never less.
func (s *shadows) noticed() *Noticed {
	s.mu.Lock()
	defer s.mu.Unlock()
	result := &Noticed{Everywhere: slices.Sorted(maps.Keys(s.everywhere)), In: map[string]map[string][]string{}, Calls: s.calls}
	add := func(name string, e experiment) {
		if result.In[name] == nil {
			result.In[name] = map[string][]string{}
		}
		if list := result.In[name][e.client]; !slices.Contains(list, e.sentence) {
			result.In[name][e.client] = append(list, e.sentence)
		}
	}
	all := map[experiment]bool{}
	for e := range s.in {
		all[e] = true
	}
	for e := range s.heirs {
		all[e] = true
	}
	for e := range all {
		seen := map[experiment]bool{}
		for rest := []experiment{e}; len(rest) > 0; {
			next := rest[0]
			rest = rest[1:]
			if seen[next] {
				continue
			}
			seen[next] = true
			for name := range s.in[next] {
				add(name, e)
			}
			rest = slices.AppendSeq(rest, maps.Keys(s.heirs[next]))
		}
	}
	for _, clients := range result.In {
		for _, sentences := range clients {
			slices.Sort(sentences)
		}
	}
	return result
}
