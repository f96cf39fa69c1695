package html

import (
	"testing"
	"time"

	"github.com/fapitest/fapitest/harness/wire"
)

func TestDifferences(t *testing.T) {
	sent := time.Unix(1_800_000_000, 0)
	form := []wire.Field{{Name: "Content-Type", Value: "application/x-www-form-urlencoded"}}
	exchange := func(at time.Time, deviation, body string, header ...wire.Field) *wire.Exchange {
		return &wire.Exchange{Started: at, Deviation: deviation, Request: wire.Message{Method: "POST", URL: "https://as.example/par", Header: append(form, header...), Body: body}}
	}
	jwt := func(claims string) string {
		return `client_assertion=[JWT {"alg":"ES256"} . {` + claims + `} . signature redacted]`
	}
	for name, test := range map[string]struct {
		before, after, deviation string
		later                    time.Duration
		want                     map[string]string // by line, how it differs; the others are the same
	}{
		"a parameter less":    {before: "a=1&b=2", after: "a=1", deviation: "without b", want: map[string]string{"b": removed}},
		"a parameter more":    {before: "a=1", after: "a=1&b=2", deviation: "with b", want: map[string]string{"b": added}},
		"another value":       {before: "scope=a", after: "scope=b", deviation: "with scope b", want: map[string]string{"scope": changed}},
		"a new random value":  {before: "state=a", after: "state=b", deviation: "without b", want: map[string]string{"state": fresh}},
		"that is the point":   {before: "state=a", after: "state=b", deviation: "with state b", want: map[string]string{"state": changed}},
		"a name in a name":    {before: "code_challenge=a", after: "code_challenge=b", deviation: "with code_challenge_method plain", want: map[string]string{"code_challenge": fresh}},
		"in other words":      {before: "code_challenge=a", after: "code_challenge=b", deviation: "with the PKCE verifier as challenge", want: map[string]string{"code_challenge": changed}},
		"a token, in words":   {before: "refresh_token=a", after: "refresh_token=b", deviation: "with another refresh token", want: map[string]string{"refresh_token": changed}},
		"time that passed":    {before: jwt(`"exp":1800000060`), after: jwt(`"exp":1800000065`), later: 5 * time.Second, want: map[string]string{"client_assertion exp": fresh}},
		"time that was moved": {before: jwt(`"exp":1800000060`), after: jwt(`"exp":1799996465`), later: 5 * time.Second, want: map[string]string{"client_assertion exp": changed}},
		"a claim less":        {before: jwt(`"a":1,"b":2`), after: jwt(`"a":1`), want: map[string]string{"client_assertion b": removed}},
		"another type":        {before: jwt(`"aud":"x"`), after: jwt(`"aud":["x"]`), want: map[string]string{"client_assertion aud": changed}},
	} {
		got := map[string]string{}
		for _, d := range differences(exchange(sent, "", test.before), exchange(sent.Add(test.later), test.deviation, test.after), 1000) {
			if d.How != same {
				got[d.Name] = d.How
			}
			if d.How == changed && (d.Prefix+d.Was+d.Suffix != d.Before || d.Prefix+d.Is+d.Suffix != d.After) {
				t.Errorf("%s: what is marked is not what was sent: %+v", name, d)
			}
		}
		if len(got) != len(test.want) {
			t.Errorf("%s: %v, want %v", name, got, test.want)
		}
		for line, how := range test.want {
			if got[line] != how {
				t.Errorf("%s: %s is %q, not %q", name, line, got[line], how)
			}
		}
	}
}

func TestControlOf(t *testing.T) {
	early := &wire.Exchange{ID: "1", Step: "token request"}
	accepted := &wire.Exchange{ID: "2", Step: "token request", Judged: wire.Accepted}
	later := &wire.Exchange{ID: "3", Step: "token request"}
	other := &wire.Exchange{ID: "4", Step: "refresh request", Judged: wire.Accepted}
	all := []*wire.Exchange{early, accepted, later, other, nil}
	for name, test := range map[string]struct {
		deviated *wire.Exchange
		want     *wire.Exchange
	}{
		"named":                {&wire.Exchange{Step: "token request", Deviation: "x", Control: "1"}, early},
		"the accepted one":     {&wire.Exchange{Step: "token request", Deviation: "x"}, accepted},
		"of the same step":     {&wire.Exchange{Step: "refresh request", Deviation: "x"}, other},
		"of a step of its own": {&wire.Exchange{Step: "revocation request", Deviation: "x"}, nil},
		"nothing changed":      {&wire.Exchange{Step: "token request"}, nil},
	} {
		if got := controlOf(test.deviated, all); got != test.want {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func TestEvidencePath(t *testing.T) {
	for path, want := range map[string]bool{
		"evidence/a.png": true, `evidence\a.png`: true, "evidence/../a.png": false, "../evidence/a.png": false, "/evidence/a.png": false,
		"a.png": false, "https://evil.example/evidence/a.png": false, "": false, "evidence": false, `evidence\..\..\a`: false,
	} {
		if _, got := evidencePath(path); got != want {
			t.Errorf("%q: %v", path, got)
		}
	}
}
