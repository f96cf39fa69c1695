package html

import (
	"encoding/base64"
	"fmt"
	"html/template"
	"slices"
	"strconv"
	"strings"

	"github.com/fapitest/fapitest/harness/verdict"
	"github.com/fapitest/fapitest/harness/wire"
	"github.com/fapitest/fapitest/reports/internal/wording"
)

// requirementView is a requirement's own section of the page.
type requirementView struct {
	ID, Short string
	Verdict   verdict.Verdict
	LeftOut   bool
	Planned   bool // no experiment looks at it yet: it has no section
	Clause    string
	Document  string
	Section   string
	Link      string
	Effect    string
	Remedy    string
	Reason    string
	Says      string // what was seen, in a line
	Again     string
	Breach    bool       // it was seen to be broken: why that matters and what to do about it belong there
	Tried     string     // the clients as which experiments ran: their places in the page's list
	Cases     []caseView // what is red
	Groups    []group    // the rest
}

// caseView is one thing that red specs saw.
type caseView struct {
	Verdict   verdict.Verdict
	Sentences []string
	Seen      string
	Rows      []wording.Row
	Says      []string
	Notes     []string
	Specs     []redSpec
}

type redSpec struct {
	Client      string
	Title       string
	Open        bool   // the first of a case: the others show the same
	Uncounted   string // how many exchanges there are, where there is no room to list them
	Comparisons []comparison
	Exchanges   []exchangeView
	Pages       []pageView
}

// comparison is a control and what differs from it, side by side.
type comparison struct {
	Control, Deviated string // what they are, in words
	Lines             []difference
	Before, After     answer
	Nothing           bool // nothing differs but what differs in every request
}

type answer struct {
	Word  string
	Mark  string
	Judge string
	Text  string
}

// group is a sentence and the specs that it is true of.
type group struct {
	Verdict  verdict.Verdict
	Sentence string
	Clients  string
	Specs    []quietSpec
}

type quietSpec struct {
	Client    string
	Says      string
	Notes     []string
	Count     string
	Listed    bool // with what was said
	Uncounted bool // there is no room to list them
	Exchanges []exchangeView
}

type exchangeView struct {
	Anchor  string // empty where the exchange is shown elsewhere too
	Where   string // the anchor of where it is shown; then the rest is empty
	ID      string
	Step    string
	Words   string // deviation, or what the control is
	Answer  string
	Judged  string
	Mark    string
	At      string
	Took    string
	Request string
	Reply   string
	Failure string
	Curl    string // a command that sends it again, where it was not answered as expected
	Hops    []hopView
	Hosts   string
	Pages   []pageView
	LeftOut bool
}

type hopView struct{ Words, From, To string }

type pageView struct {
	Title, URL, Did string
	Status          int
	Source          template.URL // built in
	Path            string       // by reference
	Same            string       // the anchor of the same picture further up
	Anchor          string
	HTML            string
}

// budget says how much of each message is shown, so that the page stays one that can be mailed and opened.
type budget struct {
	red, quiet int  // characters of a body
	exchanges  bool // whether those of passing specs are shown, and not only listed
	lists      bool // whether they are listed, and not only counted
	reds       reds // what is shown of red specs
}

// reds says how much of red specs is shown: all that was said, or what matters, the rest being listed; or that of the first of several specs that saw the same, the others being counted.
type reds uint8

const (
	everything reds = iota
	whatMatters
	firstOfEach
)

// mostInFull is how many exchanges of a spec, and controls of theirs, are shown in full where there is little room.
const mostInFull = 12

// said is an exchange of a spec.
type said struct {
	key      string // of the spec
	exchange *wire.Exchange
}

// longestAnswer is how many characters of an answer stand beside a comparison; the timeline has more.
const longestAnswer = 4000

// How large the page may become: its text, and its pictures before they are encoded; and how many clients it tells apart.
const (
	mostText     = 3 << 20
	mostPictures = 600 << 10
	mostClients  = 40
)

// builder lays out requirements one after the other, and remembers what it has shown already.
type builder struct {
	report   *verdict.Report
	options  Options
	budget   budget
	anchors  map[string]string   // of exchanges, by identity
	owner    map[string]string   // who shows an exchange: the key of a spec
	pictures map[string]*picture // by path
	clients  []string            // as which experiments ran, cleaned
	matters  map[said]int        // from 1: what was judged otherwise than expected, and its controls; what was judged or changed where nothing was
	first    map[string]bool     // the red specs that are the first of those that saw the same
}

// picture is a screenshot, which many exchanges may have.
type picture struct {
	owner  string // the key of the spec that shows it
	anchor string
	data   template.URL // built in; empty: referred to
	shown  bool
}

