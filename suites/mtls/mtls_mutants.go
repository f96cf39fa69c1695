package mtls

import (
	"encoding/base64"
	"encoding/hex"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/fapitest/fapitest/fixtures/authserver"
	"github.com/fapitest/fapitest/fixtures/mutant"
)

// Mutants returns the banks that break this RFC's requirements and nothing else. Those that let clients in by a wrong certificate break the profile as
// well, and stand there.
func Mutants() []mutant.Mutant {
	return slices.Concat(authenticationMutants(), thumbprintMutants(), mismatchMutants(), metadataMutants())
}

func authenticationMutants() []mutant.Mutant {
	// also takes certificates of the authority, at some endpoints or, where none are named, at all.
	also := func(takes func(authserver.ClientCertificate) bool, at ...authserver.Endpoint) func(*authserver.Policy) {
		return func(p *authserver.Policy) {
			p.SoundCertificate = func(c authserver.ClientCertificate) bool {
				return authserver.OwnCertificate(c) || c.Auth == "tls_client_auth" && c.Issued && (len(at) == 0 || slices.Contains(at, c.Endpoint)) && takes(c)
			}
		}
	}
	named := func(c authserver.ClientCertificate) bool { return c.Subject == c.Wanted }
	// nameOf is the first attribute of a subject, as it is spelt.
	nameOf := func(subject string) string {
		first, _, _ := strings.Cut(subject, ",")
		return first
	}
	sorted := func(subject string) []string { return slices.Sorted(slices.Values(strings.Split(subject, ","))) }
	return []mutant.Mutant{{
		Name:   "expired-certificate-authenticates",
		Breaks: UntrustedIssuer,
		How:    "checks by whom a client's certificate is signed, and not until when it is good",
		Policy: also(func(c authserver.ClientCertificate) bool { return named(c) && c.Expired }),
		Auth:   "tls_client_auth",
	}, {
		Name:   "certificate-of-the-future-authenticates",
		Breaks: UntrustedIssuer,
		How:    "looks until when a client's certificate is good, and not from when on",
		Policy: also(func(c authserver.ClientCertificate) bool { return named(c) && c.Early }),
		Auth:   "tls_client_auth",
	}, {
		Name:   "expired-certificate-authenticates-at-token",
		Breaks: UntrustedIssuer,
		How:    "looks at the dates of certificates where requests are pushed, and knows the client by its subject at the token endpoint",
		Policy: also(func(c authserver.ClientCertificate) bool { return named(c) && c.Expired }, authserver.EndpointToken),
		Auth:   "tls_client_auth",
	}, {
		Name:   "expired-certificate-authenticates-at-introspection-and-revocation",
		Breaks: UntrustedIssuer,
		How:    "looks at the dates of certificates where tokens are issued, and not at the introspection and revocation endpoints",
		Policy: also(func(c authserver.ClientCertificate) bool { return named(c) && c.Expired }, authserver.EndpointIntrospection, authserver.EndpointRevocation),
		Auth:   "tls_client_auth",
	}, {
		Name:   "common-name-of-the-certificate-alone-counts",
		Breaks: CertificateOfOther,
		How:    "compares the common name of the certificate, and not the rest of its subject",
		Policy: also(func(c authserver.ClientCertificate) bool { return c.Chain && nameOf(c.Wanted) == "CN="+c.CommonName }),
		Auth:   "tls_client_auth",
	}, {
		Name:   "subject-compared-by-its-beginning",
		Breaks: CertificateOfOther,
		How:    "looks whether the subject of the certificate begins with the registered one",
		Policy: also(func(c authserver.ClientCertificate) bool { return c.Chain && strings.HasPrefix(c.Subject, c.Wanted) }),
		Auth:   "tls_client_auth",
	}, {
		Name:   "attributes-of-the-subject-in-any-order",
		Breaks: CertificateOfOther,
		How:    "sorts the attributes of a subject before it compares them",
		Policy: also(func(c authserver.ClientCertificate) bool {
			return c.Chain && slices.Equal(sorted(c.Subject), sorted(c.Wanted))
		}),
		Auth: "tls_client_auth",
	}, {
		Name:   "name-in-the-certificate-wherever-it-stands",
		Breaks: CertificateOfOther,
		How:    "finds the client's name among the alternative names of the certificate where a subject is registered",
		Policy: also(func(c authserver.ClientCertificate) bool {
			return c.Chain && slices.ContainsFunc(c.Alternatives, func(name string) bool { return nameOf(c.Wanted) == "CN="+name })
		}, authserver.EndpointToken),
		Auth: "tls_client_auth",
	}, {
		Name:   "first-certificate-of-the-client-for-ever",
		Breaks: IssuedCertificate,
		How:    "remembers the first certificate of a client that has registered a subject, and takes no other one",
		Policy: func(p *authserver.Policy) {
			p.SoundCertificate = func(c authserver.ClientCertificate) bool { return authserver.OwnCertificate(c) && c.Registered }
		},
		Auth:  "tls_client_auth",
		Warns: true,
	}, {
		Name:   "subject-compared-by-its-bytes",
		Breaks: IssuedCertificate,
		How:    "compares how subjects are encoded, so that one in strings of another type is another one",
		Policy: func(p *authserver.Policy) {
			p.SoundCertificate = func(c authserver.ClientCertificate) bool {
				return authserver.OwnCertificate(c) && (c.SameBytes || c.Auth != "tls_client_auth")
			}
		},
		Auth:  "tls_client_auth",
		Warns: true,
	}, {
		Name:   "self-made-certificate-of-the-clients-subject",
		Breaks: UntrustedIssuer,
		How:    "has its TLS layer take self-signed certificates for the clients that register those, and knows all clients of an authority by their subject alone then",
		Policy: func(p *authserver.Policy) {
			p.SoundCertificate = func(c authserver.ClientCertificate) bool {
				return authserver.OwnCertificate(c) || c.SelfSigned && c.Subject == c.Wanted
			}
		},
		Auth: "tls_client_auth",
	}}
}

