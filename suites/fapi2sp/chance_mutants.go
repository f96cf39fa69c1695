package fapi2sp

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"

	"github.com/fapitest/fapitest/fixtures/authserver"
	"github.com/fapitest/fapitest/fixtures/mutant"
	"github.com/fapitest/fapitest/harness/requirement"
	"github.com/fapitest/fapitest/suites/par"
)

func chanceMutants() []mutant.Mutant {
	digits := func(random string) string {
		sum := sha256.Sum256([]byte(random))
		return fmt.Sprintf("%010d", binary.BigEndian.Uint64(sum[:8])%1e10)
	}
	mistake := func(name, how string, policy func(*authserver.Policy)) mutant.Mutant {
		return mutant.Mutant{Name: name, Breaks: Unguessable, How: how, Auth: "private_key_jwt", Binding: "dpop", Policy: policy,
			Everything: "what other experiments were handed is looked at"}
	}
	code := func(text func(authserver.Handle) string) func(*authserver.Policy) {
		return func(p *authserver.Policy) {
			p.CodeText = func(made authserver.Handle, _ string) string { return text(made) }
		}
	}
	token := func(kind string, text func(authserver.Handle) string) func(*authserver.Policy) {
		return func(p *authserver.Policy) {
			if kind == "access_token" {
				p.OpaqueTokens = func() bool { return true }
			}
			p.TokenText = func(made authserver.Handle) string {
				if made.Kind != kind {
					return made.Random
				}
				return text(made)
			}
		}
	}
	const prefix = "urn:ietf:params:oauth:request_uri:"
	requestURI := func(name, how string, breaks, also *requirement.Requirement, text func(authserver.Handle) string) mutant.Mutant {
		made := mistake(name, how, func(p *authserver.Policy) {
			p.RequestURIText = func(made authserver.Handle) string { return prefix + text(made) }
		})
		made.Breaks, made.AlsoBreaks = breaks, requirements(also)
		return made
	}
	return []mutant.Mutant{
		requestURI("request-uri-counts", "numbers its pushed requests", par.RequestURIRandom, Unguessable, func(made authserver.Handle) string {
			return fmt.Sprintf("%024d", made.Serial)
		}),
		requestURI("request-uri-of-8-bytes", "has 8 random bytes in a request_uri, behind much that stays the same", par.RequestURIRandom, Unguessable, func(made authserver.Handle) string {
			return "tenant-0001:node-0001:2026-11-27:" + made.Random[:11]
		}),
		requestURI("request-uri-of-the-time", "makes request_uris of the time and of four random bytes", Unguessable, par.RequestURIRandom, func(made authserver.Handle) string {
			return fmt.Sprintf("%020.0f%s", made.Now*1e6+float64(made.Serial), made.Random[:6])
		}),
		mistake("codes-of-ten-digits", "has codes of ten digits, as if somebody were to type them", code(func(made authserver.Handle) string { return digits(made.Random) })),
		mistake("codes-that-count", "has codes that count up behind a long text that stays", code(func(made authserver.Handle) string {
			return fmt.Sprintf("SplxlOBeZQQYbYS6WxSbIA.%012d", made.Serial)
		})),
		mistake("codes-of-the-time", "makes codes of the time and of 8 random bytes", code(func(made authserver.Handle) string {
			return fmt.Sprintf("%016.0f.%s", made.Now*1000, made.Random[:11])
		})),
		mistake("codes-of-8-bytes-twice", "writes the same 8 random bytes twice into a code", code(func(made authserver.Handle) string {
			return made.Random[:11] + made.Random[:11]
		})),
		mistake("access-tokens-of-8-bytes", "has 8 random bytes in its access tokens", token("access_token", func(made authserver.Handle) string {
			return "access-token-of-the-bank-" + made.Random[:11]
		})),
		mistake("refresh-tokens-that-count", "numbers its refresh tokens", token("refresh_token", func(made authserver.Handle) string {
			return fmt.Sprintf("refresh-token-%040d", made.Serial)
		})),
	}
}
