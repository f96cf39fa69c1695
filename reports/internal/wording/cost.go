package wording

import (
	"cmp"
	"slices"

	"github.com/fapitest/fapitest/harness/verdict"
	"github.com/fapitest/fapitest/harness/wire"
)

// Cost is what the requirements of a document have cost a run. What several experiments have shared is counted once, with the document of the first of them, so that the
// costs of all documents add up; what came before the experiments, and what went with none of them, is in no document's.
type Cost struct {
	Document     string
	Requirements int // of which there are experiments
	Experiments  int // every one as every client
	Requests     int
	Journeys     int     // in which an end user was taken through pages, whose own requests are not counted
	Seconds      float64 // summed over workers, waits and all
}

// Costs are those of the documents with experiments: most journeys first, and most requests where they have as many.
func Costs(r *verdict.Report) []Cost {
	var all []Cost
	counted := map[wire.Identity]bool{}
	for _, result := range r.Requirements {
		if len(result.Specs) == 0 {
			continue
		}
		at := slices.IndexFunc(all, func(c Cost) bool { return c.Document == result.Document })
		if at < 0 {
			at, all = len(all), append(all, Cost{Document: result.Document})
		}
		cost := &all[at]
		cost.Requirements++
		for _, spec := range result.Specs {
			cost.Experiments++
			cost.Seconds += spec.Seconds
			for _, exchange := range spec.Exchanges {
				switch {
				case counted[exchange.Identity()]:
				case len(exchange.Hops)+len(exchange.Pages) > 0:
					cost.Journeys++
				default:
					cost.Requests++
				}
				counted[exchange.Identity()] = true
			}
		}
	}
	slices.SortStableFunc(all, func(a, b Cost) int {
		return cmp.Or(cmp.Compare(b.Journeys, a.Journeys), cmp.Compare(b.Requests, a.Requests))
	})
	return all
}
