package rar

import (
	"maps"
	"slices"
	"strings"

	"github.com/fapitest/fapitest/fixtures/authserver"
	"github.com/fapitest/fapitest/fixtures/mutant"
	"github.com/fapitest/fapitest/harness/requirement"
)

// Mutants returns the banks that break this RFC's requirements.
func Mutants() []mutant.Mutant {
	takes := func(more func(authserver.Detail) bool) func(*authserver.Policy) {
		return func(p *authserver.Policy) {
			p.TakesDetail = func(d authserver.Detail) bool { return authserver.ConformingDetail(d) || more(d) }
		}
	}
	typed := func(d authserver.Detail) bool { return d.Malformed == "" && !d.Untyped }
	tells := func(what func(granted []map[string]any) any, at ...authserver.DetailsPlace) func(*authserver.Policy) {
		return func(p *authserver.Policy) {
			p.TellsDetails = func(where authserver.DetailsPlace, granted []map[string]any) any {
				for _, place := range at {
					if place == where {
						return what(granted)
					}
				}
				return granted
			}
		}
	}
	ofAnotherType := func([]map[string]any) any { return []map[string]any{{"type": "payment_initiation"}} }
	another := func(granted []map[string]any) any {
		return append(slices.Clone(granted), map[string]any{"type": "account_information", "actions": []any{"read_accounts"}})
	}
	further := func(granted []map[string]any) any {
		wide := maps.Clone(granted[0])
		wide["actions"] = []any{"read_accounts", "read_balances", "initiate_payments"}
		return append([]map[string]any{wide}, granted[1:]...)
	}
	return []mutant.Mutant{{
		Name:   "details-of-any-type",
		Breaks: WellFormedOnly,
		How:    "hands authorization details of a type that it does not know on to the API",
		Policy: takes(func(d authserver.Detail) bool { return typed(d) && d.Type != "account_information" }),
	}, {
		Name:   "details-malformed-in-objects",
		Breaks: WellFormedOnly,
		How:    "looks at authorization details in forms, and hands those of request objects on",
		Policy: takes(func(d authserver.Detail) bool { return d.InObject }),
		Auth:   "private_key_jwt",
	}, {
		Name:   "details-of-another-type-at-introspection",
		Breaks: ToldToResources,
		How:    "tells resource servers at introspection of other authorization details than stand in the token",
		Policy: tells(ofAnotherType, authserver.DetailsAtIntrospection),
	}, {
		Name:   "details-missing-on-refresh",
		Breaks: ToldToClients,
		How:    "does not tell authorization details where tokens are refreshed",
		Policy: tells(func([]map[string]any) any { return nil }, authserver.DetailsInRefresh),
	}, {
		Name:   "details-with-unknown-members",
		Breaks: WellFormedOnly,
		How:    "passes over members of authorization details that it does not know",
		Policy: takes(func(d authserver.Detail) bool {
			return typed(d) && d.Unknown && !d.WrongValue && d.Type == "account_information"
		}),
	}, {
		Name:   "details-with-wrong-members",
		Breaks: WellFormedOnly,
		How:    "looks at the type of authorization details, and at no other member",
		Policy: takes(func(d authserver.Detail) bool { return typed(d) && d.WrongValue && d.Type == "account_information" }),
	}, {
		Name:   "details-without-a-type",
		Breaks: WellFormedOnly,
		How:    "looks at the type of authorization details where there is one",
		Policy: takes(func(d authserver.Detail) bool { return d.Untyped }),
	}, {
		Name:   "details-of-type-null",
		Breaks: WellFormedOnly,
		How:    "looks whether authorization details have a member type, and passes over it where it is null",
		Policy: takes(func(d authserver.Detail) bool { return d.TypeIs == "null" }),
	}, {
		Name:   "details-whose-type-is-a-number",
		Breaks: WellFormedOnly,
		How:    "reads the type of authorization details into whatever it is, and looks up texts alone",
		Policy: takes(func(d authserver.Detail) bool { return d.TypeIs == "number" }),
	}, {
		Name:   "details-whose-type-is-a-list",
		Breaks: WellFormedOnly,
		How:    "takes a list of types for each of them",
		Policy: takes(func(d authserver.Detail) bool { return d.TypeIs == "list" }),
	}, {
		Name:   "details-of-a-type-in-other-case",
		Breaks: WellFormedOnly,
		How:    "compares the type of authorization details without regard to case",
		Policy: takes(func(d authserver.Detail) bool {
			return typed(d) && !d.Unknown && !d.WrongValue && strings.EqualFold(d.Type, "account_information")
		}),
		Warns: true,
	}, {
		Name:   "details-with-a-text-for-a-list",
		Breaks: WellFormedOnly,
		How:    "has its library make a list of one member where authorization details have a text in the place of a list",
		Policy: takes(func(d authserver.Detail) bool {
			return typed(d) && d.Type == "account_information" && d.Actions == "text"
		}),
	}, {
		Name:   "details-with-numbers-for-texts",
		Breaks: WellFormedOnly,
		How:    "looks whether the actions of authorization details are a list, and not of what",
		Policy: takes(func(d authserver.Detail) bool {
			return typed(d) && d.Type == "account_information" && d.Actions == "members"
		}),
	}, {
		Name:   "details-that-are-no-json",
		Breaks: WellFormedOnly,
		How:    "passes over authorization details that it can't read",
		Policy: takes(func(d authserver.Detail) bool { return d.Malformed == "no JSON" }),
	}, {
		Name:   "details-that-are-no-array",
		Breaks: WellFormedOnly,
		How:    "passes over authorization details that are no array",
		Policy: takes(func(d authserver.Detail) bool { return d.Malformed == "no array" }),
	}, {
		Name:   "details-that-are-no-objects",
		Breaks: WellFormedOnly,
		How:    "passes over elements of authorization details that are no objects",
		Policy: takes(func(d authserver.Detail) bool { return d.Malformed == "no object" }),
	}, {
		Name:   "details-refused-with-invalid-request",
		Breaks: WellFormedOnly,
		How:    "refuses authorization details with invalid_request",
		Policy: func(p *authserver.Policy) { p.DetailsFault = func() string { return "invalid_request" } },
		Warns:  true,
	}, {
		Name:   "details-in-request-objects-not-taken",
		Breaks: TakenInRequests,
		How:    "expects authorization details in a form, and refuses the JSON that they are in a request object",
		Policy: func(p *authserver.Policy) { p.DetailsIn = func(object bool) bool { return !object } },
		Auth:   "private_key_jwt",
	}, {
		Name:   "details-in-forms-not-taken",
		Breaks: TakenInRequests,
		How:    "takes authorization details in request objects alone",
		Policy: func(p *authserver.Policy) { p.DetailsIn = func(object bool) bool { return object } },
	}, {
		Name:   "details-instead-of-scope",
		Breaks: BesideScope,
		How:    "grants openid and the authorization details of a request that has any, and passes over the rest of its scope",
		Policy: func(p *authserver.Policy) { p.ScopeBesideDetails = func(string) string { return "openid" } },
	}, {
		Name:   "details-not-told-to-clients",
		Breaks: ToldToClients,
		How:    "does not say in the token response which authorization details were granted",
		Policy: tells(func([]map[string]any) any { return nil }, authserver.DetailsInResponse),
	}, {
		Name:   "details-told-to-clients-as-an-object",
		Breaks: ToldToClients,
		How:    "answers with the one element of the authorization details, and no array",
		Policy: tells(func(granted []map[string]any) any { return granted[0] }, authserver.DetailsInResponse),
	}, {
		Name:   "details-told-to-resources-of-another-type",
		Breaks: ToldToResources, AlsoBreaks: []*requirement.Requirement{NoMoreOnRefresh},
		How:    "writes the authorization details of the client's registration into tokens, and not those that were granted",
		Policy: tells(ofAnotherType, authserver.DetailsInToken, authserver.DetailsAtIntrospection),
	}, {
		Name:   "details-told-to-resources-as-text",
		Breaks: ToldToResources,
		How:    "writes authorization details into tokens as a text that has JSON in it",
		Policy: tells(func(granted []map[string]any) any { return "[]" }, authserver.DetailsInToken, authserver.DetailsAtIntrospection),
	}, {
		Name:   "details-told-to-clients-with-more-of-a-type",
		Breaks: ToldToClients, AlsoBreaks: []*requirement.Requirement{ToldToResources, NoMoreOnRefresh},
		How:    "grants what was asked for, and what the same user has granted before",
		Policy: tells(another, authserver.DetailsInResponse, authserver.DetailsInToken, authserver.DetailsAtIntrospection, authserver.DetailsInRefresh, authserver.DetailsInRefreshedToken),
		Warns:  true,
	}, {
		Name:   "details-told-to-clients-with-more-actions",
		Breaks: ToldToClients, AlsoBreaks: []*requirement.Requirement{NoMoreOnRefresh},
		How:    "grants all actions that a type of authorization details has",
		Policy: tells(further, authserver.DetailsInResponse),
		Warns:  true,
	}, {
		Name:   "details-told-to-resources-with-more-actions",
		Breaks: ToldToResources, AlsoBreaks: []*requirement.Requirement{NoMoreOnRefresh},
		How:    "writes all actions of a type of authorization details into tokens",
		Policy: tells(further, authserver.DetailsInToken, authserver.DetailsAtIntrospection),
		Warns:  true,
	}, {
		Name:   "details-widened-by-a-refresh-that-asks",
		Breaks: NoMoreOnRefresh,
		How:    "compares the types of what a refresh asks for with what was granted, and nothing else",
		Policy: func(p *authserver.Policy) {
			p.RefreshesDetails = func(d authserver.RefreshedDetail) bool { return d.Granted || d.SameType }
		},
		Warns: true,
	}, {
		Name:   "details-widened-where-a-code-is-redeemed",
		Breaks: NoMoreOnRefresh,
		How:    "gives a code the authorization details that the token request asks for",
		Policy: func(p *authserver.Policy) { p.RedeemsDetails = func() bool { return true } },
		Warns:  true,
	}, {
		Name:   "details-given-to-a-refresh-that-asks",
		Breaks: NoMoreOnRefresh,
		How:    "gives a refreshed token the authorization details that the refresh asks for",
		Policy: func(p *authserver.Policy) {
			p.RefreshesDetails = func(authserver.RefreshedDetail) bool { return true }
		},
		Warns: true,
	}, {
		Name:   "details-widened-by-every-refresh",
		Breaks: NoMoreOnRefresh,
		How:    "gives a refreshed token all that the client is registered for",
		Policy: tells(further, authserver.DetailsInRefresh, authserver.DetailsInRefreshedToken),
		Warns:  true,
	}, {
		Name:   "details-types-not-listed",
		Breaks: TypesListed,
		How:    "takes authorization details and does not say of which types",
		Policy: authserver.InMetadata(func(edited map[string]any) { delete(edited, "authorization_details_types_supported") }),
	}, {
		Name:   "details-types-as-one-text",
		Breaks: TypesListed,
		How:    "lists the types of authorization details in one text, with spaces between",
		Policy: authserver.InMetadata(func(edited map[string]any) {
			edited["authorization_details_types_supported"] = "account_information payment_initiation"
		}),
	}}
}
