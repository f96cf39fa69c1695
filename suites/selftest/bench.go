// Package selftest shows that the suites work: the reference bank keeps everything, the eccentrics do too, and every mutant is caught
// by the requirement that it breaks and by no other.
package selftest

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/fapitest/fapitest/fixtures/authserver"
	"github.com/fapitest/fapitest/fixtures/eccentrics"
	"github.com/fapitest/fapitest/harness/consent"
	"github.com/fapitest/fapitest/harness/jose"
	"github.com/fapitest/fapitest/harness/target"
	"github.com/fapitest/fapitest/harness/wire"
)

// Bench is a bank that runs in this process, with the target that describes it. Its clock is moved, never waited for.
type Bench struct {
	Bank   *authserver.Bank
	Target *target.Target
	Clock  wire.Clock

	material *authserver.Material

	mu         sync.Mutex
	transports map[*tls.Certificate]*http.Client
}

// BenchOptions say what kind of bank is wanted.
type BenchOptions struct {
	Name      string                // of a mutant or an eccentric; empty: what Policy and Eccentric say
	Policy    *authserver.Policy    // nil: the reference's
	Eccentric *eccentrics.Eccentric // replaces decisions, and where the bank listens
	Material  *authserver.Material  // nil: made anew
	// RealTime keeps the bank on the machine's clock, so that waits are waited for.
	RealTime bool
	Latency  time.Duration
	Port     int       // see authserver.Options
	Log      io.Writer // see authserver.Options
}

// The attestations that the reference bank's own tests stand for.
func attestations() map[string]string {
	return map[string]string{
		"FAPI2-SP-5.3.2.1-14": "the reference bank: its tests look at what is granted",
		"FAPI2-SP-5.3.2.2-13": "the reference bank: its consent page names the client and describes each scope",
	}
}

// NewBench starts a bank and describes it.
func NewBench(ctx context.Context, options BenchOptions) (*Bench, error) {
	if options.Name != "" {
		var err error
		if options.Policy, options.Eccentric, err = bank(options.Name); err != nil {
			return nil, err
		}
	}
	material := options.Material
	if material == nil {
		var err error
		if material, err = authserver.NewMaterial(); err != nil {
			return nil, err
		}
	}
	bench := &Bench{material: material, Clock: &wire.MovableClock{}, transports: map[*tls.Certificate]*http.Client{}}
	if options.RealTime {
		bench.Clock = wire.SystemClock{}
	}
	settings := authserver.Options{Policy: options.Policy, Material: material, Now: bench.Clock.Now, Latency: options.Latency, Port: options.Port, Log: options.Log}
	if odd := options.Eccentric; odd != nil {
		settings.Policy = authserver.Reference()
		odd.Policy(settings.Policy)
		if odd.Setup != nil {
			odd.Setup(&settings)
		}
	}
	bank, err := authserver.Start(settings)
	if err != nil {
		return nil, err
	}
	bench.Bank = bank
	bench.Target, err = Describe(bank, material)
	if err != nil {
		return nil, errors.Join(err, bank.Close())
	}
	if odd := options.Eccentric; odd != nil {
		bench.Target.Requires = odd.File.Requires
		for i := 1; i < odd.File.Users; i++ {
			user := authserver.Users()[i]
			bench.Target.More = append(bench.Target.More, target.User{Name: user.Name, Password: wire.NewSecret(user.Password), Denies: i == odd.File.Users-1})
		}
		for _, name := range slices.Sorted(maps.Keys(odd.File.Headers)) {
			bench.Target.Resource.Headers = append(bench.Target.Resource.Headers, target.Header{Name: name, Value: wire.NewSecret(odd.File.Headers[name])})
		}
	}
	if !options.RealTime {
		// Time costs nothing here: nothing has to be left to attestation.
		bench.Target.Waits.Longest = 24 * time.Hour
	}
	return bench, nil
}

// Close stops the bank and the connections to it.
func (b *Bench) Close() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, client := range b.transports {
		client.CloseIdleConnections()
	}
	return b.Bank.Close()
}

// Material is what the bank is made of. Another process may start one of the same.
func (b *Bench) Material() *authserver.Material { return b.material }

