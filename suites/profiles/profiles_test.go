package profiles_test

import (
	"context"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/fapitest/fapitest/fixtures/authserver"
	"github.com/fapitest/fapitest/fixtures/bench"
	"github.com/fapitest/fapitest/harness/consent"
	"github.com/fapitest/fapitest/harness/profile"
	"github.com/fapitest/fapitest/harness/requirement"
	"github.com/fapitest/fapitest/harness/run"
	"github.com/fapitest/fapitest/harness/suite"
	"github.com/fapitest/fapitest/harness/target"
	"github.com/fapitest/fapitest/harness/verdict"
	"github.com/fapitest/fapitest/harness/wire"
	"github.com/fapitest/fapitest/suites"
	"github.com/fapitest/fapitest/suites/fapi2sp"
	"github.com/fapitest/fapitest/suites/jar"
	"github.com/fapitest/fapitest/suites/profiles"
)

func catalogueOf(t *testing.T) *requirement.Catalogue {
	t.Helper()
	catalogue, err := suites.Catalogue()
	if err != nil {
		t.Fatal(err)
	}
	return catalogue
}

// Seventeen profiles measure whether the type says enough. Those that need a flow which the client does not have are not run, and no other.
func TestAllProfiles(t *testing.T) {
	set, err := profiles.Set(catalogueOf(t))
	if err != nil {
		t.Fatal(err)
	}
	if n := len(set.Declarations()); n != 17 {
		t.Errorf("%d profiles", n)
	}
	var playable []string
	for _, name := range set.Names() {
		p, err := set.Find(name)
		if err != nil {
			t.Fatal(err)
		}
		if run.Obstacle(p) == "" {
			playable = append(playable, name)
		}
		if !slices.Contains(p.Bases, profiles.Default) {
			continue
		}
		// Nothing that the base asks is lost.
		base, err := set.Find(profiles.Default)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range base.Requirements() {
			if !slices.ContainsFunc(p.Requirements(), func(own *requirement.Requirement) bool { return own.ID == r.ID }) {
				t.Errorf("%s drops %s", name, r.ID)
			}
		}
	}
	want := []string{
		"oauth2-security-bcp", "oidc-basic", profiles.Default, "fapi2-message-signing", "fapi1-baseline", "fapi1-advanced", "openbanking-uk", "cdr-australia", "open-finance-brasil",
		"ida+oidc-basic", "ida+fapi1-advanced", "ida+" + profiles.Default, "uae-cbuae", "connectid-au", "japan-plain-fapi+fapi1-advanced", "japan-plain-fapi+" + profiles.Default, "igov",
	}
	if !slices.Equal(playable, want) {
		t.Errorf("to be run: %v, want %v", playable, want)
	}
}

// A feature is a word that target files know.
// A requirement stands in a profile once, whichever of its documents, features and additions ask for it: no reader takes a report that has it twice. What a profile adds it asks
// of everybody, also where the document belongs to a feature.
func TestNothingIsAskedTwice(t *testing.T) {
	set, err := profiles.Set(catalogueOf(t))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range set.Names() {
		p, err := set.Find(name)
		if err != nil {
			continue // why is said by TestAllProfiles
		}
		seen := map[string]bool{}
		for _, r := range p.Requirements() {
			if seen[r.ID] {
				t.Errorf("%s asks %s twice", name, r.ID)
			}
			if seen[r.ID] = true; r.ID == jar.OnlyWhatWasPushed.ID && r.When != requirement.PAR && r.When != requirement.Always && strings.HasPrefix(name, "fapi2") {
				t.Errorf("%s asks %s where %s is claimed", name, r.ID, r.When)
			}
		}
	}
}

func TestFeaturesAreKnown(t *testing.T) {
	for _, declaration := range profiles.All() {
		for _, features := range declaration.Features {
			for _, claim := range features.Claims() {
				if _, err := target.ConditionOf(claim); err != nil {
					t.Errorf("%s: %v", declaration.ID, err)
				}
			}
		}
	}
}

// What is said to be read by experiments is what they name, and the other way round: a limit that nobody reads has to stand untested.
func TestReadParameters(t *testing.T) {
	names := map[string]string{} // of parameters, by their variables
	parsed, err := parser.ParseFile(token.NewFileSet(), "../../harness/profile/parameters.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(parsed, func(n ast.Node) bool {
		if spec, ok := n.(*ast.ValueSpec); ok {
			name, err := strconv.Unquote(spec.Values[0].(*ast.CallExpr).Args[0].(*ast.BasicLit).Value)
			if err != nil {
				t.Fatal(err)
			}
			names[spec.Names[0].Name] = name
		}
		return true
	})
	files, err := filepath.Glob("../*/*_specs.go")
	if err != nil || len(files) == 0 {
		t.Fatal("no specs", err)
	}
	var named []string
	for _, file := range files {
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(parsed, func(n ast.Node) bool {
			selector, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			if from, ok := selector.X.(*ast.Ident); ok && from.Name == "profile" {
				named = append(named, names[selector.Sel.Name])
			}
			return true
		})
	}
	slices.Sort(named)
	said := profiles.Read()
	slices.Sort(said)
	if named = slices.Compact(named); !slices.Equal(named, said) {
		t.Errorf("experiments read %v, and Read says %v", named, said)
	}
}

