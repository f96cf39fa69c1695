package main

import (
	"context"
	"errors"

	"github.com/fapitest/fapitest/harness/scaffold"
	"github.com/fapitest/fapitest/harness/target"
	"github.com/fapitest/fapitest/suites/profiles"
)

const initHelp = `Usage: fapitest init --issuer URL [flags]

Reads a server's metadata, makes keys for two clients, and writes a first target file and
consent script. Prints what has to be registered at the bank, as JSON client metadata (RFC 7591).
Files that are there are never overwritten. In declarations.yaml you answer for what nobody can see
from outside.

      --issuer URL        the issuer identifier
      --clients LIST      how clients authenticate and how their tokens are bound: combinations such
                          as private_key_jwt+dpop,tls_client_auth+mtls, or all that the server
                          announces (default: the first of them). One client for each, and one more
      --page FILE         a page of the server that a browser has saved (login, consent), from which
                          the consent script is guessed; may be repeated, in the order of the pages
  -o, --output DIR        where to write (default: here)
      --trust FILE        root certificates beside the system's
      --permission TEXT   who allowed this test; needed when the issuer is not on loopback
`

func (a *app) init(ctx context.Context, args []string) int {
	flags := a.flags("init", initHelp)
	options := scaffold.InitOptions{}
	flags.StringVar(&options.Issuer, "issuer", "", "")
	flags.StringVarP(&options.Dir, "output", "o", ".", "")
	flags.StringVar(&options.Trust, "trust", "", "")
	flags.StringVar(&options.Permission, "permission", "", "")
	flags.StringVar(&options.Clients, "clients", "", "")
	flags.StringArrayVar(&options.Pages, "page", nil, "")
	if code, done := a.parse(flags, args); done {
		return code
	}
	if options.Issuer == "" {
		return a.fail("init needs the issuer: fapitest init --issuer https://as.example.com")
	}
	chosen, err := findProfile(profiles.Default)
	if err != nil {
		return a.fail("%s", err)
	}
	for _, r := range chosen.Requirements() {
		if r.Attested && len(r.Follows) == 0 && target.Ever(r.When) {
			options.Asked = append(options.Asked, scaffold.Asked{ID: r.ID, Says: r.Sentence(), Because: r.Reason, When: string(r.When)})
		}
	}
	register, err := scaffold.Init(ctx, options)
	if err != nil {
		var unreachable *target.Unreachable
		if errors.As(err, &unreachable) {
			a.tell("fapitest: %s", err)
			return exitInconclusive
		}
		return a.fail("%s", err)
	}
	a.print(register)
	return exitConformant
}
