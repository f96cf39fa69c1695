package profile_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fapitest/fapitest/harness/profile"
	"github.com/fapitest/fapitest/harness/requirement"
)

const second = time.Second

func document(id, text string) *requirement.Document {
	return &requirement.Document{ID: id, Title: id, Text: []byte(text)}
}

var (
	documentX = document("X", `
- {id: X-1, level: shall, role: as, applies_if: always}
- {id: X-2, level: should, role: as, applies_if: always}
- {id: X-3, level: should not, role: as, applies_if: always}
- {id: X-4, level: shall, role: as, applies_if: fapi1}
`)
	documentY = document("Y", `
- {id: Y-1, level: shall, role: as, applies_if: par}
- {id: Y-2, level: may, role: as, applies_if: dpop}
`)
	documentN = document("N", `
- {id: N-1, level: shall, role: as, applies_if: always}
- {id: N-2, level: shall not, role: as, applies_if: house}
- {id: N-3, level: should, role: as, applies_if: always}
`)
	unknown = document("U", "- {id: U-1, level: shall, role: as, applies_if: always}")
)

func join(t *testing.T, documents ...*requirement.Document) *requirement.Catalogue {
	t.Helper()
	catalogue, err := requirement.Join(documents...)
	if err != nil {
		t.Fatal(err)
	}
	return catalogue
}

// base is a profile that stands on no other.
func base() profile.Declaration {
	return profile.Declaration{
		ID: "base", Title: "Base", Documents: []*requirement.Document{documentX}, Foreign: []requirement.Condition{requirement.FAPI1},
		Limits: []profile.Limit{
			profile.RequestURILife.Between(1*second, 599*second),
			profile.Binding.Of("dpop", "mtls"),
			profile.ACR.Of("one"),
			profile.RAR.Is(profile.Required),
			profile.ResourceIs.Is("accounts"),
		},
		Shape: profile.Shape{
			Requests: []profile.Request{profile.Pushed, profile.ByValue}, Responses: []profile.Response{profile.Code, profile.JARM},
		},
		Source: profile.Source{Text: "base", Verified: profile.Read, Entries: true},
	}
}

// on is a profile that stands on base.
func on() profile.Declaration {
	return profile.Declaration{ID: "on", Title: "On", Extends: "base", Source: profile.Source{Text: "on", Verified: profile.Read}}
}

