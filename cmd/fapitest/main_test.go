package main

import (
	"os"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestMain lets the conversations call fapitest as a command.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"fapitest": main})
}

// TestConversations plays testdata/*.txt: what is typed, and what comes back. What they run is run with the race detector in the
// packages that do it.
func TestConversations(t *testing.T) {
	if underRace {
		t.Skip("make long plays these without the race detector")
	}
	testscript.Run(t, testscript.Params{
		Dir: "testdata",
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"await":      await,
			"verdict":    checkVerdict,
			"edit":       edit,
			"exits":      exits,
			"issuer":     issuer,
			"same":       same,
			"loseworker": loseWorker,
			"paced":      paced,
			"keys":       makeKeys,
			"copydir":    copyDir,
			"flip":       flip,
			"resign":     resign,
		},
		Setup: func(env *testscript.Env) error {
			env.Setenv("HOME", env.WorkDir)
			return nil
		},
	})
}

// exits runs fapitest and wants that exit code: exits CODE ARGS, and so on.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE ARGS...")
	}
	err := ts.Exec("fapitest", args[1:]...)
	got := "0"
	if err != nil {
		got = strings.TrimPrefix(err.Error(), "exit status ")
	}
	if got != args[0] {
		ts.Fatalf("exit code %s, want %s", got, args[0])
	}
}

// await waits until a file is there: await FILE.
func await(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: await FILE")
	}
	if !appears(ts.MkAbs(args[0])) {
		ts.Fatalf("%s does not appear", args[0])
	}
}

// verdict looks a requirement up in a report: verdict REPORT ID VERDICT, or verdict REPORT conclusion CONCLUSION.
func checkVerdict(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 3 {
		ts.Fatalf("usage: verdict REPORT ID VERDICT")
	}
	report := readReport(ts, args[0])
	got := string(report.Conclusion)
	if args[1] != "conclusion" {
		result, ok := report.Result(args[1])
		if !ok {
			ts.Fatalf("%s is not in %s", args[1], args[0])
		}
		got = string(result.Verdict)
	}
	if (got == args[2]) == neg {
		ts.Fatalf("%s is %s", args[1], got)
	}
}

// edit replaces text in a file: edit FILE OLD NEW.
func edit(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: edit FILE OLD NEW")
	}
	content := ts.ReadFile(args[0])
	if !strings.Contains(content, args[1]) {
		ts.Fatalf("%s does not hold %q", args[0], args[1])
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(strings.Replace(content, args[1], args[2], 1)), 0o600))
}

// issuer puts the issuer of broken.yaml into the environment.
func issuer(ts *testscript.TestScript, _ bool, _ []string) {
	for line := range strings.Lines(ts.ReadFile("broken.yaml")) {
		if value, found := strings.CutPrefix(line, "issuer: "); found {
			ts.Setenv("ISSUER", strings.Trim(strings.TrimSpace(value), `"`))
		}
	}
}
