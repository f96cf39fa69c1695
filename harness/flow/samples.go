package flow

import (
	"slices"
	"sync"
)

// samples are what a worker was handed that nobody should be able to guess, by name: "request_uri", "code", "access_token", "refresh_token". They are
// secrets, and stay in memory.
type samples struct {
	sync.Mutex
	all map[string][]sample
}

type sample struct {
	value string
	of    *attempt
}

// mostSamples are kept of each, the last ones.
const mostSamples = 64

// gather keeps a value. One that came of the same authorization before is the same thing once more, and so is a token that came before.
func (s *samples) gather(name, value string, of *attempt) {
	if value == "" {
		return
	}
	s.Lock()
	defer s.Unlock()
	same := func(known sample) bool {
		return known.value == value && (known.of == of || name != "code" && name != "request_uri")
	}
	if slices.ContainsFunc(s.all[name], same) {
		return
	}
	s.all[name] = append(s.all[name], sample{value, of})
	if many := len(s.all[name]); many > mostSamples {
		s.all[name] = slices.Clone(s.all[name][many-mostSamples:])
	}
}

// Samples are what this worker was handed of a name so far as this client, in the order in which they came: "request_uri", "code",
// "access_token", "refresh_token". They are secrets.
func (c *Client) Samples(name string) []string {
	c.samples.Lock()
	defer c.samples.Unlock()
	var values []string
	for _, sample := range c.samples.all[name] {
		values = append(values, sample.value)
	}
	return values
}
