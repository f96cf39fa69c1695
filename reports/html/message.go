package html

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/fapitest/fapitest/harness/wire"
	"github.com/fapitest/fapitest/reports/internal/wording"
)

// longestValue is how many characters are shown of a header field or parameter.
const longestValue = 2000

// part is a line of a request: a header field, a parameter, a claim, or a line of a body that is nothing of these.
type part struct {
	kind  string // "request", "query", "header", "parameter", "body"
	name  string // empty for a line of a body
	value string
}

// parts takes a request apart, one header field, parameter or claim per line, so that two requests can be compared. The times in
// its tokens are told from at, when it was sent.
func parts(m wire.Message, at time.Time, body int) []part {
	var list []part
	address, query, hasQuery := strings.Cut(m.URL, "?")
	if m.Method != "" || m.URL != "" {
		list = append(list, part{"request", wording.Line(m.Method, 20), wording.Line(address, longestValue)})
	}
	if m.Certificate != "" {
		list = append(list, part{"request", "client certificate", wording.Line(m.Certificate, longestValue)})
	}
	if hasQuery {
		for _, pair := range wording.Parameters(query) {
			list = append(list, parameter("query", pair, at)...)
		}
	}
	form := false
	for _, field := range m.Header {
		name := wording.Line(field.Name, 100)
		list = append(list, expand("header", name, field.Value, at)...)
		if strings.EqualFold(name, "Content-Type") && strings.Contains(strings.ToLower(field.Value), "x-www-form-urlencoded") {
			form = true
		}
	}
	text := wording.Text(m.Body, body)
	switch {
	case text == "":
	case form:
		for _, pair := range wording.Parameters(text) {
			list = append(list, parameter("parameter", pair, at)...)
		}
	default:
		for line := range strings.SplitSeq(text, "\n") {
			list = append(list, part{"body", "", line})
		}
	}
	return list
}

func parameter(kind, pair string, at time.Time) []part {
	name, value, _ := strings.Cut(pair, "=")
	return expand(kind, wording.Line(name, 100), value, at)
}

// expand shows a JWT member by member, anything else as it is.
func expand(kind, name, value string, at time.Time) []part {
	whole := []part{{kind, name, wording.Line(value, longestValue)}}
	inner, found := strings.CutPrefix(strings.TrimSpace(value), wording.JWTBegins)
	if !found {
		return whole
	}
	inner, found = strings.CutSuffix(inner, wording.JWTEnds)
	if !found {
		return whole
	}
	header, claims, found := strings.Cut(inner, "} . {")
	if !found {
		return whole
	}
	var list []part
	for _, half := range []struct{ prefix, text string }{{name + " header ", header + "}"}, {name + " ", "{" + claims}} {
		var members map[string]json.RawMessage
		if json.Unmarshal([]byte(half.text), &members) != nil {
			return whole
		}
		for _, member := range slices.Sorted(maps.Keys(members)) {
			value := wording.Line(string(members[member]), longestValue)
			list = append(list, part{kind, half.prefix + wording.Line(member, 100), value + relative(member, value, at)})
		}
	}
	return list
}

// relative says how far the time of a claim is from when the request was sent, for nobody reads seconds since 1970.
func relative(member, value string, at time.Time) string {
	var seconds int64
	if member != "iat" && member != "exp" && member != "nbf" || at.IsZero() {
		return ""
	}
	if _, err := fmt.Sscan(value, &seconds); err != nil {
		return ""
	}
	switch d := float64(seconds - at.Unix()); {
	case d > 1:
		return " (" + wording.Duration(d) + " ahead)"
	case d < -1:
		return " (" + wording.Duration(-d) + " ago)"
	}
	return " (now)"
}

// plain is a message as text, as it is shown where nothing is compared.
func plain(m wire.Message, at time.Time, body int) string {
	var b strings.Builder
	if m.Status != 0 {
		fmt.Fprintf(&b, "%d\n", m.Status)
	}
	previous := ""
	for i, p := range parts(m, at, body) {
		switch {
		case p.kind == "request" && i == 0 && m.Method != "":
			fmt.Fprintf(&b, "%s %s\n", p.name, p.value)
		case p.kind == "header", p.kind == "request":
			fmt.Fprintf(&b, "%s: %s\n", p.name, p.value)
		case p.kind == "query":
			fmt.Fprintf(&b, "  ?%s = %s\n", p.name, p.value)
		default:
			if previous != p.kind {
				b.WriteByte('\n')
			}
			if p.name != "" {
				b.WriteString(p.name + " = ")
			}
			b.WriteString(p.value + "\n")
		}
		previous = p.kind
	}
	return strings.TrimRight(b.String(), "\n")
}

// The ways in which a line differs. They are words: the page says them, and colour only repeats them.
const (
	same    = "same"
	fresh   = "fresh" // another value in every request, by nature
	changed = "changed"
	removed = "removed"
	added   = "added"
)

// difference is a line of two requests beside each other.
type difference struct {
	How           string
	Name          string
	Before, After string
	// Of a changed line: what both begin and end with, and what differs between.
	Prefix, Suffix, Was, Is string
}

