// Command hostile runs fapitest against banks that mean harm, one behaviour after another, and prints what came of it: behaviour, verdict, seconds, peak
// memory. It ends with 1 where something is not as it has to be.
package main

import (
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/fapitest/fapitest/fixtures/authserver"
	"github.com/fapitest/fapitest/fixtures/hostile"
	"github.com/fapitest/fapitest/harness/scaffold"
	"github.com/fapitest/fapitest/harness/verdict"
	"github.com/fapitest/fapitest/harness/wire"
	reportjson "github.com/fapitest/fapitest/reports/json"
)

// What no behaviour may make a run take. Memory is that of all processes of the run together, what they share counted once.
const (
	longestRun = 120 * time.Second
	mostMemory = 300 << 20 // bytes
	// workers of each run. Each takes as much memory with a proper bank, some 80 MiB, and the more there are the less is seen of what a behaviour takes.
	workers = "2"
)

func main() {
	binary := flag.String("fapitest", "bin/fapitest", "the binary to run")
	section := flag.String("section", "", "run the behaviours of that section alone: transport, content, pages or reports")
	keep := flag.String("keep", "", "keep the reports and what was printed below that directory")
	jobs := flag.Int("jobs", 3, "how many runs go on side by side: most of them wait")
	list := flag.Bool("list", false, "name the behaviours, and stop")
	flag.Parse()
	if *list {
		for _, behaviour := range hostile.All() {
			fmt.Printf("%-10s %-32s %s\n", behaviour.Section, behaviour.Name, behaviour.Does)
		}
		return
	}
	faults, err := runAll(*binary, *section, *keep, flag.Args(), *jobs)
	if err != nil {
		fmt.Fprintln(os.Stderr, "hostile:", err)
		os.Exit(1)
	}
	if faults > 0 {
		fmt.Printf("\n%d of the behaviours came to something else than they have to\n", faults)
		os.Exit(1)
	}
}

// runAll runs the behaviours that are named, all where none is, so many side by side, and returns of how many something was not as it has to be.
func runAll(binary, section, keep string, names []string, jobs int) (faults int, err error) {
	chosen, err := choose(section, names)
	if err != nil {
		return 0, err
	}
	material, err := authserver.NewMaterial()
	if err != nil {
		return 0, err
	}
	fmt.Printf("%-32s %-15s %8s %10s\n", "behaviour", "verdict", "seconds", "peak MiB")
	var printing sync.Mutex
	var running sync.WaitGroup
	places := make(chan struct{}, max(1, jobs))
	for _, behaviour := range chosen {
		running.Go(func() {
			places <- struct{}{}
			defer func() { <-places }()
			came, failed := try(binary, keep, behaviour, material)
			printing.Lock()
			defer printing.Unlock()
			switch {
			case failed != nil:
				err = errors.Join(err, fmt.Errorf("%s: %w", behaviour.Name, failed))
			case !came.show(behaviour):
				faults++
			}
		})
	}
	running.Wait()
	return faults, err
}

// show prints what came of a run, and says whether it is as it has to be.
func (c *came) show(behaviour hostile.Behaviour) bool {
	fmt.Printf("%-32s %-15s %8.1f %10d\n", behaviour.Name, c.conclusion(), c.took.Seconds(), c.peak>>20)
	wrong := c.wrong(behaviour)
	for _, words := range wrong {
		fmt.Printf("    %s\n", words)
	}
	return len(wrong) == 0
}

func choose(section string, names []string) ([]hostile.Behaviour, error) {
	var chosen []hostile.Behaviour
	for _, name := range names {
		behaviour, ok := hostile.Named(name)
		if !ok {
			return nil, fmt.Errorf("there is no behaviour %q; -list names them", name)
		}
		chosen = append(chosen, behaviour)
	}
	if len(names) == 0 {
		chosen = hostile.All()
	}
	if section != "" {
		chosen = slices.DeleteFunc(chosen, func(b hostile.Behaviour) bool { return string(b.Section) != section })
	}
	return chosen, nil
}

// came is what came of a run.
type came struct {
	report  *verdict.Report // nil where none can be read
	broken  []string        // what is wrong with the files of the report
	printed string          // on the terminal
	issuer  string          // of the bank
	took    time.Duration
	peak    int64 // bytes
	ended   bool  // by itself
	left    []int // processes of the run that were there when it had ended
	visits  int   // to whom nobody may come
}

func (c *came) conclusion() string {
	switch {
	case !c.ended:
		return "(never ended)"
	case c.report == nil:
		return "(no report)"
	}
	return string(c.report.Conclusion)
}

// try has a run against a behaviour.
func try(binary, keep string, behaviour hostile.Behaviour, material *authserver.Material) (*came, error) {
	server, err := hostile.StartOf(behaviour, material)
	if err != nil {
		return nil, err
	}
	defer func() { _ = server.Close() }() // it ends with the process
	dir := filepath.Join(keep, behaviour.Name)
	if keep == "" {
		if dir, err = os.MkdirTemp("", "hostile-*"); err != nil {
			return nil, err
		}
		defer func() { _ = os.RemoveAll(dir) }()
	} else if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	file, output := filepath.Join(dir, "target.yaml"), filepath.Join(dir, "report")
	if err := scaffold.WriteFile(file, server.FileSpec()); err != nil {
		return nil, err
	}
	driver := "form"
	if behaviour.Browser {
		driver = "browser"
	}
	came := &came{issuer: server.Bank.Issuer()}
	if err := came.run(exec.Command(binary, "run", "-t", file, "--no-waits", "--consent", driver, "--workers", workers, "--seed", "1", "-o", output)); err != nil {
		return nil, err
	}
	came.visits = server.Intruders()
	came.read(output)
	if keep != "" {
		return came, os.WriteFile(filepath.Join(dir, "printed.txt"), []byte(came.printed), 0o600)
	}
	return came, nil
}

