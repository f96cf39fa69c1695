// Package suite is what a document becomes when it is tested: its requirements, and the experiments that look at them.
package suite

import (
	"github.com/fapitest/fapitest/harness/flow"
	"github.com/fapitest/fapitest/harness/requirement"
)

// Suite is a document, what it asks, and the function that registers its specs with Ginkgo for one client. That client is absent until the
// first spec runs (flow.Absent): which specs there are can't depend on it, nor on its target.
type Suite struct {
	Document     *requirement.Document
	Requirements []*requirement.Requirement
	Specs        func(*flow.Client)
}