func newBuilder(r *verdict.Report, o Options) *builder {
	b := &builder{
		report: r, options: o, anchors: map[string]string{}, owner: map[string]string{},
		pictures: map[string]*picture{}, matters: map[said]int{}, first: map[string]bool{},
	}
	for _, client := range r.Target.Clients {
		if client.Runs {
			b.clients = append(b.clients, wording.Line(client.ID, 80))
		}
	}
	for _, result := range r.Requirements { // a report may come from somebody else, and name clients that its target has not
		for _, spec := range result.Specs {
			if client := wording.Line(spec.Client, 80); client != "" && !slices.Contains(b.clients, client) && len(b.clients) < mostClients {
				b.clients = append(b.clients, client)
			}
		}
	}
	// Exchanges and pictures belong to the first red spec that has them, for that is where they are looked for.
	for _, red := range []bool{true, false} {
		b.each(func(key string, spec verdict.Spec, exchange *wire.Exchange) {
			if spec.Verdict.Red() != red {
				return
			}
			identity := identify(exchange)
			if b.owner[identity] == "" {
				b.owner[identity] = key
				b.anchors[identity] = b.anchor(exchange)
			}
		})
	}
	b.load()
	b.weigh()
	for _, b.budget = range []budget{
		{16 << 10, 2000, true, true, everything}, {4000, 400, true, true, everything}, {1000, 100, true, true, everything}, {1000, 0, false, true, everything}, {1000, 0, false, false, everything},
		{1000, 0, false, false, whatMatters}, {1000, 0, false, false, firstOfEach}, {200, 0, false, false, firstOfEach},
	} {
		if b.estimate() <= mostText {
			break
		}
	}
	return b
}

// weigh finds out what of the red specs a reader has to see first.
func (b *builder) weigh() {
	for i, result := range b.report.Requirements {
		for _, c := range wording.Cases(result, redVerdicts...) {
			b.first[specKey(i, c.Indices[0])] = true
		}
		for j, spec := range result.Specs {
			if !spec.Verdict.Red() {
				continue
			}
			key := specKey(i, j)
			for _, counts := range []func(*wire.Exchange) bool{
				func(e *wire.Exchange) bool { return wording.Mark(e) != "" },
				func(e *wire.Exchange) bool { return e.Role != "" || e.Deviation != "" },
			} {
				rank := 0
				add := func(exchange *wire.Exchange) {
					if rank++; b.matters[said{key, exchange}] == 0 {
						b.matters[said{key, exchange}] = rank
					}
				}
				for _, exchange := range spec.Exchanges {
					if exchange == nil || !counts(exchange) {
						continue
					}
					if control := controlOf(exchange, spec.Exchanges); control != nil {
						add(control)
					}
					add(exchange)
				}
				if rank > 0 {
					break
				}
			}
		}
	}
}

// redVerdicts are those of cases, in the order in which they are shown.
var redVerdicts = []verdict.Verdict{verdict.Fail, verdict.Error, verdict.Blocked, verdict.Warn}

// shows says how an exchange of a red spec is shown: in full, in a line, or not at all.
func (b *builder) shows(key string, exchange *wire.Exchange) (full, listed bool) {
	switch {
	case b.budget.reds == everything:
		return true, true
	case b.budget.reds == firstOfEach && !b.first[key]:
		return false, false
	}
	rank := b.matters[said{key, exchange}]
	return rank > 0 && (b.budget.reds == whatMatters || rank <= mostInFull), true
}

// each visits every exchange of the report.
func (b *builder) each(visit func(key string, spec verdict.Spec, exchange *wire.Exchange)) {
	for i, result := range b.report.Requirements {
		for j, spec := range result.Specs {
			for _, exchange := range spec.Exchanges {
				if exchange != nil {
					visit(specKey(i, j), spec, exchange)
				}
			}
		}
	}
}

func specKey(requirement, spec int) string { return fmt.Sprintf("%d/%d", requirement, spec) }

// identify tells exchanges apart. A report that was read from a file holds a copy of each for every spec that it belongs to.
func identify(exchange *wire.Exchange) string {
	if exchange.ID != "" {
		return exchange.ID
	}
	return fmt.Sprintf("%s %d %s", exchange.Step, exchange.Started.UnixNano(), exchange.Request.URL)
}

// anchor is the interaction id where that is one, so that a link to it can be made from the target's log.
func (b *builder) anchor(exchange *wire.Exchange) string {
	if len(exchange.ID) == 36 && strings.Trim(exchange.ID, "0123456789abcdefABCDEF-") == "" {
		return "exchange-" + exchange.ID
	}
	return fmt.Sprintf("exchange-%d", len(b.anchors)+1)
}