// run runs the command in a process group of its own, and watches its memory.
func (c *came) run(command *exec.Cmd) error {
	var printed bytes.Buffer
	command.Stdout, command.Stderr = &printed, &printed
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	began := time.Now()
	if err := command.Start(); err != nil {
		return err
	}
	over, watching := context.WithCancel(context.Background())
	watched := make(chan struct{})
	go func() {
		defer close(watched)
		for over.Err() == nil {
			c.peak = max(c.peak, memory(command.Process.Pid))
			select {
			case <-over.Done():
			case <-time.After(100 * time.Millisecond):
			}
		}
	}()
	c.ended = true
	limit := time.AfterFunc(longestRun+60*time.Second, func() {
		c.ended = false
		_ = syscall.Kill(-command.Process.Pid, syscall.SIGKILL) // it may have ended this moment
	})
	err := command.Wait()
	limit.Stop()
	c.took = time.Since(began)
	watching()
	<-watched
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		return err
	}
	c.printed = printed.String()
	time.Sleep(100 * time.Millisecond) // a process that ends is there a moment longer
	c.left = group(command.Process.Pid)
	_ = syscall.Kill(-command.Process.Pid, syscall.SIGKILL) // nobody is left, or should not be
	return nil
}

// read reads what the run has written.
func (c *came) read(output string) {
	data, err := os.ReadFile(filepath.Join(output, "report.json"))
	if err == nil {
		c.report, err = reportjson.Read(bytes.NewReader(data))
	}
	if err != nil {
		c.broken = append(c.broken, "report.json: "+err.Error())
	}
	if data, err = os.ReadFile(filepath.Join(output, "junit.xml")); err == nil {
		decoder := xml.NewDecoder(bytes.NewReader(data))
		for err == nil {
			_, err = decoder.Token()
		}
		if errors.Is(err, io.EOF) {
			err = nil
		}
	}
	if err != nil {
		c.broken = append(c.broken, "junit.xml: "+err.Error())
	}
	if data, err = os.ReadFile(filepath.Join(output, "report.html")); err != nil || !bytes.Contains(data, []byte("</html>")) {
		c.broken = append(c.broken, "report.html is not whole")
	}
}

// wrong says what is not as it has to be.
func (c *came) wrong(behaviour hostile.Behaviour) []string {
	var wrong []string
	say := func(format string, args ...any) { wrong = append(wrong, fmt.Sprintf(format, args...)) }
	if c.took > longestRun {
		say("it took more than %s", longestRun)
	}
	if c.peak > mostMemory {
		say("it took %d MiB, more than %d", c.peak>>20, int64(mostMemory)>>20)
	}
	if len(c.left) > 0 {
		say("%d processes of it were left", len(c.left))
	}
	if c.visits > 0 {
		say("%d connections were made to whom nobody may come", c.visits)
	}
	for _, words := range c.broken {
		say("%s", words)
	}
	for _, word := range []string{"panic", "goroutine ", "internal error:", "DATA RACE"} {
		if strings.Contains(c.printed, word) {
			say("it printed %q", word)
		}
	}
	if i := strings.IndexFunc(c.printed, func(r rune) bool { return r < ' ' && r != '\n' && r != '\t' || r == 0x7f }); i >= 0 {
		say("it printed the control character %q", c.printed[i])
	}
	for _, words := range behaviour.Tells {
		if !strings.Contains(strings.ToLower(c.printed), strings.ToLower(words)) {
			say("nobody is told %q", words)
		}
	}
	if c.report == nil {
		return wrong
	}
	if !slices.Contains(behaviour.Conclusions(), string(c.report.Conclusion)) {
		say("it concludes %s, and not %s", c.report.Conclusion, strings.Join(behaviour.Conclusions(), " or "))
	}
	return append(wrong, c.misjudged(behaviour)...)
}

// misjudged says what was judged by an answer that is none.
func (c *came) misjudged(behaviour hostile.Behaviour) []string {
	var wrong []string
	passed := map[string]bool{}
	for _, result := range c.report.Requirements {
		for _, spec := range result.Specs {
			if strings.Contains(spec.Message, "internal error") {
				wrong = append(wrong, fmt.Sprintf("%s: %.200s", result.ID, spec.Message))
			}
			for _, exchange := range spec.Exchanges {
				if spec.Verdict == verdict.Pass && c.decidedByNone(behaviour, exchange) && !passed[result.ID] {
					passed[result.ID] = true
					wrong = append(wrong, fmt.Sprintf("%s passes (%s), by an answer that is none: %s %s", result.ID, spec.Sentence, exchange.Step, exchange.Because))
				}
			}
		}
		if slices.Contains(behaviour.Fails, result.ID) && result.Verdict != verdict.Fail {
			wrong = append(wrong, fmt.Sprintf("%s does not fail: %s", result.ID, result.Verdict))
		}
	}
	return wrong
}

// decidedByNone says whether something was decided by an answer that is none.
func (c *came) decidedByNone(behaviour hostile.Behaviour, exchange *wire.Exchange) bool {
	if exchange.Judged != wire.Accepted && exchange.Judged != wire.Refused {
		return false
	}
	address, err := url.Parse(exchange.Request.URL)
	return err == nil && slices.Contains(behaviour.Breaks, address.Path) && exchange.Request.Method != ""
}
