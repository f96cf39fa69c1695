package main

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"os/user"
	"runtime/debug"
	"strings"

	"github.com/mattn/go-runewidth"
	"github.com/spf13/pflag"
	"golang.org/x/term"

	"github.com/fapitest/fapitest/harness/requirement"
	"github.com/fapitest/fapitest/harness/verdict"
	"github.com/fapitest/fapitest/harness/wire"
	"github.com/fapitest/fapitest/reports/terminal"
)

// The rules of what we print:
//
//   - Results go to standard output, everything else to standard error.
//   - What goes wrong is one sentence that begins with "fapitest:" and says what to do. No stack traces.
//   - Sentences about us begin in lower case and end without a full stop.
//   - Colour only on a terminal, only where a word or a sign says the same, and never with NO_COLOR.
//   - Progress is one line that is written over, on a terminal; elsewhere a line now and then.

func (a *app) print(text string) { _, _ = io.WriteString(a.out, text) }

func (a *app) printf(format string, args ...any) { _, _ = fmt.Fprintf(a.out, format, args...) }

// tell prints a line to standard error. A server's words may be in it, which are no commands to the CI system that reads the log.
func (a *app) tell(format string, args ...any) {
	_, _ = io.WriteString(a.err, terminal.Inert(fmt.Sprintf(format, args...))+"\n")
}

// fail prints what is wrong and returns the exit code for it.
func (a *app) fail(format string, args ...any) int {
	a.tell("fapitest: "+format, args...)
	return exitUsage
}

// flags returns a flag set that prints the given help and not a generated one.
func (a *app) flags(name, help string) *pflag.FlagSet {
	flags := pflag.NewFlagSet(name, pflag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.SortFlags = false
	flags.Usage = func() { a.help(help) }
	return flags
}

// parse parses arguments; done is true where the command has nothing more to do.
func (a *app) parse(flags *pflag.FlagSet, args []string) (code int, done bool) {
	err := flags.Parse(args)
	switch {
	case err == nil:
		return 0, false
	case errors.Is(err, pflag.ErrHelp):
		return exitConformant, true
	}
	words := err.Error()
	var unknown *pflag.NotExistError
	if errors.As(err, &unknown) && len(unknown.GetSpecifiedName()) > 1 {
		var names []string
		flags.VisitAll(func(flag *pflag.Flag) { names = append(names, flag.Name) })
		words = fmt.Sprintf("there is no flag --%s; the nearest is --%s", unknown.GetSpecifiedName(), closest(unknown.GetSpecifiedName(), names))
	}
	return a.fail("%s; see fapitest %s --help", words, flags.Name()), true
}

// colour says whether a stream may be coloured.
func (a *app) colour(stream io.Writer) bool {
	return a.env("NO_COLOR") == "" && isTerminal(stream)
}

func isTerminal(stream any) bool {
	file, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(file.Fd()))
}

// width is the terminal's, 80 where there is none.
func width(stream any) int {
	if file, ok := stream.(*os.File); ok {
		if columns, _, err := term.GetSize(int(file.Fd())); err == nil && columns > 0 {
			return min(columns, 160)
		}
	}
	return 80
}

func nearest(word string, words []string) string { return requirement.Nearest(word, words) }

// closest is nearest among words that are no ids, of which a part is none.
func closest(word string, words []string) string {
	for _, candidate := range words {
		if strings.HasPrefix(candidate, word) {
			return candidate
		}
	}
	best := requirement.Nearest(word, words)
	for _, candidate := range words {
		if candidate == best || strings.HasPrefix(candidate, best+"-") {
			return candidate
		}
	}
	return best
}

// Set by the linker: see the Makefile. A binary that was built otherwise asks what Go has noted of its making.
var builtVersion, builtCommit string

// version is what the binary knows of its own making.
func version() verdict.Tool {
	tool := verdict.Tool{Name: "fapitest", Version: "development", Commit: "unknown"}
	if builtCommit != "" {
		tool.Version, tool.Commit = builtVersion, builtCommit
		return tool
	}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return tool
	}
	if info.Main.Version != "" && info.Main.Version != "(devel)" {
		tool.Version = info.Main.Version
	}
	for _, setting := range info.Settings {
		if setting.Key == "vcs.revision" {
			tool.Commit = setting.Value
		}
	}
	return tool
}

// tool is version, with the digest of the binary; without it where the binary can't be read.
func (a *app) tool() verdict.Tool {
	tool := version()
	path, err := a.self()
	if err != nil {
		return tool
	}
	if tool.Digest, err = fileDigest(path); err != nil {
		a.tell("the report does not name this binary's digest: %s", err)
	}
	return tool
}

// fileDigest is wire.Digest of a file, however large.
func fileDigest(path string) (string, error) {
	file, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer func() { _ = file.Close() }()
	return digestOf(file)
}

func digestOf(content io.Reader) (string, error) {
	hash := sha256.New()
	if _, err := io.Copy(hash, content); err != nil {
		return "", err
	}
	return "sha256:" + hex.EncodeToString(hash.Sum(nil)), nil
}

// operator is who runs this, and on which host, as far as the system tells.
func operator() string {
	name, host := "unknown", "unknown"
	if current, err := user.Current(); err == nil && current.Username != "" {
		name = current.Username
	}
	if own, err := os.Hostname(); err == nil && own != "" {
		host = own
	}
	return wire.Printable(name + "@" + host)
}

// hanging is wrap with a first line that begins with something else, under which the others are indented.
func hanging(begin, text string, columns int) string {
	indent := strings.Repeat(" ", runewidth.StringWidth(begin))
	wrapped := wrap(text, indent, columns)
	if wrapped == "" {
		return strings.TrimRight(begin, " ") + "\n"
	}
	return begin + strings.TrimPrefix(wrapped, indent)
}

// wrap breaks text into lines of at most columns, each with the prefix.
func wrap(text, prefix string, columns int) string {
	var b strings.Builder
	for _, line := range terminal.Wrap(text, columns-runewidth.StringWidth(prefix)) {
		b.WriteString(prefix + line + "\n")
	}
	return b.String()
}
