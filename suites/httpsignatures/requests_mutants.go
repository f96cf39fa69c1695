package httpsignatures

import (
	"slices"
	"strings"

	"github.com/fapitest/fapitest/fixtures/authserver"
	"github.com/fapitest/fapitest/fixtures/mutant"
)

// Mutants returns the banks that break these requirements and nothing else.
func Mutants() []mutant.Mutant {
	return slices.Concat(signatureMutants(), coverageMutants(), messageMutants(), answerMutants(), oddMutants())
}

type request = authserver.SignedRequest

// second says whether a client is not the first of its kind.
func second(client string) bool { return strings.HasSuffix(client, "-second") }

func signatureMutants() []mutant.Mutant {
	needs := func(spares func(r request) bool) func(*authserver.Policy) {
		return func(p *authserver.Policy) {
			p.NeedsMessageSignature = func(r request) bool { return !spares(r) }
		}
	}
	takes := func(also func(r request) bool) func(*authserver.Policy) {
		return func(p *authserver.Policy) { p.MessageSigned = func(r request) bool { return r.Holds || also(r) } }
	}
	refuses := func(status int) func(*authserver.Policy) {
		return func(p *authserver.Policy) { p.SignatureRefusal = func(request) int { return status } }
	}
	return []mutant.Mutant{{
		Name: "message-keys-of-the-first-client", Breaks: KeyOfTheClient,
		How: "has got the verification key of the client that was set up first, and of no other",
		Policy: func(p *authserver.Policy) {
			p.MessageSigned = func(r request) bool { return r.Holds && !second(r.Client) }
		},
		Auth: "private_key_jwt",
	}, {
		Name: "signed-requests-without-a-body-alone", Breaks: KeyOfTheClient,
		How: "loses the body before it verifies the signature, and so refuses whatever is posted",
		Policy: func(p *authserver.Policy) {
			p.MessageSigned = func(r request) bool { return r.Holds && !r.Body }
		},
	}, {
		Name: "message-signatures-unverified", Breaks: SignatureVerified,
		How:    "looks at what a signature says it covers, and does not verify it",
		Policy: takes(func(r request) bool { return !r.Unsigned }),
	}, {
		Name: "posted-signatures-unverified", Breaks: SignatureVerified,
		How:    "verifies signatures of requests without a body alone",
		Policy: takes(func(r request) bool { return r.Body && !r.Unsigned && r.Algorithm == "" }),
	}, {
		Name: "signatures-of-later-clients-unverified", Breaks: SignatureVerified,
		How:    "verifies signatures of the client for which that was set up, and no others'",
		Policy: takes(func(r request) bool { return second(r.Client) && !r.Unsigned && r.Algorithm == "" }),
		Auth:   "private_key_jwt",
	}, {
		Name: "signed-by-any-client", Breaks: SignatureVerified,
		How:    "looks the key up among those of all clients, by its keyid, and not among the client's own",
		Policy: takes(func(r request) bool { return r.HoldsByOther }),
	}, {
		Name: "signatures-by-unknown-keys", Breaks: SignatureVerified,
		How:    "passes over a signature whose keyid it does not know",
		Policy: takes(func(r request) bool { return r.KeyOf == "" && r.KeyID != "" }),
	}, {
		Name: "any-signature-will-do", Breaks: SignatureVerified,
		How:    "is content where one signature has the tag and another one holds",
		Policy: takes(func(r request) bool { return r.BesideHolds }),
	}, {
		Name: "blank-signatures", Breaks: SignatureVerified,
		How:    "takes a signature of no bytes, or of zeros alone, for one that holds",
		Policy: takes(func(r request) bool { return !r.Unsigned && r.Blank && r.Algorithm == "" }),
	}, {
		Name: "signed-address-without-query", Breaks: SignatureVerified,
		How: "verifies signatures over the address without its query",
		Policy: func(p *authserver.Policy) {
			p.MessageTarget = func(_, whole string) string {
				address, _, _ := strings.Cut(whole, "?")
				return address
			}
		},
	}, {
		Name: "unsigned-requests", Breaks: RefusedWith401,
		How:    "verifies signatures where they are, and serves requests that have none",
		Policy: needs(func(r request) bool { return r.Fields == "" }),
	}, {
		Name: "unsigned-requests-of-later-clients", Breaks: RefusedWith401,
		How:    "wants signed requests of the client for which that was set up",
		Policy: needs(func(r request) bool { return r.Fields == "" && second(r.Client) }),
		Auth:   "private_key_jwt",
	}, {
		Name: "unsigned-requests-with-a-body", Breaks: RefusedWith401,
		How:    "wants requests without a body signed, and forgets the others",
		Policy: needs(func(r request) bool { return r.Fields == "" && r.Body }),
	}, {
		Name: "unsigned-requests-without-a-body", Breaks: RefusedWith401,
		How:    "wants requests with a body signed, and no others",
		Policy: needs(func(r request) bool { return r.Fields == "" && !r.Body }),
	}, {
		Name: "unreadable-signatures", Breaks: RefusedWith401,
		How:    "takes a request for unsigned, and serves it, whose signature it can't read",
		Policy: needs(func(r request) bool { return r.Unreadable }),
	}, {
		Name: "signature-input-is-enough", Breaks: RefusedWith401, AlsoBreaks: also(LabelsAgree),
		How:    "serves a request that has Signature-Input and nothing to verify",
		Policy: takes(func(r request) bool { return r.Unsigned }),
	}, {
		Name: "bad-signatures-as-400", Breaks: RefusedWith401,
		How:    "answers requests without a good signature with 400",
		Policy: refuses(400),
	}, {
		Name: "bad-signatures-as-403", Breaks: RefusedWith401,
		How:    "answers requests without a good signature with 403",
		Policy: refuses(403),
	}, {
		Name: "missing-signatures-as-400", Breaks: RefusedWith401,
		How: "answers requests without any signature with 400, and others with 401",
		Policy: func(p *authserver.Policy) {
			p.SignatureRefusal = func(r request) int {
				if r.Fields == "" {
					return 400
				}
				return 401
			}
		},
	}}
}

