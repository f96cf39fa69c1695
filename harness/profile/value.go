package profile

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// value is what a limit says.
type value interface {
	fmt.Stringer
	// fault says what is wrong with the value by itself; empty: nothing is.
	fault() string
	// tightens says whether whoever keeps this value keeps the base's as well.
	tightens(base value) bool
}

// LeftOpen is how a parameter reads that a profile leaves as its bases have it.
const LeftOpen = "left open"

// open is the value of a parameter that a profile has looked at and leaves as its bases have it.
type open struct{}

// String says that nothing is said.
func (open) String() string { return LeftOpen }

func (open) fault() string { return "" }

func (open) tightens(value) bool { return true }

// Quantity is what has bounds: times and numbers.
type Quantity interface{ time.Duration | Count }

// Count is a number of something: bits of a key, characters of a text.
type Count int64

// String is the number.
func (c Count) String() string { return strconv.FormatInt(int64(c), 10) }

// Bounds are between which values a quantity may be, both ends included. An end that is 0 is open: as the base has it.
type Bounds[T Quantity] struct{ Least, Most T }

// String says the bounds in words.
func (b Bounds[T]) String() string {
	switch {
	case b.Most == 0:
		return "at least " + quantity(b.Least)
	case b.Least == 0:
		return "at most " + quantity(b.Most)
	case b.Least == b.Most:
		return quantity(b.Most)
	}
	least, unit, _ := strings.Cut(quantity(b.Least), " ")
	if most := quantity(b.Most); unit == "" || strings.HasSuffix(most, " "+strings.TrimSuffix(unit, "s")+"s") {
		return least + " to " + most
	}
	return quantity(b.Least) + " to " + quantity(b.Most)
}

// Holds says whether a value lies between the bounds.
func (b Bounds[T]) Holds(v T) bool { return v >= b.Least && (b.Most == 0 || v <= b.Most) }

func (b Bounds[T]) fault() string {
	switch {
	case b.Least == 0 && b.Most == 0:
		return "it has no bound: say Open where it is left open"
	case b.Least < 0 || b.Most < 0:
		return fmt.Sprintf("%s is less than nothing", b)
	case b.Most != 0 && b.Least > b.Most:
		return fmt.Sprintf("no value is at least %s and at most %s", quantity(b.Least), quantity(b.Most))
	}
	return ""
}

func (b Bounds[T]) tightens(base value) bool {
	outer, same := base.(Bounds[T])
	return same && (b.Least == 0 || outer.Holds(b.Least)) && (b.Most == 0 || outer.Holds(b.Most))
}

// within returns what lies between both.
func (b Bounds[T]) within(outer Bounds[T]) Bounds[T] {
	b.Least = max(b.Least, outer.Least)
	if b.Most == 0 || outer.Most != 0 && outer.Most < b.Most {
		b.Most = outer.Most
	}
	return b
}

func quantity[T Quantity](v T) string {
	if d, ok := any(v).(time.Duration); ok {
		switch {
		case d == time.Second:
			return "1 second"
		case d == 24*time.Hour:
			return "24 hours"
		case d > 0 && d%(24*time.Hour) == 0:
			return fmt.Sprintf("%d days", d/(24*time.Hour))
		}
		return strconv.FormatFloat(d.Seconds(), 'f', -1, 64) + " seconds"
	}
	return fmt.Sprint(v)
}

// words is a list of which a server may use some, or has to have all.
type words struct {
	list []string
	all  bool
}

// String joins the words.
func (w words) String() string { return strings.Join(w.list, ", ") }

func (w words) fault() string {
	switch {
	case len(w.list) == 0:
		return "it names nothing: say Open where it is left open"
	case len(slices.Compact(slices.Sorted(slices.Values(w.list)))) != len(w.list):
		return fmt.Sprintf("%s names something twice", w)
	}
	return ""
}

func (w words) tightens(base value) bool {
	other, same := base.(words)
	fewer, more := w.list, other.list
	if w.all {
		fewer, more = more, fewer
	}
	return same && w.all == other.all && !slices.ContainsFunc(fewer, func(word string) bool { return !slices.Contains(more, word) })
}

// text is one word or sentence.
type text string

// String is the text.
func (t text) String() string { return string(t) }

func (t text) fault() string {
	if t == "" {
		return "it says nothing: say Open where it is left open"
	}
	return ""
}

func (t text) tightens(base value) bool { return t == base }

// Demand is what a profile says about something that can be there or not.
type Demand string

// The demands.
const (
	Optional    Demand = "optional"
	Required    Demand = "required"
	Unused      Demand = "unused" // no member uses it, and nothing is said about servers that offer it
	Discouraged Demand = "discouraged"
	Forbidden   Demand = "forbidden"
)

// String is the word.
func (d Demand) String() string { return string(d) }

func (d Demand) fault() string {
	switch d {
	case Optional, Required, Unused, Discouraged, Forbidden:
		return ""
	}
	return fmt.Sprintf("there is no demand %q", string(d))
}

func (d Demand) tightens(base value) bool {
	switch base {
	case Optional:
		return true
	case Unused, Discouraged:
		return d == base || d == Forbidden
	}
	return d == base
}
