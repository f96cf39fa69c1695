package expect

import (
	"fmt"

	"github.com/onsi/ginkgo/v2"
	"github.com/onsi/ginkgo/v2/types"
)

// Remark is what a word has to say about the spec that it stands in, beside whether that failed.
type Remark struct {
	Kind RemarkKind
	Text string
}

// RemarkKind says what a remark does to a verdict.
type RemarkKind uint8

// The kinds of remarks.
const (
	RemarkNote    RemarkKind = iota // worth knowing, and changes nothing
	RemarkWarn                      // what passes becomes a warning
	RemarkUnknown                   // what fails is Blocked: nothing can be said
	RemarkAttest                    // the operator's word decides
	RemarkRemedy                    // what would make attesting needless
)

// String is how Ginkgo would print a remark.
func (r Remark) String() string { return r.Text }

// remark enters a remark with the spec that is running. Ginkgo knows which that is, and words are not handed its context: so its report carries
// remarks, as values that are known again by their type.
func remark(kind RemarkKind, format string, args ...any) string {
	text := fmt.Sprintf(format, args...)
	ginkgo.AddReportEntry("remark", Remark{Kind: kind, Text: text}, ginkgo.ReportEntryVisibilityNever)
	return text
}

// Remarks are what was said about one spec, in order.
type Remarks []Remark

// RemarksOn returns what was said about a spec, once it has ended.
func RemarksOn(report types.SpecReport) Remarks {
	var remarks Remarks
	for _, entry := range report.ReportEntries {
		if said, ok := entry.GetRawValue().(Remark); ok {
			remarks = append(remarks, said)
		}
	}
	return remarks
}

// Of returns the texts of one kind.
func (r Remarks) Of(kind RemarkKind) []string {
	var texts []string
	for _, said := range r {
		if said.Kind == kind {
			texts = append(texts, said.Text)
		}
	}
	return texts
}
