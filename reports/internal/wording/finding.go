package wording

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/fapitest/fapitest/harness/verdict"
	"github.com/fapitest/fapitest/harness/wire"
)

// Case is one thing that experiments saw. Specs and clients that saw the same are one case.
type Case struct {
	Verdict   verdict.Verdict
	Sentences []string
	Clients   []string
	Rows      []Row
	Says      []string // the lines of what was wrong, where the rows don't say it already; or why nothing is known
	Notes     []string // what has to be known to understand it
	Specs     []verdict.Spec
	Indices   []int // of Specs, among those of the result
}

// Row is one request and its answer, as a line.
type Row struct {
	Label  string
	Answer string // the status, or "no answer"
	Mark   string // what was expected instead; empty where the answer was the expected one, or nobody judged it
}

// Cases groups the specs of a result that came to one of the given verdicts: first those with the first verdict.
func Cases(result verdict.Result, verdicts ...verdict.Verdict) []Case {
	var cases []Case
	known := map[string]int{}
	for _, v := range verdicts {
		for i, spec := range result.Specs {
			if spec.Verdict != v {
				continue
			}
			rows := Rows(spec)
			says := says(spec, rows)
			key := fmt.Sprint(v, rows, says)
			at, seen := known[key]
			if !seen {
				at = len(cases)
				known[key] = at
				cases = append(cases, Case{Verdict: v, Rows: rows, Says: says})
			}
			c := &cases[at]
			c.Specs, c.Indices = append(c.Specs, spec), append(c.Indices, i)
			c.Sentences = appendNew(c.Sentences, Line(spec.Sentence, shortText))
			c.Clients = appendNew(c.Clients, Line(spec.Client, 80))
			for _, note := range spec.Notes {
				c.Notes = appendNew(c.Notes, Line(note, shortText))
			}
		}
	}
	return cases
}

func appendNew(list []string, text string) []string {
	if text == "" || slices.Contains(list, text) {
		return list
	}
	return append(list, text)
}

// Seen says as which clients a case was seen, where several tried: "as fapi-one, not as fapi-two". Result is what the case belongs
// to. Clients with which the same experiment came to nothing don't count as those with which it was not seen.
func (c Case) Seen(result verdict.Result) string {
	var others []string
	for _, spec := range result.Specs {
		if spec.Verdict != verdict.Pass || !slices.Contains(c.Sentences, Line(spec.Sentence, shortText)) {
			continue
		}
		if client := Line(spec.Client, 80); !slices.Contains(c.Clients, client) {
			others = appendNew(others, client)
		}
	}
	switch {
	case len(others) > 0:
		return "as " + enumerate(c.Clients) + ", not as " + enumerate(others)
	case len(c.Clients) > 3 && len(c.Clients) == len(clientsOf(result)):
		return fmt.Sprintf("as every client that tried (%d)", len(c.Clients))
	case len(c.Clients) > 1:
		return "as " + enumerate(c.Clients)
	}
	return ""
}

// clientsOf are the clients as which a requirement was tried.
func clientsOf(result verdict.Result) []string {
	var clients []string
	for _, spec := range result.Specs {
		if spec.Verdict != verdict.NotApplicable {
			clients = appendNew(clients, Line(spec.Client, 80))
		}
	}
	return clients
}

// Rows lists what a reader has to see of a spec's exchanges: what was judged, and what was changed on the way there.
func Rows(spec verdict.Spec) []Row {
	shown := shownExchanges(spec.Exchanges)
	steps := map[string]bool{}
	for _, exchange := range shown {
		steps[exchange.Step] = true
	}
	var rows []Row
	controls := map[string]bool{}
	changed := false
	for i, exchange := range shown {
		row := Row{
			Label:  label(exchange, shown, i, len(steps) > 1, controls[exchange.Step], changed),
			Answer: AnswerWord(exchange), Mark: Mark(exchange),
		}
		if exchange.Role == wire.RoleControl && exchange.Deviation == "" {
			controls[exchange.Step] = true
		}
		changed = changed || exchange.Deviation != ""
		rows = append(rows, row)
	}
	return collapse(rows)
}

