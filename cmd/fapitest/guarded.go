package main

import "github.com/fapitest/fapitest/harness/target"

// warnOfExposed says which private keys others may read.
func (a *app) warnOfExposed(files ...string) {
	for _, file := range files {
		a.tell("warning: %s holds a private key, and others may read it: chmod 600 %s", file, file)
	}
}

// warnIfExposed is warnOfExposed for a file that may be one.
func (a *app) warnIfExposed(file string) {
	if target.ReadableByOthers(file) {
		a.warnOfExposed(file)
	}
}