// differences compares a request with the control from which it differs by its deviation.
func differences(control, deviated *wire.Exchange, body int) []difference {
	before, after := parts(control.Request, control.Started, body), parts(deviated.Request, deviated.Started, body)
	var list []difference
	for _, pair := range align(before, after) {
		switch {
		case pair.after < 0:
			p := before[pair.before]
			list = append(list, difference{How: removed, Name: p.name, Before: p.value})
		case pair.before < 0:
			p := after[pair.after]
			list = append(list, difference{How: added, Name: p.name, After: p.value})
		default:
			b, a := before[pair.before], after[pair.after]
			d := difference{How: same, Name: b.name, Before: b.value, After: a.value}
			if b.value != a.value {
				d.How = changed
				if isFresh(b.name, b.value, a.value, control.Started, deviated.Started, deviated.Deviation) {
					d.How = fresh
				} else {
					d.Prefix, d.Was, d.Is, d.Suffix = middle(b.value, a.value)
				}
			}
			list = append(list, d)
		}
	}
	return list
}

type aligned struct{ before, after int }

// align pairs lines that stand for the same thing, by the longest common subsequence of what they stand for.
func align(before, after []part) []aligned {
	const most = 400 // lines; what comes later stands unpaired
	key := func(p part) string {
		if p.name == "" {
			return p.kind + "\x00" + p.value
		}
		return p.kind + "\x00" + strings.ToLower(p.name)
	}
	n, m := min(len(before), most), min(len(after), most)
	length := make([][]int, n+1)
	for i := range length {
		length[i] = make([]int, m+1)
	}
	for i := n - 1; i >= 0; i-- {
		for j := m - 1; j >= 0; j-- {
			length[i][j] = max(length[i+1][j], length[i][j+1])
			if key(before[i]) == key(after[j]) {
				length[i][j] = max(length[i][j], length[i+1][j+1]+1)
			}
		}
	}
	var list []aligned
	i, j := 0, 0
	for i < n && j < m {
		switch {
		case key(before[i]) == key(after[j]) && length[i][j] == length[i+1][j+1]+1:
			list = append(list, aligned{i, j})
			i, j = i+1, j+1
		case length[i+1][j] >= length[i][j+1]:
			list = append(list, aligned{i, -1})
			i++
		default:
			list = append(list, aligned{-1, j})
			j++
		}
	}
	for ; i < len(before); i++ {
		list = append(list, aligned{i, -1})
	}
	for ; j < len(after); j++ {
		list = append(list, aligned{-1, j})
	}
	return list
}

// isFresh says whether a difference is there by nature and not because of the deviation: every request has its own identifier, its
// own random values, and times that are as far from it as the control's were from the control. What the deviation speaks of is
// never fresh.
func isFresh(name, before, after string, controlStarted, deviatedStarted time.Time, deviation string) bool {
	words := strings.Fields(strings.ToLower(name))
	if len(words) == 0 {
		return false
	}
	member := words[len(words)-1]
	spoken := strings.FieldsFunc(strings.ToLower(deviation), func(c rune) bool {
		return (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '_' && c != '-'
	})
	says := func(words ...string) bool {
		return !slices.ContainsFunc(words, func(word string) bool { return !slices.Contains(spoken, word) })
	}
	switch member {
	case "x-fapi-interaction-id":
		return true
	case "iat", "exp", "nbf":
		var b, a int64
		if _, err := fmt.Sscan(before, &b); err != nil {
			return false
		}
		if _, err := fmt.Sscan(after, &a); err != nil {
			return false
		}
		drift := (a - b) - (deviatedStarted.Unix() - controlStarted.Unix())
		return drift >= -3 && drift <= 3
	case "jti", "ath", "nonce", "state", "request_uri", "code", "refresh_token", "access_token", "token":
		return !says(member) && !says(strings.Split(member, "_")...)
	case "code_challenge", "code_verifier":
		return !says(member) && !says("pkce") && !says("verifier") && !says("challenge")
	case "authorization":
		return !says("token") && !says("authorization")
	}
	return false
}

// middle cuts off what two values begin and end with in common, where that is most of them.
func middle(before, after string) (prefix, was, is, suffix string) {
	b, a := []rune(before), []rune(after)
	p := 0
	for p < len(b) && p < len(a) && b[p] == a[p] {
		p++
	}
	s := 0
	for s < len(b)-p && s < len(a)-p && b[len(b)-1-s] == a[len(a)-1-s] {
		s++
	}
	if p+s < min(len(b), len(a))/2 {
		return "", before, after, "" // what differs is more than what does not
	}
	return string(b[:p]), string(b[p : len(b)-s]), string(a[p : len(a)-s]), string(b[len(b)-s:])
}

// controlOf is the request from which a deviated one differs: the one it names; else the last one of the same step in which nothing
// was changed.
func controlOf(deviated *wire.Exchange, exchanges []*wire.Exchange) *wire.Exchange {
	if deviated.Deviation == "" {
		return nil
	}
	var found *wire.Exchange
	for _, candidate := range exchanges {
		switch {
		case candidate == nil || candidate == deviated:
		case deviated.Control != "" && candidate.ID == deviated.Control:
			return candidate
		case candidate.Step == deviated.Step && candidate.Deviation == "" && (found == nil || candidate.Judged == wire.Accepted || found.Judged != wire.Accepted):
			found = candidate
		}
	}
	return found
}
