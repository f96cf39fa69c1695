package openbankinguk

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	. "github.com/fapitest/fapitest/harness/expect"
	"github.com/fapitest/fapitest/harness/flow"
	"github.com/fapitest/fapitest/harness/jose"
	"github.com/fapitest/fapitest/harness/wire"
)

// States of consents, as version 4 and as version 3 spell them.
var (
	awaiting   = []string{"AWAU", "AwaitingAuthorisation"}
	authorised = []string{"AUTH", "Authorised"}
	rejected   = []string{"RJCT", "Rejected"}
)

// Consents are created with a token of the client's own: nobody has to log in for that.
func creationSpecs(client *flow.Client) {
	Describe("a consent", func() {
		It("is created with a token of the client's own, and awaits the user", ConsentCreated, func(ctx SpecContext) {
			created := client.CreateIntent(ctx)
			Expect(created).To(BeAccepted())
			if id := client.IntentOf(created); created.Status != 201 || id == "" {
				Broken("the answer is %d, and has %q as Data.ConsentId: a consent that was created is answered with 201 and its id", created.Status, wire.Printable(id))
			}
			if state := stateOf(created); !slices.Contains(awaiting, state) {
				Broken("Data.Status of a new consent is %q, and nobody has authorised it yet", wire.Printable(state))
			}
		})
		It("of permissions that can't stand so is refused with 400", PermissionsFit, func(ctx SpecContext) {
			proper := []any{"ReadAccountsBasic", "ReadTransactionsBasic", "ReadTransactionsCredits"}
			Needs(client.CreateIntent(ctx, permitting("that reads the credits among transactions", client, proper...)))
			for _, wrong := range []flow.Deviation{
				permitting("of no permissions", client),
				permitting("of ReadTransactionsBasic, without credits or debits", client, "ReadAccountsBasic", "ReadTransactionsBasic"),
				permitting("of ReadTransactionsDetail, without credits or debits", client, "ReadAccountsBasic", "ReadTransactionsDetail"),
				permitting("of ReadTransactionsCredits alone", client, "ReadAccountsBasic", "ReadTransactionsCredits"),
				permitting("of ReadTransactionsDebits alone", client, "ReadAccountsBasic", "ReadTransactionsDebits"),
				permitting("of a permission that there is not", client, "ReadAccountsBasic", "ReadEverythingElse"),
			} {
				answeredWith(client.CreateIntent(ctx, wrong), 400, wrong.String())
			}
			Needs(client.CreateIntent(ctx, permitting("that reads the credits among transactions", client, proper...)))
		})
		It("from a body that is malformed is refused with 400", MalformedBodies, func(ctx SpecContext) {
			Needs(client.CreateIntent(ctx))
			body := client.IntentBody()
			for _, wrong := range []flow.Deviation{
				flow.IntentContent("with JSON that is cut off", body[:len(body)*2/3], ""),
				saying("with Permissions that are a text", client, func(data map[string]any) { data["Permissions"] = "ReadAccountsBasic" }),
				flow.IntentContent("without Data", `{"Risk": {}}`, ""),
			} {
				answeredWith(client.CreateIntent(ctx, wrong), 400, wrong.String())
			}
			Needs(client.CreateIntent(ctx))
		})
		It("from a body of another media type is refused with 415", ForeignMediaTypes, func(ctx SpecContext) {
			body := client.IntentBody()
			Expect(client.CreateIntent(ctx, flow.IntentContent("as application/json; charset=utf-8", body, "application/json; charset=utf-8"))).To(BeAccepted())
			for _, media := range []string{"text/plain", "application/xml"} {
				answeredWith(client.CreateIntent(ctx, flow.IntentContent("as "+media, body, media)), 415, "a body as "+media)
			}
			Needs(client.CreateIntent(ctx))
		})
		It("is created for an end in any form that ISO 8601 has", DatesTaken, func(ctx SpecContext) {
			Needs(client.CreateIntent(ctx))
			end := client.Now().UTC().Add(30 * 24 * time.Hour).Truncate(time.Second)
			for _, written := range []string{
				end.Format("2006-01-02T15:04:05Z"), end.Format("2006-01-02T15:04:05.000Z"), end.Format("2006-01-02T15:04:05+00:00"),
				end.In(time.FixedZone("", 3600)).Format("2006-01-02T15:04:05-07:00"),
			} {
				created := client.CreateIntent(ctx, ending("with the end "+written, client, written))
				if decision, because := Decide(created); decision == wire.Undecided {
					Unknown("%s", because)
				}
				if !Accepts(created) {
					Broken("a consent that ends at %s is refused with %d", written, created.Status)
				}
				sameEnd(created, end, "that was asked for as "+written)
			}
		})
		It("has the end that its client asked for, and none where it asked for none", ExpirationKept, func(ctx SpecContext) {
			end := client.Now().UTC().Add(30 * 24 * time.Hour).Truncate(time.Second)
			made := Needs(client.CreateIntent(ctx, ending("with an end", client, end.Format(time.RFC3339))))
			sameEnd(made, end, "of a new consent")
			sameEnd(Needs(client.ReadIntent(ctx, client.IntentOf(made))), end, "that is shown later")
			if _, ends := dataOf(client.IntentBody())["ExpirationDateTime"]; ends {
				return // the operator asks for consents that end
			}
			endless := Needs(client.ReadIntent(ctx, Needs(client.Grant(ctx)).Intent()))
			if end := endless.Member("Data.ExpirationDateTime"); end != nil {
				Broken("a consent that was to have no end, and is authorised, has the end %s", wire.Printable(fmt.Sprint(end)))
			}
		})
		It("is created again under an idempotency key that was used", KeysIgnored, func(ctx SpecContext) {
			key := flow.WithField("x-idempotency-key", jose.Random(12))
			first, second := Needs(client.CreateIntent(ctx, key)), client.CreateIntent(ctx, key)
			Expect(second).To(BeAccepted())
			if client.IntentOf(first) == client.IntentOf(second) {
				Broken("two consents were asked for under one key, which this resource does not have, and both are %s", wire.Printable(client.IntentOf(first)))
			}
		})
	})
}

