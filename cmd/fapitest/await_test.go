package main

import (
	"os"
	"time"
)

// appears waits up to half a minute for a file that another process writes.
func appears(path string) bool {
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	limit := time.After(30 * time.Second)
	for {
		if _, err := os.Stat(path); err == nil {
			return true
		}
		select {
		case <-tick.C:
		case <-limit:
			return false
		}
	}
}