// shownExchanges are those with a role, and those in which something was changed although what came of it was judged later.
func shownExchanges(exchanges []*wire.Exchange) []*wire.Exchange {
	var shown []*wire.Exchange
	for _, exchange := range exchanges {
		if exchange != nil && !exchange.Stale && (exchange.Role != "" || exchange.Deviation != "") {
			shown = append(shown, exchange)
		}
	}
	return shown
}

func label(exchange *wire.Exchange, shown []*wire.Exchange, i int, severalSteps, afterControl, afterChange bool) string {
	step := orElse(Line(exchange.Step, shortText), "request")
	deviation := Line(exchange.Deviation, shortText)
	switch {
	case deviation != "" && afterControl:
		if severalSteps {
			return "the same " + step + ", " + deviation
		}
		return "the same, " + deviation
	case deviation != "":
		return "the " + step + ", " + deviation
	case exchange.Role == wire.RoleControl:
		if words := controlWords(exchange, shown[i+1:]); words != "" {
			return words
		}
		if severalSteps || !slices.ContainsFunc(shown, func(e *wire.Exchange) bool { return e.Role == wire.RoleClaim }) {
			return "the " + step + " as it should be"
		}
		return "the request as it should be"
	case afterChange:
		return "the " + step + " that follows"
	}
	return "the " + step
}

// controlWords takes the request out of a control's sentence, where it can be read alone: "accepts the request when the client
// authenticates" is about "the request when the client authenticates". The sentence speaks of the control's last exchange.
func controlWords(exchange *wire.Exchange, later []*wire.Exchange) string {
	for _, other := range later {
		if other.Role == wire.RoleControl && other.Sentence == exchange.Sentence {
			return ""
		}
	}
	words, found := strings.CutPrefix(Line(exchange.Sentence, shortText), "accepts ")
	if !found {
		return ""
	}
	return words
}

// collapse says identical rows that follow each other once.
func collapse(rows []Row) []Row {
	var out []Row
	for i := 0; i < len(rows); {
		n := 1
		for i+n < len(rows) && rows[i+n] == rows[i] {
			n++
		}
		row := rows[i]
		if n > 1 {
			row.Label += fmt.Sprintf(" (%d times)", n)
		}
		out = append(out, row)
		i += n
	}
	return out
}

// AnswerWord is the answer of an exchange in a word.
func AnswerWord(exchange *wire.Exchange) string {
	if exchange.Answer == nil {
		return "no answer"
	}
	if exchange.Answer.Status == 0 {
		// What a host makes of an offer in TLS has no status, and begins with a word that says it.
		if word, _, found := strings.Cut(exchange.Answer.Body, ":"); found && (word == string(wire.Accepted) || word == string(wire.Refused)) {
			return word
		}
		return "no answer"
	}
	return fmt.Sprint(exchange.Answer.Status)
}

// Mark says what was expected of an exchange where something else came.
func Mark(exchange *wire.Exchange) string {
	if exchange.Expected == "" || exchange.Judged == "" || exchange.Expected == exchange.Judged {
		return ""
	}
	switch exchange.Judged {
	case wire.Undecided, wire.Confused:
		return "no decision"
	case wire.Accepted, wire.Refused:
	}
	switch exchange.Expected {
	case wire.Accepted:
		return "expected an acceptance"
	case wire.Refused:
		return "expected a refusal"
	case wire.Undecided, wire.Confused:
	}
	return "expected otherwise"
}

// says is the message of a spec without what its rows say already.
func says(spec verdict.Spec, rows []Row) []string {
	message := spec.Message
	if slices.ContainsFunc(rows, func(row Row) bool { return row.Mark != "" }) {
		for _, known := range []string{"expected a refusal; the answer was:", "expected an acceptance; the answer was:"} {
			message, _, _ = strings.Cut(message, known)
		}
	}
	return Lines(message)
}

