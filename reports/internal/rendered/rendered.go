// Package rendered reads Markdown as a site like GitHub does, for the tests of those who write it: whether anything of a target came to life in it.
package rendered

import (
	"bytes"
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/text"
)

// Page is what a reader gets to see.
type Page struct {
	Links []string // where links, pictures and what was made one by itself lead
	HTML  []string // what is passed on as HTML
	Text  string   // all that is read, one space between two pieces
}

// Read parses Markdown with tables, and with links made of bare addresses.
func Read(markdown []byte) Page {
	var page Page
	var words bytes.Buffer
	parser := goldmark.New(goldmark.WithExtensions(extension.GFM)).Parser()
	_ = ast.Walk(parser.Parse(text.NewReader(markdown)), func(node ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		switch n := node.(type) {
		case *ast.Link:
			page.Links = append(page.Links, string(n.Destination))
		case *ast.Image:
			page.Links = append(page.Links, string(n.Destination))
		case *ast.AutoLink:
			page.Links = append(page.Links, string(n.URL(markdown)))
		case *ast.RawHTML:
			page.HTML = append(page.HTML, string(n.Segments.Value(markdown)))
		case *ast.HTMLBlock:
			page.HTML = append(page.HTML, string(n.Lines().Value(markdown)))
		case *ast.Text:
			words.Write(n.Segment.Value(markdown))
			words.WriteByte(' ')
		}
		return ast.WalkContinue, nil
	})
	page.Text = strings.Join(strings.Fields(words.String()), " ")
	return page
}
