// Package json writes and reads the report as our file format. Every other format derives from it.
package json

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/fapitest/fapitest/harness/requirement"
	"github.com/fapitest/fapitest/harness/verdict"
	"github.com/fapitest/fapitest/harness/wire"
	"github.com/fapitest/fapitest/reports/internal/wording"
)

// Largest is how many bytes a report may have to be read.
const Largest = 64 << 20

// document is the report as it stands in the file: what was said stands in one table, however many experiments built on it, and the
// experiments say what it was to them.
type document struct {
	*verdict.Report
	Requirements []result    `json:"requirements"`
	Judgements   []judgement `json:"judgements"`
	Exchanges    []*exchange `json:"exchanges"` // without what they were to an experiment
	Fields       []field     `json:"fields"`
	Texts        []text      `json:"texts"`
}

type result struct {
	verdict.Result
	Specs []spec `json:"specs"`
}

type spec struct {
	verdict.Spec
	Sentence  *int     `json:"sentence,omitempty"` // a place in texts
	Exchanges []use    `json:"exchanges"`
	Curl      []string `json:"curl,omitempty"` // commands that send again what was not answered as expected, with secrets in variables of the shell; made of the exchanges, and not read
}

// use is what an exchange was to an experiment: a list of the place of the exchange in its table, the place of what was judged in judgements (-1: nothing was)
// and the place of the control among the exchanges. What is not there is left out at the end.
type use struct{ exchange, judgement, control int }

// MarshalJSON writes the list.
func (u use) MarshalJSON() ([]byte, error) {
	list := []int{u.exchange, u.judgement, u.control}
	for len(list) > 1 && list[len(list)-1] < 0 {
		list = list[:len(list)-1]
	}
	return json.Marshal(list)
}

// UnmarshalJSON reads what MarshalJSON writes.
func (u *use) UnmarshalJSON(data []byte) error {
	var list []int
	if err := json.Unmarshal(data, &list); err != nil {
		return err
	}
	if len(list) == 0 || len(list) > 3 {
		return fmt.Errorf("what an exchange was is a list of one to three places, not of %d", len(list))
	}
	*u = use{list[0], -1, -1}
	if len(list) > 1 {
		u.judgement = list[1]
	}
	if len(list) > 2 {
		u.control = list[2]
	}
	return nil
}

// judgement is what an exchange was expected to come to, and came to.
type judgement struct {
	Role     wire.Role     `json:"role,omitempty"`
	Sentence *int          `json:"sentence,omitempty"` // a place in texts
	Expected wire.Decision `json:"expected,omitempty"`
	Judged   wire.Decision `json:"judged,omitempty"`
	Because  *int          `json:"because,omitempty"` // a place in texts
}

// Write writes the report: its particulars first, then a line for every requirement, for every exchange, and for what exchanges repeat. Lists are never null in
// it, so that consumers in other languages can walk them without a look.
func Write(w io.Writer, r *verdict.Report) error {
	d, exchanges, repeated, err := tabled(r)
	if err != nil {
		return err
	}
	head, err := encoded(struct {
		*verdict.Report
		Requirements any `json:"requirements,omitempty"` // nil: they follow
	}{Report: d.Report}, true)
	if err != nil {
		return err
	}
	b := bufio.NewWriter(w)
	_, _ = b.Write(bytes.TrimSuffix(head, []byte("\n}"))) // Flush has the error of all
	requirements := make([][]byte, len(d.Requirements))
	for i, requirement := range d.Requirements {
		if requirements[i], err = encoded(requirement, false); err != nil {
			return err
		}
	}
	lines(b, "requirements", requirements)
	lines(b, "judgements", repeated.judgements.lines)
	lines(b, "exchanges", exchanges.lines)
	lines(b, "fields", repeated.fields.lines)
	lines(b, "texts", repeated.texts.lines)
	_, _ = b.WriteString("\n}\n")
	return b.Flush()
}

func lines(b *bufio.Writer, member string, elements [][]byte) {
	_, _ = b.WriteString(",\n  \"" + member + "\": [")
	for i, element := range elements {
		if i > 0 {
			_ = b.WriteByte(',')
		}
		_, _ = b.WriteString("\n")
		_, _ = b.Write(element)
	}
	_ = b.WriteByte(']')
}

