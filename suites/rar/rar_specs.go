package rar

import (
	"encoding/json"
	"fmt"
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
			// Who reads request objects elsewhere has to look as closely there.
			signed := flow.With(flow.RequestObject, flow.Signed)
			if client.Target().Offered(string(requirement.JAR)) && client.Self().Key != nil && !client.Shape().Signed &&
				Accepts(client.Push(ctx, flow.All("with authorization_details in a request object", asking(client), signed))) {
				for _, wrong := range spoilt(client) {
					answer := client.Push(ctx, flow.All(wrong.String()+", in a request object", wrong, signed))
					if Accepts(answer) {
						answer = client.Authorize(ctx, answer)
					}
					Expect(answer).To(BeRefused())
				}
			}
			otherCase := flow.With(flow.Parameter(parameter), edited(client, func(detail map[string]any) { detail["type"] = flipped(detail["type"]) }))
			if answer := client.Push(ctx, otherCase.As("with authorization_details whose type is in other case")); Accepts(answer) && Accepts(client.Authorize(ctx, answer)) {
				// Whether a type is known in every case is not written.
				Warn("authorization details are taken whose type is in another case than it is: whoever compares it to the letter does not know what was granted")
			}
			if len(otherwise) > 0 {
				Warn("authorization details that do not conform are refused with %s, and not with invalid_authorization_details", strings.Join(slices.Compact(otherwise), ", "))
			}
			Needs(client.Push(ctx, asking(client)))
		})
		It("leave the scope beside them as it is", BesideScope, func(ctx SpecContext) {
			plain := Needs(client.Grant(ctx))
			with := granted(ctx, client)
			if with.Members()["scope"] == nil {
				return // it is what was asked for (RFC 6749 section 5.1)
			}
			missing := slices.DeleteFunc(plain.Scopes(), func(word string) bool { return slices.Contains(with.Scopes(), word) })
			if len(missing) > 0 {
				Broken("with authorization_details in the request the scope %s is not granted, which is granted without", wire.Printable(strings.Join(missing, " ")))
			}
		})
		It("that were granted stand in the token response", ToldToClients, func(ctx SpecContext) {
			tokens := granted(ctx, client)
			answered, there := tokens.Members()[parameter]
			if !there {
				Broken("the token response has no %s", parameter)
			}
			told, asked := typesOf(answered), typesOf(any(list(client)))
			switch {
			case told == nil:
				Broken("%s of the token response is no JSON array of objects that have a type", parameter)
			case slices.ContainsFunc(told, func(kind string) bool { return !slices.Contains(asked, kind) }):
				Broken("%s of the token response has types that were not asked for: %s", parameter, strings.Join(told, ", "))
			}
			// A server may enrich what was granted (section 7.1), but not by rights.
			if more := wider(answered, list(client)); more != "" {
				Warn("%s of the token response has more than was asked for: %s", parameter, more)
			}
			if tokens.RefreshToken() == "" {
				return
			}
			// The answer to a refresh is a token response as well (RFC 6749 section 6). Whether the refresh token is good is judged elsewhere.
			if again := client.Refresh(ctx, tokens); Accepts(again) && !reflect.DeepEqual(slices.Sorted(slices.Values(typesOf(again.Members()[parameter]))), slices.Sorted(slices.Values(told))) {
				Broken("%s of the response to a refresh does not have the types that were granted: %s", parameter, strings.Join(told, ", "))
			}
		})
		It("that were granted are told to resource servers", ToldToResources, func(ctx SpecContext) {
			grant := Needs(client.Obtain(ctx, asking(client))) // and no older one, which may have ended
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
			answered := grant.Members()[parameter]
			switch told := typesOf(shown); {
			case told == nil:
				Broken("%s of %s is no JSON array of objects that have a type", parameter, where)
			case typesOf(answered) != nil && !reflect.DeepEqual(told, typesOf(answered)):
				Broken("%s of %s has the types %s, and that of the token response %s", parameter, where, strings.Join(told, ", "), strings.Join(typesOf(answered), ", "))
			}
			if where == "the access token" && client.Target().Offered(string(requirement.Introspection)) {
				// What a resource server is told there may be less than there is (section 9.2), and nothing else.
				var others []string
				for _, kind := range typesOf(client.Introspect(ctx, grant).Members()[parameter]) {
					if !slices.Contains(typesOf(shown), kind) {
						others = append(others, kind)
					}
				}
				if len(others) > 0 {
					Broken("%s of the answer of introspection has types that the access token does not have: %s", parameter, strings.Join(others, ", "))
				}
			}
			if more := wider(shown, list(client)); more != "" {
				Warn("%s of %s has more than was asked for: %s", parameter, where, more)
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
		It("grow no wider when tokens are refreshed", NoMoreOnRefresh, func(ctx SpecContext) {
			everywhere.NeedsRefresh(ctx, client)
			all := list(client)
			less, some := narrowed(all)
			ask := flow.With(flow.Parameter(parameter), written(less)).As("with part of the authorization_details")
			if !some || client.Target().Request[parameter] != "" {
				less, some, ask = all, false, asking(client)
			}
			grant := everywhere.NeedsRefreshToken(client.Obtain(ctx, ask))
			plain := Needs(client.Refresh(ctx, grant))
			if more := widerGrant(plain, less); more != "" {
				Warn("a refreshed token has more authorization details than were granted: %s", more)
			}
			if !some {
				Note("the authorization_details of the target file can't be narrowed: whether a refresh is given more of a type that was granted is not seen")
				return
			}
			// A code stands for what was granted, as a refresh token does.
			if asked := client.Exchange(ctx, Needs(client.Login(ctx, ask)), asking(client)); Accepts(asked) {
				if more := widerGrant(asked, less); more != "" {
					Warn("a token request with a code is given authorization details of which part was granted: %s", more)
				}
			}
			if asked := client.Refresh(ctx, flow.Newest(grant, plain), asking(client)); Accepts(asked) {
				if more := widerGrant(asked, less); more != "" {
					Warn("a refresh request is given authorization details of which part was granted: %s", more)
				}
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

// granted is a grant that experiments share whose request asks for them.
func granted(ctx SpecContext, client *flow.Client) *flow.Outcome {
	text := written(list(client))
	if always := client.Target().Request[parameter]; always != "" {
		text = always
	}
	_, tokens := client.GrantAsked(ctx, parameter+"="+text)
	return Needs(tokens)
}

// narrowed are authorization details with less in them than there was: the first of several, or a list with its first member alone. ok is false where there is nothing to leave out.
func narrowed(details []map[string]any) (less []map[string]any, ok bool) {
	if len(details) > 1 {
		return details[:1], true
	}
	for _, name := range slices.Sorted(maps.Keys(details[0])) {
		if words, isList := details[0][name].([]any); isList && len(words) > 1 {
			first := maps.Clone(details[0])
			first[name] = words[:1]
			return []map[string]any{first}, true
		}
	}
	return nil, false
}

// widerGrant is wider of what a token response says, or its access token, as far as that can be read.
func widerGrant(tokens *flow.Outcome, asked []map[string]any) string {
	if more := wider(tokens.Members()[parameter], asked); more != "" {
		return more
	}
	return wider(jose.Claims(tokens.AccessToken())[parameter], asked)
}

// wider says what authorization details allow that were not asked for: more of a type, or other words in the lists that say what may be done (section 2.2). "" for nothing, and
// for what can't be told.
func wider(told any, asked []map[string]any) string {
	var elements []map[string]any
	if json.Unmarshal([]byte(written(told)), &elements) != nil {
		return ""
	}
	ofType := func(all []map[string]any, kind any) []map[string]any {
		return slices.DeleteFunc(slices.Clone(all), func(one map[string]any) bool { return !reflect.DeepEqual(one["type"], kind) })
	}
	for _, element := range elements {
		kind, _ := element["type"].(string)
		alike, all := ofType(asked, kind), ofType(elements, kind)
		if len(all) > len(alike) {
			return fmt.Sprintf("%d of the type %s, and %d were asked for", len(all), wire.Printable(kind), len(alike))
		}
		for _, name := range []string{"actions", "datatypes", "privileges"} {
			var known []any
			for _, one := range alike {
				words, _ := one[name].([]any)
				known = append(known, words...)
			}
			words, _ := element[name].([]any)
			for _, word := range words {
				if len(known) > 0 && !slices.ContainsFunc(known, func(one any) bool { return reflect.DeepEqual(one, word) }) {
					return fmt.Sprintf("%s has %s", name, wire.Printable(fmt.Sprint(word)))
				}
			}
		}
	}
	return ""
}

// flipped is a text in other case.
func flipped(value any) string {
	text, _ := value.(string)
	if upper := strings.ToUpper(text); upper != text {
		return upper
	}
	return strings.ToLower(text)
}

// edited is the first of the details that are granted, with an edit.
func edited(client *flow.Client, edit func(detail map[string]any)) string {
	detail := maps.Clone(list(client)[0])
	edit(detail)
	return written([]any{detail})
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
	edited := func(edit func(detail map[string]any)) string { return edited(client, edit) }
	const unheardOf = "com.example.fapitest_unheard_of"
	all := []flow.Deviation{
		with("of a type that nobody knows", edited(func(detail map[string]any) { detail["type"] = unheardOf })),
		with("of which the second one is of a type that nobody knows", written([]any{first, map[string]any{"type": unheardOf}})),
		with("that have a member which nobody knows", edited(func(detail map[string]any) { detail[unheardOf] = "x" })),
		with("without a type", edited(func(detail map[string]any) { delete(detail, "type") })),
		with("whose type is a number", edited(func(detail map[string]any) { detail["type"] = 7 })),
		with("whose type is null", edited(func(detail map[string]any) { detail["type"] = nil })),
		with("whose type is a list that has it", edited(func(detail map[string]any) { detail["type"] = []any{detail["type"]} })),
		with("of which the second one has no type", written([]any{first, map[string]any{}})),
		with("that are an object and no array", written(first)),
		with("that are an array of a text", written([]any{"account_information"})),
		with("that are no JSON", strings.TrimSuffix(written(good), "]")),
	}
	const most = 5 // members that are tried
	for _, name := range slices.Sorted(maps.Keys(first))[:min(most, len(first))] {
		if name == "type" {
			continue
		}
		var other any = map[string]any{"fapitest": true}
		if _, isObject := first[name].(map[string]any); isObject {
			other = true
		}
		all = append(all, with("in which "+name+" is of another JSON type", edited(func(detail map[string]any) { detail[name] = other })))
		words, _ := first[name].([]any)
		if len(words) == 0 {
			continue
		}
		if _, isText := words[0].(string); isText {
			all = append(all,
				with("in which "+name+" is a text, and no list of texts", edited(func(detail map[string]any) { detail[name] = words[0] })),
				with("in which "+name+" is a list of a number, and not of texts", edited(func(detail map[string]any) { detail[name] = []any{7} })),
			)
		}
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
