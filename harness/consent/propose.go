package consent

import (
	"bytes"
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/andybalholm/cascadia"
	"golang.org/x/net/html"

	"github.com/fapitest/fapitest/harness/wire"
)

// Form is a form of a page, with what a user can do in it.
type Form struct {
	Selector string // empty: what stands in no form
	Controls []Control
}

// Control is something that a user can fill in or click.
type Control struct {
	Selector string
	Kind     string // "text", "password", "checkbox", "select", "button", "link", and other types of input
	Label    string // of a button or a link what stands on it; of a field what a page says of it, where that can be found
}

// Most of one page that is listed.
const (
	mostForms    = 10
	mostControls = 30
	longestLabel = 60
)

// ReadPage lists the forms of a page, and what a user can do in each. What is hidden is left out, and so are links outside forms but those that look like buttons.
func ReadPage(markup []byte) []Form {
	root, err := html.Parse(bytes.NewReader(markup))
	if err != nil {
		return nil
	}
	d := &document{root: root}
	var forms []Form
	places := map[*html.Node]int{}
	for _, n := range controls(root) {
		owner := d.formOf(n)
		at, known := places[owner]
		if !known {
			if len(forms) == mostForms {
				continue
			}
			at = len(forms)
			places[owner] = at
			form := Form{}
			if owner != nil {
				form.Selector = selectorOf(root, owner)
			}
			forms = append(forms, form)
		}
		if len(forms[at].Controls) < mostControls {
			forms[at].Controls = append(forms[at].Controls, Control{Selector: selectorOf(root, n), Kind: kindOf(n), Label: labelOf(root, n)})
		}
	}
	return forms
}

// Propose makes the entries of a script for a page that no entry fits: what somebody who agrees does there, and, where the page has a way to say no, what somebody does who does not.
// Others are pages that the entries must not take for this one. Nil: nothing on the page looks like something to do. It is a guess, and somebody has to look at it.
func Propose(markup []byte, others ...[]byte) (accept, deny *Page) {
	root, err := html.Parse(bytes.NewReader(markup))
	if err != nil {
		return nil, nil
	}
	p := &proposal{document: document{root: root}}
	for _, other := range others {
		if parsed, err := html.Parse(bytes.NewReader(other)); err == nil {
			p.others = append(p.others, parsed)
		}
	}
	for _, n := range controls(root) {
		if kindOf(n) == "password" {
			return p.login(n), nil
		}
	}
	for _, n := range controls(root) {
		if namesUser(n) {
			return p.login(n), nil
		}
	}
	return p.consent()
}

// What names and labels say. Pages speak many languages: these are those of the banks that were met, and for the others the page is listed.
var (
	userField = regexp.MustCompile(`(?i)user|login|email|mail|account|customer|identifier|benutzer|kunde|anmelde`)
	yesWords  = regexp.MustCompile(`(?i)\b(allow|accept|approve|authori[sz]e|grant|agree|consent|confirm|yes|continue|next|proceed|submit|sign in|log ?in|ok|erlauben|zulassen|zustimmen|best(ä|ae)tigen|weiter|ja|anmelden|autoriser|accepter|continuer|aceptar|autorizar|permitir|continuar|accetta|conferma)`)
	noWords   = regexp.MustCompile(`(?i)\b(deny|den(ied|ies)|cancel|decline|reject|refuse|abort|no|not|disagree|ablehnen|abbrechen|nein|verweigern|refuser|annuler|rechazar|cancelar|denegar|negar|rifiuta|annulla)\b`)
	social    = regexp.MustCompile(`(?i)\b(forgot|reset|register|sign ?up|help|show|google|facebook|apple|passkey|language|back)\b`)
)

// namesUser says whether a field is for the name of a user.
func namesUser(n *html.Node) bool {
	return typed(n) && userField.MatchString(strings.Join([]string{attribute(n, "name"), attribute(n, "id"), attribute(n, "autocomplete"), kindOf(n)}, " "))
}

// typed says whether a line is typed into a field, in the clear.
func typed(n *html.Node) bool { return slices.Contains([]string{"text", "email", "tel"}, kindOf(n)) }

type proposal struct {
	document
	others []*html.Node
}

// login fills in what a form asks for, and submits it. The field is its password field or, where user name and password have pages of their own, that of the name.
func (p *proposal) login(field *html.Node) *Page {
	owner := p.formOf(field)
	entry := &Page{}
	isPassword := kindOf(field) == "password"
	if isPassword {
		if name := p.nameBefore(owner, field); name != nil {
			entry.Do = append(entry.Do, Step{Fill: &Fill{Selector: p.selector(name), Value: "${user}"}})
		}
		entry.Do = append(entry.Do, Step{Fill: &Fill{Selector: p.selector(field), Value: "${password}"}})
	} else {
		entry.Do = append(entry.Do, Step{Fill: &Fill{Selector: p.selector(field), Value: "${user}"}})
	}
	entry.When.Selector = p.when(field, owner)
	if button := p.best(owner, false); button != nil {
		entry.Do = append(entry.Do, Step{Click: p.selector(button)})
		return entry
	}
	return nil
}