// load reads the pictures of red specs, then those of the others, as long as there is room.
func (b *builder) load() {
	room := mostPictures
	for _, red := range []bool{true, false} {
		b.each(func(key string, spec verdict.Spec, exchange *wire.Exchange) {
			if spec.Verdict.Red() != red || !red && b.owner[identify(exchange)] != key {
				return
			}
			for _, p := range exchange.Pages {
				path, ok := evidencePath(p.Screenshot)
				if !ok || b.pictures[path] != nil {
					continue
				}
				pic := &picture{owner: key, anchor: fmt.Sprintf("picture-%d", len(b.pictures)+1)}
				b.pictures[path] = pic
				if b.options.Evidence == nil {
					continue
				}
				data, err := b.options.Evidence(path)
				if err != nil || len(data) > room {
					continue
				}
				if kind := pictureType(data); kind != "" {
					room -= len(data)
					pic.data = template.URL("data:" + kind + ";base64," + base64.StdEncoding.EncodeToString(data)) //nolint:gosec // a picture, by its first bytes
				}
			}
		})
	}
}

// pictureType is the media type of what may be built in. SVG is not among it: it can hold scripts.
func pictureType(data []byte) string {
	for _, known := range []struct{ begins, kind string }{{"\x89PNG\r\n\x1a\n", "image/png"}, {"\xff\xd8\xff", "image/jpeg"}} {
		if strings.HasPrefix(string(data[:min(len(data), 16)]), known.begins) {
			return known.kind
		}
	}
	return ""
}

// estimate is about how large the text of the page becomes under the budget.
func (b *builder) estimate() int {
	size := 1000 * len(b.report.Requirements)
	for _, result := range b.report.Requirements {
		size += 500 * len(result.Specs)
	}
	b.each(func(key string, spec verdict.Spec, exchange *wire.Exchange) {
		red := spec.Verdict.Red()
		full, listed := true, true
		if red {
			full, listed = b.shows(key, exchange)
		}
		switch {
		case red && !listed:
			return
		case red && !full:
			size += 200
			return
		case red:
		case !b.budget.lists:
			return
		case b.owner[identify(exchange)] != key:
			size += 120
			return
		case !b.budget.exchanges:
			size += 200
			return
		}
		limit := b.budget.quiet
		if red {
			limit = b.budget.red
		}
		request := escaped(exchange.Request, limit)
		size += 800 + request + 500*len(exchange.Pages) + 300*len(exchange.Hops) + len(exchange.Failure)
		if exchange.Answer != nil {
			size += escaped(*exchange.Answer, limit)
		}
		if red && wording.Mark(exchange) != "" {
			command := wording.Curl(exchange)
			size += 120 + escapedText(command, len(command))
		}
		if red && exchange.Deviation != "" && (b.budget.reds == everything || b.first[key]) {
			// Compared line by line, beside its control, with both answers.
			lines := len(exchange.Request.Header) + strings.Count(exchange.Request.Body, "&") + strings.Count(exchange.Request.Body, "\n") + 16
			size += 2*request + 130*lines
			if exchange.Answer != nil {
				size += 2 * escapedText(exchange.Answer.Body, min(limit, longestAnswer))
			}
		}
	})
	return size
}

// escaped is about how many bytes a message has on the page.
func escaped(m wire.Message, limit int) int {
	size := escapedText(m.URL, longestValue) + escapedText(m.Body, limit)
	for _, field := range m.Header {
		size += len(field.Name) + escapedText(field.Value, longestValue) + 3
	}
	return size
}

func escapedText(text string, limit int) int {
	text = text[:min(len(text), limit)]
	size := len(text)
	for i := range len(text) {
		switch text[i] {
		case '<', '>', '&', '"', '\'', '+':
			size += 4
		}
	}
	return size
}

