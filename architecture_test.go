// Package fapitest_test holds the tree to its design.
package fapitest_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/fapitest/fapitest/"

// allowed says which of our packages a package may import. A pattern that ends in /... covers what is below it. Test files may
// import what they need.
var allowed = map[string][]string{
	"harness/requirement": {},
	"harness/wire":        {},
	"harness/verdict":     {"harness/requirement", "harness/wire"},
	"harness/jose":        {},
	"harness/httpsig":     {},
	"harness/tlsprobe":    {},
	"harness/consent":     {"harness/wire"},
	"harness/target":      {"harness/requirement", "harness/consent", "harness/jose", "harness/httpsig", "harness/wire"},
	"harness/scaffold":    {"harness/target", "harness/consent", "harness/jose", "harness/wire"},
	"harness/flow":        {"harness/target", "harness/tlsprobe", "harness/jose", "harness/httpsig", "harness/consent", "harness/wire", "harness/profile"},
	"harness/expect":      {"harness/flow", "harness/requirement", "harness/wire", "harness/consent", "harness/profile"},
	"harness/suite":       {"harness/requirement", "harness/flow"},
	"harness/profile":     {"harness/requirement"},
	"harness/run":         {"harness/..."},
	"reports":             {"harness/verdict", "harness/requirement", "harness/wire", "reports/..."},
	"reports/...":         {"harness/verdict", "harness/requirement", "harness/wire", "reports/..."},
	"fixtures/authserver": {},
	"fixtures/mutant":     {"harness/requirement", "fixtures/authserver"},
	"fixtures/eccentrics": {"fixtures/authserver"},
	"fixtures/bench":      {"fixtures/authserver", "fixtures/eccentrics", "harness/profile", "harness/scaffold", "harness/target", "harness/consent", "harness/jose", "harness/wire"},
	"fixtures/hostile":    {"fixtures/authserver", "fixtures/bench"},
	"suites":              {"harness/requirement", "harness/suite", "suites/..."},
	"suites/profiles":     {"harness/...", "suites/..."},
	"suites/selftest":     {"harness/...", "fixtures/...", "suites", "suites/..."},
	"suites/...":          {"harness/...", "fixtures/mutant", "fixtures/authserver", "suites/..."},
	"cmd/...":             {"harness/...", "suites", "suites/...", "reports", "reports/...", "fixtures/..."},
}

// otherLibrary says which library a tree does without, in tests as well: harness and reference bank are two readings of the RFCs, and a
// mistake of one JOSE library must not be made by both.
var otherLibrary = map[string]string{
	"fixtures/authserver": "github.com/go-jose/",
	"harness":             "github.com/lestrrat-go/jwx/",
	"suites":              "github.com/lestrrat-go/jwx/",
}

// TestArrows is the arrows of the design: who may import whom, and who may speak Ginkgo.
func TestArrows(t *testing.T) {
	err := filepath.WalkDir(".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() && (entry.Name() == "targets" || entry.Name() == "node_modules" || strings.HasPrefix(entry.Name(), ".") && path != ".") {
			return filepath.SkipDir
		}
		if !strings.HasSuffix(path, ".go") {
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		pkg := filepath.ToSlash(filepath.Dir(path))
		for _, spec := range file.Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			checkLibrary(t, path, pkg, imported)
			if !strings.HasSuffix(path, "_test.go") {
				checkImport(t, path, pkg, imported)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func checkLibrary(t *testing.T, path, pkg, imported string) {
	t.Helper()
	for tree, library := range otherLibrary {
		if (pkg == tree || strings.HasPrefix(pkg, tree+"/")) && strings.HasPrefix(imported, library) {
			t.Errorf("%s imports %s: it is the library of the other reading", path, imported)
		}
	}
}

func checkImport(t *testing.T, path, pkg, imported string) {
	t.Helper()
	if strings.HasPrefix(imported, "github.com/onsi/") &&
		pkg != "harness/expect" && pkg != "harness/run" && !strings.HasSuffix(path, "_specs.go") {
		t.Errorf("%s imports %s: only expect, run and specs do", path, imported)
	}
	ours, found := strings.CutPrefix(imported, module)
	if !found {
		return
	}
	if strings.HasPrefix(pkg, "suites/") && pkg != "suites/selftest" && strings.HasPrefix(ours, "fixtures/") && !strings.HasSuffix(path, "_mutants.go") {
		t.Errorf("%s imports %s: in suites, only mutants and the self-test do", path, ours)
	}
	if ours == "suites" && pkg != "suites/selftest" && !strings.HasPrefix(pkg, "cmd/") {
		t.Errorf("%s imports the list of suites: only the self-test and the command do", path)
	}
	list, known := allowed[pkg]
	if !known {
		parent, _, _ := strings.Cut(pkg, "/")
		list, known = allowed[parent+"/..."]
	}
	if !known {
		t.Errorf("%s: no arrow is drawn for package %s", path, pkg)
		return
	}
	for _, pattern := range list {
		prefix, below := strings.CutSuffix(pattern, "...")
		if ours == pattern || below && strings.HasPrefix(ours, prefix) {
			return
		}
	}
	t.Errorf("%s: package %s may not import %s", path, pkg, ours)
}
