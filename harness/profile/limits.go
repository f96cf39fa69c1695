package profile

import (
	"fmt"
	"slices"
	"time"
)

// Limit is a parameter with the value that a profile gives it. Parameters make them: RequestURILife.Between(10*time.Second, 90*time.Second).
type Limit struct {
	parameter *parameter
	value     value
}

// Name is the parameter's: "request_uri_life".
func (l Limit) Name() string { return l.parameter.name }

// About says what the limit is about, as what follows "for": "how long a request_uri lives".
func (l Limit) About() string { return l.parameter.about }

// String is the value in words.
func (l Limit) String() string { return l.value.String() }

// Open says whether the profile leaves the parameter as its bases have it.
func (l Limit) Open() bool { return l.value == open{} }

type parameter struct{ name, about string }

// Name is how the parameter is spelt: "request_uri_life".
func (p *parameter) Name() string { return p.name }

// About says what the parameter is about: "how long a request_uri lives".
func (p *parameter) About() string { return p.about }

func (p *parameter) is(v value) Limit { return Limit{parameter: p, value: v} }

// Open leaves the parameter as the bases have it, and says that it was looked for.
func (p *parameter) Open() Limit { return p.is(open{}) }

// Range is a parameter that has bounds.
type Range[T Quantity] struct{ *parameter }

// Between bounds the parameter at both ends, which are included.
func (p Range[T]) Between(least, most T) Limit { return p.is(Bounds[T]{Least: least, Most: most}) }

// AtLeast bounds the parameter below.
func (p Range[T]) AtLeast(least T) Limit { return p.is(Bounds[T]{Least: least}) }

// AtMost bounds the parameter above.
func (p Range[T]) AtMost(most T) Limit { return p.is(Bounds[T]{Most: most}) }

// In returns the bounds that all limits together leave; false: there are none.
func (p Range[T]) In(limits Limits) (bounds Bounds[T], set bool) {
	for _, held := range limits.of(p.parameter) {
		if own, ok := held.value.(Bounds[T]); ok {
			bounds, set = own.within(bounds), true
		}
	}
	return bounds, set
}

// Breach returns the first limit that v does not keep, that of a base before that of a profile that tightens it.
func (p Range[T]) Breach(limits Limits, v T) (Held, bool) {
	for _, held := range limits.of(p.parameter) {
		if bounds, ok := held.value.(Bounds[T]); ok && !bounds.Holds(v) {
			return held, true
		}
	}
	return Held{}, false
}

// List is a parameter whose value is a list: of what is allowed, or of what has to be there.
type List struct {
	*parameter
	all bool
}

// Of gives the parameter its list.
func (p List) Of(list ...string) Limit { return p.is(words{list: list, all: p.all}) }

// In returns the list, of the profile that tightens it most; false: there is none.
func (p List) In(limits Limits) (list []string, set bool) {
	for _, held := range limits.of(p.parameter) {
		if own, ok := held.value.(words); ok {
			list, set = slices.Clone(own.list), true
		}
	}
	return list, set
}

// Text is a parameter whose value is a word or a sentence.
type Text struct{ *parameter }

// Is gives the parameter its text.
func (p Text) Is(words string) Limit { return p.is(text(words)) }

// In returns the text; empty: there is none.
func (p Text) In(limits Limits) string {
	said := ""
	for _, held := range limits.of(p.parameter) {
		if own, ok := held.value.(text); ok {
			said = string(own)
		}
	}
	return said
}

// Rule is a parameter whose value is a Demand.
type Rule struct{ *parameter }

// Is gives the parameter its demand.
func (p Rule) Is(demand Demand) Limit { return p.is(demand) }

// In returns the demand; empty: there is none.
func (p Rule) In(limits Limits) Demand {
	said := Demand("")
	for _, held := range limits.of(p.parameter) {
		if own, ok := held.value.(Demand); ok {
			said = own
		}
	}
	return said
}

// Limits are those of a profile and of all on which it stands, the base's first. Parameters look themselves up in them.
type Limits []Held

// Held is a limit and the profile that sets it.
type Held struct {
	Limit
	Profile  string
	Verified Verified // how sure we are of the profile's text
	asks     bool     // of a server, what neither a base nor an entry of the catalogue does
}

// Sure says whether a breach fails: where nobody has read the profile's text it warns, until somebody has.
func (h Held) Sure() bool { return h.Verified != Unread }

// Breach says what is not kept: "fapi2-security-profile allows 1 to 599 seconds".
func (h Held) Breach() string {
	words := fmt.Sprintf("%s allows %s", h.Profile, h.Limit)
	if !h.Sure() {
		words += ", as far as is known: nobody here has read its text"
	}
	return words
}

func (l Limits) of(p *parameter) []Held {
	var all []Held
	for _, held := range l {
		if held.parameter == p {
			all = append(all, held)
		}
	}
	return all
}

// add puts the profile's own limits on top of its bases'. The error says which contradicts itself or loosens a base's.
func (l Limits) add(id string, source Source, own []Limit) (Limits, error) {
	all := slices.Clone(l)
	for i, limit := range own {
		if limit.parameter == nil {
			return nil, fmt.Errorf("limit %d has no parameter: make it with one, as in RequestURILife.AtMost", i+1)
		}
		if fault := limit.value.fault(); fault != "" {
			return nil, fmt.Errorf("%s: %s", limit.Name(), fault)
		}
		if slices.ContainsFunc(own[:i], func(other Limit) bool { return other.parameter == limit.parameter }) {
			return nil, fmt.Errorf("%s stands twice: leave one", limit.Name())
		}
		held := Held{Limit: limit, Profile: id, Verified: source.Verified}
		held.asks = !source.Entries && !limit.Open() && limit.value != Optional && limit.value != Unused
		for _, base := range l.of(limit.parameter) {
			if !base.Open() && !limit.value.tightens(base.value) {
				return nil, fmt.Errorf("%s: %q is looser than %q of %s: a profile tightens", limit.Name(), limit, base.Limit, base.Profile)
			}
			held.asks = held.asks && limit.String() != base.String()
		}
		all = append(all, held)
	}
	return all, all.contradiction()
}

// contradiction says which two limits can't be kept both.
func (l Limits) contradiction() error {
	accept, accepts := ClockAheadAccept.In(l)
	refuse, refuses := ClockAheadRefuse.In(l)
	if accepts && refuses && accept.Least > refuse.Most && refuse.Most > 0 {
		return fmt.Errorf("%s and %s contradict each other: what is %s ahead would have to be accepted and refused", ClockAheadAccept.name, ClockAheadRefuse.name, quantity(accept.Least))
	}
	return nil
}

func times(name, about string) Range[time.Duration] {
	return Range[time.Duration]{&parameter{name: name, about: about}}
}

func counts(name, about string) Range[Count] {
	return Range[Count]{&parameter{name: name, about: about}}
}

func allowed(name, about string) List { return List{parameter: &parameter{name: name, about: about}} }

func wanted(name, about string) List {
	return List{parameter: &parameter{name: name, about: about}, all: true}
}

func says(name, about string) Text { return Text{&parameter{name: name, about: about}} }

func rule(name, about string) Rule { return Rule{&parameter{name: name, about: about}} }
