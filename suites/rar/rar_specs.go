package rar

import (
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	. "github.com/fapitest/fapitest/harness/expect"
	"github.com/fapitest/fapitest/harness/flow"
	"github.com/fapitest/fapitest/harness/jose"
	"github.com/fapitest/fapitest/harness/requirement"
	"github.com/fapitest/fapitest/harness/wire"
	"github.com/fapitest/fapitest/suites/everywhere"
)

const (
	parameter = "authorization_details"
	metadata  = "authorization_details_types_supported"
)

func rarSpecs(client *flow.Client) {
	Describe("authorization details", func() {
		It("are taken in a pushed request", TakenInRequests, func(ctx SpecContext) {
			Needs(client.Push(ctx))
			Expect(client.Push(ctx, asking(client))).To(BeAccepted())
		})
		It("are taken in a request object", TakenInRequests, func(ctx SpecContext) {
			everywhere.NeedsOffer(client, requirement.JAR)
			switch {
			case client.Self().Key == nil:
				NotApplicable("client %s has no signing key", client.ID())
			case client.Shape().Signed:
				NotApplicable("every request of this client is in a request object")
			}
			signed := flow.With(flow.RequestObject, flow.Signed)
			Needs(client.Push(ctx, signed.As("in a request object")))
			Expect(client.Push(ctx, flow.All("with authorization_details in a request object", asking(client), signed))).To(BeAccepted())
		})
		It("that do not conform to their type are refused", WellFormedOnly, func(ctx SpecContext) {
			Needs(client.Push(ctx, asking(client)))
			var otherwise []string
			for _, wrong := range spoilt(client) {
				answer := client.Push(ctx, wrong)
				if decision, _ := Decide(answer); decision == wire.Accepted {
					answer = client.Authorize(ctx, answer) // it may be refused when the user arrives
				} else if code := answer.ErrorCode(); decision == wire.Refused && code != "invalid_authorization_details" {
					otherwise = append(otherwise, wire.Printable(code))
				}
				Expect(answer).To(BeRefused())
			}
			if len(otherwise) > 0 {
				Warn("authorization details that do not conform are refused with %s, and not with invalid_authorization_details", strings.Join(slices.Compact(otherwise), ", "))
			}
			Needs(client.Push(ctx, asking(client)))
		})
		It("leave the scope beside them as it is", BesideScope, func(ctx SpecContext) {
			plain := Needs(client.Grant(ctx))
			with := Needs(client.Obtain(ctx, asking(client)))
			if with.Members()["scope"] == nil {
				return // it is what was asked for (RFC 6749 section 5.1)
			}
			missing := slices.DeleteFunc(plain.Scopes(), func(word string) bool { return slices.Contains(with.Scopes(), word) })
			if len(missing) > 0 {
				Broken("with authorization_details in the request the scope %s is not granted, which is granted without", wire.Printable(strings.Join(missing, " ")))
			}
		})
		It("that were granted stand in the token response", ToldToClients, func(ctx SpecContext) {
			granted, there := Needs(client.Obtain(ctx, asking(client))).Members()[parameter]
			if !there {
				Broken("the token response has no %s", parameter)
			}
			told, asked := typesOf(granted), typesOf(any(list(client)))
			switch {
			case told == nil:
				Broken("%s of the token response is no JSON array of objects that have a type", parameter)
			case slices.ContainsFunc(told, func(kind string) bool { return !slices.Contains(asked, kind) }):
				Broken("%s of the token response has types that were not asked for: %s", parameter, strings.Join(told, ", "))
			}
		})
		It("that were granted are told to resource servers", ToldToResources, func(ctx SpecContext) {
			grant := Needs(client.Obtain(ctx, asking(client)))
			claims := jose.Claims(grant.AccessToken())
			shown, there := claims[parameter]
			where := "the access token"
			if !there && client.Target().Offered(string(requirement.Introspection)) {
				if answer := client.Introspect(ctx, grant); everywhere.IntrospectionDenied(ctx, client, grant, answer) == "" {
					shown, there = Needs(answer).Members()[parameter]
				}
				where = "the answer of introspection"
			}
			if !there {
				LeaveToAttestation("neither the access token, as far as it can be read, nor what introspection tells a client has %s: attest how resource servers learn them", parameter)
			}
			granted := grant.Members()[parameter]
			switch told := typesOf(shown); {
			case told == nil:
				Broken("%s of %s is no JSON array of objects that have a type", parameter, where)
			case typesOf(granted) != nil && !reflect.DeepEqual(told, typesOf(granted)):
				Broken("%s of %s has the types %s, and that of the token response %s", parameter, where, strings.Join(told, ", "), strings.Join(typesOf(granted), ", "))
			}
		})
		It("that were not granted come with no refreshed token", NoMoreOnRefresh, func(ctx SpecContext) {
			everywhere.NeedsRefresh(ctx, client)
			if client.Target().Request[parameter] != "" {
				NotApplicable("the target file has every request ask for authorization details")
			}
			_ = list(client)
			more := client.Refresh(ctx, Needs(client.ToRefresh(ctx)), asking(client))
			if decision, _ := Decide(more); decision == wire.Accepted && len(typesOf(more.Members()[parameter])) > 0 {
				Warn("a refresh request is given authorization details that were not granted: %s", strings.Join(typesOf(more.Members()[parameter]), ", "))
			}
		})
	})

	Describe("the metadata", func() {
		It("list the types of authorization details", TypesListed, SendsNothing, func(SpecContext) {
			value, there := client.Target().Metadata.Values[metadata]
			if !there {
				everywhere.NeedsOffer(client, requirement.RAR)
				Broken("the metadata lack %s", metadata)
			}
			listed, isArray := value.([]any)
			if !isArray || slices.ContainsFunc(listed, func(kind any) bool { _, isText := kind.(string); return !isText }) {
				Broken("%s is no array of texts", metadata)
			}
			for _, detail := range client.Target().Details {
				if !slices.Contains(listed, detail["type"]) {
					Broken("%s does not have a type that the target file asks for", metadata)
				}
			}
		})
	})
}

