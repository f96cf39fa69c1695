package consent

import (
	"os/exec"
	"syscall"
)

// diesWithUs has a process end when this one does, however that comes about.
func diesWithUs(command *exec.Cmd) {
	if command.SysProcAttr == nil {
		command.SysProcAttr = &syscall.SysProcAttr{}
	}
	command.SysProcAttr.Pdeathsig = syscall.SIGKILL
}
