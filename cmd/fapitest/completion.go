package main

import (
	"context"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/fapitest/fapitest/fixtures/eccentrics"
	"github.com/fapitest/fapitest/harness/verdict"
	"github.com/fapitest/fapitest/reports"
	"github.com/fapitest/fapitest/suites"
	"github.com/fapitest/fapitest/suites/profiles"
	"github.com/fapitest/fapitest/suites/selftest"
)

const completionHelp = `Usage: fapitest completion bash|zsh|fish

Prints a script with which a shell completes commands, flags, clauses, profiles, formats and
mutants:

    source <(fapitest completion bash)                                    in ~/.bashrc
    source <(fapitest completion zsh)                                     in ~/.zshrc
    fapitest completion fish > ~/.config/fish/completions/fapitest.fish
`

const manHelp = `Usage: fapitest man

Prints the manual page, made of what --help says: fapitest man | man -l -
`

// completeName is the command that the scripts ask for what fits: all words up to the one that is being typed.
const completeName = "__complete"

// The scripts ask the binary, so that they are never older than it is. Where it has nothing to say they complete files.
var completions = map[string]string{
	"bash": `_fapitest() {
    local IFS=$'\n'
    COMPREPLY=($(fapitest ` + completeName + ` "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
}
complete -o default -F _fapitest fapitest
`,
	"zsh": `_fapitest() {
    local -a found
    found=("${(@f)$(fapitest ` + completeName + ` "${(@)words[2,CURRENT]}" 2>/dev/null)}")
    if [[ -n "$found[1]" ]]; then compadd -a found; else _files; fi
}
compdef _fapitest fapitest
`,
	"fish": `complete -c fapitest -a '(fapitest ` + completeName + ` (commandline -opc)[2..-1] (commandline -ct) 2>/dev/null)'
`,
}

func (a *app) completion(_ context.Context, args []string) int {
	flags := a.flags("completion", completionHelp)
	if code, done := a.parse(flags, args); done {
		return code
	}
	script := completions[flags.Arg(0)]
	if flags.NArg() != 1 || script == "" {
		return a.fail("completion needs the name of a shell: %s", strings.Join(slices.Sorted(maps.Keys(completions)), ", "))
	}
	a.print(script)
	return exitConformant
}

// complete prints what the last word may become, a line each.
func (a *app) complete(words []string) int {
	if len(words) == 0 {
		return exitConformant
	}
	current := words[len(words)-1]
	for _, candidate := range candidates(words) {
		if strings.HasPrefix(candidate, current) {
			a.print(candidate + "\n")
		}
	}
	return exitConformant
}

// helpFlag is a flag as a help text lists it: its letter, its name, and what its value is called.
var helpFlag = regexp.MustCompile(`(?m)^ +(?:(-[a-z]), )?(--[a-z-]+)(?: ([A-Z]+))?`)

// candidates is what may stand where the last word does.
func candidates(words []string) []string {
	var names []string
	help := ""
	for _, command := range commands() {
		names = append(names, command.name)
		if command.name == words[0] {
			help = command.help
		}
	}
	if len(words) == 1 {
		return append(names, "help", "version")
	}
	current, previous := words[len(words)-1], words[len(words)-2]
	flags := []string{"--help"}
	for _, flag := range helpFlag.FindAllStringSubmatch(help, -1) {
		flags = append(flags, flag[2])
		if flag[3] != "" && (previous == flag[1] || previous == flag[2]) && previous != "" {
			return values(words[0], flag[2])
		}
	}
	if strings.HasPrefix(current, "-") {
		return flags
	}
	switch words[0] {
	case "run", "list", "explain":
		catalogue, err := suites.Catalogue()
		if err != nil {
			return nil
		}
		var ids []string
		for _, entry := range catalogue.Entries {
			ids = append(ids, entry.ID)
		}
		return ids
	case "selftest":
		return broken()
	case "help":
		return names
	case "completion":
		return slices.Sorted(maps.Keys(completions))
	}
	return nil
}

// values are what a flag may be; nothing: a file, or anything.
func values(command, flag string) []string {
	var list []string
	switch flag {
	case "--profile":
		for _, declaration := range profiles.All() {
			list = append(list, declaration.ID)
		}
	case "--mutant":
		return broken()
	case "--consent":
		return []string{"browser", "form", "person"}
	case "--fail-on":
		for _, word := range verdict.FailOns() {
			list = append(list, string(word))
		}
	case "--format":
		switch command {
		case "list", "diff", "selftest":
			return []string{"text", "markdown", "json"}
		}
		for _, format := range reports.Formats("") {
			list = append(list, format.Name)
		}
	}
	return list
}

// broken names the mutants and the eccentrics.
func broken() []string {
	var list []string
	for _, mutant := range selftest.Mutants() {
		list = append(list, mutant.Name)
	}
	for _, eccentric := range eccentrics.All() {
		list = append(list, eccentric.Name)
	}
	return list
}

// man prints the manual page. What stands in a help text is set out already, and stays as it is.
func (a *app) man(_ context.Context, args []string) int {
	flags := a.flags("man", manHelp)
	if code, done := a.parse(flags, args); done {
		return code
	}
	verbatim := func(text string) {
		text = strings.ReplaceAll(strings.ReplaceAll(text, `\`, `\e`), "-", `\-`)
		a.print(".nf\n")
		for line := range strings.Lines(text) {
			if strings.HasPrefix(line, ".") || strings.HasPrefix(line, "'") {
				line = `\&` + line
			}
			a.print(line)
		}
		a.print(".fi\n")
	}
	a.printf(".TH FAPITEST 1 \"\" \"fapitest %s\"\n.SH NAME\nfapitest \\- test FAPI servers\n.SH DESCRIPTION\n", strings.ReplaceAll(version().Version, `"`, ""))
	verbatim(usage)
	for _, command := range commands() {
		a.print(fmt.Sprintf(".SH FAPITEST %s\n", strings.ToUpper(command.name)))
		verbatim(command.help)
	}
	return exitConformant
}
