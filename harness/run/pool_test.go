package run_test

import (
	"context"
	"crypto/tls"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/onsi/ginkgo/v2"
	"github.com/onsi/gomega"

	"github.com/fapitest/fapitest/harness/consent"
	"github.com/fapitest/fapitest/harness/expect"
	"github.com/fapitest/fapitest/harness/flow"
	"github.com/fapitest/fapitest/harness/profile"
	"github.com/fapitest/fapitest/harness/requirement"
	"github.com/fapitest/fapitest/harness/run"
	"github.com/fapitest/fapitest/harness/suite"
	"github.com/fapitest/fapitest/harness/target"
	"github.com/fapitest/fapitest/harness/verdict"
	"github.com/fapitest/fapitest/harness/wire"
)

// asWorker is the environment variable that makes the test binary a worker. Its value is the directory in which experiments leave a
// line each time they are carried out.
const asWorker = "FAPITEST_TEST_WORKER"

func TestMain(m *testing.M) {
	dir := os.Getenv(asWorker)
	if dir == "" {
		os.Exit(m.Run())
	}
	worker, err := run.Join(os.Stdin, os.Stdout)
	if err == nil {
		options := sideBySide(dir)
		options.Driver, options.Shelf, options.Pace = worker.Driver(), worker, worker.Pace(options.Clock)
		err = worker.Leave(worker.Work(context.Background(), options))
	}
	if err != nil {
		panic(err)
	}
	os.Exit(0)
}

