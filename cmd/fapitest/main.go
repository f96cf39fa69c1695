// Fapitest tests FAPI servers: authorization servers and resource servers of the financial-grade profiles of OAuth 2.0 and OpenID
// Connect. It plays a strict and a malicious client against them and reports with evidence which clauses they meet and which they break.
package main

import (
	"context"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/fapitest/fapitest/suites"
)

func main() {
	os.Exit(invoke())
}

// invoke is main with an exit code.
func invoke() int {
	ends := []os.Signal{os.Interrupt, syscall.SIGTERM}
	if !signal.Ignored(syscall.SIGHUP) { // nohup has it that way
		ends = append(ends, syscall.SIGHUP)
	}
	ctx, stop := signal.NotifyContext(context.Background(), ends...)
	defer stop()
	app := &app{in: os.Stdin, out: os.Stdout, err: os.Stderr, env: os.Getenv, self: os.Executable}
	return app.main(ctx, os.Args[1:])
}

// app is one invocation: its streams, its environment, and the path of the binary.
type app struct {
	in       io.Reader
	out, err io.Writer
	env      func(string) string
	self     func() (string, error) // the path of the binary, of which workers are made
	quiet    bool                   // run: no progress, and of the result the first line alone
	lines    *lines                 // run: where machines are told how it goes; nil: nobody asked for that
}

// The exit codes. They are part of the interface: pipelines read them.
const (
	exitConformant    = 0 // also: a partial run without a red, and every command that did what it was asked
	exitUsage         = 1 // wrong usage, a bad file, or an internal error
	exitNotConformant = 3
	exitInconclusive  = 4
)

type command struct {
	name string
	says string
	help string
	run  func(*app, context.Context, []string) int
}

func commands() []command {
	return []command{
		{"run", "test a server", runHelp, (*app).run},
		{"list", "requirements; with -t bank.yaml: what would run there, and why not", listHelp, (*app).list},
		{"explain", "a clause: how it is tested, what an attacker gains, how to fix it", explainHelp, (*app).explain},
		{"init", "write a target file from a server's metadata", initHelp, (*app).init},
		{"check", "a target file as it is understood, and what a run would do", checkHelp, (*app).check},
		{"selftest", "show that the suite works: reference, eccentrics, mutants", selftestHelp, (*app).selftest},
		{"serve", "run the reference bank, or a broken one, on loopback", serveHelp, (*app).serve},
		{"render", "a report in another format", renderHelp, (*app).render},
		{"attest", "sign what a run came to", attestHelp, (*app).attest},
		{"verify", "a signed result against its report, offline", verifyHelp, (*app).verify},
		{"diff", "what changed from one report to the next", diffHelp, (*app).diff},
		{"completion", "a script for the completion of a shell", completionHelp, (*app).completion},
		{"man", "the manual page", manHelp, (*app).man},
	}
}

func (a *app) main(ctx context.Context, args []string) int {
	if len(args) == 0 || args[0] == "help" || args[0] == "-h" || args[0] == "--help" {
		if len(args) > 1 {
			args = []string{args[1], "--help"}
		} else {
			a.help(usage)
			if len(args) == 0 {
				return exitUsage
			}
			return exitConformant
		}
	}
	if args[0] == selftestWorker {
		return a.workForSelftest(ctx)
	}
	if args[0] == "version" || args[0] == "--version" {
		a.printf("fapitest %s\n", version().Version)
		return exitConformant
	}
	if args[0] == workerName {
		return a.worker(ctx, args[1:])
	}
	if args[0] == completeName {
		return a.complete(args[1:])
	}
	for _, command := range commands() {
		if command.name == args[0] {
			// Where the catalogue and what Go declares of it disagree, no command's output can be trusted.
			if _, err := suites.Catalogue(); err != nil {
				return a.fail("%s", err)
			}
			return command.run(a, ctx, args[1:])
		}
	}
	var names []string
	for _, command := range commands() {
		names = append(names, command.name)
	}
	return a.fail("there is no command %q; the nearest is %q", args[0], nearest(args[0], names))
}

const usage = `fapitest tests FAPI servers, and reports with evidence which clauses they meet.

    fapitest run                     test the bank that comes with fapitest
    fapitest run -t bank.yaml        test yours
    fapitest init --issuer URL       write a first bank.yaml

Commands:

    run [CLAUSE...]      test a server
    list [CLAUSE...]     requirements; with -t bank.yaml: what would run there, and why not
    explain CLAUSE       a clause: how it is tested, what an attacker gains, how to fix it
    init                 write a target file from a server's metadata
    check                a target file as it is understood, and what a run would do
    selftest             show that the suite works: reference, eccentrics, mutants
    serve                run the reference bank, or a broken one, on loopback
    render REPORT        a report in another format
    attest REPORT        sign what a run came to
    verify ATTESTATION   a signed result against its report, offline
    diff OLD NEW         what changed from one report to the next
    completion SHELL     a script for the completion of bash, zsh or fish
    man                  the manual page

A CLAUSE is a requirement's id or the beginning of one: FAPI2-SP, FAPI2-SP-5.3.2.2,
FAPI2-SP-5.3.2.2-4, or 5.3.2.2-4 where it is clear which document is meant. Every command has
--help, and fapitest version says which one this is.

Environment: FAPITEST_ and the path of a key, in capitals and joined by underscores, replaces that
key of the target file: FAPITEST_ISSUER, FAPITEST_USER_PASSWORD, FAPITEST_CLIENTS_0_ID (items are
counted from 0). ${NAME} in a value of the file is the variable NAME. NO_COLOR: no colours.

Exit codes:

    0    conformant; for a partial run: nothing red; also where what is red is let pass (run --help)
    3    not conformant; of diff: something is worse
    4    inconclusive: something could not be tested, so nothing is claimed; of diff: something is
         no longer tested
    1    wrong usage, a bad file, or an internal error of fapitest

Results go to standard output, everything else to standard error.
`
