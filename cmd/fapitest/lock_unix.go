//go:build unix

package main

import (
	"errors"
	"fmt"
	"os"
	"syscall"

	"github.com/fapitest/fapitest/reports"
)

// lockOutput makes the directory of the reports, and keeps other runs out of it until it is unlocked or this process has ended. There is no file of it. Where
// a file system knows no locks there is none.
func lockOutput(output string) (unlock func(), err error) {
	if err := reports.MakeDir(output); err != nil {
		return nil, fmt.Errorf("-o %s can't be made (%s): name a directory that can be written to", output, reason(err))
	}
	dir, err := os.Open(output)
	if err != nil {
		return nil, fmt.Errorf("-o %s can't be read (%s): name another directory", output, reason(err))
	}
	err = syscall.Flock(int(dir.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		_ = dir.Close()
		return nil, fmt.Errorf("another run writes to -o %s: wait for its end, or name another directory", output)
	}
	return func() { _ = dir.Close() }, nil
}