func thumbprintMutants() []mutant.Mutant {
	names := func(at authserver.Endpoint, written func(thumbprint string) string) func(*authserver.Policy) {
		return func(p *authserver.Policy) {
			p.NamesCertificate = func(n authserver.NamedKey) string {
				if n.Endpoint != at {
					return n.Own
				}
				return written(n.Own)
			}
		}
	}
	padded := func(thumbprint string) string { return thumbprint + "=" }
	inHex := func(thumbprint string) string {
		sum, _ := base64.RawURLEncoding.DecodeString(thumbprint) // nil for what is none, which is wrong too
		return hex.EncodeToString(sum)
	}
	inBase64 := func(thumbprint string) string {
		return strings.NewReplacer("-", "+", "_", "/").Replace(thumbprint) + "="
	}
	ofNothing := func(string) string { return "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU" }
	paddedIn := func(which func(authserver.NamedKey) bool) func(*authserver.Policy) {
		return func(p *authserver.Policy) {
			p.NamesCertificate = func(n authserver.NamedKey) string {
				if n.Endpoint == authserver.EndpointToken && which(n) {
					return padded(n.Own)
				}
				return n.Own
			}
		}
	}
	return []mutant.Mutant{{
		Name:   "thumbprint-in-refreshed-tokens-padded",
		Breaks: ThumbprintInToken,
		How:    "writes cnf.x5t#S256 of refreshed tokens with padding",
		Policy: paddedIn(func(n authserver.NamedKey) bool { return n.Refreshed }),
	}, {
		Name:   "thumbprint-in-tokens-of-its-clients-padded",
		Breaks: ThumbprintInToken,
		How:    "writes cnf.x5t#S256 of tokens that clients have for themselves with padding",
		Policy: paddedIn(func(n authserver.NamedKey) bool { return n.Alone }),
	}, {
		Name:   "thumbprint-of-refreshed-tokens-in-small-letters-at-introspection",
		Breaks: ThumbprintInAnswer,
		How:    "has its cache of refreshed tokens write the hashes of certificates in small letters, and answers introspection from that",
		Policy: func(p *authserver.Policy) {
			p.NamesCertificate = func(n authserver.NamedKey) string {
				if n.Endpoint == authserver.EndpointIntrospection && n.Refreshed {
					return strings.ToLower(n.Own)
				}
				return n.Own
			}
		},
		Binding: "mtls",
	}, {
		Name:   "thumbprint-of-tokens-of-its-clients-padded-at-introspection",
		Breaks: ThumbprintInAnswer,
		How:    "writes cnf.x5t#S256 with padding where introspection is asked about a token that a client has for itself",
		Policy: func(p *authserver.Policy) {
			p.NamesCertificate = func(n authserver.NamedKey) string {
				if n.Endpoint == authserver.EndpointIntrospection && n.Alone {
					return padded(n.Own)
				}
				return n.Own
			}
		},
		Binding: "mtls",
	}, {
		Name:   "thumbprint-in-tokens-padded",
		Breaks: ThumbprintInToken,
		How:    "writes cnf.x5t#S256 of tokens with padding, as its base64 library does",
		Policy: names(authserver.EndpointToken, padded),
	}, {
		Name:   "thumbprint-in-tokens-in-hexadecimal-digits",
		Breaks: ThumbprintInToken,
		How:    "writes cnf.x5t#S256 of tokens in hexadecimal digits, as its proxy has it",
		Policy: names(authserver.EndpointToken, inHex),
	}, {
		Name:   "thumbprint-in-tokens-of-nothing",
		Breaks: ThumbprintInToken,
		How:    "hashes an empty certificate for cnf.x5t#S256 of tokens",
		Policy: names(authserver.EndpointToken, ofNothing),
	}, {
		Name:   "thumbprint-missing-in-tokens",
		Breaks: ThumbprintInToken,
		How:    "keeps in its store to which certificate a token is bound, and does not write it into the JWT",
		Policy: names(authserver.EndpointToken, func(string) string { return "" }),
		Warns:  true,
	}, {
		Name:    "thumbprint-at-introspection-in-base64",
		Breaks:  ThumbprintInAnswer,
		How:     "writes cnf.x5t#S256 in plain base64 where tokens are introspected",
		Policy:  names(authserver.EndpointIntrospection, inBase64),
		Binding: "mtls",
	}, {
		Name:    "thumbprint-at-introspection-in-hexadecimal-digits",
		Breaks:  ThumbprintInAnswer,
		How:     "writes cnf.x5t#S256 in hexadecimal digits where tokens are introspected",
		Policy:  names(authserver.EndpointIntrospection, inHex),
		Binding: "mtls",
	}, {
		Name:    "thumbprint-at-introspection-of-nothing",
		Breaks:  ThumbprintInAnswer,
		How:     "hashes the certificate of the introspection request, where its proxy handed on none",
		Policy:  names(authserver.EndpointIntrospection, ofNothing),
		Binding: "mtls",
	}}
}