func (b *builder) requirement(index int) *requirementView {
	result := b.report.Requirements[index]
	view := &requirementView{
		ID: wording.Line(result.ID, 80), Verdict: result.Verdict, LeftOut: result.LeftOut, Planned: result.Planned, Clause: wording.Clause(result),
		Document: wording.Line(result.Document, 80), Section: wording.Line(result.Section, 80), Link: wording.Address(result.Link),
		Effect: wording.Prose(result.Effect), Remedy: wording.Prose(result.Remedy), Reason: wording.Prose(result.Reason),
		Breach: result.Verdict == verdict.Fail || result.Verdict == verdict.Warn,
	}
	if result.Verdict.Red() {
		view.Again = wording.Again(b.report, "", result.ID)
	}
	view.Short = strings.TrimPrefix(view.ID, view.Document+"-")
	var tried []string
	for i, client := range b.clients {
		if slices.ContainsFunc(result.Specs, func(spec verdict.Spec) bool { return wording.Line(spec.Client, 80) == client }) {
			tried = append(tried, strconv.Itoa(i))
		}
	}
	view.Tried = strings.Join(tried, " ")
	for _, c := range wording.Cases(result, redVerdicts...) {
		view.Cases = append(view.Cases, b.redCase(index, result, c))
	}
	if len(view.Cases) > 0 {
		view.Says = summary(view.Cases[0])
	}
	if view.Says == "" {
		view.Says = view.Reason
	}
	b.quiet(index, result, view)
	return view
}

// summary is what a case saw, in a line.
func summary(c caseView) string {
	for _, row := range c.Rows {
		if row.Mark != "" {
			return fmt.Sprintf("%s: %s, %s", row.Label, row.Answer, row.Mark)
		}
	}
	return strings.Join(c.Says, " ")
}

func (b *builder) redCase(index int, result verdict.Result, c wording.Case) caseView {
	view := caseView{Verdict: c.Verdict, Sentences: c.Sentences, Seen: c.Seen(result), Rows: c.Rows, Says: c.Says, Notes: c.Notes}
	for i, spec := range c.Specs {
		key := specKey(index, c.Indices[i])
		red := redSpec{
			Client: wording.Line(spec.Client, 80), Open: len(view.Specs) == 0,
			Exchanges: b.exchanges(key, spec, true),
		}
		if b.budget.reds == everything || b.first[key] {
			red.Comparisons = b.comparisons(spec)
		}
		if n := len(spec.Exchanges); n > 0 && len(red.Exchanges) == 0 {
			red.Uncounted = wording.Plural(n, "exchange")
			view.Specs = append(view.Specs, red)
			continue
		}
		for _, exchange := range spec.Exchanges {
			if exchange != nil {
				red.Pages = append(red.Pages, b.pages(key, exchange)...)
			}
		}
		view.Specs = append(view.Specs, red)
	}
	return view
}

// comparisons are made of what was judged otherwise than expected, and of what was changed before that; else of everything changed.
func (b *builder) comparisons(spec verdict.Spec) []comparison {
	const most = 6
	var list []comparison
	for _, exchange := range spec.Exchanges {
		if exchange == nil {
			continue
		}
		control := controlOf(exchange, spec.Exchanges)
		if control == nil || len(list) == most {
			continue
		}
		c := comparison{
			Control: "the " + wording.Line(control.Step, 300) + " as it should be", Deviated: "the same, " + wording.Line(exchange.Deviation, 300),
			Lines: differences(control, exchange, b.budget.red), Before: b.answer(control), After: b.answer(exchange), Nothing: true,
		}
		for _, line := range c.Lines {
			if line.How != same && line.How != fresh {
				c.Nothing = false
			}
		}
		list = append(list, c)
	}
	return list
}

func (b *builder) answer(exchange *wire.Exchange) answer {
	a := answer{
		Word: wording.AnswerWord(exchange), Mark: wording.Mark(exchange), Judge: judged(exchange),
	}
	if exchange.Answer != nil {
		a.Text = wording.Text(exchange.Answer.Body, min(b.budget.red, longestAnswer))
		if a.Text == "" {
			for _, field := range exchange.Answer.Header {
				if strings.EqualFold(field.Name, "Location") {
					a.Text = "Location: " + wording.Line(field.Value, longestValue)
				}
			}
		}
	}
	if exchange.Failure != "" {
		a.Text = strings.TrimSpace(wording.Line(exchange.Failure, 1000) + "\n" + a.Text)
	}
	return a
}

// judged is what the target decided, unless the mark says it.
func judged(exchange *wire.Exchange) string {
	switch exchange.Judged {
	case wire.Undecided, wire.Confused:
		return ""
	case wire.Accepted, wire.Refused:
	}
	return wording.Line(string(exchange.Judged), 40)
}

