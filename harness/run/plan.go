package run

import (
	"fmt"
	"slices"

	"github.com/fapitest/fapitest/harness/target"
)

// Plan is what was asked for, said once: the command line makes it, the workers are handed it as it is, and a run reads it. It holds nothing
// secret, and goes through JSON unchanged.
type Plan struct {
	File      string   // the target file; empty: the bank that comes with fapitest
	Mutant    string   // by which that bank is broken; empty: by none
	RealTime  bool     // its clock is waited for and not moved
	Profile   string   // by id
	Clauses   []string // narrow the run to these; none: everything
	Clients   []string // run as these, by id; none: every combination of the target
	NoWaits   bool     // leave out what has to wait
	Thorough  bool     // try everything as every client, whatever the requirements' scopes
	Seed      int64    // of the order of experiments
	Workers   int      // how many experiments run in parallel
	Rate      float64  // requests a second, of all workers together; 0: no cap
	Most      int      // requests of the run; 0: any number
	Minutes   float64  // that it may take; 0: any number
	UserAgent string   // the User-Agent header of every request; empty: fapitest
	Driver    string   // who plays the end user; empty: what the target file says
	Output    string   // the directory of the reports
}

// clients are those of the target as which the plan has experiments run.
func (p Plan) clients(t *target.Target) ([]*target.Client, error) {
	if len(p.Clients) == 0 {
		return t.Combinations(), nil
	}
	var clients []*target.Client
	for _, id := range p.Clients {
		i := slices.IndexFunc(t.Clients, func(c *target.Client) bool { return c.ID == id })
		if i < 0 {
			return nil, fmt.Errorf("there is no client %s in the target file", id)
		}
		clients = append(clients, t.Clients[i])
	}
	return clients, nil
}
