package oauth2

import (
	"github.com/fapitest/fapitest/suites/jarm"
	"html"
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/fapitest/fapitest/fixtures/authserver"
	"github.com/fapitest/fapitest/fixtures/mutant"
	"github.com/fapitest/fapitest/harness/requirement"
)

func stateMutants() []mutant.Mutant {
	made := func(edit func(state string) string) func(*authserver.Policy) {
		return func(p *authserver.Policy) {
			p.State = func(sent authserver.SentState) (string, bool) { return edit(sent.Value), true }
		}
	}
	return []mutant.Mutant{{
		Name:   "state-decoded-twice",
		Breaks: StateUnchanged,
		How:    "decodes the state once more than it was encoded, so that + becomes a space and %2B becomes +",
		Policy: made(func(state string) string {
			decoded, err := url.QueryUnescape(state)
			if err != nil {
				return state
			}
			return decoded
		}),
	}, {
		Name:   "state-escaped-for-pages",
		Breaks: StateUnchanged,
		How:    "escapes what it is sent against cross-site scripting when it comes in, and so returns &amp; for &",
		Policy: made(html.EscapeString),
	}, {
		Name:   "state-without-plus",
		Breaks: StateUnchanged,
		How:    "writes the state into the redirect as it is, so that a + in it is read as a space",
		Policy: made(func(state string) string { return strings.ReplaceAll(state, "+", " ") }),
	}, {
		Name:   "state-of-255-characters",
		Breaks: StateUnchanged,
		How:    "keeps the state in a column of 255 characters",
		Policy: made(func(state string) string { return state[:min(255, len(state))] }),
	}, {
		Name:   "state-trimmed",
		Breaks: StateUnchanged,
		How:    "trims whatever comes in a form",
		Policy: made(strings.TrimSpace),
	}, {
		Name:   "state-up-to-a-question-mark",
		Breaks: StateUnchanged,
		How:    "writes the state into an address, from which it takes the query before it reads it again",
		Policy: made(func(state string) string { before, _, _ := strings.Cut(state, "?"); return before }),
	}, {
		Name:   "state-unescaped-as-text",
		Breaks: StateUnchanged,
		How:    "reads the state as a text in which a backslash escapes what stands behind it",
		Policy: made(func(state string) string { return strings.ReplaceAll(state, `\`, "") }),
	}, {
		Name:   "code-twice",
		Breaks: StateUnchanged,
		How:    "adds the code in the endpoint and another one in a filter",
		Policy: func(p *authserver.Policy) {
			p.ResponseParameters = func(_ bool, complete url.Values) url.Values {
				edited := maps.Clone(complete)
				if edited.Has("code") {
					edited["code"] = append(slices.Clone(edited["code"]), "another")
				}
				return edited
			}
		},
	}, {
		Name:       "state-in-small-letters",
		Breaks:     StateUnchanged,
		AlsoBreaks: []*requirement.Requirement{DenialTold, jarm.AllInside}, // which returns it too
		How:        "looks requests up by their state, without regard to case, and returns it as it was stored",
		Policy:     made(strings.ToLower),
	}, {
		Name:   "state-lost-without-openid",
		Breaks: StateUnchanged,
		How:    "keeps the state in the part that knows OpenID Connect, and so loses it where openid was not asked for",
		Policy: func(p *authserver.Policy) {
			p.State = func(sent authserver.SentState) (string, bool) {
				if !sent.OpenID {
					return "", true
				}
				return sent.Value, true
			}
		},
	}, {
		Name:   "state-twice",
		Breaks: StateUnchanged,
		How:    "adds the state in the endpoint and once more in a filter",
		Policy: func(p *authserver.Policy) {
			p.ResponseParameters = func(isError bool, complete url.Values) url.Values {
				edited := maps.Clone(complete)
				if !isError && edited.Has("state") {
					edited["state"] = append(slices.Clone(edited["state"]), edited["state"]...)
				}
				return edited
			}
		},
	}}
}
