// Package httpsig reads and makes what HTTP message signatures are made of (RFC 9421), and digests of bodies (RFC 9530): strictly, and badly on purpose. It holds
// no keys, and judges nothing. The grammar of its fields is a library's (RFC 9651); what a signature is made over is written out here, so that it can be wrong
// in one place alone.
package httpsig

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/dunglas/httpsfv"
)

// The fields that hold signatures.
const (
	InputField     = "Signature-Input"
	SignatureField = "Signature"
)

// Message is a request, or the answer to one, as far as a signature can cover it.
type Message struct {
	Method, TargetURI string // of a request
	Status            int    // of an answer; 0: it is a request
	Header            http.Header
	Request           *Message // of an answer: what was asked
}

// Component is what a signature covers one of: a header field, or something that is derived from the message, whose name begins with @.
type Component struct{ item httpsfv.Item }

// Covered is a component without parameters.
func Covered(name string) Component { return Component{httpsfv.NewItem(name)} }

// CoveredWith is a component with a parameter that is there, and has no value.
func CoveredWith(name, parameter string) Component {
	item := httpsfv.NewItem(name)
	item.Params.Add(parameter, true)
	return Component{item}
}

// Covering is a component of the request that an answer is to (RFC 9421 section 2.4); with a key, a member of a dictionary (section 2.1.2).
func Covering(name, key string) Component {
	item := httpsfv.NewItem(name)
	item.Params.Add("req", true)
	if key != "" {
		item.Params.Add("key", key)
	}
	return Component{item}
}

// Name is the component's, without its parameters.
func (c Component) Name() string {
	name, _ := c.item.Value.(string)
	return name
}

// Req says whether it is a component of the request, in an answer.
func (c Component) Req() bool {
	req, _ := c.item.Params.Get("req")
	return req == true
}

// Key is the member of a dictionary that is covered; empty: all of it is.
func (c Component) Key() string {
	key, _ := c.item.Params.Get("key")
	text, _ := key.(string)
	return text
}

// String is the identifier as a signature has it.
func (c Component) String() string {
	text, err := httpsfv.Marshal(c.item)
	if err != nil {
		return strconv.Quote(c.Name())
	}
	return text
}

// Parameter is a parameter of a signature. The value is what RFC 9651 has: a text, a whole number, a bool and others.
type Parameter struct {
	Name  string
	Value any
}

// Input is what a signature says of itself: an entry of Signature-Input.
type Input struct {
	Label      string
	Components []Component
	Parameters []Parameter
}

// Parameter returns the value of a parameter; nil where it is not there.
func (i Input) Parameter(name string) any {
	for _, parameter := range i.Parameters {
		if parameter.Name == name {
			return parameter.Value
		}
	}
	return nil
}

// Text returns a parameter that is a text; empty for others.
func (i Input) Text(name string) string {
	text, _ := i.Parameter(name).(string)
	return text
}

// Covers says whether a component is among the covered ones: of the message itself, or of the request that it answers. A field of which a member alone is covered is not.
func (i Input) Covers(name string, req bool) bool {
	return slices.ContainsFunc(i.Components, func(c Component) bool { return c.Name() == name && c.Req() == req && c.Key() == "" })
}

// CoversMember says whether a member of a dictionary is covered, by itself or with all of it.
func (i Input) CoversMember(name, key string, req bool) bool {
	return i.Covers(name, req) || slices.ContainsFunc(i.Components, func(c Component) bool { return c.Name() == name && c.Req() == req && c.Key() == key })
}

// String is the input as it is signed, and as it stands behind the label in Signature-Input. What can't be written is empty.
func (i Input) String() string {
	list := httpsfv.InnerList{Params: httpsfv.NewParams()}
	for _, component := range i.Components {
		list.Items = append(list.Items, component.item)
	}
	for _, parameter := range i.Parameters {
		list.Params.Add(parameter.Name, parameter.Value)
	}
	text, err := httpsfv.Marshal(httpsfv.List{list})
	if err != nil {
		return ""
	}
	return text
}

// Signature is one signature of a message.
type Signature struct {
	Input
	Bytes []byte // nil: Signature has nothing under the label
}

