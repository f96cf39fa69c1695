package main

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"runtime/debug"

	"github.com/fapitest/fapitest/fixtures/authserver"
	"github.com/fapitest/fapitest/fixtures/bench"
	"github.com/fapitest/fapitest/harness/consent"
	"github.com/fapitest/fapitest/harness/flow"
	"github.com/fapitest/fapitest/harness/jose"
	"github.com/fapitest/fapitest/harness/run"
	"github.com/fapitest/fapitest/harness/target"
	"github.com/fapitest/fapitest/harness/wire"
	"github.com/fapitest/fapitest/suites"
	"github.com/fapitest/fapitest/suites/selftest"
)

// workerName is the command that makes a process a worker of a run. It is internal.
const workerName = "worker-of-a-run"

// workerMemory is what a worker takes unless it needs more, in bytes.
const workerMemory = 76 << 20

// workerSettings is what a worker needs beside the plan to set up the same target. It goes through a pipe, since it holds secrets.
type workerSettings struct {
	Material  []byte                     // of the embedded bank, of which every worker has its own, whose clock nobody else moves
	Metadata  *target.Metadata           // as it was discovered; with a target file
	ProofKeys map[string]json.RawMessage // private JWKs by client; with a target file
}

// pool says how workers are made, and returns the keys that they share.
func (a *app) pool(s *session) (run.Pool, map[string]*jose.Key, error) {
	settings := workerSettings{ProofKeys: map[string]json.RawMessage{}}
	keys := map[string]*jose.Key{}
	if s.bench != nil {
		material, err := s.bench.Material().Export()
		if err != nil {
			return run.Pool{}, nil, err
		}
		settings.Material = material
	} else {
		settings.Metadata = s.target.Metadata
		for _, client := range s.target.Combinations() {
			if client.Binding != target.DPoP {
				continue
			}
			key, err := flow.NewProofKey(s.target)
			if err != nil {
				return run.Pool{}, nil, err
			}
			if settings.ProofKeys[client.ID], err = key.Private(); err != nil {
				return run.Pool{}, nil, err
			}
			keys[client.ID] = key
		}
	}
	encoded, err := json.Marshal(settings)
	if err != nil {
		return run.Pool{}, nil, err
	}
	self, err := a.self()
	if err != nil {
		return run.Pool{}, nil, err
	}
	return run.Pool{Settings: encoded, Command: func() *exec.Cmd {
		return &exec.Cmd{Path: self, Args: []string{"fapitest", workerName}}
	}}, keys, nil
}

// worker is the other side of pool.
func (a *app) worker(ctx context.Context, _ []string) int {
	// All of them together have to fit beside a browser: a fifth less memory for little work. The limit is for the moment at which the tree of experiments is
	// built, which takes twice what is left of it; what needs more gets more.
	debug.SetGCPercent(50)
	debug.SetMemoryLimit(workerMemory)
	// Nothing else may write to the stream of the connection to the main process.
	conversation := os.Stdout
	os.Stdout = os.Stderr
	worker, err := run.Join(os.Stdin, conversation)
	if err != nil {
		return a.fail("%s is what fapitest run starts by itself: %s", workerName, err)
	}
	if err := worker.Leave(a.workAs(ctx, worker)); err != nil {
		return exitUsage // the main process is gone: there is nowhere to report it
	}
	return exitConformant
}

func (a *app) workAs(ctx context.Context, worker *run.Worker) error {
	var settings workerSettings
	if err := json.Unmarshal(worker.Settings, &settings); err != nil {
		return err
	}
	plan := worker.Plan
	chosen, err := findProfile(plan.Profile)
	if err != nil {
		return err
	}
	catalogue, err := suites.Catalogue()
	if err != nil {
		return err
	}
	evidence := newEvidence(plan.Output)
	options := run.Options{
		Profile: chosen, Suites: suites.All(), Catalogue: catalogue,
		Redactor: &wire.Redactor{}, Evidence: evidence.keep, ProofKeys: map[string]*jose.Key{},
	}
	if plan.File == "" {
		material, err := authserver.ImportMaterial(settings.Material)
		if err != nil {
			return err
		}
		embedded, err := selftest.Start(plan.Mutant, bench.Options{RealTime: plan.RealTime, Material: material}.For(chosen))
		if err != nil {
			return err
		}
		defer func() { _ = embedded.Close() }() // it ends with the process
		options.Target, options.Clock, options.HTTP = embedded.Target, embedded.Clock, embedded.HTTP
		_ = embedded.Target.Discover(ctx, options.Redactor) // what is wrong with the metadata is for the experiments to say
	} else {
		loaded, err := target.Load(plan.File, a.env)
		if err != nil {
			return err
		}
		loaded.Metadata = settings.Metadata
		options.Target, options.Clock, options.HTTP = loaded, wire.SystemClock{}, perCertificate(loaded)
		options.Shelf, options.People = worker, worker
		for id, private := range settings.ProofKeys {
			parsed, err := jose.ParseKeys(private)
			if err != nil {
				return err
			}
			options.ProofKeys[id] = parsed[0]
		}
	}
	options.Target.Consent.Driver, options.Pace = plan.Driver, worker.Pace(options.Clock)
	if options.Driver = worker.Driver(); plan.Driver == "form" {
		options.Driver = consent.NewForm(consent.FormOptions{
			Client: target.ForPages(options.HTTP(nil)), Hosts: options.Target.PagesMayContact(), Pace: options.Pace,
		})
	}
	err = worker.Work(ctx, options)
	if evidence.err != nil {
		err = errors.Join(err, worker.Note("some evidence could not be written: "+evidence.err.Error()))
	}
	return err
}