// A limit that a profile tightens changes the verdict on the same server; one from a text that nobody has read only warns.
func TestLimitsDecide(t *testing.T) {
	narrower := func(verified profile.Verified) profile.Declaration {
		return profile.Declaration{
			ID: "narrower", Title: "Narrower", Extends: profiles.Default, Limits: []profile.Limit{profile.RequestURILife.Between(10*time.Second, 90*time.Second)},
			Source: profile.Source{Text: "this test", Verified: verified},
		}
	}
	catalogue := catalogueOf(t)
	for _, test := range []struct {
		profile  string
		verified profile.Verified
		seconds  int
		want     verdict.Verdict
		says     string
	}{
		{profiles.Default, profile.Read, 599, verdict.Pass, ""},
		{profiles.Default, profile.Read, 600, verdict.Fail, "expires_in is 600: fapi2-security-profile allows 1 to 599 seconds"},
		{profiles.Default, profile.Read, 0, verdict.Fail, "expires_in is 0"},
		{"narrower", profile.Read, 90, verdict.Pass, ""},
		{"narrower", profile.Read, 91, verdict.Fail, "expires_in is 91: narrower allows 10 to 90 seconds"},
		{"narrower", profile.Read, 9, verdict.Fail, "expires_in is 9"},
		{"narrower", profile.Unread, 91, verdict.Warn, "nobody here has read its text"},
		{"narrower", profile.Unread, 600, verdict.Fail, "fapi2-security-profile allows 1 to 599 seconds"},
	} {
		set, err := profile.NewSet(append(profiles.All(), narrower(test.verified)), catalogue, profiles.Read())
		if err != nil {
			t.Fatal(err)
		}
		chosen, err := set.Find(test.profile)
		if err != nil {
			t.Fatal(err)
		}
		result := lifetime(t, chosen, catalogue, test.seconds)
		said := ""
		for _, spec := range result.Specs {
			said += spec.Message + strings.Join(spec.Notes, "; ")
		}
		if result.Verdict != test.want || !strings.Contains(said, test.says) {
			t.Errorf("%s, %d seconds: %s, %q", test.profile, test.seconds, result.Verdict, said)
		}
	}
	// A profile that says nothing of it decides nothing.
	set, err := profiles.Set(catalogue)
	if err != nil {
		t.Fatal(err)
	}
	silent, err := set.Tested(profiles.Default)
	if err != nil {
		t.Fatal(err)
	}
	silent.Limits = nil
	if result := lifetime(t, silent, catalogue, 90); result.Verdict != verdict.Blocked || !strings.Contains(result.Specs[0].Message, "the profile does not say how long a request_uri lives") {
		t.Errorf("without limits: %+v", result)
	}
}

// lifetime is what a run says of a bank that lets request_uris live for so long.
func lifetime(t *testing.T, chosen profile.Profile, catalogue *requirement.Catalogue, seconds int) verdict.Result {
	t.Helper()
	policy := authserver.Reference()
	policy.RequestURILifetime = func() int { return seconds }
	started, err := bench.Start(bench.Options{Policy: policy})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = started.Close() }()
	redactor := &wire.Redactor{}
	if err := started.Target.Discover(context.Background(), redactor); err != nil {
		t.Fatal(err)
	}
	report, err := run.Run(context.Background(), run.Options{
		Plan:   run.Plan{Clauses: []string{fapi2sp.RequestURILifetime.ID}, Clients: []string{started.Target.Combinations()[0].ID}, Seed: 1},
		Target: started.Target, Profile: chosen, Suites: []suite.Suite{fapi2sp.Suite()}, Catalogue: catalogue, Clock: started.Clock,
		Driver: consent.NewForm(consent.FormOptions{Client: started.HTTP(nil)}), HTTP: started.HTTP, Redactor: redactor,
	})
	if err != nil {
		t.Fatal(err)
	}
	result, ok := report.Result(fapi2sp.RequestURILifetime.ID)
	if !ok {
		t.Fatal("it is not in the report")
	}
	return result
}