// list are the authorization details that the operator says are granted.
func list(client *flow.Client) []map[string]any {
	details := client.Target().Details
	if len(details) == 0 {
		var always []map[string]any
		if json.Unmarshal([]byte(client.Target().Request[parameter]), &always) == nil {
			details = always
		}
	}
	if len(details) == 0 {
		LeaveToAttestation("the target file has no authorization_details that its clients may ask for")
	}
	return details
}

// asking is a request for them. Where every request asks for them it is any.
func asking(client *flow.Client) flow.Deviation {
	details := list(client)
	if client.Target().Request[parameter] != "" {
		return flow.Words("with authorization_details")
	}
	return flow.With(flow.Parameter(parameter), written(details)).As("with authorization_details")
}

func written(details any) string {
	text, err := json.Marshal(details)
	if err != nil {
		return "[]" // it was read from JSON, and can be written as that
	}
	return string(text)
}

// spoilt are requests with authorization details that section 5 has a server refuse.
func spoilt(client *flow.Client) []flow.Deviation {
	good := list(client)
	first := good[0]
	with := func(says string, text string) flow.Deviation {
		return flow.With(flow.Parameter(parameter), text).As("with authorization_details " + says)
	}
	edited := func(edit func(detail map[string]any)) string {
		detail := maps.Clone(first)
		edit(detail)
		return written([]any{detail})
	}
	const unheardOf = "com.example.fapitest_unheard_of"
	all := []flow.Deviation{
		with("of a type that nobody knows", edited(func(detail map[string]any) { detail["type"] = unheardOf })),
		with("of which the second one is of a type that nobody knows", written([]any{first, map[string]any{"type": unheardOf}})),
		with("that have a member which nobody knows", edited(func(detail map[string]any) { detail[unheardOf] = "x" })),
		with("without a type", edited(func(detail map[string]any) { delete(detail, "type") })),
		with("whose type is a number", edited(func(detail map[string]any) { detail["type"] = 7 })),
		with("that are an object and no array", written(first)),
		with("that are an array of a text", written([]any{"account_information"})),
		with("that are no JSON", strings.TrimSuffix(written(good), "]")),
	}
	for _, name := range slices.Sorted(maps.Keys(first)) {
		if name == "type" {
			continue
		}
		var other any = map[string]any{"fapitest": true}
		if _, isObject := first[name].(map[string]any); isObject {
			other = true
		}
		return append(all, with("in which "+name+" is of another JSON type", edited(func(detail map[string]any) { detail[name] = other })))
	}
	return all
}

// typesOf are the types of authorization details; nil for what is none.
func typesOf(details any) []string {
	var elements []map[string]any
	if text := written(details); json.Unmarshal([]byte(text), &elements) != nil || len(elements) == 0 {
		return nil
	}
	var all []string
	for _, element := range elements {
		kind, isText := element["type"].(string)
		if !isText {
			return nil
		}
		all = append(all, wire.Printable(kind))
	}
	return all
}
