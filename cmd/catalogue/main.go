// Command catalogue takes changes of the shared catalogues over into the files by document that stand beside the suites. It keeps the members
// that only we have, says what changed, and with -check only says it: then it ends with 1 where anything differs.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/fapitest/fapitest/suites"
)

func main() {
	from := flag.String("from", "../shared", "the directory of the shared catalogues")
	check := flag.Bool("check", false, "change nothing, and end with 1 where something would change")
	flag.Parse()
	if flag.NArg() > 0 {
		fail(fmt.Errorf("there is nothing to do with %s: the directory of the shared catalogues is named by -from", flag.Arg(0)))
	}
	says, err := takeOver(".", *from, ours(), *check)
	if err != nil {
		fail(err)
	}
	for _, line := range says {
		fmt.Println(line)
	}
	if len(says) > 0 && *check {
		os.Exit(1)
	}
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, "catalogue: "+err.Error())
	os.Exit(1)
}

// sharedFiles are the catalogues that are shared with others, in the order in which our files hold them.
var sharedFiles = []string{"requirements.yaml", "requirements-ecosystems.yaml"}

// explanations is the page that holds what the shared catalogues say about themselves at their heads.
const explanations = "suites/CATALOGUE.md"

// document is what has to be known of one to find its file.
type document struct{ ID, File string }

// ours are the documents that we know of.
func ours() []document {
	var documents []document
	for _, d := range suites.Documents() {
		documents = append(documents, document{ID: d.ID, File: d.File})
	}
	return documents
}

// takeOver brings the files of the documents below root to what the shared catalogues say, and returns what changes; nothing, where nothing does.
// Where it only checks, or a person has to decide something, it writes nothing.
func takeOver(root, from string, documents []document, check bool) (says []string, err error) {
	theirs := map[string][]entry{}
	page, err := os.ReadFile(filepath.Join(root, explanations))
	if err != nil {
		return nil, err
	}
	explained := string(page)
	for _, name := range sharedFiles {
		data, err := os.ReadFile(filepath.Join(from, name))
		if err != nil {
			return nil, err
		}
		head, entries, err := parse(name, string(data))
		if err != nil {
			return nil, err
		}
		if explained, err = explain(explained, name, head); err != nil {
			return nil, err
		}
		for _, e := range entries {
			d := documentOf(e.id, documents)
			if d == nil {
				return nil, fmt.Errorf("%s has %s, of a document that we do not know: declare the document in suites/cited/cited.go and list it in suites/suites.go", name, e.id)
			}
			theirs[d.File] = append(theirs[d.File], e)
		}
	}
	files := map[string]string{explanations: explained}
	order := []string{explanations}
	if explained != string(page) {
		says = append(says, explanations+": the heads of the shared catalogues have changed")
	}
	for _, d := range documents {
		head, ours := "", []entry(nil)
		data, err := os.ReadFile(filepath.Join(root, d.File))
		switch {
		case os.IsNotExist(err):
			head = fmt.Sprintf("# What %s asks. The members are explained in %s.\n", d.ID, explanations)
		case err != nil:
			return nil, err
		default:
			if head, ours, err = parse(d.File, string(data)); err != nil {
				return nil, err
			}
		}
		merged, differences, err := merge(theirs[d.File], ours)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", d.File, err)
		}
		text := write(head, merged)
		if text != string(data) && len(differences) == 0 {
			differences = []string{"the order of entries or members has changed"}
		}
		for _, difference := range differences {
			says = append(says, d.File+": "+difference)
		}
		files[d.File] = text
		order = append(order, d.File)
	}
	if check || len(says) == 0 {
		return says, nil
	}
	for _, name := range order {
		if err := os.WriteFile(filepath.Join(root, name), []byte(files[name]), 0o644); err != nil {
			return nil, err
		}
	}
	return says, nil
}

// documentOf returns the document of an id: the one with the longest id that the id begins with.
func documentOf(id string, documents []document) *document {
	var best *document
	for i, d := range documents {
		if strings.HasPrefix(id, d.ID+"-") && (best == nil || len(d.ID) > len(best.ID)) {
			best = &documents[i]
		}
	}
	return best
}

// explain puts the head of a shared catalogue into the block of the page that is named after it.
func explain(page, name, head string) (string, error) {
	opening := "\n## " + name + "\n\n```text\n"
	before, rest, found := strings.Cut(page, opening)
	_, after, closed := strings.Cut(rest, "```\n")
	if !found || !closed {
		return "", fmt.Errorf("%s: there is no block under a title %s: write one, ```text and ```", explanations, name)
	}
	var b strings.Builder
	for line := range strings.Lines(head) {
		b.WriteString(strings.TrimPrefix(strings.TrimPrefix(line, "#"), " "))
	}
	return before + opening + b.String() + "```\n" + after, nil
}
