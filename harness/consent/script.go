package consent

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/andybalholm/cascadia"
	"go.yaml.in/yaml/v4"
)

// LoadScript reads a script. Errors are one sentence that names file and line.
func LoadScript(path string) (Script, error) {
	var script Script
	data, err := os.ReadFile(path)
	if err != nil {
		return script, fmt.Errorf("%s can't be read: %w", path, err)
	}
	var root yaml.Node
	if err := yaml.Load(data, &root); err != nil && len(bytes.TrimSpace(data)) > 0 {
		var stopped *yaml.LoadError
		if errors.As(err, &stopped) {
			return script, fmt.Errorf("%s:%d: not YAML: %s", path, stopped.Mark.Line, stopped.Message)
		}
		return script, fmt.Errorf("%s: not YAML: %w", path, err)
	}
	reader := scriptReader{file: filepath.Base(path)}
	if len(root.Content) == 0 {
		return script, fmt.Errorf("%s: is empty: it needs accept, and what to do on each page", reader.file)
	}
	script = reader.script(root.Content[0])
	if reader.err == nil && len(script.Accept) == 0 {
		reader.fail(root.Content[0], "accept is missing: it says what to do on each page")
	}
	return script, reader.err
}

// ScriptKey is a key of a consent script. The reader takes these and no others.
type ScriptKey struct{ Path, Says string }

// ScriptKeys are all keys of a consent script, each after the one that it belongs to.
func ScriptKeys() []ScriptKey {
	return []ScriptKey{
		{"accept", "What to do on which page until the browser is sent back to the client: the first entry that fits a page is followed."},
		{"accept[].when", "Which page: a CSS selector that is on it, or selector and url."},
		{"accept[].when.selector", "A CSS selector that is on the page."},
		{"accept[].when.url", "A pattern for the page's address, in which * stands for anything."},
		{"accept[].do", "What to do there, step by step; each step is one of fill, click, wait and pause."},
		{"accept[].do[].fill", "Writes into a field."},
		{"accept[].do[].fill.selector", "The CSS selector of the field."},
		{"accept[].do[].fill.value", "What is written; ${user} and ${password} stand for the test user's."},
		{"accept[].do[].click", "Clicks what the CSS selector matches."},
		{"accept[].do[].wait", "Waits until something is on the page that the CSS selector matches."},
		{"accept[].do[].pause", "Waits that long, at most 1m, for pages that are slow to come alive: 500ms."},
		{"deny", "The same for a user who says no. Pages that no entry of deny fits are handled as in accept."},
		{"error", "CSS selectors: a page that has one of them says no, whatever its status."},
	}
}

// keysOf are the names of the keys that belong to a place in the script.
func keysOf(where string) []string {
	var names []string
	for _, key := range ScriptKeys() {
		if name, found := strings.CutPrefix(key.Path, where); found && !strings.Contains(name, ".") {
			names = append(names, name)
		}
	}
	return names
}

// scriptReader reads the nodes of a script and keeps the first thing that is wrong.
type scriptReader struct {
	file string
	err  error
}

func (r *scriptReader) fail(node *yaml.Node, format string, args ...any) {
	if r.err == nil {
		r.err = fmt.Errorf("%s:%d: %s", r.file, node.Line, fmt.Sprintf(format, args...))
	}
}

// members calls visit for every member of a mapping; keys that are not known are errors.
func (r *scriptReader) members(node *yaml.Node, where string, visit func(key string, value *yaml.Node)) {
	known := keysOf(where)
	if node.Kind != yaml.MappingNode {
		r.fail(node, "expected the keys %s", strings.Join(known, ", "))
		return
	}
	for i := 0; i+1 < len(node.Content); i += 2 {
		key := node.Content[i]
		if !slices.Contains(known, key.Value) {
			r.fail(key, "unknown key %q: the keys are %s", key.Value, strings.Join(known, ", "))
			return
		}
		visit(key.Value, node.Content[i+1])
	}
}

func (r *scriptReader) items(node *yaml.Node, visit func(*yaml.Node)) {
	if node.Kind != yaml.SequenceNode {
		r.fail(node, "expected a list")
		return
	}
	for _, item := range node.Content {
		visit(item)
	}
}

func (r *scriptReader) text(node *yaml.Node) string {
	if node.Kind != yaml.ScalarNode {
		r.fail(node, "expected text")
	}
	return node.Value
}

func (r *scriptReader) selector(node *yaml.Node) string {
	selector := r.text(node)
	if _, err := cascadia.ParseGroup(selector); err != nil {
		r.fail(node, "%q is not a valid CSS selector", selector)
	}
	return selector
}

func (r *scriptReader) script(node *yaml.Node) Script {
	var script Script
	r.members(node, "", func(key string, value *yaml.Node) {
		switch key {
		case "accept":
			r.items(value, func(item *yaml.Node) { script.Accept = append(script.Accept, r.page(item)) })
		case "deny":
			r.items(value, func(item *yaml.Node) { script.Deny = append(script.Deny, r.page(item)) })
		case "error":
			r.items(value, func(item *yaml.Node) { script.Error = append(script.Error, r.selector(item)) })
		}
	})
	return script
}

func (r *scriptReader) page(node *yaml.Node) Page {
	var page Page
	r.members(node, "accept[].", func(key string, value *yaml.Node) {
		switch {
		case key == "do":
			r.items(value, func(item *yaml.Node) { page.Do = append(page.Do, r.step(item)) })
		case value.Kind == yaml.ScalarNode:
			page.When.Selector = r.selector(value)
		default:
			r.members(value, "accept[].when.", func(key string, value *yaml.Node) {
				if key == "url" {
					page.When.URL = r.text(value)
				} else {
					page.When.Selector = r.selector(value)
				}
			})
		}
	})
	switch {
	case page.When == When{}:
		r.fail(node, "when is missing: a CSS selector that is on the page, or url: a pattern")
	case len(page.Do) == 0:
		r.fail(node, "do is missing: fill, click, wait, pause")
	}
	return page
}

func (r *scriptReader) step(node *yaml.Node) Step {
	var step Step
	if node.Kind == yaml.MappingNode && len(node.Content) != 2 {
		r.fail(node, "a step is one of fill, click, wait, pause")
		return step
	}
	r.members(node, "accept[].do[].", func(key string, value *yaml.Node) {
		switch key {
		case "click":
			step.Click = r.selector(value)
		case "wait":
			step.Wait = r.selector(value)
		case "pause":
			pause, err := time.ParseDuration(r.text(value))
			if err != nil || pause <= 0 || pause > time.Minute {
				r.fail(value, "%q is not a valid pause: write 500ms or 2s, at most 1m", value.Value)
			}
			step.Pause = pause
		case "fill":
			step.Fill = &Fill{}
			r.members(value, "accept[].do[].fill.", func(key string, value *yaml.Node) {
				if key == "selector" {
					step.Fill.Selector = r.selector(value)
				} else {
					step.Fill.Value = r.text(value)
				}
			})
			if step.Fill.Selector == "" {
				r.fail(value, "fill needs selector and value")
			}
		}
	})
	return step
}