// encoded is JSON in which a URL can be searched for as it was sent.
func encoded(value any, indented bool) ([]byte, error) {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if indented {
		encoder.SetIndent("", "  ")
	}
	if err := encoder.Encode(value); err != nil {
		return nil, fmt.Errorf("the report can't be written: %w", err)
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

// tabled is a copy of the report in which missing lists are empty ones, the table of its exchanges in JSON, and the tables of what they repeat.
// What is the same to the last letter stands there once.
func tabled(r *verdict.Report) (*document, *table, *compact, error) {
	c := *r
	if c.Counts == nil {
		c.Count()
	}
	c.Target.Clients = list(c.Target.Clients)
	d := &document{Report: &c, Requirements: []result{}}
	exchanges, short := newTable(), &compact{began: r.Started, fields: newTable(), texts: newTable(), judgements: newTable()}
	for _, of := range r.Requirements {
		copied := result{Result: of, Specs: []spec{}}
		for _, one := range of.Specs {
			uses, byID := []use{}, map[string]int{}
			for _, exchange := range one.Exchanges {
				said, err := encoded(short.exchange(exchange.Unjudged()), false)
				if err = errors.Join(err, short.err); err != nil {
					return nil, nil, nil, err
				}
				at := exchanges.line(said)
				judged, err := short.judgement(exchange)
				if err != nil {
					return nil, nil, nil, err
				}
				uses = append(uses, use{at, judged, -1})
				if _, known := byID[exchange.ID]; !known {
					byID[exchange.ID] = at
				}
			}
			for i, exchange := range one.Exchanges {
				if at, known := byID[exchange.Control]; known && exchange.Control != "" {
					uses[i].control = at
				}
			}
			copied.Specs = append(copied.Specs, spec{Spec: one, Sentence: short.text(one.Sentence), Exchanges: uses, Curl: commands(one)})
		}
		d.Requirements = append(d.Requirements, copied)
	}
	return d, exchanges, short, short.err
}

// untabled is the report of a document. The error names what can't be found in the table.
func untabled(d *document) (*verdict.Report, error) {
	report := d.Report
	report.Requirements = []verdict.Result{}
	w := &whole{began: report.Started, fields: d.Fields, texts: d.Texts}
	w.unfoldAll()
	table := make([]*wire.Exchange, len(d.Exchanges))
	for i, short := range d.Exchanges {
		if short != nil {
			table[i] = w.exchange(short)
		}
	}
	if w.err != nil {
		return nil, w.err
	}
	for _, of := range d.Requirements {
		result := of.Result
		result.Specs = []verdict.Spec{}
		for _, one := range of.Specs {
			copied := one.Spec
			copied.Sentence, copied.Exchanges = w.text(one.Sentence), []*wire.Exchange{}
			for _, use := range one.Exchanges {
				exchange, err := use.of(table, d.Judgements, w)
				if err != nil {
					return nil, fmt.Errorf("%.80q: %w", result.ID, err)
				}
				copied.Exchanges = append(copied.Exchanges, exchange)
			}
			result.Specs = append(result.Specs, copied)
		}
		report.Requirements = append(report.Requirements, result)
	}
	return report, w.err
}

// of is the exchange with what it was to an experiment.
func (u use) of(table []*wire.Exchange, judgements []judgement, w *whole) (*wire.Exchange, error) {
	if u.exchange < 0 || u.exchange >= len(table) || table[u.exchange] == nil {
		return nil, fmt.Errorf("there is no exchange %d in its table", u.exchange)
	}
	exchange := table[u.exchange].Unjudged()
	switch {
	case u.judgement >= len(judgements):
		return nil, fmt.Errorf("there is no judgement %d in its table", u.judgement)
	case u.judgement >= 0:
		j := judgements[u.judgement]
		exchange.Role, exchange.Expected, exchange.Judged, exchange.Sentence, exchange.Because = j.Role, j.Expected, j.Judged, w.text(j.Sentence), w.text(j.Because)
	}
	switch {
	case u.control >= len(table), u.control >= 0 && table[u.control] == nil:
		return nil, fmt.Errorf("there is no exchange %d in its table", u.control)
	case u.control >= 0:
		exchange.Control = table[u.control].ID
	}
	return exchange, nil
}

// mostCommands is how many commands of one experiment are written.
const mostCommands = 10

// commands send again what was not answered as expected in a red experiment.
func commands(spec verdict.Spec) (list []string) {
	if !spec.Verdict.Red() {
		return nil
	}
	for _, exchange := range spec.Exchanges {
		if wording.Mark(exchange) == "" || len(list) == mostCommands {
			continue
		}
		if command := wording.Curl(exchange); command != "" {
			list = append(list, command)
		}
	}
	return list
}

func list[T any](s []T) []T {
	if s == nil {
		return []T{}
	}
	return s
}

// Read reads a report. It refuses what it can't be sure to understand; members that it does not know are not among that, because a
// later version of the tool may have added them. Verdicts and conclusion are made again from what they were made of, and a report in which they do not follow from
// it is refused too.
func Read(r io.Reader) (*verdict.Report, error) {
	data, err := io.ReadAll(io.LimitReader(r, Largest+1))
	if err != nil {
		return nil, fmt.Errorf("the report can't be read: %w", err)
	}
	if len(data) > Largest {
		return nil, fmt.Errorf("the report is larger than %d MiB", Largest>>20)
	}
	// The schema is asked for first: what has another one may differ in everything else.
	var head struct {
		Schema string `json:"schema"`
	}
	if err := json.Unmarshal(data, &head); err != nil {
		return nil, notAReport(err)
	}
	switch head.Schema {
	case verdict.Schema:
	case "":
		return nil, errors.New("this is not a fapitest report: it names no schema")
	default:
		return nil, fmt.Errorf("the report has the schema %.80q, and this version of fapitest reads %q", head.Schema, verdict.Schema)
	}
	// Numbers keep their spelling, so that what is written again is the same to the last digit.
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	read := &document{Report: &verdict.Report{}}
	if err := decoder.Decode(read); err != nil {
		return nil, notAReport(err)
	}
	report, err := untabled(read)
	if err != nil {
		return nil, fmt.Errorf("the report can't be used: %w", err)
	}
	if err := check(report); err != nil {
		return nil, fmt.Errorf("the report can't be used: %w", err)
	}
	if err := report.Follows(); err != nil {
		return nil, fmt.Errorf("the report contradicts itself: %w", err)
	}
	return report, nil
}

func notAReport(err error) error {
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		return fmt.Errorf("this is not a fapitest report: it is not JSON: %w", err)
	}
	return fmt.Errorf("this is not a fapitest report: %w", err)
}

// check looks for words that the other formats would have to guess at.
func check(r *verdict.Report) error {
	if !slices.Contains([]verdict.Conclusion{verdict.Conformant, verdict.NotConformant, verdict.Inconclusive}, r.Conclusion) {
		return fmt.Errorf("there is no conclusion %.80q", r.Conclusion)
	}
	for v := range r.Counts {
		if !slices.Contains(verdict.All(), v) {
			return fmt.Errorf("there is no verdict %.80q, which its counts name", v)
		}
	}
	known := map[string]bool{}
	for i, result := range r.Requirements {
		switch {
		case result.ID == "":
			return fmt.Errorf("its requirement %d has no id", i+1)
		case known[result.ID]:
			return fmt.Errorf("%.80q stands in it twice", result.ID)
		case !slices.Contains(verdict.All(), result.Verdict):
			return fmt.Errorf("there is no verdict %.80q, which %.80q has", result.Verdict, result.ID)
		case !slices.Contains(levels(), result.Level):
			return fmt.Errorf("there is no level %.80q, which %.80q has", result.Level, result.ID)
		}
		known[result.ID] = true
		for _, spec := range result.Specs {
			if err := checkSpec(spec); err != nil {
				return fmt.Errorf("%.80q: %w", result.ID, err)
			}
		}
	}
	return r.Gate.Check(r)
}

func levels() []requirement.Level {
	return []requirement.Level{requirement.Shall, requirement.ShallNot, requirement.Should, requirement.ShouldNot, requirement.May}
}

func checkSpec(spec verdict.Spec) error {
	if !slices.Contains(verdict.All(), spec.Verdict) {
		return fmt.Errorf("there is no verdict %.80q, which an experiment has", spec.Verdict)
	}
	for _, exchange := range spec.Exchanges {
		for _, decision := range []wire.Decision{exchange.Expected, exchange.Judged} {
			switch decision {
			case "", wire.Accepted, wire.Refused, wire.Undecided, wire.Confused:
			default:
				return fmt.Errorf("there is no decision %.80q", decision)
			}
		}
		switch exchange.Role {
		case "", wire.RoleControl, wire.RoleClaim:
		default:
			return fmt.Errorf("there is no role %.80q", exchange.Role)
		}
	}
	return nil
}
