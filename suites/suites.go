// Package suites lists what fapitest can test.
package suites

import (
	_ "embed"

	"github.com/fapitest/fapitest/harness/requirement"
	"github.com/fapitest/fapitest/harness/suite"
	"github.com/fapitest/fapitest/suites/dpop"
	"github.com/fapitest/fapitest/suites/fapi2sp"
	"github.com/fapitest/fapitest/suites/par"
)

// All returns every suite in the order of the report.
func All() []suite.Suite {
	return []suite.Suite{
		fapi2sp.Suite(),
		dpop.Suite(),
		par.Suite(),
	}
}

//go:embed catalogue.yaml
var catalogue []byte

// Catalogue returns every requirement that we know of, tested or not.
func Catalogue() (*requirement.Catalogue, error) {
	return requirement.ParseCatalogue(catalogue)
}