// quiet groups what is not red by sentence.
func (b *builder) quiet(index int, result verdict.Result, view *requirementView) {
	at := map[string]int{}
	clients := map[string][]string{}
	for j, spec := range result.Specs {
		if spec.Verdict.Red() {
			continue
		}
		sentence := wording.Line(spec.Sentence, 300)
		key := string(spec.Verdict) + sentence
		i, known := at[key]
		if !known {
			i = len(view.Groups)
			at[key] = i
			view.Groups = append(view.Groups, group{Verdict: spec.Verdict, Sentence: sentence})
		}
		q := quietSpec{
			Client: wording.Line(spec.Client, 80), Says: wording.Prose(spec.Message), Count: wording.Plural(len(spec.Exchanges), "exchange"),
		}
		switch {
		case len(spec.Exchanges) == 0:
		case b.budget.lists:
			q.Listed, q.Exchanges = b.budget.exchanges, b.exchanges(specKey(index, j), spec, false)
		default:
			q.Uncounted = true
		}
		for _, note := range spec.Notes {
			q.Notes = append(q.Notes, wording.Prose(note))
		}
		view.Groups[i].Specs = append(view.Groups[i].Specs, q)
		clients[key] = append(clients[key], q.Client)
		view.Groups[i].Clients = strings.Join(clients[key], ", ")
		if n := len(clients[key]); n > 3 {
			view.Groups[i].Clients = fmt.Sprintf("%d clients", n)
		}
	}
}

// exchanges lists what was said in a spec. A red spec shows everything; another one only what no other shows.
func (b *builder) exchanges(key string, spec verdict.Spec, red bool) []exchangeView {
	var list []exchangeView
	for _, exchange := range spec.Exchanges {
		if exchange == nil {
			continue
		}
		if red {
			if _, listed := b.shows(key, exchange); !listed {
				continue
			}
		}
		list = append(list, b.exchange(key, exchange, red))
	}
	return list
}

func (b *builder) exchange(key string, exchange *wire.Exchange, red bool) exchangeView {
	identity := identify(exchange)
	view := exchangeView{
		Step: wording.Line(exchange.Step, 300), Words: wording.Line(exchange.Deviation, 300), Answer: wording.AnswerWord(exchange),
		Judged: judged(exchange), Mark: wording.Mark(exchange), ID: wording.Line(exchange.ID, 80),
	}
	if view.Words == "" && exchange.Role == wire.RoleControl {
		view.Words = "the control"
	}
	mine := b.owner[identity] == key
	switch {
	case mine:
		view.Anchor = b.anchors[identity]
	case !red:
		view.Where = b.anchors[identity]
		return view
	}
	full := b.budget.exchanges
	if red {
		full, _ = b.shows(key, exchange)
	}
	if !full {
		view.LeftOut = true
		return view
	}
	limit := b.budget.quiet
	if red {
		limit = b.budget.red
	}
	if !exchange.Started.IsZero() {
		view.At = exchange.Started.UTC().Format("15:04:05.000")
	}
	view.Took = wording.Duration(exchange.Seconds)
	view.Request = plain(exchange.Request, exchange.Started, limit)
	if exchange.Answer != nil {
		view.Reply = plain(*exchange.Answer, exchange.Started, limit)
	}
	view.Failure = wording.Line(exchange.Failure, 1000)
	if red && view.Mark != "" {
		view.Curl = wording.Curl(exchange)
	}
	for i, hop := range exchange.Hops {
		if i == 30 {
			break
		}
		words := fmt.Sprintf("%s, %d", wording.Line(hop.Method, 20), hop.Status)
		if hop.Status == 0 {
			words = wording.Line(hop.Method, 20) + ", sent on by the page"
		}
		if hop.Credentials {
			words += ", carried the user's password"
		}
		view.Hops = append(view.Hops, hopView{words, wording.Line(hop.URL, 500), wording.Line(hop.Location, 500)})
	}
	view.Hosts = wording.Line(strings.Join(exchange.Hosts, ", "), 1000)
	if !red {
		view.Pages = b.pages(key, exchange)
	}
	return view
}

// pages are what the end user saw. A picture is built in once; where it comes again, a link leads to it.
func (b *builder) pages(key string, exchange *wire.Exchange) []pageView {
	var list []pageView
	for i, p := range exchange.Pages {
		if i == 20 {
			break
		}
		view := pageView{
			Title: wording.Line(p.Title, 200), URL: wording.Line(p.URL, 500), Did: wording.Line(p.Did, 300), Status: p.Status,
		}
		if path, ok := evidencePath(p.HTML); ok {
			view.HTML = path
		}
		if path, ok := evidencePath(p.Screenshot); ok {
			switch pic := b.pictures[path]; {
			case pic == nil:
			case pic.shown || pic.owner != key:
				view.Same = pic.anchor
			case pic.data != "":
				pic.shown, view.Anchor, view.Source = true, pic.anchor, pic.data
			default:
				pic.shown, view.Anchor, view.Path = true, pic.anchor, path
			}
		}
		list = append(list, view)
	}
	return list
}