// nameBefore is the field for the user's name: of those before the password field the nearest that is called so, or the nearest.
func (p *proposal) nameBefore(owner, password *html.Node) (nearest *html.Node) {
	named := false
	for _, n := range controls(p.root) {
		if n == password {
			break
		}
		if p.formOf(n) != owner || !typed(n) {
			continue
		}
		if is := namesUser(n); is || !named {
			nearest, named = n, is
		}
	}
	return nearest
}

// consent clicks what says yes, and what says no.
func (p *proposal) consent() (accept, deny *Page) {
	yes, no := p.best(nil, false), p.best(nil, true)
	if yes == nil {
		return nil, nil
	}
	when := p.when(yes, p.formOf(yes))
	accept = &Page{When: When{Selector: when}}
	// Boxes without which the form can't be sent.
	for _, n := range controls(p.root) {
		if kindOf(n) == "checkbox" && has(n, "required") && !has(n, "checked") && p.formOf(n) == p.formOf(yes) {
			accept.Do = append(accept.Do, Step{Click: p.selector(n)})
		}
	}
	accept.Do = append(accept.Do, Step{Click: p.selector(yes)})
	if no != nil {
		deny = &Page{When: When{Selector: when}, Do: []Step{{Click: p.selector(no)}}}
	}
	return accept, deny
}

// best is the button that most likely says yes, or no; in a form, or on the page. Nil: there is none.
func (p *proposal) best(owner *html.Node, refusing bool) *html.Node {
	var found *html.Node
	most := 0
	for _, n := range controls(p.root) {
		kind := kindOf(n)
		if kind != "button" && kind != "link" || owner != nil && p.formOf(n) != owner {
			continue
		}
		says := strings.Join([]string{labelOf(p.root, n), attribute(n, "value"), attribute(n, "name"), attribute(n, "id")}, " ")
		label := labelOf(p.root, n)
		points := 0
		switch {
		case refusing && !noWords.MatchString(says), !refusing && noWords.MatchString(label), !refusing && label == "" && noWords.MatchString(says):
			continue
		case refusing && noWords.MatchString(label):
			points = 20
		case refusing:
			points = 10
		case yesWords.MatchString(label):
			points = 20
		case yesWords.MatchString(says):
			points = 10
		case kind == "link":
			continue // most lead elsewhere
		default:
			points = 5
		}
		if social.MatchString(says) {
			points -= 15
		}
		if kind == "link" {
			points -= 2
		}
		if points > most {
			found, most = n, points
		}
	}
	return found
}

// when recognises the page: by a field or a button, or its form, that none of the other pages has.
func (p *proposal) when(control, owner *html.Node) string {
	var candidates []string
	if owner != nil && simpleID(attribute(owner, "id")) {
		candidates = append(candidates, selectorOf(p.root, owner))
	}
	if kindOf(control) == "password" {
		candidates = append(candidates, "input[type=password]")
	}
	candidates = append(candidates, selectorsOf(p.root, control)...)
	for _, candidate := range candidates {
		if !slices.ContainsFunc(p.others, func(other *html.Node) bool { return find(other, candidate) != nil }) {
			return candidate
		}
	}
	return candidates[0]
}

func (p *proposal) selector(n *html.Node) string { return selectorOf(p.root, n) }

var controlKinds = cascadia.MustCompile("input, button, select, textarea, a[href], [role=button]")

// controls are what a user can see, fill in and click.
func controls(root *html.Node) []*html.Node {
	var list []*html.Node
	for _, n := range cascadia.QueryAll(root, controlKinds) {
		if kind := kindOf(n); kind != "" && !hidden(n) {
			list = append(list, n)
		}
	}
	return list
}

// kindOf says what a control is; empty: a user has nothing to do with it.
func kindOf(n *html.Node) string {
	kind := strings.ToLower(attribute(n, "type"))
	switch n.Data {
	case "input":
		switch kind {
		case "hidden":
			return ""
		case "submit", "image", "button":
			return "button"
		case "reset", "file", "color", "range":
			return ""
		case "":
			return "text"
		}
		return kind
	case "button":
		if kind == "reset" {
			return ""
		}
		return "button"
	case "a":
		return "link"
	case "select", "textarea":
		return n.Data
	}
	return "button" // by its role
}

