package target

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/fapitest/fapitest/harness/wire"
)

// FileError says what is wrong with a target file, and where.
type FileError struct {
	File string
	Line int // 0: the whole file
	Says string
}

func (e *FileError) Error() string {
	if e.Line == 0 {
		return e.File + ": " + e.Says
	}
	return fmt.Sprintf("%s:%d: %s", e.File, e.Line, e.Says)
}

// notYAML says in our words, and with the line, what the YAML library says.
func notYAML(path string, err error) *FileError {
	var stopped *yaml.LoadError
	if !errors.As(err, &stopped) {
		return &FileError{File: path, Says: "not YAML: " + wire.Printable(err.Error())}
	}
	return &FileError{File: path, Line: stopped.Mark.Line, Says: "not YAML: " + wire.Printable(stopped.Message)}
}

// loader reads the nodes of a target file and keeps the first thing that is wrong.
type loader struct {
	path      string
	env       func(string) string
	target    *Target
	redirects []string
	script    string
	scriptAt  *yaml.Node
	issuerAt  *yaml.Node
	// lesserAt is where resource.lesser stands; nil: nowhere.
	lesserAt *yaml.Node
	// signaturesAt is where resource.signatures stands; nil: nowhere.
	signaturesAt *yaml.Node
	// requiresAt is where requires stands; nil: nowhere.
	requiresAt *yaml.Node
	usersAt    *yaml.Node
	entries    []declaration // of the declarations file
	err        error
}

func (l *loader) fail(node *yaml.Node, format string, args ...any) {
	if l.err == nil {
		l.err = &FileError{File: l.path, Line: node.Line, Says: fmt.Sprintf(format, args...)}
	}
}

// members calls visit for every member of a mapping in the order of the file. Unknown keys are errors that name the nearest, and so
// are keys that stand twice.
func (l *loader) members(node *yaml.Node, where string, visit func(key string, value *yaml.Node)) {
	known := keysOf(where)
	if node.Kind != yaml.MappingNode {
		if known == nil {
			l.fail(node, "%s: expected names with a text each: {name: text}", strings.TrimSuffix(where, "."))
			return
		}
		l.fail(node, "%s: expected the keys %s", strings.TrimSuffix(where, "."), strings.Join(known, ", "))
		return
	}
	seen := map[string]bool{}
	for i := 0; i+1 < len(node.Content) && l.err == nil; i += 2 {
		key := node.Content[i]
		switch {
		case known != nil && !slices.Contains(known, key.Value):
			l.fail(key, "unknown key %q: the keys here are %s", where+key.Value, strings.Join(known, ", "))
		case seen[key.Value]:
			l.fail(key, "%s%s stands twice", where, key.Value)
		default:
			seen[key.Value] = true
			visit(key.Value, node.Content[i+1])
		}
	}
}

var variable = regexp.MustCompile(`\$\{([A-Za-z_][A-Za-z0-9_]*)\}`)

// text reads a value, with ${NAME} replaced, or the environment's instead of it.
func (l *loader) text(key string, node *yaml.Node) string {
	if node.Kind != yaml.ScalarNode {
		l.fail(node, "%s: expected text", key)
		return ""
	}
	if override := l.env(overrideName(key)); override != "" {
		return override
	}
	return variable.ReplaceAllStringFunc(node.Value, func(match string) string {
		name := match[2 : len(match)-1]
		value := l.env(name)
		if value == "" {
			l.fail(node, "%s: the environment variable %s is not set", key, name)
		}
		return value
	})
}

func (l *loader) list(key string, node *yaml.Node) []string {
	if override := l.env(overrideName(key)); override != "" {
		return strings.Split(override, ",")
	}
	if node.Kind != yaml.SequenceNode {
		l.fail(node, "%s: expected a list: [one, two]", key)
		return nil
	}
	var items []string
	for i, item := range node.Content {
		items = append(items, l.text(fmt.Sprintf("%s[%d]", key, i), item))
	}
	return items
}

func (l *loader) texts(key string, node *yaml.Node) map[string]string {
	values := map[string]string{}
	l.members(node, key+".", func(name string, value *yaml.Node) { values[name] = l.text(key+"."+name, value) })
	return values
}

// file resolves a path against the target file's place and reads it.
func (l *loader) file(key string, node *yaml.Node) []byte {
	name := l.text(key, node)
	if l.err != nil {
		return nil
	}
	data, err := os.ReadFile(l.resolve(name))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		l.fail(node, "%s: there is no file %s (paths are relative to the target file)", key, name)
	case err != nil:
		l.fail(node, "%s: %s can't be read: %s", key, name, err)
	}
	return data
}

func (l *loader) resolve(name string) string {
	if filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(filepath.Dir(l.path), name)
}

// insert adds the keys that the environment has and the file has not.
func (l *loader) insert(root *yaml.Node) {
	for _, path := range single() {
		value := l.env(overrideName(path))
		if value == "" {
			continue
		}
		node := root
		for _, key := range strings.Split(path, ".") {
			node = memberOf(node, key, root.Line)
		}
		node.Kind, node.Value = yaml.ScalarNode, value
	}
}

// memberOf returns the member of a mapping, made new where it is missing.
func memberOf(node *yaml.Node, key string, line int) *yaml.Node {
	for i := 0; i+1 < len(node.Content); i += 2 {
		if node.Content[i].Value == key {
			return node.Content[i+1]
		}
	}
	node.Kind = yaml.MappingNode
	value := &yaml.Node{Line: line}
	node.Content = append(node.Content, &yaml.Node{Kind: yaml.ScalarNode, Value: key, Line: line}, value)
	return value
}

var notName = regexp.MustCompile(`[^A-Za-z0-9]+`)

func overrideName(key string) string {
	return "FAPITEST_" + strings.ToUpper(strings.Trim(notName.ReplaceAllString(key, "_"), "_"))
}

func nodeOr(node, other *yaml.Node) *yaml.Node {
	if node == nil {
		return other
	}
	return node
}