// Read returns the signatures of a message, in the order of Signature-Input. Labels that only stand in Signature are no signatures, and are returned beside.
func Read(header http.Header) (signatures []Signature, alone []string, err error) {
	inputs, err := dictionary(header, InputField)
	if err != nil {
		return nil, nil, err
	}
	values, err := dictionary(header, SignatureField)
	if err != nil {
		return nil, nil, err
	}
	for _, label := range inputs.Names() {
		member, _ := inputs.Get(label)
		list, isList := member.(httpsfv.InnerList)
		if !isList {
			return nil, nil, fmt.Errorf("%s in %s is no list of components", label, InputField)
		}
		signature := Signature{Input: Input{Label: label}}
		for _, item := range list.Items {
			if _, isText := item.Value.(string); !isText {
				return nil, nil, fmt.Errorf("a component of %s in %s is no text", label, InputField)
			}
			signature.Components = append(signature.Components, Component{item})
		}
		for _, name := range list.Params.Names() {
			value, _ := list.Params.Get(name)
			signature.Parameters = append(signature.Parameters, Parameter{name, value})
		}
		if value, there := values.Get(label); there {
			item, _ := value.(httpsfv.Item)
			bytes, isBytes := item.Value.([]byte)
			if !isBytes {
				return nil, nil, fmt.Errorf("%s in %s is no sequence of bytes", label, SignatureField)
			}
			signature.Bytes = bytes
		}
		signatures = append(signatures, signature)
	}
	for _, label := range values.Names() {
		if _, there := inputs.Get(label); !there {
			alone = append(alone, label)
		}
	}
	return signatures, alone, nil
}

func dictionary(header http.Header, field string) (*httpsfv.Dictionary, error) {
	values := header.Values(field)
	if len(values) == 0 {
		return httpsfv.NewDictionary(), nil
	}
	read, err := httpsfv.UnmarshalDictionary(values)
	if err != nil {
		return nil, fmt.Errorf("%s is no dictionary as RFC 9651 has it: %w", field, err)
	}
	return read, nil
}

// Bytes writes a value as Signature and Content-Digest have it.
func Bytes(value []byte) string {
	text, err := httpsfv.Marshal(httpsfv.NewItem(value))
	if err != nil {
		return "::" // can't be: all bytes can be written
	}
	return text
}

// MissingError says that a message does not have what a signature covers.
type MissingError struct{ Component string }

func (e *MissingError) Error() string { return "the message has no " + e.Component }

// ErrUnsupported is what a signature covers in a way that is not read here. Nothing follows from it.
var ErrUnsupported = errors.New("can't be rebuilt here")

// Base is what a signature is made over (RFC 9421 section 2.5). The error is a *MissingError where the message lacks something, and ErrUnsupported where that is known to be
// legal and is not read here; others are faults of the input.
func (m Message) Base(input Input) (string, error) {
	seen := map[string]bool{}
	return m.base(input, func(c Component) (string, error) {
		if seen[c.String()] {
			return "", fmt.Errorf("%s is covered twice", c)
		}
		seen[c.String()] = true
		return m.Value(c)
	})
}

// LooseBase is the base as who does not look closely would make it: what is not there is empty, what stands twice is there twice, and parameters of components that make no sense are
// passed over.
func (m Message) LooseBase(input Input) string {
	base, _ := m.base(input, func(c Component) (string, error) {
		value, err := m.Value(c)
		if err != nil {
			value, _ = m.own(Covered(c.Name())) // that is what is loose about it
		}
		return value, nil
	})
	return base
}

// BaseWith is Base with other values for some of the components, by their identifiers.
func (m Message) BaseWith(input Input, values map[string]string) (string, error) {
	return m.base(input, func(c Component) (string, error) {
		if value, there := values[c.String()]; there {
			return value, nil
		}
		return m.Value(c)
	})
}

func (m Message) base(input Input, value func(Component) (string, error)) (string, error) {
	var b strings.Builder
	for _, component := range input.Components {
		text, err := value(component)
		if err != nil {
			return "", err
		}
		if strings.ContainsAny(text, "\r\n") {
			return "", fmt.Errorf("the value of %s has more than one line", component)
		}
		fmt.Fprintf(&b, "%s: %s\n", component, text)
	}
	written := input.String()
	if written == "" {
		return "", errors.New("the input can't be written")
	}
	b.WriteString(`"@signature-params": ` + written)
	return b.String(), nil
}