func stateOf(o *flow.Outcome) string {
	state, _ := o.Member("Data.Status").(string)
	return state
}

// answeredWith wants a status, where that is what the clause is about.
func answeredWith(o *flow.Outcome, status int, what string) {
	decision, because := Decide(o)
	// A page or a bare word is somebody's in front of the API, who has decided nothing about this request.
	somebodyElses := decision != wire.Refused && o.Status >= 400 && o.Status != status && len(o.Body) > 0 && o.Members() == nil
	if decision == wire.Undecided && (o.Err != nil || o.Status >= 500 || o.Status == 429) || somebodyElses {
		Unknown("%s", because)
	}
	if o.Status != status {
		Broken("%s: answered with %d, and not with %d", what, o.Status, status)
	}
}

// dataOf is Data of a body.
func dataOf(body string) map[string]any {
	var whole map[string]any
	_ = json.Unmarshal([]byte(body), &whole) // whoever wrote it into the target file was told whether it is JSON
	data, _ := whole["Data"].(map[string]any)
	return data
}

// saying is a wish for a consent with other data.
func saying(says string, client *flow.Client, edit func(data map[string]any)) flow.Deviation {
	var whole map[string]any
	_ = json.Unmarshal([]byte(client.IntentBody()), &whole)
	data := maps.Clone(dataOf(client.IntentBody()))
	if data == nil || whole == nil {
		NotApplicable("intents.body has no object Data")
	}
	edit(data)
	whole["Data"] = data
	body, err := json.Marshal(whole)
	if err != nil {
		Unknown("%s", err)
	}
	return flow.IntentContent(says, string(body), "")
}

// permitting is a wish for a consent with these permissions.
func permitting(says string, client *flow.Client, permissions ...any) flow.Deviation {
	return saying(says, client, func(data map[string]any) { data["Permissions"] = append([]any{}, permissions...) })
}

// ending is a wish for a consent with that end.
func ending(says string, client *flow.Client, at string) flow.Deviation {
	return saying(says, client, func(data map[string]any) { data["ExpirationDateTime"] = at })
}

// sameEnd wants the moment at which a consent ends; how it is written is the server's.
func sameEnd(o *flow.Outcome, end time.Time, which string) {
	told, _ := o.Member("Data.ExpirationDateTime").(string)
	for _, form := range []string{time.RFC3339, "2006-01-02T15:04:05Z0700", "2006-01-02T15:04Z07:00"} {
		if at, err := time.Parse(form, told); err == nil {
			if !at.Equal(end) {
				Broken("the end %s is %s, and %s was asked for", which, wire.Printable(told), end.Format(time.RFC3339))
			}
			return
		}
	}
	Broken("the end %s is %q, which is no date and time with its zone", which, wire.Printable(told))
}