// What is wrong with a profile is said in one sentence that names it, before anything runs.
func TestNewSetRefuses(t *testing.T) {
	for name, test := range map[string]struct {
		change func(base, on *profile.Declaration)
		says   string
	}{
		"unknown document":         {func(_, o *profile.Declaration) { o.Documents = []*requirement.Document{unknown} }, "profile on: document U: the catalogue has nothing of it"},
		"unknown added entry":      {func(_, o *profile.Declaration) { o.Adds = []string{"X-9"} }, "profile on: there is no requirement X-9 in the catalogue; the nearest is X-1"},
		"entry of no document":     {func(_, o *profile.Declaration) { o.Adds = []string{"Y-1"} }, "it adds Y-1, of a document that no profile names"},
		"unknown base":             {func(_, o *profile.Declaration) { o.Extends = "bas" }, `profile on: it stands on "bas": there is no such profile; the nearest is base`},
		"two kinds of base":        {func(_, o *profile.Declaration) { o.AnyOf = []string{"base"} }, "it extends base and stands on one of base"},
		"circle":                   {func(b, _ *profile.Declaration) { b.Extends = "on" }, "profile base: it stands on itself: base → on → base"},
		"circle by choice":         {func(b, _ *profile.Declaration) { b.AnyOf = []string{"on"} }, "profile base: it stands on itself: base → on → base"},
		"same id":                  {func(_, o *profile.Declaration) { o.ID = "base" }, "profile base: there are two of that id"},
		"id of a choice":           {func(_, o *profile.Declaration) { o.ID = "on+base" }, "is no id"},
		"no source":                {func(_, o *profile.Declaration) { o.Source.Text = "" }, "title or source is missing"},
		"nobody knows how sure":    {func(_, o *profile.Declaration) { o.Source.Verified = "" }, "verified is full, catalogue, partial or none"},
		"exclusion from the base":  {func(_, o *profile.Declaration) { o.Excludes = []profile.Exclusion{{ID: "X-1", Because: "no"}} }, "it excludes X-1, which its base asks: a profile drops nothing"},
		"exclusion without reason": {func(b, _ *profile.Declaration) { b.Excludes = []profile.Exclusion{{ID: "X-1"}} }, "does not say what its text says instead"},
		"exclusion of nothing":     {func(_, o *profile.Declaration) { o.Excludes = []profile.Exclusion{{ID: "Y-1", Because: "no"}} }, "of a document that it does not name"},
		"unknown exclusion":        {func(_, o *profile.Declaration) { o.Excludes = []profile.Exclusion{{ID: "X-9", Because: "no"}} }, "there is no requirement X-9"},
		"foreign below the base":   {func(_, o *profile.Declaration) { o.Foreign = []requirement.Condition{requirement.DPoP} }, "which conditions are foreign"},
		"replaced by less": {func(_, o *profile.Declaration) {
			o.Documents = []*requirement.Document{documentN}
			o.Replaces = []profile.Replacement{{ID: "X-1", By: "N-3", Because: "it does"}}
		}, "it replaces X-1 (shall) by N-3 (should): a profile tightens"},
		"replaced by the same": {func(_, o *profile.Declaration) {
			o.Documents = []*requirement.Document{documentN}
			o.Replaces = []profile.Replacement{{ID: "X-1", By: "N-1"}}
		}, "does not say in what that is stricter"},
		"replaced by an unknown entry": {func(_, o *profile.Declaration) {
			o.Replaces = []profile.Replacement{{ID: "X-2", By: "X-9"}}
		}, "there is no requirement X-9"},
		"replaced by what is not asked": {func(_, o *profile.Declaration) {
			o.Replaces = []profile.Replacement{{ID: "X-2", By: "N-1"}}
		}, "it replaces X-2 by N-1, which it does not ask"},
		"replacement of what is not asked": {func(_, o *profile.Declaration) {
			o.Replaces = []profile.Replacement{{ID: "Y-2", By: "X-1"}}
		}, "it replaces Y-2, which it does not ask"},
		"ends the wrong way round": {func(_, o *profile.Declaration) {
			o.Limits = []profile.Limit{profile.AccessTokenLife.Between(90*second, 10*second)}
		}, "profile on: access_token_life: no value is at least 90 seconds and at most 10 seconds"},
		"no bound":      {func(_, o *profile.Declaration) { o.Limits = []profile.Limit{profile.AccessTokenLife.AtMost(0)} }, "it has no bound"},
		"an empty list": {func(_, o *profile.Declaration) { o.Limits = []profile.Limit{profile.SubjectTypes.Of()} }, "it names nothing"},
		"a limit twice": {func(_, o *profile.Declaration) {
			o.Limits = []profile.Limit{profile.RSAKey.AtLeast(1), profile.RSAKey.AtLeast(2)}
		}, "rsa_min stands twice"},
		"an unknown word": {func(_, o *profile.Declaration) { o.Limits = []profile.Limit{profile.OpenID.Is("maybe")} }, `there is no demand "maybe"`},
		"a looser bound": {func(_, o *profile.Declaration) {
			o.Limits = []profile.Limit{profile.RequestURILife.AtMost(600 * second)}
		}, `"at most 600 seconds" is looser than "1 to 599 seconds" of base`},
		"bounds that leave nothing": {func(_, o *profile.Declaration) {
			o.Limits = []profile.Limit{profile.RequestURILife.AtLeast(600 * second)}
		}, "is looser than"},
		"a longer list":  {func(_, o *profile.Declaration) { o.Limits = []profile.Limit{profile.Binding.Of("mtls", "none")} }, "is looser than"},
		"a shorter list": {func(_, o *profile.Declaration) { o.Limits = []profile.Limit{profile.ACR.Of("two")} }, "is looser than"},
		"another demand": {func(_, o *profile.Declaration) { o.Limits = []profile.Limit{profile.RAR.Is(profile.Optional)} }, "is looser than"},
		"another text":   {func(_, o *profile.Declaration) { o.Limits = []profile.Limit{profile.ResourceIs.Is("userinfo")} }, "is looser than"},
		"clocks that clash": {func(_, o *profile.Declaration) {
			o.Limits = []profile.Limit{profile.ClockAheadAccept.AtLeast(61 * second), profile.ClockAheadRefuse.AtMost(60 * second)}
		}, "contradict each other"},
		"a wider way of requests":  {func(_, o *profile.Declaration) { o.Shape.Requests = []profile.Request{profile.Backchannel} }, "a profile narrows"},
		"a wider way of responses": {func(_, o *profile.Declaration) { o.Shape.Responses = []profile.Response{profile.Hybrid} }, "a profile narrows"},
		"more features than there are": {func(_, o *profile.Declaration) {
			o.Features = []profile.Features{{AtLeast: 2, Of: []profile.Feature{{Claim: requirement.JAR}}}}
		}, "at least 2 of 1 features"},
		"another step before": {func(b, o *profile.Declaration) {
			b.Before, o.Before = &profile.Preparation{Creates: "a"}, &profile.Preparation{Creates: "b"}
		}, "another than its base's"},
	} {
		t.Run(name, func(t *testing.T) {
			lower, upper := base(), on()
			test.change(&lower, &upper)
			_, err := profile.NewSet([]profile.Declaration{lower, upper}, join(t, documentX, documentY, documentN), nil)
			if err == nil || !strings.Contains(err.Error(), test.says) || strings.Contains(err.Error(), "\n") {
				t.Errorf("%v, want %q", err, test.says)
			}
		})
	}
}

