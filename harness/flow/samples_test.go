package flow

import (
	"fmt"
	"slices"
	"testing"
)

// What is handed out again is no other value, and what comes of two authorizations is two, even where it is the same.
func TestSamples(t *testing.T) {
	s := &samples{all: map[string][]sample{}}
	c := &Client{&role{samples: s}}
	one, other := &attempt{}, &attempt{}
	for _, came := range []struct {
		name, value string
		of          *attempt
	}{
		{"code", "a", one}, {"code", "a", one}, {"code", "b", one}, {"code", "a", other}, {"code", "", one},
		{"refresh_token", "r", one}, {"refresh_token", "r", other}, {"refresh_token", "s", other},
	} {
		s.gather(came.name, came.value, came.of)
	}
	if got := c.Samples("code"); !slices.Equal(got, []string{"a", "b", "a"}) {
		t.Errorf("codes: %q", got)
	}
	if got := c.Samples("refresh_token"); !slices.Equal(got, []string{"r", "s"}) {
		t.Errorf("refresh tokens: %q", got)
	}
	for i := range 2 * mostSamples {
		s.gather("request_uri", fmt.Sprint(i), one)
	}
	if got := c.Samples("request_uri"); len(got) != mostSamples || got[mostSamples-1] != fmt.Sprint(2*mostSamples-1) {
		t.Errorf("request_uris: %d, the last %s", len(got), got[len(got)-1])
	}
}
