// Repeat tests one server again and again, with other seeds and other numbers of workers, and says which verdicts were not the same
// every time. A verdict that flickers is a bug of ours, or of what the known.yaml of the server says about it.
package main

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/fapitest/fapitest/harness/verdict"
	"github.com/fapitest/fapitest/reports/json"
)

func main() {
	binary := flag.String("fapitest", "bin/fapitest", "the binary to run")
	file := flag.String("t", "", "target file")
	times := flag.Int("times", 20, "how often")
	workers := flag.String("workers", "1,2,3,4,6,8", "numbers of workers, in turn")
	driver := flag.String("consent", "browser", "who plays the end user: browser or form")
	output := flag.String("o", "fapitest-report/repeat", "where the reports go, one directory for each run")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	same, err := repeat(ctx, *binary, *file, *driver, *output, *times, strings.Split(*workers, ","))
	if err != nil {
		fmt.Fprintln(os.Stderr, "repeat:", err)
		os.Exit(1)
	}
	if !same {
		os.Exit(1)
	}
}

func repeat(ctx context.Context, binary, file, driver, output string, times int, workers []string) (same bool, err error) {
	seen := map[string]map[verdict.Verdict][]int{} // requirement, client and sentence → verdict → in which runs
	for i := range times {
		dir := filepath.Join(output, strconv.Itoa(i+1))
		command := exec.CommandContext(ctx, binary, "run", "-t", file, "-o", dir, "--consent", driver, "--seed", strconv.Itoa(1000+i), "--workers", workers[i%len(workers)])
		if err := command.Run(); err != nil && command.ProcessState.ExitCode() <= 1 {
			return false, fmt.Errorf("run %d: %w", i+1, err)
		}
		report, err := read(filepath.Join(dir, "report.json"))
		if err != nil {
			return false, err
		}
		fmt.Printf("%2d  %s workers  %-14s %s  %.0f s, %d requests, %d journeys\n", i+1, workers[i%len(workers)], report.Conclusion, reds(report),
			report.Seconds, report.Time.Requests, report.Time.Flows)
		for _, r := range report.Requirements {
			note(seen, r.ID, r.Verdict, i+1)
			for _, s := range r.Specs {
				note(seen, r.ID+"  "+s.Client+": "+s.Sentence, s.Verdict, i+1)
			}
		}
	}
	same = true
	for _, name := range slices.Sorted(maps.Keys(seen)) {
		runs := 0
		for _, in := range seen[name] {
			runs += len(in)
		}
		if len(seen[name]) > 1 || runs != times {
			same = false
			fmt.Printf("not the same: %s\n", name)
			for _, v := range slices.Sorted(maps.Keys(seen[name])) {
				fmt.Printf("    %s in %d of %d: %v\n", v, len(seen[name][v]), times, seen[name][v])
			}
		}
	}
	if same {
		fmt.Printf("%d verdicts on requirements and experiments, the same in all %d runs\n", len(seen), times)
	}
	return same, nil
}

func note(seen map[string]map[verdict.Verdict][]int, name string, v verdict.Verdict, run int) {
	if seen[name] == nil {
		seen[name] = map[verdict.Verdict][]int{}
	}
	seen[name][v] = append(seen[name][v], run)
}

func read(path string) (*verdict.Report, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	return json.Read(bytes.NewReader(data))
}

// reds are the findings of a run in short: "13b fail".
func reds(report *verdict.Report) string {
	var words []string
	for _, r := range report.Requirements {
		if r.Verdict.Red() {
			words = append(words, fmt.Sprintf("%s %s", r.ID, r.Verdict))
		}
	}
	return "[" + strings.Join(words, ", ") + "]"
}
