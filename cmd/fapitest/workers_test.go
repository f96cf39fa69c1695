package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/fapitest/fapitest/harness/verdict"
)

func readReport(ts *testscript.TestScript, file string) *verdict.Report {
	report := &verdict.Report{}
	if err := json.Unmarshal([]byte(ts.ReadFile(file)), report); err != nil {
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

// heldBack wants the report of a run that sent no more than so many requests a second: heldback REPORT RATE. It counts what was sent, so
// that a machine that is slow can't fail it.
func heldBack(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: heldback REPORT RATE")
	}
	rate, err := strconv.ParseFloat(args[1], 64)
	ts.Check(err)
	report := readReport(ts, args[0])
	sent := map[string]bool{}
	for _, result := range report.Requirements {
		for _, spec := range result.Specs {
			for _, exchange := range spec.Exchanges {
				sent[exchange.ID] = true
			}
		}
	}
	if least := float64(len(sent)-1) / rate; len(sent) < 20 || report.Seconds < least {
		ts.Fatalf("%d requests in %.1f s, held back for %.1f s: at %v a second they take %.1f s", len(sent), report.Seconds, report.Time.Pacing, rate, least)
	}
}
