//go:build !unix

package consent

import "os/exec"

// interpose is for systems with Unix pipes: elsewhere Chromium's messages are taken as they are.
func interpose(*exec.Cmd, func(session, what string)) (started func(), err error) {
	return func() {}, nil
}

// cleansUp is for Unix as well.
func cleansUp(*exec.Cmd) (done func()) { return func() {} }
