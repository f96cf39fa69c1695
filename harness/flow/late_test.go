package flow_test

import (
	"context"
	"net/url"
	"strings"
	"testing"

	"github.com/fapitest/fapitest/harness/consent"
	"github.com/fapitest/fapitest/harness/flow"
	"github.com/fapitest/fapitest/harness/target"
	"github.com/fapitest/fapitest/harness/wire"
)

// driver ends its journeys as it is told to.
type driver struct{ endings []consent.Ending }

func (d *driver) Visit(context.Context, consent.Visit) (*consent.Trip, error) {
	ending := d.endings[0]
	d.endings = d.endings[1:]
	return &consent.Trip{Ending: ending, Says: "as told"}, nil
}

func (d *driver) Close() error { return nil }

// After three journeys in a row that ran out of time no more are made.
func TestJourneysOfABankThatHangs(t *testing.T) {
	late, fine := consent.TimedOut, consent.ErrorPage
	played := &driver{endings: []consent.Ending{late, late, fine, late, late, late}}
	self := &target.Client{ID: "one", Redirects: []string{"https://client.example/cb"}}
	client, err := flow.New(flow.Options{
		Target: &target.Target{Metadata: &target.Metadata{}, Clients: []*target.Client{self}}, Self: self, Driver: played,
		Clock: wire.SystemClock{}, Redactor: &wire.Redactor{},
	})
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []consent.Ending{late, late, fine, late, late, late, late, late} {
		trip := client.AuthorizeWith(context.Background(), "", url.Values{}).Trip
		if made := !strings.Contains(trip.Says, "no more are made"); trip.Ending != want || made != (i < 6) {
			t.Errorf("journey %d: %+v", i+1, trip)
		}
	}
}
