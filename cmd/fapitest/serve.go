package main

import (
	"context"
	"os"
	"path/filepath"
	"time"

	"github.com/fapitest/fapitest/fixtures/authserver"
	"github.com/fapitest/fapitest/fixtures/bench"
	"github.com/fapitest/fapitest/fixtures/eccentrics"
	"github.com/fapitest/fapitest/harness/scaffold"
	"github.com/fapitest/fapitest/suites/selftest"
)

const serveHelp = `Usage: fapitest serve [flags]

Runs the reference bank on loopback until it is interrupted. With -o, writes a target file, and
keys and a consent script beside it, with which another shell can test the bank:

    fapitest serve --mutant par-trusts-client-id -o broken.yaml
    fapitest run -t broken.yaml

      --mutant NAME       a bank that is broken, or eccentric, in this way
      --list              name them all, and stop
  -o, --output FILE       where the target file goes
      --latency TIME      delay every answer: 50ms
      --log FILE          gets one line for every request: when it came, what for, and the answer
      --port PORT         of the pages; the next one is for mutual TLS (default: any that are free)
`

func (a *app) serve(ctx context.Context, args []string) int {
	flags := a.flags("serve", serveHelp)
	name := flags.String("mutant", "", "")
	list := flags.Bool("list", false, "")
	output := flags.StringP("output", "o", "", "")
	latency := flags.Duration("latency", 0, "")
	port := flags.Int("port", 0, "")
	logFile := flags.String("log", "", "")
	if code, done := a.parse(flags, args); done {
		return code
	}
	if *list {
		a.listBanks()
		return exitConformant
	}
	switch {
	case flags.NArg() > 0:
		return a.fail("serve takes no arguments, only flags; did you mean --mutant %s?", flags.Arg(0))
	case *latency < 0 || *latency > time.Minute:
		return a.fail("--latency is between 0 and 1m, not %s", *latency)
	case *port < 0 || *port > 65534:
		return a.fail("--port is between 1 and 65534, not %d", *port)
	}
	options := bench.Options{RealTime: true, Latency: *latency, Port: *port}
	if *logFile != "" {
		file, err := os.OpenFile(*logFile, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
		if err != nil {
			return a.fail("--log: %s", err)
		}
		defer func() { _ = file.Close() }() // every line was written when it was made
		options.Log = file
	}
	embedded, err := selftest.Start(*name, options)
	if err != nil {
		return a.fail("%s", err)
	}
	defer func() { _ = embedded.Close() }()
	if *output != "" {
		if err := scaffold.WriteFile(*output, embedded.FileSpec()); err != nil {
			return a.fail("%s", err)
		}
		a.tell("the target file is %s; in another shell: fapitest run -t %s", *output, filepath.Clean(*output))
	}
	a.printf("%s\n", embedded.Bank.Issuer())
	a.tell("the bank is listening; user %s, password %s; interrupt to stop it", authserver.UserName, authserver.UserPassword)
	<-ctx.Done()
	return exitConformant
}

func (a *app) listBanks() {
	a.print("eccentric, and legal:\n\n")
	for _, e := range eccentrics.All() {
		a.printf("  %s\n", e.Name)
		a.print(wrap(e.Legal, "      ", width(a.out)))
	}
	a.print("\nbroken; the requirement, and the mistake:\n\n")
	for _, m := range selftest.Mutants() {
		a.printf("  %s  (%s)\n", m.Name, m.Breaks.ID)
		a.print(wrap("a bank that "+m.How, "      ", width(a.out)))
	}
}
