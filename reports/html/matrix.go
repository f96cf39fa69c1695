package html

import (
	"fmt"
	"slices"
	"strings"

	"github.com/fapitest/fapitest/harness/verdict"
	"github.com/fapitest/fapitest/reports/internal/wording"
)

// matrix shows what a server is like at a glance: topics by client.
type matrix struct {
	Clients []string
	Rows    []topic
}

// topic is a document, or of a profile's own document a section.
type topic struct {
	Name, Anchor string
	Cells        []cell // by client
}

// cell is what was seen of a topic as a client.
type cell struct {
	Verdict verdict.Verdict // the worst
	N       int             // of how many requirements; 0: none was tried as the client
	Title   string
}

// document is where the sections of a document begin.
type document struct{ Name, Anchor, Tally string }

func documentsOf(sections []*section) []document {
	var list []document
	all := map[string][]*requirementView{}
	for _, s := range sections {
		if all[s.Document] == nil {
			list = append(list, document{Name: s.Document, Anchor: s.Anchor})
		}
		all[s.Document] = append(all[s.Document], s.Requirements...)
	}
	for i := range list {
		red := 0
		for _, view := range all[list[i].Name] {
			if view.Verdict.Red() && !view.LeftOut {
				red++
			}
		}
		if list[i].Tally = fmt.Sprint(len(all[list[i].Name])); red > 0 {
			list[i].Tally = fmt.Sprintf("%d of %s red", red, list[i].Tally)
		}
	}
	return list
}

// matrixOf adds up the experiments of each topic by client. The first document is the profile's, and has the most in it: its sections are topics of their own.
func matrixOf(r *verdict.Report, clients []string, sections []*section) matrix {
	type seen map[string]map[verdict.Verdict]int // by client
	m := matrix{Clients: clients}
	verdicts := map[string]seen{}
	for _, result := range r.Requirements {
		key := topicOf(r, wording.Line(result.Document, 80), wording.Line(result.Document+" "+result.Section, 100))
		if verdicts[key] == nil {
			verdicts[key] = seen{}
		}
		for _, client := range clients {
			var own []verdict.Verdict
			for _, spec := range result.Specs {
				if wording.Line(spec.Client, 80) == client {
					own = append(own, spec.Verdict)
				}
			}
			if len(own) == 0 {
				continue
			}
			if verdicts[key][client] == nil {
				verdicts[key][client] = map[verdict.Verdict]int{}
			}
			verdicts[key][client][verdict.Add(own...)]++
		}
	}
	for _, s := range sections {
		key := topicOf(r, s.Document, s.Name)
		if slices.ContainsFunc(m.Rows, func(row topic) bool { return row.Name == key }) {
			continue
		}
		row, tried := topic{Name: key, Anchor: s.Anchor}, false
		for _, client := range clients {
			var c cell
			var words []string
			for _, v := range verdict.All() { // the worst first
				n := verdicts[key][client][v]
				if n == 0 {
					continue
				}
				if words = append(words, fmt.Sprintf("%d %s", n, wording.Word(v))); c.N == 0 {
					c.Verdict, c.N = v, n
				}
			}
			c.Title = key + " as " + client + ": " + strings.Join(words, ", ")
			tried = tried || c.N > 0
			row.Cells = append(row.Cells, c)
		}
		if tried {
			m.Rows = append(m.Rows, row)
		}
	}
	return m
}

func topicOf(r *verdict.Report, document, section string) string {
	if len(r.Requirements) > 0 && document == wording.Line(r.Requirements[0].Document, 80) {
		return section
	}
	return document
}
