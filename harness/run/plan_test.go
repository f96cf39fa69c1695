package run

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"github.com/fapitest/fapitest/harness/target"
)

// What a worker is handed is the plan, whatever is added to it.
func TestPlanGoesThroughJSON(t *testing.T) {
	plan := Plan{
		File: "bank.yaml", Mutant: "a mutant", RealTime: true, Profile: "x", Clauses: []string{"X-1"}, Clients: []string{"one"}, NoWaits: true, Thorough: true,
		Seed: 1, Workers: 2, Rate: 0.5, Most: 9, Minutes: 1.5, UserAgent: "me", Driver: "form", Output: "here",
	}
	fields := reflect.ValueOf(plan)
	for i := range fields.NumField() {
		if fields.Field(i).IsZero() {
			t.Errorf("%s is not tried", fields.Type().Field(i).Name)
		}
	}
	encoded, err := json.Marshal(plan)
	if err != nil {
		t.Fatal(err)
	}
	var handed Plan
	if err := json.Unmarshal(encoded, &handed); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(handed, plan) {
		t.Errorf("%+v", handed)
	}
}

// Clients are those of the plan, by id; without any, one of each combination.
func TestClientsOfAPlan(t *testing.T) {
	described := &target.Target{Clients: []*target.Client{
		{ID: "one", Auth: target.PrivateKeyJWT, Binding: target.DPoP}, {ID: "two", Auth: target.PrivateKeyJWT, Binding: target.DPoP},
	}}
	for asked, want := range map[string]string{"": "one", "two": "two", "one two": "one two"} {
		clients, err := Plan{Clients: strings.Fields(asked)}.clients(described)
		var ids []string
		for _, client := range clients {
			ids = append(ids, client.ID)
		}
		if got := strings.Join(ids, " "); err != nil || got != want {
			t.Errorf("%q: %q, %v", asked, got, err)
		}
	}
	if _, err := (Plan{Clients: []string{"three"}}).clients(described); err == nil {
		t.Error("a client that is not there")
	}
}