// sideBySide is a run of many experiments, one of which ends the process that carries it out, one of which finds the target busy at
// first, and one of which has to wait.
func sideBySide(dir string) run.Options {
	items := []string{"2-1", "2-2", "2-3", "2-4"}
	for i := range 20 {
		items = append(items, fmt.Sprintf("1-%d", i))
	}
	document := asking(items...)
	var many []*requirement.Requirement
	for _, item := range items[4:] {
		many = append(many, document.Clause(item))
	}
	deadly, crowded, slow, travels := document.Clause("2-1"), document.Clause("2-2"), document.Clause("2-3"), document.Clause("2-4")
	leave := func(name string) (times int) {
		file, err := os.OpenFile(filepath.Join(dir, strings.ReplaceAll(name, " ", "-")), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
		if err != nil {
			panic(err)
		}
		_, _ = fmt.Fprintln(file, os.Getpid())
		_ = file.Close()
		content, err := os.ReadFile(file.Name())
		if err != nil {
			panic(err)
		}
		return strings.Count(string(content), "\n")
	}
	register := func(client *flow.Client) {
		ginkgo.Describe("the target", func() {
			for _, r := range many {
				ginkgo.It("does "+r.ID, r, func(ctx ginkgo.SpecContext) {
					leave(client.ID() + " " + r.ID)
					gomega.Expect(answered(ctx, 201, accepted)).To(expect.BeAccepted())
				})
			}
			ginkgo.It("lives", deadly, func(ginkgo.SpecContext) {
				leave(client.ID() + " deadly")
				if _, err := os.Stat(filepath.Join(dir, "deadly")); err == nil && client.ID() == "one" {
					self, _ := os.FindProcess(os.Getpid())
					_ = self.Kill()
					time.Sleep(time.Minute) // until it has come to pass
				}
			})
			ginkgo.It("answers", crowded, func(ctx ginkgo.SpecContext) {
				if leave(client.ID()+" crowded") == 1 {
					busy := answered(ctx, 429, "")
					busy.Exchange.Busy = true
					gomega.Expect(busy).To(expect.BeAccepted())
				}
			})
			ginkgo.It("travels", travels, func(ctx ginkgo.SpecContext) {
				landed := client.AuthorizeWith(ctx, "somewhere", nil)
				gomega.Expect(landed.Code()).To(gomega.Equal("a-code-of-the-journey"))
			})
			expect.Aged(30*time.Millisecond, "grows", slow,
				func(ginkgo.SpecContext) int { return os.Getpid() },
				func(_ context.Context, pid int) int { return pid },
				func(_ ginkgo.SpecContext, pid int) { gomega.Expect(pid).To(gomega.Equal(os.Getpid())) })
		})
	}
	return run.Options{
		Target: &target.Target{
			Issuer:  "https://localhost:1",
			Clients: []*target.Client{client("one", target.DPoP), client("two", target.MTLS)},
			Waits:   target.Waits{Longest: time.Hour},
			Metadata: &target.Metadata{Values: map[string]any{
				"issuer": "https://localhost:1", "authorization_endpoint": "https://localhost:1/authorize",
			}},
		},
		Profile:   profile.Profile{ID: "x", Title: "X", Documents: []*requirement.Document{document}, Requires: document.Requirements()},
		Suites:    []suite.Suite{{Document: document, Requirements: document.Requirements(), Specs: register}},
		Catalogue: &requirement.Catalogue{}, Clock: wire.SystemClock{}, Redactor: &wire.Redactor{}, Plan: run.Plan{Seed: 7},
		HTTP: func(*tls.Certificate) *http.Client { return http.DefaultClient },
	}
}

func client(id, binding string) *target.Client {
	return &target.Client{ID: id, Auth: target.PrivateKeyJWT, Binding: binding, Redirects: []string{"https://client.example/cb"}}
}

// traveller is a driver that arrives at once.
type traveller struct{}

func (traveller) Visit(_ context.Context, v consent.Visit) (*consent.Trip, error) {
	return &consent.Trip{Ending: consent.Arrived, By: "redirect", Arrival: v.Until[len(v.Until)-1] + "?code=a-code-of-the-journey"}, nil
}

func (traveller) Close() error { return nil }

// aside runs it with so many workers.
func aside(t *testing.T, dir string, workers int) *verdict.Report {
	t.Helper()
	options := sideBySide(dir)
	options.Driver = traveller{}
	options.Plan.Workers = workers
	report, err := run.Aside(context.Background(), options, run.Pool{Command: func() *exec.Cmd {
		command := exec.Command(os.Args[0])
		command.Env = append(os.Environ(), asWorker+"="+dir)
		return command
	}})
	if err != nil {
		t.Fatal(err)
	}
	followed(t, report)
	return report
}

// followed wants a report that its readers take.
func followed(t *testing.T, report *verdict.Report) {
	t.Helper()
	if err := report.Follows(); err != nil {
		t.Errorf("no reader would take the report: %v", err)
	}
}

// verdicts are those of every experiment, by requirement and client.
func verdicts(report *verdict.Report) map[string]verdict.Verdict {
	all := map[string]verdict.Verdict{}
	for _, r := range report.Requirements {
		for _, s := range r.Specs {
			all[r.ID+" "+s.Client] = s.Verdict
		}
	}
	return all
}

// However many workers there are, every experiment is carried out once, and comes to the same.
func TestWorkers(t *testing.T) {
	for _, workers := range []int{1, 2, 5} {
		dir := t.TempDir()
		report := aside(t, dir, workers)
		if report.Workers != workers || report.Conclusion != verdict.Conformant || report.Time.Repeated != 2 {
			t.Errorf("%d workers: %s by %d, %d repeated: %v", workers, report.Conclusion, report.Workers, report.Time.Repeated, verdicts(report))
		}
		if all := verdicts(report); len(all) != 2*24 {
			t.Errorf("%d workers: %d experiments", workers, len(all))
		}
		for _, r := range report.Requirements {
			for i, s := range r.Specs {
				if i > 0 && r.Specs[i-1].Client > s.Client {
					t.Errorf("%s: out of order", r.ID)
				}
			}
		}
		names, err := os.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		var pids []string
		for _, name := range names {
			content, err := os.ReadFile(filepath.Join(dir, name.Name()))
			if err != nil {
				t.Fatal(err)
			}
			lines := strings.Fields(string(content))
			want := 1
			if strings.HasSuffix(name.Name(), "crowded") {
				want = 2
			}
			if len(lines) != want {
				t.Errorf("%d workers: %s was carried out %d times", workers, name.Name(), len(lines))
			}
			pids = append(pids, lines...)
		}
		slices.Sort(pids)
		if got := len(slices.Compact(pids)); got > workers {
			t.Errorf("%d processes for %d workers", got, workers)
		}
	}
}

// A worker that is killed costs what it was carrying out, and nothing else.
func TestAWorkerIsLost(t *testing.T) {
	for _, workers := range []int{1, 3} {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "deadly"), nil, 0o600); err != nil {
			t.Fatal(err)
		}
		report := aside(t, dir, workers)
		if report.Conclusion != verdict.Inconclusive || !strings.Contains(strings.Join(report.Notes, "\n"), "a worker was lost (signal: killed)") {
			t.Errorf("%d workers: %s, %q", workers, report.Conclusion, report.Notes)
		}
		all := verdicts(report)
		if len(all) != 2*24 {
			t.Errorf("%d workers: %d experiments", workers, len(all))
		}
		for name, v := range all {
			// What the lost worker had prepared is lost with it.
			if v != verdict.Pass && name != "X-2-1 one" && !strings.HasPrefix(name, "X-2-3") {
				t.Errorf("%d workers: %s is %s", workers, name, v)
			}
		}
		if all["X-2-1 one"] != verdict.Error {
			t.Errorf("%d workers: the deadly one is %s", workers, all["X-2-1 one"])
		}
	}
}

