package attacks

import (
	"testing"

	"github.com/fapitest/fapitest/harness/consent"
)

// What keeps a page out of frames, and what only looks as if it did.
func TestFramable(t *testing.T) {
	for _, test := range []struct {
		says     string
		policies []string
		framing  []string
		framable bool
	}{
		{"nothing", nil, nil, true},
		{"the old header", nil, []string{"SAMEORIGIN"}, false},
		{"the old header twice", nil, []string{"DENY, DENY"}, false},
		{"a value that browsers pass over", nil, []string{"ALLOW-FROM https://partner.example"}, true},
		{"a policy", []string{"default-src 'self'; frame-ancestors 'none'"}, nil, false},
		{"a policy in capitals, behind a comma", []string{"img-src *, Frame-Ancestors 'self' https://app.bank.example"}, nil, false},
		{"one policy of two", []string{"frame-ancestors *", "frame-ancestors 'none'"}, nil, false},
		{"a policy that lets everybody in", []string{"frame-ancestors *"}, []string{"DENY"}, true},
		{"a policy that lets everybody with TLS in", []string{"frame-ancestors 'self' https:"}, nil, true},
		{"the second directive of the name", []string{"frame-ancestors *; frame-ancestors 'none'"}, nil, true},
		{"a policy without sources", []string{"frame-ancestors"}, nil, false},
		{"a policy about something else", []string{"frame-src 'none'"}, nil, true},
	} {
		if got := framable(consent.Protection{Policies: test.policies, Framing: test.framing}); got != test.framable {
			t.Errorf("%s: %t", test.says, got)
		}
	}
}
