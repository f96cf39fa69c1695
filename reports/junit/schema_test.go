package junit_test

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// element is what the schema says of an element of that name.
type element struct {
	children   []string
	attributes map[string]string // and their types
	required   []string
	text       bool // it may hold text
}

// schema is as much of an XML Schema as that of JUnit uses: what stands in what, without how often and in which order, which it leaves open nearly everywhere.
type schema struct {
	elements map[string]*element
	patterns map[string]*regexp.Regexp
}

// readSchema reads testdata/xunit-plugin/junit-10.xsd, which is a copy from github.com/jenkinsci/xunit-plugin, commit 8c515de2.
func readSchema(t *testing.T) *schema {
	t.Helper()
	file, err := os.Open(filepath.Join("testdata", "xunit-plugin", "junit-10.xsd"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	s := &schema{elements: map[string]*element{}, patterns: map[string]*regexp.Regexp{}}
	decoder := xml.NewDecoder(file)
	depth := 0
	var current *element
	kind := ""
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			return s
		}
		if err != nil {
			t.Fatal(err)
		}
		switch token := token.(type) {
		case xml.StartElement:
			depth++
			at := func(name string) string {
				i := slices.IndexFunc(token.Attr, func(a xml.Attr) bool { return a.Name.Local == name })
				if i < 0 {
					return ""
				}
				return token.Attr[i].Value
			}
			switch name := token.Name.Local; {
			case name == "element" && depth == 2:
				current = &element{attributes: map[string]string{}, text: at("type") == "xs:string"}
				s.elements[at("name")] = current
			case name == "complexType" && depth == 2:
				current = &element{attributes: map[string]string{}} // a type that only elements have which we don't write
			case name == "simpleType":
				kind = at("name")
			case name == "pattern":
				s.patterns[kind] = regexp.MustCompile("^(?:" + at("value") + ")$")
			case name == "complexType":
				current.text = at("mixed") == "true"
			case name == "element":
				current.children = append(current.children, at("ref"))
			case name == "attribute":
				current.attributes[at("name")] = at("type")
				if at("use") == "required" {
					current.required = append(current.required, at("name"))
				}
			}
		case xml.EndElement:
			depth--
		}
	}
}

func (s *schema) check(t *testing.T, name, document string) {
	t.Helper()
	for _, fault := range s.faults(t, document) {
		t.Errorf("%s: %s", name, fault)
	}
}

// faults is what the schema does not allow in a document.
func (s *schema) faults(t *testing.T, document string) []string {
	t.Helper()
	var faults []string
	var path []string
	decoder := xml.NewDecoder(strings.NewReader(document))
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			return faults
		}
		if err != nil {
			t.Fatal(err)
		}
		switch token := token.(type) {
		case xml.StartElement:
			name := token.Name.Local
			declared := s.elements[name]
			if declared == nil || len(path) == 0 && name != "testsuites" || len(path) > 0 && !slices.Contains(s.elements[path[len(path)-1]].children, name) {
				return append(faults, fmt.Sprintf("%s in %v", name, path))
			}
			var have []string
			for _, attribute := range token.Attr {
				have = append(have, attribute.Name.Local)
				kind, allowed := declared.attributes[attribute.Name.Local]
				if pattern := s.patterns[kind]; !allowed || pattern != nil && !pattern.MatchString(attribute.Value) {
					faults = append(faults, fmt.Sprintf("%s %s=%q", name, attribute.Name.Local, attribute.Value))
				}
			}
			for _, required := range declared.required {
				if !slices.Contains(have, required) {
					faults = append(faults, name+" without "+required)
				}
			}
			path = append(path, name)
		case xml.EndElement:
			path = path[:len(path)-1]
		case xml.CharData:
			if len(path) > 0 && strings.TrimSpace(string(token)) != "" && !s.elements[path[len(path)-1]].text {
				faults = append(faults, "text in "+path[len(path)-1])
			}
		}
	}
}
