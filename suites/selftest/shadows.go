package selftest

import (
	"maps"
	"slices"
	"sync"

	"github.com/fapitest/fapitest/fixtures/authserver"
	"github.com/fapitest/fapitest/fixtures/bench"
	"github.com/fapitest/fapitest/fixtures/eccentrics"
	"github.com/fapitest/fapitest/harness/flow"
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
	// All are the experiments that there are, by client.
	All map[string][]string `json:"all"`
	// Silent are the experiments that only look at the metadata and at the keys of the bank, by client.
	Silent map[string][]string `json:"silent"`
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

// everything says why a bank runs every experiment, wherever it is noticed; empty: that it is noticed is enough. Sampled says that some of all stand for
// them.
func everything(policy func(*authserver.Policy)) (why string, sampled bool) {
	replaced := replacedBy(policy)
	for _, decision := range authserver.Decisions() {
		switch {
		case decision.Everything == "" || !slices.Contains(replaced, decision.Name):
		case !decision.Sampled:
			return decision.Name + ": " + decision.Everything, false
		case why == "":
			why, sampled = decision.Name+": "+decision.Everything, true
		}
	}
	return why, sampled
}

// replacedBy returns the decisions that somebody replaces.
func replacedBy(policy func(*authserver.Policy)) []string {
	replaced := authserver.Reference()
	policy(replaced)
	return authserver.Replaced(replaced)
}

// experiment is one experiment as one client.
type experiment struct{ client, sentence string }

// stretch is an experiment from its beginning to its end, or one half of an aged one: what is noticed in the second half has not
// touched what others took over from the first.
type stretch struct {
	experiment
	noticed map[string]bool   // banks
	silent  bool              // nothing was sent but for the metadata and the keys
	from    map[*stretch]bool // those from which exchanges were taken over
}

// shadows follow a run of the reference, and note who is noticed in which experiment.
type shadows struct {
	mu         sync.Mutex // ten requests of one experiment may be at the bank at the same moment
	everywhere map[string]bool
	calls      map[string]int
	stretches  []*stretch
	running    *stretch
	// owners are the stretches in which exchanges were made. Others take them over, because they share what came of them: an accepted
	// control, a grant.
	owners map[wire.Identity]*stretch
}

func newShadows() *shadows {
	return &shadows{everywhere: map[string]bool{}, calls: map[string]int{}, owners: map[wire.Identity]*stretch{}}
}

// policy is the reference's, with every mutant and every eccentric in its shadow.
func (s *shadows) policy(profile string, options bench.Options) *authserver.Policy {
	others := map[string]*authserver.Policy{}
	for _, m := range Mutants() {
		if m.Profile == profile {
			others[m.Name] = options.Reference()
			m.Policy(others[m.Name])
		}
	}
	for _, e := range eccentrics.All() {
		if profile == "" {
			others[e.Name] = options.Reference()
			e.Policy(others[e.Name])
		}
	}
	return authserver.Shadowed(options.Reference(), others, s.asked)
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
		s.running.noticed[name] = true
	}
}

// follow has a run tell what is running.
func (s *shadows) follow(options *run.Options) {
	options.Begins = func(client, sentence string) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.running = &stretch{experiment: experiment{client, sentence}, noticed: map[string]bool{}, from: map[*stretch]bool{}}
		s.stretches = append(s.stretches, s.running)
	}
	options.Ends = func(_, _ string, said []*wire.Exchange) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.running.silent = !slices.ContainsFunc(said, func(e *wire.Exchange) bool {
			return e.Step != "metadata request" && e.Step != string(flow.StepKeySet)
		})
		for _, exchange := range said {
			if owner, known := s.owners[exchange.Identity()]; known {
				s.running.from[owner] = true
			} else {
				s.owners[exchange.Identity()] = s.running
			}
		}
		s.running = nil
	}
}

// noticed adds up what was seen. Who took something over takes over everything that was noticed where it was made: more than can
// matter, never less. That goes for what is done with it later as well, as long as experiments keep flow.Client.Grant's rule, and do
// nothing to what they share that spoils it; a decision by which a bank spoils it all the same is tagged with everything.
func (s *shadows) noticed() *Noticed {
	s.mu.Lock()
	defer s.mu.Unlock()
	sentences := map[string]map[experiment]bool{}
	for _, this := range s.stretches {
		seen := map[*stretch]bool{}
		for rest := []*stretch{this}; len(rest) > 0; {
			next := rest[0]
			rest = rest[1:]
			if seen[next] {
				continue
			}
			seen[next] = true
			for name := range next.noticed {
				if sentences[name] == nil {
					sentences[name] = map[experiment]bool{}
				}
				sentences[name][this.experiment] = true
			}
			rest = slices.AppendSeq(rest, maps.Keys(next.from))
		}
	}
	result := &Noticed{Everywhere: slices.Sorted(maps.Keys(s.everywhere)), In: map[string]map[string][]string{}, All: map[string][]string{}, Silent: map[string][]string{}, Calls: s.calls}
	for _, this := range s.stretches {
		if !slices.Contains(result.All[this.client], this.sentence) { // an aged one has two halves
			result.All[this.client] = append(result.All[this.client], this.sentence)
		}
		if this.silent {
			result.Silent[this.client] = append(result.Silent[this.client], this.sentence)
		}
	}
	for name, experiments := range sentences {
		result.In[name] = map[string][]string{}
		for e := range experiments {
			result.In[name][e.client] = append(result.In[name][e.client], e.sentence)
		}
		for _, list := range result.In[name] {
			slices.Sort(list)
		}
	}
	return result
}