// Lines is a message as a few clean lines. What Gomega sets over four lines, with the types of the values, is read as one.
func Lines(message string) []string {
	const most = 12
	if about, comparison, found := strings.Cut("\n"+message, "\nExpected\n"); found {
		words := "expected"
		for _, line := range strings.Split(comparison, "\n") {
			line = strings.TrimSpace(line)
			if kind, value, typed := strings.Cut(line, ">: "); typed && strings.HasPrefix(kind, "<") {
				line = value
			}
			words += " " + line
		}
		switch about = strings.TrimSpace(about); {
		case about == "":
		case len(about)+len(words) > shortText:
			// The values are long and printed in no fixed order; what the experiment itself says of them is enough.
			words = about
		default:
			words = about + ": " + words
		}
		message = words
	}
	var lines []string
	for _, line := range strings.Split(Text(message, 4*longText), "\n") {
		if strings.TrimSpace(line) == "" {
			continue
		}
		if len(lines) == most {
			return append(lines, "…")
		}
		indent := len(line) - len(strings.TrimLeft(line, " \t"))
		lines = append(lines, strings.Repeat(" ", min(indent, 8))+Line(line, shortText))
	}
	return lines
}

// Short is a finding in a line: what was expected where, and what came instead.
func Short(result verdict.Result) string {
	words, row := result.Reason, ""
	for _, spec := range result.Specs {
		if spec.Verdict != result.Verdict {
			continue
		}
		if spec.Message != "" && words == "" {
			words = spec.Message
		}
		for _, r := range Rows(spec) {
			if r.Mark != "" && row == "" {
				row = fmt.Sprintf("%s: %s, %s", r.Label, r.Answer, r.Mark)
			}
		}
	}
	if row != "" {
		words = row
	}
	if words == "" {
		return Clause(result)
	}
	return Line(strings.Join(Lines(words), " "), longText)
}

// Clause is a requirement as it is read: "shall refuse a pushed authorization request whose client is not authenticated".
func Clause(result verdict.Result) string {
	if strings.HasSuffix(result.Says, ".") { // the catalogue's own sentence, where no clause is declared
		return Line(string(result.Level)+": "+result.Says, longText)
	}
	return Line(string(result.Level)+" "+result.Says, longText)
}

// Prose is text of ours at the length that is shown of it.
func Prose(text string) string { return Line(text, longText) }

// Why is the cause of a Blocked or Error in a line: that of the first spec that came to it, else the requirement's own.
func Why(result verdict.Result) string {
	for _, spec := range result.Specs {
		if spec.Verdict == result.Verdict && spec.Message != "" {
			return Line(spec.Message, longText)
		}
	}
	return Line(result.Reason, longText)
}

// Cause is Why without the request that it was seen at: what came of many requests for one reason has one cause.
func Cause(result verdict.Result) string {
	why := Why(result)
	for _, about := range []string{" was neither accepted nor refused: ", " that this builds on was refused: "} {
		if _, cause, found := strings.Cut(why, about); found {
			return cause
		}
	}
	return why
}

var (
	query  = regexp.MustCompile(`(https?://[^\s?#]*)[?#][^\s)]*`)
	random = regexp.MustCompile(`[A-Za-z0-9_-]*[0-9][A-Za-z0-9_-]*`)
)

// CauseKey is a cause by which it is known again: without what differs from one request to the next, the queries of addresses and words in
// them that are made by chance.
func CauseKey(cause string) string {
	cause = query.ReplaceAllString(cause, "$1")
	return random.ReplaceAllStringFunc(cause, func(word string) string {
		if len(word) < 12 {
			return word
		}
		return "…"
	})
}

// Again is the command that repeats a run for one requirement, in the same order. Command is how the run was started; empty: what the report knows of
// that.
func Again(r *verdict.Report, command, id string) string {
	if command == "" {
		command = "fapitest run"
		if file := cmp.Or(r.Target.Path, r.Target.File); file != "" {
			command += " -t " + shellWord(Line(file, longText))
		}
		if r.Target.Mutant != "" {
			command += " --mutant " + shellWord(Line(r.Target.Mutant, 80))
		}
		if r.Profile.ID != "" {
			command += " -p " + shellWord(Line(r.Profile.ID, 80))
		}
		if r.Thorough {
			command += " --thorough"
		}
		if r.Seed != 0 {
			command += fmt.Sprintf(" --seed %d", r.Seed)
		}
	}
	return command + " " + shellWord(Line(id, 80))
}

// shellWord quotes what a shell would not take for one word: the report may come from anywhere, and the line is there to be copied.
func shellWord(word string) string {
	plain := func(c rune) bool {
		return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.ContainsRune("-_./:@+,", c)
	}
	if word != "" && strings.IndexFunc(word, func(c rune) bool { return !plain(c) }) < 0 {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}
