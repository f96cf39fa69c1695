// Bench measures how close runs of fapitest come to the least that they could take. It starts the served bank with some latency,
// tests it with different numbers of workers, and prints docs/benchmarks.md. It is no test: machines are shared and noisy, so what
// it prints are ratios of things that were measured in the same run.
package main

import (
	"bufio"
	"bytes"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/fapitest/fapitest/harness/verdict"
	"github.com/fapitest/fapitest/reports/json"
)

func main() {
	binary := flag.String("fapitest", "bin/fapitest", "the binary to measure")
	driver := flag.String("consent", "browser", "who plays the end user: browser or form")
	latencies := flag.String("latencies", "0s,50ms", "that the bank adds to each of its answers")
	workers := flag.String("workers", "1,4", "numbers of workers")
	waits := flag.String("waits", "4", "numbers of workers for runs with the experiments that have to wait")
	flag.Parse()
	if err := measure(*binary, *driver, strings.Split(*latencies, ","), strings.Split(*workers, ","), strings.Split(*waits, ",")); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// sample is one run.
type sample struct {
	latency         string
	workers         int
	report          *verdict.Report
	ours, chromiums int // peak of the memory, MiB
}

func measure(binary, driver string, latencies, workers, waits []string) error {
	dir, err := os.MkdirTemp("", "fapitest-bench-*")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	if binary, err = filepath.Abs(binary); err != nil {
		return err
	}
	kinds := []struct {
		title   string
		workers []string
		flags   []string
	}{
		{"Without the experiments that have to wait", workers, []string{"--no-waits"}},
		{"Everything, waits included", waits, nil},
	}
	var sections []string
	for _, kind := range kinds {
		var samples []sample
		for _, latency := range latencies {
			stop, err := serve(binary, dir, latency)
			if err != nil {
				return err
			}
			for _, n := range kind.workers {
				s, err := test(binary, dir, driver, latency, n, kind.flags)
				if err != nil {
					return errors.Join(err, stop())
				}
				samples = append(samples, s)
				fmt.Fprintln(os.Stderr, row(s, samples))
			}
			if err := stop(); err != nil {
				return err
			}
		}
		sections = append(sections, section(kind.title, samples))
	}
	fmt.Print(head(driver) + strings.Join(sections, ""))
	return nil
}

func head(driver string) string {
	return fmt.Sprintf(`<!-- made by "make bench"; do not edit -->

# Benchmarks

How close a run comes to the least that it could take: all six client combinations of the served bank, %s as the end user, bank, browser and fapitest
on one machine with %d cores. The floor is the longest wait, or what target and browser took, summed over the workers and divided by their number, whichever
is more. Since everything shares the cores, more workers make each answer and each page slower: the floor grows with them. Ours is what neither target nor
browser nor a clause has to answer for, as a share of what the workers lived. Memory is the peak of the proportional set size.
`, map[string]string{"browser": "Chromium", "form": "the form driver"}[driver], runtime.NumCPU())
}

func section(title string, samples []sample) string {
	var b strings.Builder
	fmt.Fprintf(&b, "\n## %s\n\n| latency | workers | wall ÷ floor | wall ÷ longest wait | wall ÷ wall with the fewest workers | ours | pages' share of the browser's time | requests | journeys | fapitest | Chromium |\n", title)
	b.WriteString("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |\n")
	for i := range samples {
		b.WriteString(row(samples[i], samples) + "\n")
	}
	return b.String()
}

func row(s sample, all []sample) string {
	base := s
	for _, other := range all {
		if other.latency == s.latency {
			base = other
			break
		}
	}
	t := s.report.Time
	lived := t.Target + t.Browser + t.Waiting + t.Pacing + t.Idle + t.Own
	wait := "–"
	if t.Longest > 0 {
		wait = fmt.Sprintf("%.2f", s.report.Seconds/t.Longest)
	}
	return fmt.Sprintf("| %s | %d | %.2f | %s | %.2f | %.0f %% | %.0f %% | %d | %d | %d MiB | %d MiB |", s.latency, s.workers, s.report.Seconds/t.Floor(s.workers), wait,
		s.report.Seconds/base.report.Seconds, 100*t.Own/lived, 100*t.Pages/max(t.Browser, 0.001), t.Requests, t.Flows, s.ours, s.chromiums)
}

// serve starts the bank and returns when its target file is there.
func serve(binary, dir, latency string) (stop func() error, err error) {
	command := exec.Command(binary, "serve", "-o", "bank.yaml", "--latency", latency)
	command.Dir = dir
	out, err := command.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := command.Start(); err != nil {
		return nil, err
	}
	if _, err := bufio.NewReader(out).ReadString('\n'); err != nil {
		return nil, errors.Join(err, command.Process.Kill(), command.Wait())
	}
	return func() error { return errors.Join(command.Process.Signal(os.Interrupt), command.Wait()) }, nil
}

func test(binary, dir, driver, latency, workers string, flags []string) (sample, error) {
	n, err := strconv.Atoi(workers)
	if err != nil {
		return sample{}, err
	}
	command := exec.Command(binary, append([]string{"run", "-t", "bank.yaml", "-o", "report", "--consent", driver, "--workers", workers}, flags...)...)
	command.Dir = dir
	if err := command.Start(); err != nil {
		return sample{}, err
	}
	ended := make(chan error, 1)
	go func() { ended <- command.Wait() }()
	s := sample{latency: latency, workers: n}
	ticker := time.NewTicker(300 * time.Millisecond)
	defer ticker.Stop()
	for {
		select {
		case err := <-ended:
			if err != nil {
				return sample{}, fmt.Errorf("the run with %s and %s workers: %w", latency, workers, err)
			}
			data, err := os.ReadFile(filepath.Join(dir, "report", "report.json"))
			if err != nil {
				return sample{}, err
			}
			s.report, err = json.Read(bytes.NewReader(data))
			return s, err
		case <-ticker.C:
			ours, chromiums := memory(command.Process.Pid, filepath.Base(binary))
			s.ours, s.chromiums = max(s.ours, ours), max(s.chromiums, chromiums)
		}
	}
}

// memory is the proportional set size of a process and of all that it started, in MiB: of those with the given name, and of the rest.
func memory(root int, name string) (named, others int) {
	parents := map[int]int{}
	names := map[int]string{}
	stats, _ := filepath.Glob("/proc/[0-9]*/stat") // only a bad pattern is an error
	for _, path := range stats {
		data, err := os.ReadFile(path)
		if err != nil {
			continue // it has just ended
		}
		open, end := strings.IndexByte(string(data), '('), strings.LastIndexByte(string(data), ')')
		fields := strings.Fields(string(data[end+1:]))
		pid, _ := strconv.Atoi(filepath.Base(filepath.Dir(path)))
		if len(fields) > 1 {
			parents[pid], _ = strconv.Atoi(fields[1])
			names[pid] = string(data[open+1 : end])
		}
	}
	for pid := range parents {
		ancestor := pid
		for ancestor > 1 && ancestor != root {
			ancestor = parents[ancestor]
		}
		if ancestor != root {
			continue
		}
		if names[pid] == name {
			named += pss(pid)
		} else {
			others += pss(pid)
		}
	}
	return named >> 10, others >> 10
}

// pss is the proportional set size of a process in KiB; 0 where it can't be read.
func pss(pid int) int {
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/smaps_rollup", pid))
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(data)) {
		if fields := strings.Fields(line); len(fields) > 1 && fields[0] == "Pss:" {
			n, _ := strconv.Atoi(fields[1])
			return n
		}
	}
	return 0
}