func mismatchMutants() []mutant.Mutant {
	refuses := func(status int, code string) func(*authserver.Policy) {
		return func(p *authserver.Policy) {
			p.Unpossessed = func(shown authserver.Possession, usual int) (int, string) {
				if shown.Bound == "mtls" && shown.Certificate {
					return status, code
				}
				return usual, "invalid_token"
			}
		}
	}
	return []mutant.Mutant{{
		Name:   "other-certificate-is-forbidden",
		Breaks: MismatchAnswer,
		How:    "answers 403 with invalid_token to a token over another certificate",
		Policy: refuses(http.StatusForbidden, "invalid_token"),
	}, {
		Name:   "other-certificate-is-an-invalid-request",
		Breaks: MismatchAnswer,
		How:    "answers 400 with invalid_request to a token over another certificate",
		Policy: refuses(http.StatusBadRequest, "invalid_request"),
	}, {
		Name:   "other-certificate-without-an-error",
		Breaks: MismatchAnswer,
		How:    "answers 401 and no error to a token over another certificate, as if there had been no token",
		Policy: refuses(http.StatusUnauthorized, ""),
	}}
}

func metadataMutants() []mutant.Mutant {
	const bound = "tls_client_certificate_bound_access_tokens"
	alias := func(name string, address any) func(*authserver.Policy) {
		return authserver.InMetadata(func(edited map[string]any) {
			aliases, _ := edited["mtls_endpoint_aliases"].(map[string]any)
			if aliases = maps.Clone(aliases); aliases == nil {
				aliases = map[string]any{}
			}
			aliases[name] = address
			edited["mtls_endpoint_aliases"] = aliases
		})
	}
	return []mutant.Mutant{{
		Name:            "certificate-binding-announced-as-text",
		OnMetadataAlone: true,
		Breaks:          BindingAnnounced,
		How:             "writes true as text, as its template does with every value",
		Policy:          authserver.InMetadata(func(edited map[string]any) { edited[bound] = "true" }),
	}, {
		Name:            "certificate-binding-not-announced",
		OnMetadataAlone: true,
		Breaks:          BindingAnnounced,
		How:             "binds tokens to certificates and does not say so in its metadata",
		Policy:          authserver.InMetadata(func(edited map[string]any) { delete(edited, bound) }),
		Warns:           true,
	}, {
		Name:   "alias-that-is-an-object",
		Breaks: AliasesForm,
		How:    "lists an alias as an object with the URL in it",
		Policy: alias("end_session_endpoint", map[string]any{"url": "https://bank.example/logout"}),
	}, {
		Name:   "alias-of-no-endpoint",
		Breaks: AliasesForm,
		How:    "lists an alias of an endpoint that its metadata do not have",
		Policy: alias("backchannel_authentication_endpoint", "https://bank.example/ciba"),
		Warns:  true,
	}}
}
