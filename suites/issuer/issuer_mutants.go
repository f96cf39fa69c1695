package issuer

import (
	"github.com/fapitest/fapitest/suites/jarm"
	"maps"
	"net/url"
	"strings"

	"github.com/fapitest/fapitest/fixtures/authserver"
	"github.com/fapitest/fapitest/fixtures/mutant"
	"github.com/fapitest/fapitest/harness/requirement"
	"github.com/fapitest/fapitest/suites/fapi2sp"
)

// Mutants returns the banks that break this RFC's requirements.
func Mutants() []mutant.Mutant {
	const name = "authorization_response_iss_parameter_supported"
	return []mutant.Mutant{{
		Name:       "iss-in-cleartext",
		Breaks:     IssuerIsURL,
		AlsoBreaks: []*requirement.Requirement{fapi2sp.IssuerInResponse, jarm.IssuerNamed},
		How:        "names itself by http, as it is called behind the proxy that speaks TLS",
		Policy: func(p *authserver.Policy) {
			p.ResponseParameters = func(isError bool, complete url.Values) url.Values {
				edited := maps.Clone(complete)
				if !isError {
					edited.Set("iss", strings.Replace(edited.Get("iss"), "https://", "http://", 1))
				}
				return edited
			}
		},
	}, {
		Name:            "iss-not-announced",
		OnMetadataAlone: true,
		Breaks:          IssuerAnnounced,
		How:             "names the issuer in responses, and does not say so in its metadata",
		Policy:          authserver.InMetadata(func(edited map[string]any) { delete(edited, name) }),
	}, {
		Name:            "iss-announced-as-text",
		OnMetadataAlone: true,
		Breaks:          IssuerAnnounced,
		How:             "writes true as text in its metadata, as its template does with every value",
		Policy:          authserver.InMetadata(func(edited map[string]any) { edited[name] = "true" }),
	}}
}