// A worker that can't be started at all is our fault, and no report.
func TestNoWorker(t *testing.T) {
	options := sideBySide(t.TempDir())
	options.Plan.Workers = 2
	_, err := run.Aside(context.Background(), options, run.Pool{Command: func() *exec.Cmd { return exec.Command("/does/not/exist") }})
	if err == nil || !strings.Contains(err.Error(), "no worker could be started") {
		t.Error(err)
	}
}

// An interrupted run has a report, and says that it is partial.
func TestInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	dir := t.TempDir()
	options := sideBySide(dir)
	options.Driver = traveller{}
	options.Plan.Workers = 2
	options.Progress = func(p run.Progress) {
		if p.Done >= 5 {
			cancel()
		}
	}
	report, err := run.Aside(ctx, options, run.Pool{Command: func() *exec.Cmd {
		command := exec.Command(os.Args[0])
		command.Env = append(os.Environ(), asWorker+"="+dir)
		return command
	}})
	if err != nil {
		t.Fatal(err)
	}
	if !report.Partial || !strings.Contains(report.Narrowed, "interrupted") || report.Conclusion == verdict.NotConformant {
		t.Errorf("%s, partial %v: %s", report.Conclusion, report.Partial, report.Narrowed)
	}
	followed(t, report)
	if n := len(verdicts(report)); n < 5 || n > 20 {
		t.Errorf("%d experiments", n)
	}
}

// What a run is cut off from is untested, whether it had not begun, was under way, or had been carried out as some clients: by a bound,
// and by hand. Nobody is to blame for what was under way.
func TestCutOff(t *testing.T) {
	for cause, says := range map[error]string{run.CutOff{By: "--max-minutes 5"}: "cut off by --max-minutes 5", context.Canceled: "interrupted"} {
		halves := 0
		for _, after := range []int{0, 1, 5, 20} {
			ctx, cancel := context.WithCancelCause(context.Background())
			dir := t.TempDir()
			options := sideBySide(dir)
			options.Driver = traveller{}
			options.Plan.Workers = 2
			options.Progress = func(p run.Progress) {
				if p.Done >= after {
					cancel(cause)
				}
			}
			report, err := run.Aside(ctx, options, run.Pool{Command: func() *exec.Cmd {
				command := exec.Command(os.Args[0])
				command.Env = append(os.Environ(), asWorker+"="+dir)
				return command
			}})
			if err != nil {
				t.Fatal(err)
			}
			if !report.Partial || !strings.HasPrefix(report.Narrowed, says+" after ") || report.Conclusion != verdict.Inconclusive {
				t.Errorf("%s after %d: %s, partial %v: %s", says, after, report.Conclusion, report.Partial, report.Narrowed)
			}
			followed(t, report)
			cutOff := 0
			for _, result := range report.Requirements {
				for _, spec := range result.Specs {
					if spec.Verdict == verdict.Error || spec.Verdict == verdict.Blocked {
						t.Errorf("after %d: %s: %s as %s: %s: %s", after, result.ID, spec.Sentence, spec.Client, spec.Verdict, spec.Message)
					}
				}
				if result.CutOff {
					cutOff++
					if len(result.Specs) > 0 {
						halves++
					}
					if result.Verdict != verdict.Untested || !strings.HasPrefix(result.Reason, says) {
						t.Errorf("%s after %d: %s is %s: %s", says, after, result.ID, result.Verdict, result.Reason)
					}
				}
			}
			if cutOff == 0 {
				t.Errorf("%s after %d: nothing was cut off", says, after)
			}
		}
		if halves == 0 {
			t.Errorf("%s: nothing was cut off in the middle", says)
		}
	}
}
