package main

import (
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/fapitest/fapitest/harness/verdict"
	"github.com/fapitest/fapitest/reports/json"
)

func readReport(ts *testscript.TestScript, file string) *verdict.Report {
	report, err := json.Read(strings.NewReader(ts.ReadFile(file)))
	if err != nil {
		ts.Fatalf("%s: %v", file, err)
	}
	return report
}

func experimentsOf(report *verdict.Report) map[string]verdict.Spec {
	all := map[string]verdict.Spec{}
	for _, r := range report.Requirements {
		for _, s := range r.Specs {
			all[r.ID+": "+s.Client+": "+s.Sentence] = s
		}
	}
	return all
}

// same wants two reports to say the same of every experiment: same A B [but what was lost].
func same(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: same A B [but what was lost]")
	}
	a, b := experimentsOf(readReport(ts, args[0])), experimentsOf(readReport(ts, args[1]))
	if len(a) != len(b) || len(a) == 0 {
		ts.Fatalf("%d experiments and %d", len(a), len(b))
	}
	lost := 0
	for name, spec := range a {
		other := b[name]
		if len(args) > 2 && other.Verdict == verdict.Error && strings.Contains(other.Message, "was lost") {
			lost++
			continue
		}
		if spec.Verdict != other.Verdict {
			ts.Fatalf("%s: %s and %s (%s)", name, spec.Verdict, other.Verdict, other.Message)
		}
	}
	// Without waits a worker carries out one at a time.
	if lost > 1 {
		ts.Fatalf("%d experiments were lost with one worker", lost)
	}
}

// loseWorker kills one of the workers of a run that goes on in this directory: loseworker.
func loseWorker(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 0 {
		ts.Fatalf("usage: loseworker")
	}
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for range 3000 {
		<-tick.C
		commands, err := filepath.Glob("/proc/[0-9]*/cmdline")
		ts.Check(err)
		for _, command := range commands {
			line, _ := os.ReadFile(command) // a process that is gone is none of ours
			dir, _ := os.Readlink(filepath.Join(filepath.Dir(command), "cwd"))
			stat, _ := os.ReadFile(filepath.Join(filepath.Dir(command), "stat"))
			if !strings.Contains(string(line), workerName) || dir != ts.MkAbs(".") || busyTicks(string(stat)) < 5 {
				continue
			}
			pid, err := strconv.Atoi(filepath.Base(filepath.Dir(command)))
			ts.Check(err)
			process, err := os.FindProcess(pid)
			ts.Check(err)
			ts.Check(process.Kill())
			return
		}
	}
	ts.Fatalf("no worker is at work here")
}

// busyTicks is how many hundredths of a second a process has computed so far, from /proc/PID/stat.
func busyTicks(stat string) int {
	_, rest, _ := strings.Cut(stat, ") ")
	fields := strings.Fields(rest)
	if len(fields) < 13 {
		return 0
	}
	user, _ := strconv.Atoi(fields[11])
	system, _ := strconv.Atoi(fields[12])
	return user + system
}

// paced wants a bank's log in which no more than so many requests a second arrived: paced LOG RATE WORKERS. Whatever stretch of time one
// looks at, there arrived in it what was let go in it, and from before at most what each of the workers had still on its way: however slow
// the machine is, no more.
func paced(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: paced LOG RATE WORKERS")
	}
	rate, err := strconv.ParseFloat(args[1], 64)
	ts.Check(err)
	workers, err := strconv.Atoi(args[2])
	ts.Check(err)
	var arrivals []time.Time
	what := map[string]bool{}
	for line := range strings.Lines(ts.ReadFile(args[0])) {
		fields := strings.Fields(line)
		at, err := time.Parse(time.RFC3339Nano, fields[0])
		ts.Check(err)
		arrivals = append(arrivals, at)
		what[fields[2]] = true
	}
	for _, path := range []string{"/.well-known/openid-configuration", "/authorize", "/login", "/token", "/accounts"} {
		if !what[path] {
			ts.Fatalf("nothing was asked of %s", path)
		}
	}
	slices.SortFunc(arrivals, time.Time.Compare)
	for i, from := range arrivals {
		for j, to := range arrivals[i:] {
			const rounding = 0.01 // of clocks
			if most := rate*to.Sub(from).Seconds() + 1 + float64(workers) + rounding; float64(j+1) > most {
				ts.Fatalf("%d requests arrived in %s: at %v a second by %d workers they are at most %.1f", j+1, to.Sub(from), rate, workers, most)
			}
		}
	}
}