// HTTP returns the HTTP client that shows the given certificate; one for each, so that a pooled connection never carries another.
func (b *Bench) HTTP(certificate *tls.Certificate) *http.Client {
	b.mu.Lock()
	defer b.mu.Unlock()
	client, ok := b.transports[certificate]
	if !ok {
		client = b.Target.HTTPClient(certificate)
		b.transports[certificate] = client
	}
	return client
}

// Script is what an end user does on the reference bank's pages.
func Script() consent.Script {
	login := consent.Page{When: consent.When{Selector: "form#login"}, Do: []consent.Step{
		{Fill: &consent.Fill{Selector: "#username", Value: "${user}"}},
		{Fill: &consent.Fill{Selector: "#password", Value: "${password}"}},
		{Click: "form#login button[type=submit]"},
	}}
	return consent.Script{
		Accept: []consent.Page{
			login,
			{When: consent.When{Selector: "form#consent"}, Do: []consent.Step{{Click: "button[value=allow]"}}},
			{When: consent.When{Selector: "form#logout"}, Do: []consent.Step{{Click: "button[value=yes]"}}},
		},
		Deny:  []consent.Page{{When: consent.When{Selector: "form#consent"}, Do: []consent.Step{{Click: "button[value=deny]"}}}},
		Error: []string{"main.error"},
	}
}

// Describe is the target file of a reference bank.
func Describe(bank *authserver.Bank, material *authserver.Material) (*target.Target, error) {
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(bank.Authority()) {
		return nil, errors.New("the bank's authority has no certificate")
	}
	t := &target.Target{
		Issuer: bank.Issuer(), Trust: roots, Scope: "openid accounts",
		User:     target.User{Name: authserver.UserName, Password: wire.NewSecret(authserver.UserPassword)},
		Resource: target.Resource{URL: bank.ResourceURL(), Method: http.MethodGet, Scope: "accounts"},
		Consent:  target.Consent{Driver: "form", Script: Script()},
		Offers:   []string{"openid", "refresh_token", "introspection", "revocation", "jar"},
		Attested: attestations(),
		Waits:    target.Waits{Longest: target.LongestWait},
	}
	for _, enrolment := range material.Enrolments() {
		client := &target.Client{ID: enrolment.ID, Auth: enrolment.Auth, Binding: enrolment.Binding, Redirects: slices.Clone(enrolment.Redirects), Secret: wire.NewSecret(enrolment.Secret)}
		if len(enrolment.JWKS) > 0 {
			keys, err := jose.ParseKeys(enrolment.JWKS)
			if err != nil {
				return nil, fmt.Errorf("client %s: %w", enrolment.ID, err)
			}
			client.Key, client.Decrypts = keys[0], jose.ParseDecryptionKeys(enrolment.JWKS)
		}
		if len(enrolment.Certificate) > 0 {
			certificate, err := tls.X509KeyPair(enrolment.Certificate, enrolment.CertificateKey)
			if err != nil {
				return nil, fmt.Errorf("client %s: %w", enrolment.ID, err)
			}
			client.Certificate = &certificate
		}
		t.Clients = append(t.Clients, client)
	}
	return t, nil
}

// FileSpec is what a target file of the bench's bank says.
func (b *Bench) FileSpec() target.FileSpec {
	spec := target.FileSpec{
		Issuer: b.Bank.Issuer(), Authority: b.Bank.Authority(), Scope: b.Target.Scope, UserName: authserver.UserName,
		UserPassword: authserver.UserPassword, Users: b.Target.More, Resource: b.Target.Resource, Requires: b.Target.Requires, Offers: b.Target.Offers, Attested: b.Target.Attested,
		Script: b.Target.Consent.Script,
	}
	for _, e := range b.material.Enrolments() {
		spec.Clients = append(spec.Clients, target.FileClient{
			ID: e.ID, Auth: e.Auth, Binding: e.Binding, JWKS: e.JWKS, Certificate: e.Certificate, Key: e.CertificateKey, Redirects: e.Redirects, Secret: e.Secret,
		})
	}
	return spec
}
