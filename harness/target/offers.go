package target

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"
)

// Features are what offers may claim, in the catalogue's words.
var features = []string{
	"openid", "refresh_token", "introspection", "introspection_jwt", "revocation", "jar", "jarm", "rar", "dcr", "ciba", "ciba_ping",
	HTTPSignatures, "grant_management",
	"dcr_ssa", "dcm", "native", "browser", "ida", "ida_evidence", "ida_attachments", "ida_distributed",
	"obuk_payments", "obuk_signing", "obuk_ciba", "brazil_by_value", "brazil_payments", "brazil_ciba",
}

// offers reads the features that the operator claims.
func (l *loader) offers(node *yaml.Node) {
	l.target.Offers = l.list("offers", node)
	for _, word := range l.target.Offers {
		if !slices.Contains(features, word) {
			l.fail(node, "offers: %q is not a feature that can be claimed: the features are %s", word, strings.Join(features, ", "))
		}
	}
}

// requires reads what every request of the client has to do.
func (l *loader) requires(node *yaml.Node) {
	l.requiresAt = node
	l.target.Requires = l.list("requires", node)
	if l.target.Required(RequiresEncryptedJAR) && !l.target.Required(RequiresJAR) {
		l.target.Requires = append(l.target.Requires, RequiresJAR)
	}
	for _, word := range l.target.Requires {
		if known := []string{RequiresJAR, RequiresEncryptedJAR, RequiresJARM, RequiresDPoPAtPAR, RequiresDPoPJKT, HTTPSignatures}; !slices.Contains(known, word) {
			l.fail(node, "requires: %q is not a valid value: the values are %s", word, strings.Join(known, ", "))
		}
	}
}

// attested reads the operator's statements about what can't be tested.
func (l *loader) attested(node *yaml.Node) {
	l.target.Attested = l.texts("attested", node)
	for id, words := range l.target.Attested {
		if strings.TrimSpace(words) == "" {
			l.fail(node, "attested.%s: say who saw what, and when", id)
		}
	}
}
