// Package sarif writes the report in the Static Analysis Results Interchange Format 2.1.0, which code hosts show as alerts.
//
// A requirement is a rule, a broken one a result. What could not be tested is no result: nothing is known of the server by it. It stands among the notifications of the
// run. A server has no file and no line: results stand in the target file, which is where somebody would begin to look.
package sarif

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/url"
	"path/filepath"
	"strings"

	"github.com/owenrumney/go-sarif/v3/pkg/report/v210/sarif"

	"github.com/fapitest/fapitest/harness/verdict"
	"github.com/fapitest/fapitest/reports/internal/wording"
)

const (
	homepage = "https://github.com/fapitest/fapitest"

	mostNotifications = 200 // of requirements that could not be tested
)

// Write writes the report.
func Write(w io.Writer, r *verdict.Report) error {
	run := sarif.NewRunWithInformationURI("fapitest", homepage)
	run.Tool.Driver.WithVersion(text(r.Tool.Version, 80)).WithFullName(text("fapitest "+r.Tool.Version+" "+r.Tool.Commit, 200))
	category := "fapitest/" + text(r.Profile.ID, 80) + "/"
	if r.Partial {
		category += "partial/" // or a code host would close every alert about what was left out
	}
	run.WithAutomationDetails(sarif.NewRunAutomationDetails().WithID(category))
	run.WithColumnKind("unicodeCodePoints")
	invocation := sarif.NewInvocation().WithExecutionSuccessful(wording.Looked(r))
	if !r.Started.IsZero() {
		invocation.WithStartTimeUtc(r.Started.UTC().Format("2006-01-02T15:04:05Z"))
	}
	unknown := 0
	for _, result := range r.Requirements {
		if len(result.Follows) > 0 || result.LeftOut {
			continue // what it follows from stands here
		}
		switch result.Verdict {
		case verdict.Fail, verdict.Warn:
			rule(run, result)
			finding(run, r, result)
		case verdict.Blocked, verdict.Error:
			if unknown++; unknown <= mostNotifications {
				invocation.AddToolExecutionNotification(notification(wording.Word(result.Verdict) + ", so that nothing is known of " + result.ID + " (" + wording.Clause(result) + "): " + wording.Why(result)))
			}
		case verdict.Pass, verdict.Attested, verdict.NotApplicable, verdict.Untested:
		}
	}
	if more := unknown - mostNotifications; more > 0 {
		invocation.AddToolExecutionNotification(notification(fmt.Sprintf("%d requirements more could not be tested", more)))
	}
	if words := wording.NotTested(r); words != "none" {
		invocation.AddToolExecutionNotification(notification("not tested: " + words))
	}
	against, _ := wording.GateSays(r)
	for _, sentence := range against {
		invocation.AddToolConfigurationNotification(notification(sentence))
	}
	run.AddInvocation(invocation)
	properties := sarif.NewPropertyBag().Add("headline", text(wording.Headline(r), 1000)).Add("conclusion", text(string(r.Conclusion), 40)).Add("partial", r.Partial).
		Add("waived", r.Waived()).Add("profile", text(wording.ProfileTitle(r), 200)).Add("target", text(r.Target.Issuer, 300)).Add("counts", text(wording.CountsLine(r), 300))
	if line := wording.GateLine(r); line != "" {
		properties.Add("gate", text(line, 1000))
	}
	run.WithProperties(properties)
	document := sarif.NewReport()
	document.AddRun(run)
	return document.PrettyWrite(w)
}

