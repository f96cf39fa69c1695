package selftest_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/fapitest/fapitest/suites/selftest"
)

// TestMain lets the tests' binary be a worker of the self-test.
func TestMain(m *testing.M) {
	if fatal, ok := os.LookupEnv("FAPITEST_TEST_WORKER"); ok {
		if err := selftest.Work(context.Background(), &fragile{Reader: os.Stdin, fatal: fatal}, os.Stdout); err != nil {
			panic(err)
		}
		return
	}
	os.Exit(m.Run())
}

// fragile breaks the process when it reads a certain job.
type fragile struct {
	io.Reader
	fatal string
}

func (f *fragile) Read(data []byte) (int, error) {
	n, err := f.Reader.Read(data)
	if f.fatal != "" && bytes.Contains(data[:n], []byte(f.fatal)) {
		panic("this job is too much")
	}
	return n, err
}

func worker(fatal string) func() (*exec.Cmd, error) {
	return func() (*exec.Cmd, error) {
		command := exec.Command(os.Args[0])
		command.Env = append(os.Environ(), "FAPITEST_TEST_WORKER="+fatal)
		return command, nil
	}
}

// A worker that dies costs its own job, and is replaced.
func TestWorkerThatDies(t *testing.T) {
	if selftest.UnderRace {
		t.Skip("make long runs this without the race detector")
	}
	only := []string{"pkce-optional", "par-optional", "iss-missing-from-errors", "password-grant"}
	matrix, err := selftest.Run(context.Background(), selftest.Options{Only: only, Worker: worker(`"pkce-optional"`), Workers: 2})
	if err != nil {
		t.Fatal(err)
	}
	if matrix.Good() || len(matrix.Faults) != 1 {
		t.Fatalf("good: %v, faults: %+v", matrix.Good(), matrix.Faults)
	}
	if f := matrix.Faults[0]; f.Name != "pkce-optional" || !strings.Contains(f.Says, "died") || !strings.Contains(f.Says, "this job is too much") {
		t.Errorf("%s: %s", f.Name, f.Says)
	}
	var caught []string
	for _, m := range matrix.Mutants {
		if m.Caught && m.Everything == "" {
			caught = append(caught, m.Name)
		}
	}
	if want := []string{"par-optional", "iss-missing-from-errors", "password-grant"}; !slices.Equal(caught, want) {
		t.Errorf("caught: %v", caught)
	}
}

// Where the reference could not be tested, nothing is known of where mutants are noticed: they run everything, and the fault stands.
func TestReferenceThatDies(t *testing.T) {
	if selftest.UnderRace {
		t.Skip("make long runs this without the race detector")
	}
	matrix, err := selftest.Run(context.Background(), selftest.Options{Only: []string{"par-optional"}, Worker: worker(`{"name":"","seed":1,"everyClient":true}`), Workers: 1})
	if err != nil {
		t.Fatal(err)
	}
	if matrix.Good() || len(matrix.Faults) != 1 || matrix.Faults[0].Name != "reference" {
		t.Errorf("good: %v, faults: %+v", matrix.Good(), matrix.Faults)
	}
	if len(matrix.Mutants) != 1 || !matrix.Mutants[0].Caught || matrix.Mutants[0].Everything == "" {
		t.Errorf("%+v", matrix.Mutants)
	}
}

func TestInterrupted(t *testing.T) {
	if selftest.UnderRace {
		t.Skip("make long runs this without the race detector")
	}
	ctx, cancel := context.WithCancel(context.Background())
	started := 0
	_, err := selftest.Run(ctx, selftest.Options{Worker: worker(""), Workers: 2, Progress: func(int, int, string) { started++; cancel() }})
	if !errors.Is(err, context.Canceled) || started > 3 {
		t.Errorf("%v after %d banks", err, started)
	}
}
