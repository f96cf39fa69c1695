package main

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"os/exec"

	"github.com/fapitest/fapitest/fixtures/authserver"
	"github.com/fapitest/fapitest/harness/consent"
	"github.com/fapitest/fapitest/harness/flow"
	"github.com/fapitest/fapitest/harness/jose"
	"github.com/fapitest/fapitest/harness/run"
	"github.com/fapitest/fapitest/harness/target"
	"github.com/fapitest/fapitest/harness/wire"
	"github.com/fapitest/fapitest/suites"
	"github.com/fapitest/fapitest/suites/selftest"
)

// workerName is the command that makes a process a worker of a run. It is not for people.
const workerName = "worker-of-a-run"

// workerSettings is what a worker needs to know to set up the same target. It goes through a pipe, since it holds secrets.
type workerSettings struct {
	File      string           // the target file; empty: a bank of the worker's own, whose clock nobody else moves
	Metadata  *target.Metadata // as it was discovered; with a target file
	Mutant    string
	RealTime  bool
	Material  []byte // of the embedded bank
	Driver    string
	Profile   string
	Clauses   []string
	NoWaits   bool
	Thorough  bool
	Output    string
	UserAgent string
	Seed      int64
	Capped    bool                       // there is a cap on the rate
	ProofKeys map[string]json.RawMessage // private JWKs by client; with a target file
}

// pool says how workers are made, and returns the keys that they share.
func (a *app) pool(f runFlags, s *session) (run.Pool, map[string]*jose.Key, error) {
	settings := workerSettings{
		File: f.target, Mutant: f.mutant, RealTime: f.realTime, Driver: s.target.Consent.Driver, Profile: f.profile, Clauses: f.clauses,
		NoWaits: f.noWaits, Thorough: f.thorough, Output: f.output, UserAgent: f.userAgent, Seed: f.seed, Capped: f.rate > 0, ProofKeys: map[string]json.RawMessage{},
	}
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
	workers := f.workers
	if s.target.Consent.Driver == "person" {
		workers = 1 // a person does one thing at a time
	}
	return run.Pool{Workers: workers, Settings: encoded, Command: func() *exec.Cmd {
		return &exec.Cmd{Path: self, Args: []string{"fapitest", workerName}}
	}}, keys, nil
}

// worker is the other side of pool.
func (a *app) worker(ctx context.Context, _ []string) int {
	// Nobody else may write where the conversation with the other process goes.
	conversation := os.Stdout
	os.Stdout = os.Stderr
	worker, err := run.Join(os.Stdin, conversation)
	if err != nil {
		return a.fail("%s is what fapitest run starts by itself: %s", workerName, err)
	}
	if err := worker.Leave(a.workAs(ctx, worker)); err != nil {
		return exitUsage // the other process is gone: there is nobody to tell
	}
	return exitConformant
}

func (a *app) workAs(ctx context.Context, worker *run.Worker) error {
	var settings workerSettings
	if err := json.Unmarshal(worker.Settings, &settings); err != nil {
		return err
	}
	chosen, err := findProfile(settings.Profile)
	if err != nil {
		return err
	}
	catalogue, err := suites.Catalogue()
	if err != nil {
		return err
	}
	evidence := newEvidence(settings.Output)
	options := run.Options{
		Profile: chosen, Suites: suites.All(), Catalogue: catalogue, Clauses: settings.Clauses, NoWaits: settings.NoWaits, Thorough: settings.Thorough,
		Redactor: &wire.Redactor{}, Evidence: evidence.keep, UserAgent: settings.UserAgent, Seed: settings.Seed,
		ProofKeys: map[string]*jose.Key{},
	}
	if settings.File == "" {
		material, err := authserver.ImportMaterial(settings.Material)
		if err != nil {
			return err
		}
		bench, err := selftest.NewBench(ctx, selftest.BenchOptions{Name: settings.Mutant, RealTime: settings.RealTime, Material: material})
		if err != nil {
			return err
		}
		defer func() { _ = bench.Close() }() // it ends with the process
		options.Target, options.Clock, options.HTTP = bench.Target, bench.Clock, bench.HTTP
		_ = bench.Target.Discover(ctx, options.Redactor) // what is wrong with the metadata is for the experiments to say
	} else {
		loaded, err := target.Load(settings.File, a.env)
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
	options.Target.Consent.Driver, options.Pace = settings.Driver, worker.Pace(settings.Capped, options.Clock)
	if options.Driver = worker.Driver(); settings.Driver == "form" {
		options.Driver = consent.NewForm(consent.FormOptions{
			Client: options.HTTP(nil), Hosts: options.Target.Consent.Hosts, Pace: options.Pace,
		})
	}
	err = worker.Work(ctx, options)
	if evidence.err != nil {
		err = errors.Join(err, worker.Note("some evidence could not be written: "+evidence.err.Error()))
	}
	return err
}
