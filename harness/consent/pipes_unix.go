//go:build unix

package consent

import (
	"os"
	"os/exec"
	"syscall"
)

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
