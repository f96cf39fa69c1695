package consent

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// How much memory pages may use. A login page takes a tenth of it; one that takes all that there is would have the system end anything, us among it.
const (
	mostOfATab     = 1 << 30 // bytes, of one process that shows pages
	mostOfChromium = 4 << 30 // bytes, of all processes together
	meals          = 100 * time.Millisecond
)

// eater is a process of Chromium's.
type eater struct {
	pid    int
	shows  bool // it is one that shows pages
	memory int  // bytes
}

// family returns a process and its descendants. Where the system has no /proc there is none.
func family(pid int) []eater {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return nil // it is gone
	}
	command, _ := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid)) // as above
	self := eater{pid: pid, shows: bytes.Contains(command, []byte("--type=renderer")), memory: heldBy(string(status))}
	members := []eater{self}
	if self.shows {
		return members // it starts none
	}
	tasks, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pid)) // the pattern is valid
	for _, task := range tasks {
		children, _ := os.ReadFile(task) // as above
		for _, child := range strings.Fields(string(children)) {
			if number, err := strconv.Atoi(child); err == nil {
				members = append(members, family(number)...)
			}
		}
	}
	return members
}

// heldBy reads from /proc/PID/status how much memory a process holds that is in no file.
func heldBy(status string) (held int) {
	for line := range strings.Lines(status) {
		name, value, _ := strings.Cut(line, ":")
		if name != "RssAnon" && name != "RssShmem" {
			continue
		}
		if kilobytes, err := strconv.Atoi(strings.TrimSuffix(strings.TrimSpace(value), " kB")); err == nil {
			held += kilobytes << 10
		}
	}
	return held
}

// glutton says which of the processes is to be ended, if any is: the greediest of those that show pages, or Chromium itself where it is the one that
// grows.
func glutton(members []eater) (pid int) {
	var greediest eater
	all := 0
	for _, member := range members {
		all += member.memory
		if member.shows && member.memory > greediest.memory {
			greediest = member
		}
	}
	switch {
	case greediest.memory > mostOfATab, all > mostOfChromium && greediest.memory > mostOfChromium/8:
		return greediest.pid
	case all > mostOfChromium && len(members) > 0:
		return members[0].pid
	}
	return 0
}

// feed sees to it that no page of Chromium's uses up the memory of the machine.
func (c *chromium) feed(pid int) {
	tick := time.NewTicker(meals)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			if found := glutton(family(pid)); found != 0 {
				c.gorged.Store(time.Now().UnixNano())
				if process, err := os.FindProcess(found); err == nil {
					_ = process.Kill() // it may have ended
				}
			}
		case <-c.root.Done():
			return
		}
	}
}

// whyCrashed says why a tab has just ended by itself.
func (c *chromium) whyCrashed() string {
	const before = 3 * time.Second // that we ended one
	if time.Since(time.Unix(0, c.gorged.Load())) < before {
		return fmt.Sprintf("uses more than %d MiB of memory: its tab was ended", mostOfATab>>20)
	}
	return "has crashed its tab: pages that use up their memory do that"
}
