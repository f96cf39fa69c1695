package selftest

import "time"

// Cost is what it took to test banks, in seconds that add up to what was lived.
type Cost struct {
	Banks       int     `json:"banks"`
	Experiments int     `json:"experiments"`
	Requests    int     `json:"requests"`  // without those of the end user's browser
	Start       float64 `json:"start"`     // to start and stop the banks
	Discovery   float64 `json:"discovery"` // to read their metadata
	Tree        float64 `json:"tree"`      // until Ginkgo has begun the first experiment
	Answers     float64 `json:"answers"`   // until the banks had answered, the end user's pages included
	Own         float64 `json:"own"`       // all the rest: ours
}

func (c Cost) seconds() float64 { return c.Start + c.Discovery + c.Tree + c.Answers + c.Own }

// Add returns the sum of two costs.
func (c Cost) Add(other Cost) Cost {
	return Cost{
		Banks: c.Banks + other.Banks, Experiments: c.Experiments + other.Experiments, Requests: c.Requests + other.Requests,
		Start: c.Start + other.Start, Discovery: c.Discovery + other.Discovery, Tree: c.Tree + other.Tree,
		Answers: c.Answers + other.Answers, Own: c.Own + other.Own,
	}
}

// Each returns the cost of one bank, in milliseconds.
func (c Cost) Each() (all, start, discovery, tree, answers, own float64) {
	share := 1000 / float64(max(1, c.Banks))
	return c.seconds() * share, c.Start * share, c.Discovery * share, c.Tree * share, c.Answers * share, c.Own * share
}

// Scaled is what so many banks would cost, in seconds, if there were so many experiments for each where there are now known, and the
// same share of them were run.
func (c Cost) Scaled(banks, experiments, known int) float64 {
	if c.Banks == 0 || known == 0 {
		return 0
	}
	growth := float64(experiments) / float64(known)
	return float64(banks) / float64(c.Banks) * (c.Start + c.Discovery + growth*(c.Tree+c.Answers+c.Own))
}

// Costs are the costs of the self-test's parts.
type Costs struct {
	Reference  Cost `json:"reference"` // as every client, all mutants in its shadow
	OneClient  Cost `json:"oneClient"` // every experiment as one client: what a mutant costs that runs everything. It is measured, and not part of anything
	Eccentrics Cost `json:"eccentrics"`
	Everything Cost `json:"everything"` // mutants that ran every experiment
	Noticed    Cost `json:"noticed"`    // mutants that ran those in which they are noticed
}

// laps tells how long things took that follow one another.
type laps struct{ last time.Time }

func stopwatch(now time.Time) *laps { return &laps{last: now} }

// lap returns the seconds since the last one.
func (l *laps) lap() float64 {
	now := time.Now()
	took := now.Sub(l.last).Seconds()
	l.last = now
	return took
}