// rule describes a requirement.
func rule(run *sarif.Run, result verdict.Result) {
	message := func(words ...string) *sarif.MultiformatMessageString {
		var kept []string
		for _, paragraph := range words {
			if paragraph != "" {
				kept = append(kept, text(paragraph, 1000))
			}
		}
		said := strings.Join(kept, "\n\n")
		return sarif.NewMultiformatMessageString().WithText(said)
	}
	descriptor := run.AddRule(text(result.ID, 80)).WithName(text(result.ID, 80)).WithShortDescription(message(wording.Clause(result))).
		WithFullDescription(message(wording.Clause(result), result.Effect)).WithHelp(message(result.Remedy, result.Effect))
	if address := wording.Address(result.Link); address != "" {
		descriptor.WithHelpURI(address)
	}
	descriptor.WithDefaultConfiguration(sarif.NewReportingConfiguration().WithLevel(level(result.Verdict)))
	descriptor.WithProperties(sarif.NewPropertyBag().WithTags([]string{"security", "fapi", text(result.Document, 80)}).Add("problem.severity", level(result.Verdict)))
}

// level is the severity of a result.
func level(v verdict.Verdict) string {
	if v == verdict.Fail {
		return sarif.LevelError
	}
	return sarif.LevelWarning
}

// finding adds the result of a broken requirement.
func finding(run *sarif.Run, r *verdict.Report, result verdict.Result) {
	sentences := []string{wording.Clause(result) + "."}
	for i, c := range wording.Cases(result, result.Verdict) {
		if i == 6 {
			sentences = append(sentences, "and more")
			break
		}
		only := result
		only.Specs = c.Specs
		line := wording.Short(only)
		if seen := c.Seen(result); seen != "" {
			line += " (" + seen + ")"
		}
		sentences = append(sentences, line)
	}
	if len(result.Specs) == 0 {
		sentences = append(sentences, result.Reason)
	}
	if result.Remedy != "" {
		sentences = append(sentences, "What to do: "+result.Remedy)
	}
	for i, sentence := range sentences {
		sentences[i] = text(sentence, 1000)
	}
	out := run.CreateResultForRule(text(result.ID, 80)).WithKind("fail").WithLevel(level(result.Verdict)).
		WithMessage(sarif.NewTextMessage(strings.Join(sentences, "\n")))
	out.AddLocation(sarif.NewLocation().
		WithPhysicalLocation(sarif.NewPhysicalLocation().WithArtifactLocation(sarif.NewArtifactLocation().WithURI(place(r.Target.File))).WithRegion(sarif.NewRegion().WithStartLine(1))).
		AddLogicalLocation(sarif.NewLogicalLocation().WithFullyQualifiedName(text(r.Target.Issuer, 300)).WithKind("resource")))
	// An alert is the same as long as the requirement is broken, whatever is written into the target file above it.
	sum := sha256.Sum256([]byte(result.ID))
	out.WithPartialFingerprints(map[string]string{"requirement/v1": text(result.ID, 80), "primaryLocationLineHash": hex.EncodeToString(sum[:8]) + ":1"})
	known, is := r.Known(result.ID)
	if r.Gate != nil && r.Gate.Baseline != nil {
		out.WithBaselineState(map[bool]string{true: "unchanged", false: "new"}[is && known.By == verdict.ByBaseline])
	}
	if is && known.By != verdict.ByBaseline {
		out.AddSuppression(sarif.NewSuppression().WithKind("external").WithStatus("accepted").WithJustification(text(wording.KnownLine(known), 1000)))
	}
}

func notification(words string) *sarif.Notification {
	return sarif.NewNotification().WithLevel(sarif.LevelWarning).WithMessage(sarif.NewTextMessage(text(words, 1500)))
}

// place is the target file as a URI.
func place(file string) string {
	file = filepath.ToSlash(wording.Line(file, 300))
	if file == "" {
		return "the-bank-that-comes-with-fapitest"
	}
	if strings.HasPrefix(file, "/") {
		return (&url.URL{Scheme: "file", Path: file}).String()
	}
	return (&url.URL{Path: file}).String()
}

// text is a line in which nothing is a link or a placeholder: in SARIF's plain text, brackets make the one and braces the other.
func text(words string, longest int) string {
	return strings.NewReplacer(`\`, `\\`, "[", `\[`, "]", `\]`, "{", "(", "}", ")").Replace(wording.Line(words, longest))
}