// hidden says whether a page hides a control, as far as its markup tells.
func hidden(n *html.Node) bool {
	for ; n != nil; n = n.Parent {
		style := strings.ReplaceAll(strings.ToLower(attribute(n, "style")), " ", "")
		if n.Type == html.ElementNode && (has(n, "hidden") || n.Data == "template" || n.Data == "noscript" || attribute(n, "aria-hidden") == "true" || strings.Contains(style, "display:none") || strings.Contains(style, "visibility:hidden")) {
			return true
		}
	}
	return false
}

// labelOf is what stands on a button, or what a page calls a field.
func labelOf(root, n *html.Node) string {
	label := ""
	switch kindOf(n) {
	case "button":
		label = cmp.Or(oneLine(textOf(n)), oneLine(attribute(n, "aria-label")), oneLine(attribute(n, "value")), oneLine(attribute(n, "title")), oneLine(attribute(n, "alt")))
	case "link":
		label = cmp.Or(oneLine(textOf(n)), oneLine(attribute(n, "aria-label")), oneLine(attribute(n, "title")))
	default:
		if id := attribute(n, "id"); id != "" {
			for _, said := range cascadia.QueryAll(root, cascadia.MustCompile("label[for]")) {
				if attribute(said, "for") == id {
					label = oneLine(textOf(said))
				}
			}
		}
		for parent := n.Parent; label == "" && parent != nil; parent = parent.Parent {
			if parent.Data == "label" {
				label = oneLine(textOf(parent))
			}
		}
		label = cmp.Or(label, oneLine(attribute(n, "aria-label")), oneLine(attribute(n, "placeholder")))
	}
	if runes := []rune(label); len(runes) > longestLabel {
		label = string(runes[:longestLabel]) + "…"
	}
	return label
}

func oneLine(text string) string { return strings.Join(strings.Fields(wire.Printable(text)), " ") }

// simpleID says whether an id can stand in a selector as it is, and does not look as if it were made anew for every page.
func simpleID(id string) bool { return plainName.MatchString(id) && !madeUp.MatchString(id) }

var (
	plainName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_-]{0,40}$`)
	madeUp    = regexp.MustCompile(`[0-9]{3}|[0-9a-f]{12}`)
)

// selectorOf is a selector that finds this element alone, by what a page is least likely to change.
func selectorOf(root, n *html.Node) string { return selectorsOf(root, n)[0] }

// selectorsOf are selectors that find this element alone: by an id, a name, a value, a type; by the place of the element in the end.
func selectorsOf(root, n *html.Node) (selectors []string) {
	var candidates []string
	with := func(names ...string) {
		selector := n.Data
		for _, name := range names {
			value := attribute(n, name)
			if value == "" || len(value) > 60 || madeUp.MatchString(value) || strings.ContainsAny(value, "\"\\\n") {
				return
			}
			if plainName.MatchString(value) {
				selector += fmt.Sprintf("[%s=%s]", name, value)
			} else {
				selector += fmt.Sprintf("[%s=%q]", name, value)
			}
		}
		candidates = append(candidates, selector)
	}
	if id := attribute(n, "id"); simpleID(id) {
		candidates = append(candidates, "#"+id)
		if n.Data == "form" {
			candidates[0] = "form#" + id
		}
	}
	with("name")
	with("name", "value")
	if n.Data == "button" || n.Data == "input" {
		with("value")
		with("type")
	}
	with("data-testid")
	with("formaction")
	if n.Data == "form" {
		with("action")
		candidates = append(candidates, "form")
	}
	if n.Data == "a" {
		with("href")
	}
	with("role")
	candidates = append(candidates, n.Data)
	for _, candidate := range candidates {
		if found := cascadia.QueryAll(root, parsed(candidate)); len(found) == 1 {
			selectors = append(selectors, candidate)
		}
	}
	return append(selectors, path(root, n))
}

// parsed is a selector that was made here.
func parsed(selector string) cascadia.Matcher {
	group, err := cascadia.ParseGroup(selector)
	if err != nil {
		return cascadia.SelectorGroup{}
	}
	return group
}

// path is the place of an element below the nearest one that has an id.
func path(root, n *html.Node) string {
	var parts []string
	for at := n; at != nil && at.Type == html.ElementNode && at.Data != "html"; at = at.Parent {
		if id := attribute(at, "id"); at != n && simpleID(id) && len(cascadia.QueryAll(root, parsed("#"+id))) == 1 {
			return strings.Join(append([]string{"#" + id}, parts...), " > ")
		}
		place, same := 1, 0
		for other := at.Parent.FirstChild; other != nil; other = other.NextSibling {
			if other.Type == html.ElementNode && other.Data == at.Data {
				if same++; other == at {
					place = same
				}
			}
		}
		part := at.Data
		if same > 1 {
			part += fmt.Sprintf(":nth-of-type(%d)", place)
		}
		parts = append([]string{part}, parts...)
	}
	return strings.Join(parts, " > ")
}
