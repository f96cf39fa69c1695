package flow_test

import (
	"reflect"
	"strings"
	"testing"

	"github.com/fapitest/fapitest/harness/flow"
)

func TestParseChallenges(t *testing.T) {
	type params = map[string]string
	for name, test := range map[string]struct {
		fields []string
		want   []flow.Challenge
	}{
		"none":                {nil, nil},
		"empty":               {[]string{"", " , ,"}, nil},
		"a scheme alone":      {[]string{"Negotiate"}, []flow.Challenge{{Scheme: "Negotiate", Params: params{}}}},
		"two schemes":         {[]string{"Negotiate, Basic"}, []flow.Challenge{{Scheme: "Negotiate", Params: params{}}, {Scheme: "Basic", Params: params{}}}},
		"quoted":              {[]string{`DPoP error="insufficient_scope"`}, []flow.Challenge{{Scheme: "DPoP", Params: params{"error": "insufficient_scope"}}}},
		"not quoted":          {[]string{`dpop error=insufficient_scope`}, []flow.Challenge{{Scheme: "dpop", Params: params{"error": "insufficient_scope"}}}},
		"names in upper case": {[]string{`DPOP ERROR="x"`}, []flow.Challenge{{Scheme: "DPOP", Params: params{"error": "x"}}}},
		"spaces around =":     {[]string{`DPoP error = "x" ,  algs =ES256`}, []flow.Challenge{{Scheme: "DPoP", Params: params{"error": "x", "algs": "ES256"}}}},
		"several in one field": {[]string{`Bearer realm="bank, DPoP error=\"x\"", DPoP algs="ES256 PS256", error="insufficient_scope"`}, []flow.Challenge{
			{Scheme: "Bearer", Params: params{"realm": `bank, DPoP error="x"`}},
			{Scheme: "DPoP", Params: params{"algs": "ES256 PS256", "error": "insufficient_scope"}},
		}},
		"the example of RFC 9110": {[]string{`Basic realm="simple", Newauth realm="apps", type=1, title="Login to \"apps\""`}, []flow.Challenge{
			{Scheme: "Basic", Params: params{"realm": "simple"}},
			{Scheme: "Newauth", Params: params{"realm": "apps", "type": "1", "title": `Login to "apps"`}},
		}},
		"token68": {[]string{`Negotiate YWJjZA==, DPoP error="x"`, "NTLM a/b+c"}, []flow.Challenge{
			{Scheme: "Negotiate", Token68: "YWJjZA==", Params: params{}},
			{Scheme: "DPoP", Params: params{"error": "x"}},
			{Scheme: "NTLM", Token68: "a/b+c", Params: params{}},
		}},
		"no space after the comma": {[]string{`Bearer realm="a",DPoP error="x"`}, []flow.Challenge{
			{Scheme: "Bearer", Params: params{"realm": "a"}}, {Scheme: "DPoP", Params: params{"error": "x"}},
		}},
		"a parameter of nothing":     {[]string{`DPoP , error="x"`}, []flow.Challenge{{Scheme: "DPoP", Params: params{"error": "x"}}}},
		"twice":                      {[]string{`DPoP error="a", error="b"`}, []flow.Challenge{{Scheme: "DPoP", Params: params{"error": "a"}}}},
		"not closed":                 {[]string{`DPoP error="insufficient`}, []flow.Challenge{{Scheme: "DPoP", Params: params{"error": "insufficient"}}}},
		"an empty value":             {[]string{`DPoP error=""`}, []flow.Challenge{{Scheme: "DPoP", Params: params{"error": ""}}}},
		"several fields":             {[]string{`Bearer realm="a"`, `DPoP error="x"`}, []flow.Challenge{{Scheme: "Bearer", Params: params{"realm": "a"}}, {Scheme: "DPoP", Params: params{"error": "x"}}}},
		"an error that stands alone": {[]string{`error="insufficient_scope"`}, []flow.Challenge{{Scheme: "error", Params: params{}}}},
	} {
		if got := flow.ParseChallenges(test.fields); !reflect.DeepEqual(got, test.want) {
			t.Errorf("%s: %q\n got %+v\nwant %+v", name, test.fields, got, test.want)
		}
	}
}

// Whatever a stranger sends, it is read to its end.
func FuzzParseChallenges(f *testing.F) {
	for _, seed := range []string{`Bearer realm="a", DPoP error=x`, `a=,=b "`, "\\\"\x00=,é", strings.Repeat(`a="`, 50)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, field string) {
		for _, challenge := range flow.ParseChallenges([]string{field}) {
			if challenge.Scheme == "" || challenge.Params == nil {
				t.Errorf("%q: %+v", field, challenge)
			}
		}
	})
}
