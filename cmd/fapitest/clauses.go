package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/fapitest/fapitest/harness/profile"
	"github.com/fapitest/fapitest/harness/requirement"
	"github.com/fapitest/fapitest/suites"
	"github.com/fapitest/fapitest/suites/profiles"
)

// complete puts the document in front of clauses that leave it out: "5.3.2.2-4" is FAPI2-SP-5.3.2.2-4. Where several documents have such a section, that of the profile
// itself is meant; where it has none, the error names them all. A clause that no document has stays as it is, for whoever says what is nearest.
func complete(clauses []string, asked profile.Profile) ([]string, error) {
	catalogue, err := suites.Catalogue()
	if err != nil {
		return nil, err
	}
	var documents, ids []string
	for _, entry := range catalogue.Entries {
		ids = append(ids, entry.ID)
	}
	for _, document := range suites.Documents() {
		documents = append(documents, document.ID)
	}
	has := func(clause string) bool {
		return slices.ContainsFunc(ids, func(id string) bool { return requirement.Covers(clause, id) })
	}
	within := func(clause string) bool {
		return slices.ContainsFunc(asked.Requirements(), func(r *requirement.Requirement) bool { return requirement.Covers(clause, r.ID) })
	}
	completed := slices.Clone(clauses)
	for i, clause := range clauses {
		if has(clause) {
			continue
		}
		var candidates, asks []string
		for _, document := range documents {
			if full := document + "-" + clause; has(full) {
				candidates = append(candidates, full)
				if within(full) {
					asks = append(asks, full)
				}
			}
		}
		if len(asks) > 0 {
			candidates = asks // what the profile does not ask is not meant
		}
		switch {
		case len(candidates) == 0 && clause != "" && clause[0] >= '0' && clause[0] <= '9' && len(asked.Documents) > 0:
			completed[i] = asked.Documents[0].ID + "-" + clause // what is nearest to a section is one of that document
		case len(candidates) == 0:
		case len(candidates) == 1:
			completed[i] = candidates[0]
		case len(asked.Bases) == 0 && len(asked.Documents) > 0 && slices.Contains(candidates, asked.Documents[0].ID+"-"+clause):
			completed[i] = asked.Documents[0].ID + "-" + clause
		default:
			return nil, fmt.Errorf("%s stands in several documents: %s; name one of them", clause, strings.Join(candidates, ", "))
		}
	}
	return completed, nil
}

// completeAnywhere is complete where no profile was named: the default one is meant first.
func completeAnywhere(clauses []string) ([]string, error) {
	if len(clauses) == 0 {
		return nil, nil
	}
	asked, err := findProfile(profiles.Default)
	if err != nil {
		return nil, err
	}
	return complete(clauses, asked)
}
