package run

import (
	"cmp"
	"slices"
	"strings"

	"github.com/onsi/ginkgo/v2"
	"github.com/onsi/ginkgo/v2/extensions/globals"
	"github.com/onsi/ginkgo/v2/types"

	"github.com/fapitest/fapitest/harness/expect"
	"github.com/fapitest/fapitest/harness/flow"
	"github.com/fapitest/fapitest/harness/suite"
)

// Wait is how long experiments have to let something grow old, and on which requirements they are.
type Wait struct {
	expect.Wait
	Requirements []string // ids, sorted
}

// Waits returns the waits of the experiments on these requirements, from what Sentences returned: the longest first. They run in parallel.
func Waits(sentences map[string][]string, ids []string) []Wait {
	var waits []Wait
	for label, waiting := range sentences {
		wait, ok := expect.ParseWait(label)
		if !ok {
			continue
		}
		found := Wait{Wait: wait}
		for _, id := range ids {
			if slices.ContainsFunc(sentences[id], func(sentence string) bool { return slices.Contains(waiting, sentence) }) {
				found.Requirements = append(found.Requirements, id)
			}
		}
		if len(found.Requirements) > 0 {
			slices.Sort(found.Requirements)
			waits = append(waits, found)
		}
	}
	slices.SortFunc(waits, func(a, b Wait) int {
		if c := cmp.Compare(b.About, a.About); c != 0 {
			return c
		}
		return strings.Compare(a.Says, b.Says)
	})
	// What a requirement waits for beside its longest wait costs nothing more.
	listed := map[string]bool{}
	for i := range waits {
		waits[i].Requirements = slices.DeleteFunc(waits[i].Requirements, func(id string) bool {
			again := listed[id] && waits[i].Says == ""
			listed[id] = true
			return again
		})
	}
	return slices.DeleteFunc(waits, func(w Wait) bool { return len(w.Requirements) == 0 })
}

// Sentences returns what would be run for each requirement, by id, without running anything.
func Sentences(suites []suite.Suite) (map[string][]string, error) {
	globals.Reset()
	defer globals.Reset()
	defer ginkgo.AddTreeConstructionNodeArgsTransformer(expect.RequirementLabels)()
	ginkgo.Describe("any", func() {
		for _, suite := range suites {
			suite.Specs(flow.Absent())
		}
	})
	config, reporter := ginkgo.GinkgoConfiguration()
	sentences := map[string][]string{}
	for _, report := range ginkgo.PreviewSpecs("fapitest", config, reporter).SpecReports {
		if report.LeafNodeType != types.NodeTypeIt || slices.Contains(report.Labels(), expect.LabelPrepares) {
			continue
		}
		for _, label := range report.Labels() {
			sentences[label] = append(sentences[label], specSentence(report))
		}
	}
	return sentences, nil
}

func half(labels []string) Half {
	switch {
	case slices.Contains(labels, expect.LabelPrepares):
		return Preparation
	case slices.Contains(labels, expect.LabelWaits):
		return Judgement
	}
	return Whole
}

func first(texts []string) string {
	if len(texts) == 0 {
		return ""
	}
	return texts[0]
}

// specSentence is what a spec says, read aloud: its containers, without the client, and its own text.
func specSentence(report types.SpecReport) string {
	words := append([]string(nil), report.ContainerHierarchyTexts...)
	if len(words) > 0 {
		words = words[1:]
	}
	return strings.Join(append(words, report.LeafNodeText), " ")
}

// experimentSentence is the sentence of the experiment that a spec belongs to: of both halves of an aged one, that of the second.
func experimentSentence(report types.SpecReport) string {
	if slices.Contains(report.Labels(), expect.LabelPrepares) {
		return strings.TrimSuffix(specSentence(report), ", prepared")
	}
	return specSentence(report)
}
