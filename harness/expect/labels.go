package expect

import (
	"fmt"
	"strings"
	"time"

	"github.com/onsi/ginkgo/v2"
	"github.com/onsi/ginkgo/v2/types"

	"github.com/fapitest/fapitest/harness/requirement"
)

// The labels that words put on specs beside the requirement's id.
const (
	LabelPrepares = "prepares" // the first half of an Aged experiment: reported with the second
	LabelWaits    = "waits"    // an experiment that has to let time pass
	LabelMetadata = "metadata" // an experiment on the metadata alone, which needs none that is good

	LabelSendsNothing = "sends nothing" // an experiment on what was learnt before it, which needs no client that gets through

	LabelWaitsFor = "waits for " // begins the label that says for how long, and, where the target decides, by what; see Wait
)

// OnMetadataAlone marks a spec that looks at the metadata alone, and so can run where none can be used.
var OnMetadataAlone = ginkgo.Label(LabelMetadata)

// SendsNothing marks a spec that looks at what was learnt before the experiments, and so can run where no client gets through.
var SendsNothing = ginkgo.Label(LabelSendsNothing)

// RequirementLabels is the node transformer that lets an It be handed its Requirement: it turns it into a label, and refuses an It
// that has none or several.
func RequirementLabels(nodeType types.NodeType, _ ginkgo.Offset, text string, args []any) (string, []any, []error) {
	if nodeType != types.NodeTypeIt {
		return text, args, nil
	}
	var rest []any
	found := 0
	for _, arg := range args {
		if r, ok := arg.(*requirement.Requirement); ok {
			found++
			if r == nil {
				return text, args, []error{fmt.Errorf("the spec %q is handed a requirement that is not declared", text)}
			}
			rest = append(rest, ginkgo.Label(r.ID))
			continue
		}
		rest = append(rest, arg)
	}
	if found != 1 {
		return text, args, []error{fmt.Errorf("the spec %q is handed %d requirements: it has to be exactly one", text, found)}
	}
	return text, rest, nil
}

// Wait is how long an experiment has to let something grow old, as its label tells.
type Wait struct {
	About time.Duration // exactly, or what is supposed until the target has said
	Says  string        // what it depends on; empty: on nothing
}

// ParseWait reads a label. ok is false where it is another one.
func ParseWait(label string) (wait Wait, ok bool) {
	rest, ok := strings.CutPrefix(label, LabelWaitsFor)
	if !ok {
		return Wait{}, false
	}
	about, says, _ := strings.Cut(rest, " ")
	d, err := time.ParseDuration(about)
	return Wait{About: d, Says: says}, err == nil
}