func coverageMutants() []mutant.Mutant {
	covers := func(spares func(r request, component string) bool) func(*authserver.Policy) {
		return func(p *authserver.Policy) {
			p.MessageCoverage = func(r request) bool {
				r.Covered = slices.Clone(r.Covered)
				for _, component := range []string{`"@method"`, `"@target-uri"`, `"authorization"`, `"dpop"`, `"content-digest"`} {
					if spares(r, component) {
						r.Covered = append(r.Covered, component)
					}
				}
				return authserver.CoversAll(r)
			}
		}
	}
	without := func(name string) func(*authserver.Policy) {
		return covers(func(_ request, component string) bool { return component == name })
	}
	tagged := func(good func(tag string) bool) func(*authserver.Policy) {
		return func(p *authserver.Policy) {
			p.PicksSignature = func(entries []authserver.SignatureEntry) int {
				if proper := authserver.ByTag(entries); proper >= 0 {
					return proper
				}
				return slices.IndexFunc(entries, func(e authserver.SignatureEntry) bool { return good(e.Tag) })
			}
		}
	}
	aged := func(good func(r request) bool) func(*authserver.Policy) {
		return func(p *authserver.Policy) {
			p.MessageAge = func(r request) bool { return r.Created == "integer" && r.Age <= 60 && r.Age >= -10 || good(r) }
		}
	}
	const everyday = `"@method"`
	return []mutant.Mutant{
		{Name: "request-tag-optional", Breaks: TagWanted, How: "serves requests whose signature has no tag", Policy: tagged(func(tag string) bool { return tag == "" })},
		{Name: "request-tag-of-answers", Breaks: TagWanted, How: "knows both tags, and takes that of answers in requests", Policy: tagged(func(tag string) bool { return tag == "fapi-2-response" })},
		{Name: "request-tag-in-any-case", Breaks: TagWanted, How: "compares the tag without regard to capital letters", Policy: tagged(func(tag string) bool { return strings.EqualFold(tag, "fapi-2-request") })},
		{Name: "request-tag-by-its-beginning", Breaks: TagWanted, How: "looks whether the tag begins with fapi-2-request", Policy: tagged(func(tag string) bool { return strings.HasPrefix(tag, "fapi-2-request") })},
		{Name: "request-tag-that-begins-so", Breaks: TagWanted, How: "looks whether fapi-2-request begins with the tag", Policy: tagged(func(tag string) bool { return tag != "" && strings.HasPrefix("fapi-2-request", tag) })},
		{Name: "request-tag-unheard-of", Breaks: TagWanted, How: "takes tags for labels that say nothing", Policy: tagged(func(tag string) bool { return tag != "" })},
		{Name: "method-uncovered", Breaks: CoverageWanted, How: "does not want @method covered", Policy: without(everyday)},
		{Name: "address-uncovered", Breaks: CoverageWanted, How: "does not want @target-uri covered", Policy: without(`"@target-uri"`)},
		{Name: "token-uncovered", Breaks: CoverageWanted, How: "does not want Authorization covered", Policy: without(`"authorization"`)},
		{Name: "path-in-the-place-of-the-address", Breaks: CoverageWanted, How: "is content where @path is covered and @target-uri is not", Policy: covers(
			func(r request, component string) bool {
				return component == `"@target-uri"` && slices.Contains(r.Covered, `"@path"`)
			})},
		{Name: "token-uncovered-in-posted-requests", Breaks: CoverageWanted, How: "wants what is posted to be covered, and not the access token with it", Policy: covers(
			func(r request, component string) bool { return component == `"authorization"` && r.Body })},
		{Name: "coverage-of-later-clients", Breaks: CoverageWanted, How: "looks at what a signature covers for the client for which that was set up", Policy: covers(
			func(r request, component string) bool {
				return second(r.Client) && slices.Contains([]string{`"@method"`, `"@target-uri"`, `"authorization"`}, component)
			}), Auth: "private_key_jwt"},
		{Name: "created-optional", Breaks: AgeLimited, How: "serves requests whose signature does not say when it was made", Policy: aged(func(r request) bool { return r.Created == "" })},
		{Name: "created-as-text", Breaks: AgeLimited, How: "takes a created that is no number for none, which it does not look at", Policy: aged(func(r request) bool { return r.Created == "other" })},
		{Name: "created-at-any-time", Breaks: AgeLimited, How: "wants created, and does not look at the time", Policy: aged(func(r request) bool { return r.Created == "integer" })},
		{Name: "created-within-the-day", Breaks: AgeLimited, How: "takes signatures of the same day", Policy: aged(func(r request) bool { return r.Created == "integer" && r.Age < 25*3600 })},
		{Name: "created-at-zero", Breaks: AgeLimited, How: "takes the time 0 for none", Policy: aged(func(r request) bool { return r.Created == "integer" && r.Age > 1e9 })},
		{Name: "posted-at-any-time", Breaks: AgeLimited, How: "does not look at the age of signatures of requests with a body", Policy: aged(func(r request) bool { return r.Created == "integer" && r.Body })},
		{Name: "age-of-later-clients", Breaks: AgeLimited, How: "looks at the age of signatures of the client for which that was set up", Policy: aged(
			func(r request) bool { return second(r.Client) }), Auth: "private_key_jwt"},
		{Name: "proof-uncovered", Breaks: ProofCovered, How: "does not want the DPoP header field covered", Policy: without(`"dpop"`), Binding: "dpop"},
		{Name: "proof-uncovered-in-posted-requests", Breaks: ProofCovered, How: "wants the DPoP header field covered in requests without a body alone", Policy: covers(
			func(r request, component string) bool { return component == `"dpop"` && r.Body }), Binding: "dpop"},
		{Name: "proof-uncovered-for-later-clients", Breaks: ProofCovered, How: "wants the DPoP header field covered by the client for which that was set up", Policy: covers(
			func(r request, component string) bool { return component == `"dpop"` && second(r.Client) }), Auth: "private_key_jwt", Binding: "dpop"},
		{Name: "digest-uncovered", Breaks: DigestCovered, How: "compares the digest with the body, and does not want it covered", Policy: covers(
			func(r request, component string) bool { return component == `"content-digest"` && r.HasDigest })},
		{Name: "digest-optional", Breaks: DigestCovered, How: "looks at the digest of a body where there is one, and serves bodies without", Policy: func(p *authserver.Policy) {
			covers(func(r request, component string) bool { return component == `"content-digest"` && !r.HasDigest })(p)
			p.BodyDigest = func(r request) bool { return len(r.WrongDigests) == 0 && (len(r.Digests) > 0 || !r.HasDigest) }
		}},
		{Name: "media-type-in-the-place-of-the-digest", Breaks: DigestCovered, How: "is content where content-type is covered and content-digest is not", Policy: covers(
			func(r request, component string) bool {
				return component == `"content-digest"` && slices.Contains(r.Covered, `"content-type"`)
			})},
		{Name: "digest-uncovered-for-later-clients", Breaks: DigestCovered, How: "wants the digest covered by the client for which that was set up", Policy: covers(
			func(r request, component string) bool {
				return component == `"content-digest"` && r.HasDigest && second(r.Client)
			}), Auth: "private_key_jwt"},
	}
}

