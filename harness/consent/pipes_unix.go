//go:build unix

package consent

import (
	"os"
	"os/exec"
	"strings"
	"syscall"
)

// sweeps is what a shell does that outlives us: when the pipe that it reads from is closed, by whatever ends us, it removes the browser's profile, if that is still
// there. Chromium, which ends then too, may write to it for a moment longer.
const sweeps = `read -r _; for _ in 1 2 3 4 5 6 7 8 9 10; do [ -e "$1" ] || exit 0; rm -rf -- "$1"; sleep 0.2; done`

// cleansUp has the profile of a Chromium removed, should we be killed before we can do it. It returns what has to be called when that is done.
func cleansUp(command *exec.Cmd) (done func()) {
	var profile string
	for _, argument := range command.Args {
		if dir, found := strings.CutPrefix(argument, "--user-data-dir="); found {
			profile = dir
		}
	}
	shell := exec.Command("/bin/sh", "-c", sweeps, "sh", profile)
	shell.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // what ends our group does not end it
	shell.Env = []string{"PATH=" + os.Getenv("PATH")}
	pipe, err := shell.StdinPipe()
	if err != nil || profile == "" || shell.Start() != nil {
		return func() {} // nobody cleans up, unless we do
	}
	return func() {
		_ = pipe.Close()
		_ = shell.Wait() // as above
	}
}

// interpose has what Chromium writes pass through narrow. It returns what has to be called once Chromium has started, or has not.
func interpose(command *exec.Cmd, tooLong func(session, what string)) (started func(), err error) {
	const writes = 1 // of the extra files: chromedp's convention, and Chromium's
	if len(command.ExtraFiles) <= writes {
		return func() {}, nil
	}
	from, theirs, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	// Of chromedp's own end it will close what it knows of.
	syscall.ForkLock.RLock()
	fd, err := syscall.Dup(int(command.ExtraFiles[writes].Fd()))
	if err == nil {
		syscall.CloseOnExec(fd)
	}
	syscall.ForkLock.RUnlock()
	if err != nil {
		_, _ = from.Close(), theirs.Close()
		return nil, err
	}
	to := os.NewFile(uintptr(fd), "to chromedp")
	command.ExtraFiles[writes] = theirs
	go func() {
		_ = narrow(to, from, tooLong) // until one of the two ends
		_, _ = from.Close(), to.Close()
	}()
	return func() { _ = theirs.Close() }, nil
}