func find(t *testing.T, name string, read []string, declarations ...profile.Declaration) profile.Profile {
	t.Helper()
	set, err := profile.NewSet(declarations, join(t, documentX, documentY, documentN), read)
	if err != nil {
		t.Fatal(err)
	}
	p, err := set.Find(name)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func asked(p profile.Profile) map[string]string {
	all := map[string]string{}
	for _, r := range p.Requirements() {
		all[r.ID] = string(r.Level) + " if " + string(r.When)
	}
	return all
}

// A profile asks what its base asks, what it adds, and a placeholder for each limit that no experiment reads.
func TestFind(t *testing.T) {
	upper := on()
	upper.Documents = []*requirement.Document{documentN}
	upper.Holds = []requirement.Condition{"house"}
	upper.Features = []profile.Features{{Of: []profile.Feature{{Claim: "jar", Documents: []*requirement.Document{documentY}}}}}
	upper.Replaces = []profile.Replacement{{ID: "X-2", By: "N-1"}, {ID: "X-3", By: "N-2"}}
	upper.Limits = []profile.Limit{
		profile.RequestURILife.Between(10*second, 90*second), profile.AccessTokenLife.AtMost(600 * second), profile.ACR.Of("one"),
		profile.CodeLife.Open(), profile.OpenID.Is(profile.Optional),
	}
	want := map[string]string{
		"X-1": "shall if always", "X-2": "shall if always", "X-3": "shall not if always",
		"Y-1": "shall if jar", "Y-2": "may if dpop", // what everybody would have to do, only those do who claim the feature
		"N-1": "shall if always", "N-2": "shall not if always", "N-3": "should if always", // house is what every server of the profile is
		"on-access_token_life": "shall if always", "on-request_uri_life": "shall if always",
	}
	compare := func(name string, got map[string]string) {
		t.Helper()
		for id, says := range want {
			if got[id] != says {
				t.Errorf("%s: %s: %q, want %q", name, id, got[id], says)
			}
		}
		if len(got) != len(want) {
			t.Errorf("%s: %v", name, got)
		}
	}
	compare("as it is", asked(find(t, "on", nil, base(), upper)))
	delete(want, "on-request_uri_life")
	compare("with a limit that is read", asked(find(t, "on", []string{"request_uri_life"}, base(), upper)))
	upper.Source.Verified = profile.Unread
	want["on-access_token_life"] = "should if always"
	compare("by a text that nobody has read", asked(find(t, "on", []string{"request_uri_life"}, base(), upper)))
	upper.Source.Entries = true
	delete(want, "on-access_token_life")
	compare("with limits that stand in entries", asked(find(t, "on", nil, base(), upper)))

	upper.Documents, upper.Features, upper.Limits, upper.Replaces, upper.Adds = nil, nil, nil, nil, []string{"Y-2"}
	declared := document("Y", string(documentY.Text))
	declared.Clause("2")
	witness := on()
	witness.ID, witness.Extends, witness.Documents = "witness", "", []*requirement.Document{declared}
	p := find(t, "on", nil, base(), upper, witness)
	if got := asked(p); len(got) != 4 || got["Y-2"] == "" || p.Requires[0].ID != "Y-2" || p.Requires[0].Listed {
		t.Errorf("with one entry more, on which there are experiments: %v, %+v", got, p.Requires[0])
	}
}

// One base of several is named by the run.
func TestFindOnOneOfSeveral(t *testing.T) {
	other, upper := on(), on()
	other.ID, upper.ID, upper.Extends, upper.AnyOf = "other", "upper", "", []string{"base", "other"}
	other.Documents = []*requirement.Document{documentY}
	set, err := profile.NewSet([]profile.Declaration{base(), other, upper}, join(t, documentX, documentY, documentN), nil)
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"base", "other", "upper+base", "upper+other"}; !slices.Equal(set.Names(), want) {
		t.Errorf("%v", set.Names())
	}
	p, err := set.Find("upper+other")
	if err != nil || !slices.Equal(p.Bases, []string{"base", "other"}) || asked(p)["Y-1"] == "" {
		t.Errorf("%v, %v", err, p.Bases)
	}
	for name, says := range map[string]string{
		"upper":       "profile upper stands on one of several: name it as upper+base or upper+other",
		"upper+upper": "name it as upper+base or upper+other",
		"base+other":  "profile base leaves no base to be chosen",
		"base+":       "profile base leaves no base to be chosen",
		"bass":        `there is no profile "bass"; the nearest is "base"`,
	} {
		if _, err := set.Find(name); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Limits are asked for by name, and add up over the bases.
func TestLimits(t *testing.T) {
	upper := on()
	upper.Source.Verified = profile.Unread
	upper.Limits = []profile.Limit{profile.RequestURILife.AtMost(90 * second), profile.Binding.Of("mtls"), profile.PurposeLength.Between(3, 300)}
	p := find(t, "on", nil, base(), upper)
	if bounds, set := profile.RequestURILife.In(p.Limits); !set || bounds.Least != second || bounds.Most != 90*second || bounds.String() != "1 to 90 seconds" {
		t.Errorf("%v %v", bounds, set)
	}
	if bounds, set := profile.PurposeLength.In(p.Limits); !set || bounds.String() != "3 to 300" || bounds.Holds(2) || !bounds.Holds(3) || bounds.Holds(301) {
		t.Errorf("%v %v", bounds, set)
	}
	if list, _ := profile.Binding.In(p.Limits); !slices.Equal(list, []string{"mtls"}) {
		t.Errorf("%v", list)
	}
	if profile.RAR.In(p.Limits) != profile.Required || profile.ResourceIs.In(p.Limits) != "accounts" {
		t.Error("what the base says is lost")
	}
	if _, set := profile.CodeLife.In(p.Limits); set {
		t.Error("a limit that nobody sets")
	}
	for lifetime, want := range map[time.Duration]struct {
		broken, sure bool
		says         string
	}{
		90 * second: {}, 91 * second: {true, false, "on allows at most 90 seconds, as far as is known"}, 600 * second: {true, true, "base allows 1 to 599 seconds"},
	} {
		held, broken := profile.RequestURILife.Breach(p.Limits, lifetime)
		if broken != want.broken || broken && (held.Sure() != want.sure || !strings.Contains(held.Breach(), want.says)) {
			t.Errorf("%s: %v, %+v", lifetime, broken, held)
		}
	}
	open := on()
	open.Limits = []profile.Limit{profile.RequestURILife.Open()}
	if bounds, set := profile.RequestURILife.In(find(t, "on", nil, base(), open).Limits); !set || bounds.Most != 599*second {
		t.Errorf("what a profile leaves open is as its base has it: %v", bounds)
	}
}
