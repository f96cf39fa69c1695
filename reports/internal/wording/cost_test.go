package wording_test

import (
	"testing"

	"github.com/fapitest/fapitest/harness/verdict"
	"github.com/fapitest/fapitest/harness/wire"
	"github.com/fapitest/fapitest/reports/internal/wording"
)

// What experiments share costs once.
func TestCosts(t *testing.T) {
	login := &wire.Exchange{Step: "authorization request", ID: "1", Hops: []wire.Hop{{}}}
	control := *login
	control.Role = wire.RoleControl
	request := func(id string) *wire.Exchange { return &wire.Exchange{Step: "token request", ID: id} }
	costs := wording.Costs(&verdict.Report{Requirements: []verdict.Result{
		{Document: "A", Specs: []verdict.Spec{{Seconds: 1, Exchanges: []*wire.Exchange{request("2"), request("3")}}}},
		{Document: "B", Specs: []verdict.Spec{{Seconds: 2, Exchanges: []*wire.Exchange{login, request("3")}}, {Exchanges: []*wire.Exchange{&control, request("4")}}}},
		{Document: "C"},
		{Document: "A", Specs: []verdict.Spec{{Seconds: 3, Exchanges: []*wire.Exchange{login}}}},
	}})
	want := []wording.Cost{{Document: "B", Requirements: 1, Experiments: 2, Requests: 1, Journeys: 1, Seconds: 2}, {Document: "A", Requirements: 2, Experiments: 2, Requests: 2, Seconds: 4}}
	if len(costs) != len(want) || costs[0] != want[0] || costs[1] != want[1] {
		t.Errorf("%+v", costs)
	}
}