// Value is what the base has for a component.
func (m Message) Value(c Component) (string, error) {
	if c.Req() {
		if m.Request == nil {
			return "", fmt.Errorf("%s is of a request, and this is one", c)
		}
		return m.Request.own(c)
	}
	return m.own(c)
}

func (m Message) own(c Component) (string, error) {
	name := c.Name()
	var bytes, structured bool
	for _, parameter := range c.item.Params.Names() {
		switch value, _ := c.item.Params.Get(parameter); parameter {
		case "req":
		case "key":
			if _, isText := value.(string); !isText {
				return "", fmt.Errorf("the key of %s is no text", c)
			}
			structured = true
		case "sf":
			structured = true
		case "bs":
			bytes = true
		case "name":
			if name != "@query-param" {
				return "", fmt.Errorf("%s has a parameter that is for @query-param", c)
			}
		case "tr":
			return "", ErrUnsupported
		default:
			return "", fmt.Errorf("%s has an unknown parameter", c)
		}
	}
	if strings.HasPrefix(name, "@") {
		return m.derived(c)
	}
	if name != strings.ToLower(name) {
		return "", fmt.Errorf("%s is not in lower case", c)
	}
	values := m.Header.Values(name)
	switch {
	case len(values) == 0:
		return "", &MissingError{c.String()}
	case bytes && structured:
		return "", fmt.Errorf("%s has both bs and sf", c)
	case bytes:
		var all []string
		for _, value := range values {
			all = append(all, Bytes([]byte(strings.TrimSpace(value))))
		}
		return strings.Join(all, ", "), nil
	case structured:
		return restructured(c, values)
	}
	trimmed := make([]string, len(values))
	for i, value := range values {
		trimmed[i] = strings.TrimSpace(value)
	}
	return strings.Join(trimmed, ", "), nil
}

// dictionaries are the fields that are known to be ones; of what other fields are nothing is known.
var dictionaries = []string{"content-digest", "repr-digest", "want-content-digest", "want-repr-digest", "signature", "signature-input", "accept-signature", "priority"}

// restructured writes a structured field anew, or one member of it.
func restructured(c Component, values []string) (string, error) {
	key := c.Key()
	if key == "" && !slices.Contains(dictionaries, c.Name()) {
		return "", ErrUnsupported
	}
	read, err := httpsfv.UnmarshalDictionary(values)
	if err != nil {
		return "", fmt.Errorf("%s is no dictionary: %w", c, err)
	}
	if key == "" {
		return httpsfv.Marshal(read)
	}
	switch member, _ := read.Get(key); member := member.(type) {
	case httpsfv.Item:
		return httpsfv.Marshal(member)
	case httpsfv.InnerList:
		return httpsfv.Marshal(httpsfv.List{member})
	}
	return "", &MissingError{c.String()}
}

// derived is the value of a component that is derived from the message (RFC 9421 section 2.2).
func (m Message) derived(c Component) (string, error) {
	name := c.Name()
	if name == "@status" {
		if m.Status == 0 {
			return "", fmt.Errorf("%s is of an answer, and this is a request", c)
		}
		return strconv.Itoa(m.Status), nil
	}
	address, err := url.Parse(m.TargetURI)
	switch {
	case m.Status != 0:
		return "", fmt.Errorf("%s is of a request, and this is an answer", c)
	case err != nil:
		return "", err
	}
	path := address.EscapedPath()
	if path == "" {
		path = "/"
	}
	query := ""
	if address.RawQuery != "" || address.ForceQuery {
		query = "?" + address.RawQuery
	}
	switch name {
	case "@method":
		return m.Method, nil
	case "@target-uri":
		return m.TargetURI, nil
	case "@scheme":
		return strings.ToLower(address.Scheme), nil
	case "@authority":
		authority := strings.ToLower(address.Host)
		return strings.TrimSuffix(authority, map[string]string{"https": ":443", "http": ":80"}[address.Scheme]), nil
	case "@request-target":
		return path + query, nil
	case "@path":
		return path, nil
	case "@query":
		return "?" + address.RawQuery, nil
	case "@query-param":
		return "", ErrUnsupported
	}
	return "", fmt.Errorf("%s is not known", c)
}