func messageMutants() []mutant.Mutant {
	components := func(good func(r request) bool) func(*authserver.Policy) {
		return func(p *authserver.Policy) { p.SignedComponents = good }
	}
	algorithm := func(good func(r request) bool) func(*authserver.Policy) {
		return func(p *authserver.Policy) {
			p.MessageAlgorithm = func(r request) bool { return r.Algorithm == "" || r.Fits || good(r) }
		}
	}
	picks := func(pick func(entries []authserver.SignatureEntry) int) func(*authserver.Policy) {
		return func(p *authserver.Policy) { p.PicksSignature = pick }
	}
	digest := func(good func(r request) bool) func(*authserver.Policy) {
		return func(p *authserver.Policy) {
			p.BodyDigest = func(r request) bool {
				return len(r.WrongDigests) == 0 && (!r.Body || len(r.Digests) > 0) || good(r)
			}
		}
	}
	return []mutant.Mutant{
		{Name: "missing-components", Breaks: NothingMissing, How: "takes a covered header field that is not there for empty", Policy: components(
			func(r request) bool { return len(r.Unknown) == 0 && !r.Twice })},
		{Name: "missing-components-in-posted-requests", Breaks: NothingMissing, How: "takes a covered header field that is not there for empty, in requests with a body", Policy: components(
			func(r request) bool { return (r.Body || len(r.Missing) == 0) && len(r.Unknown) == 0 && !r.Twice })},
		{Name: "components-twice", Breaks: ComponentsUnique, How: "has a line in the base for each component, also for one that stands twice", Policy: components(
			func(r request) bool { return len(r.Missing) == 0 && len(r.Unknown) == 0 })},
		{Name: "header-fields-twice", Breaks: ComponentsUnique, How: "looks for derived components that stand twice, and not for header fields", Policy: components(
			func(r request) bool {
				derived := slices.DeleteFunc(slices.Clone(r.Covered), func(c string) bool { return !strings.HasPrefix(c, `"@`) })
				slices.Sort(derived)
				return len(r.Missing) == 0 && len(r.Unknown) == 0 && len(slices.Compact(slices.Clone(derived))) == len(derived)
			})},
		{Name: "unknown-components", Breaks: ComponentsUnique, How: "takes a derived component that it does not know for empty", Policy: components(
			func(r request) bool { return len(r.Missing) == 0 && !r.Twice })},
		{Name: "status-of-requests", Breaks: ComponentsUnique, How: "knows @status, and takes it for empty in a request", Policy: components(
			func(r request) bool {
				return len(r.Missing) == 0 && !r.Twice && !slices.ContainsFunc(r.Unknown, func(c string) bool { return c != `"@status"` })
			})},
		{Name: "message-algorithm-ignored", Breaks: AlgorithmOfTheKey, How: "goes by the algorithm of the key, whatever alg says", Policy: algorithm(func(r request) bool { return r.Holds })},
		{Name: "message-algorithm-unknown", Breaks: AlgorithmOfTheKey, How: "passes over an alg that it does not know", Policy: algorithm(
			func(r request) bool { return strings.HasPrefix(r.Algorithm, "x-") })},
		{Name: "message-algorithm-of-a-namesake", Breaks: AlgorithmOfTheKey, How: "compares alg with whichever of the client's keys has the name", Policy: algorithm(
			func(r request) bool { return r.OfName }), Auth: "private_key_jwt", Binding: "dpop"},
		{Name: "messages-maced-by-public-keys", Breaks: AlgorithmOfTheKey, How: "has alg choose the algorithm, and takes the client's public key for the secret of hmac-sha256", Policy: func(p *authserver.Policy) {
			p.MessageAlgorithm = func(r request) bool { return r.Algorithm == "" || r.Fits || r.Algorithm == "hmac-sha256" }
			p.MessageSigned = func(r request) bool { return r.Holds || r.MACed }
		}},
		{Name: "message-algorithm-none", Breaks: AlgorithmOfTheKey, How: "knows an algorithm that needs no key", Policy: func(p *authserver.Policy) {
			p.MessageAlgorithm = func(r request) bool { return r.Algorithm == "" || r.Fits || r.Algorithm == "none" }
			p.MessageSigned = func(r request) bool { return r.Holds || r.Algorithm == "none" && r.Blank }
		}},
		{Name: "signature-under-any-label", Breaks: LabelsAgree, How: "takes the first signature of Signature, under whatever label it stands", Policy: func(p *authserver.Policy) {
			p.SignatureUnder = func(label string, there []string) string {
				if len(there) == 0 || slices.Contains(there, label) {
					return label
				}
				return there[0]
			}
		}},
		{Name: "signature-without-input", Breaks: LabelsAgree, How: "looks for Signature, and verifies what Signature-Input has, which may be nothing", Policy: func(p *authserver.Policy) {
			p.NeedsMessageSignature = func(r request) bool { return r.Fields != "signature" }
		}},
		{Name: "first-signature-alone", Breaks: OthersBeside, How: "looks at the first signature, and at no other", Policy: picks(func(entries []authserver.SignatureEntry) int {
			if len(entries) > 0 && entries[0].Tag == "fapi-2-request" {
				return 0
			}
			return -1
		})},
		{Name: "last-signature-alone", Breaks: OthersBeside, How: "looks at the last signature, and at no other", Policy: picks(func(entries []authserver.SignatureEntry) int {
			if last := len(entries) - 1; last >= 0 && entries[last].Tag == "fapi-2-request" {
				return last
			}
			return -1
		})},
		{Name: "one-signature-alone", Breaks: OthersBeside, How: "refuses requests that have more than one signature", Policy: picks(func(entries []authserver.SignatureEntry) int {
			if len(entries) > 1 {
				return -1
			}
			return authserver.ByTag(entries)
		})},
		{Name: "digest-not-compared", Breaks: DigestFits, How: "wants the digest covered, and does not compare it with the body", Policy: digest(func(r request) bool { return slices.Equal(r.WrongDigests, []string{"sha-256"}) })},
		{Name: "digest-of-later-clients", Breaks: DigestFits, How: "compares digest and body for the client for which that was set up", Policy: digest(
			func(r request) bool { return second(r.Client) && slices.Equal(r.WrongDigests, []string{"sha-256"}) }), Auth: "private_key_jwt"},
		{Name: "digest-by-its-beginning", Breaks: DigestFits, How: "compares digests over as many bytes as are sent", Policy: digest(
			func(r request) bool { return len(r.Begun) > 0 && len(r.Begun) == len(r.WrongDigests) })},
		{Name: "digest-by-anything", Breaks: DigestSecure, How: "compares the digests that it knows, and is content with others", Policy: digest(
			func(r request) bool { return r.HasDigest && len(r.WrongDigests) == 0 && len(r.Insecure) == 0 })},
		{Name: "digest-by-md5", Breaks: DigestSecure, How: "takes a digest by md5", Policy: digest(func(r request) bool { return slices.Contains(r.Insecure, "md5") })},
		{Name: "digest-by-sha-1", Breaks: DigestSecure, How: "takes a digest by SHA-1", Policy: digest(func(r request) bool { return slices.Contains(r.Insecure, "sha") })},
	}
}
