package metadata

import (
	"context"
	"encoding/base64"
	"maps"
	"mime"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strings"

	. "github.com/onsi/ginkgo/v2"

	. "github.com/fapitest/fapitest/harness/expect"
	"github.com/fapitest/fapitest/harness/flow"
	"github.com/fapitest/fapitest/harness/jose"
	"github.com/fapitest/fapitest/harness/requirement"
	"github.com/fapitest/fapitest/harness/target"
	"github.com/fapitest/fapitest/harness/wire"
	"github.com/fapitest/fapitest/suites/everywhere"
)

// documents are the answers of the well-known places that hold metadata, be they another issuer's: what is asked of metadata is asked of each. A page
// that a server has for every address is none.
func documents(ctx context.Context, client *flow.Client) []target.Document {
	var found []target.Document
	for _, document := range client.Target().Metadata.Documents {
		wire.TraceFrom(ctx).Add(document.Exchange)
		if _, names := document.Values["issuer"]; names {
			found = append(found, document)
		}
	}
	if len(found) == 0 {
		Unknown("no well-known place has metadata that could be looked at")
	}
	return found
}

// ofAProvider are the documents of which it is asked what OpenID Connect asks of metadata: that at its own place. The other place has the members of OAuth
// (RFC 8414 section 2), and need not have more, unless there is nothing at the first.
func ofAProvider(ctx context.Context, client *flow.Client) []target.Document {
	all := documents(ctx, client)
	for _, document := range all {
		if strings.HasSuffix(document.URL, "/openid-configuration") {
			return []target.Document{document}
		}
	}
	return all
}

// stringsOf are what an array holds; ok is false where the member is no array of strings.
func stringsOf(member any) (list []string, ok bool) {
	items, ok := member.([]any)
	for _, item := range items {
		text, isText := item.(string)
		ok = ok && isText
		list = append(list, text)
	}
	return list, ok
}

// clientMethods are the endpoints at which clients authenticate, by the beginning of the members about that.
var clientMethods = []string{"token_endpoint", "introspection_endpoint", "revocation_endpoint"}

func serverSpecs(client *flow.Client) {
	Describe("the metadata", func() {
		It("name as issuer an https URL without query and fragment", IssuerForm, OnMetadataAlone, SendsNothing, func(ctx SpecContext) {
			for _, document := range documents(ctx, client) {
				issuer, isText := document.Values["issuer"].(string)
				parsed, err := url.Parse(issuer)
				switch {
				case !isText || err != nil || parsed.Host == "":
					Broken("the issuer at %s is no URL", document.URL)
				case !strings.EqualFold(parsed.Scheme, "https"):
					Broken("the issuer at %s is no https URL: %q", document.URL, wire.Printable(issuer))
				case strings.ContainsAny(issuer, "?#"):
					Broken("the issuer at %s has a query or a fragment: %q", document.URL, wire.Printable(issuer))
				case parsed.User != nil:
					Warn("the issuer at %s has a user before the host, whom nobody is to write there (RFC 9110 section 4.2.4)", document.URL)
				}
			}
		})

		It("name exactly the issuer at whose well-known places they are", IssuerAsConfigured, OnMetadataAlone, SendsNothing, func(ctx SpecContext) {
			for _, document := range documents(ctx, client) {
				if issuer, _ := document.Values["issuer"].(string); issuer != client.Target().Issuer {
					Broken("%s names %q as issuer, and not %q", document.URL, wire.Printable(issuer), client.Target().Issuer)
				}
			}
		})

		It("name the authorization endpoint and the token endpoint", EndpointsNamed, OnMetadataAlone, SendsNothing, func(ctx SpecContext) {
			for _, document := range documents(ctx, client) {
				for _, name := range []string{"authorization_endpoint", "token_endpoint"} {
					if address, isText := document.Values[name].(string); !isText || address == "" {
						Broken("%s has no %s", document.URL, name)
					}
				}
			}
		})

		It("list response types, code among them", ResponseTypesNamed, OnMetadataAlone, SendsNothing, func(ctx SpecContext) {
			for _, document := range documents(ctx, client) {
				list, isList := stringsOf(document.Values["response_types_supported"])
				switch {
				case !isList:
					Broken("response_types_supported at %s is missing, or no array of strings", document.URL)
				case !slices.Contains(list, "code"):
					Broken("response_types_supported at %s lacks code", document.URL)
				}
			}
		})

		It("do not have none among the algorithms of client assertions", UnsignedNotNamed, OnMetadataAlone, SendsNothing, func(ctx SpecContext) {
			for _, document := range documents(ctx, client) {
				for _, endpoint := range clientMethods {
					name := endpoint + "_auth_signing_alg_values_supported"
					list, _ := stringsOf(document.Values[name])
					if slices.ContainsFunc(list, func(algorithm string) bool { return strings.EqualFold(algorithm, "none") }) {
						Broken("%s at %s has none: assertions that nobody signed", name, document.URL)
					}
				}
			}
		})

		It("list the algorithms of client assertions wherever they offer these", AlgorithmsNamed, OnMetadataAlone, SendsNothing, func(ctx SpecContext) {
			offered := false
			for _, document := range documents(ctx, client) {
				for _, endpoint := range clientMethods {
					methods, _ := stringsOf(document.Values[endpoint+"_auth_methods_supported"])
					if !slices.Contains(methods, "private_key_jwt") && !slices.Contains(methods, "client_secret_jwt") {
						continue
					}
					offered = true
					name := endpoint + "_auth_signing_alg_values_supported"
					if list, isList := stringsOf(document.Values[name]); !isList || len(list) == 0 {
						Broken("%s at %s is missing, or no array of strings, and %s_auth_methods_supported has a method with assertions", name, document.URL, endpoint)
					}
				}
			}
			if !offered {
				NotApplicable("the metadata offer no client authentication by assertions")
			}
		})

		It("list the grants that are used, where they list any", GrantsNamed, SendsNothing, func(ctx SpecContext) {
			used := []string{"authorization_code"}
			if client.Target().Offered(string(requirement.RefreshToken)) {
				used = append(used, "refresh_token")
			}
			listed := false
			for _, document := range documents(ctx, client) {
				member, there := document.Values["grant_types_supported"]
				if !there {
					continue // authorization_code and implicit are then meant (RFC 8414 section 2)
				}
				listed = true
				list, isList := stringsOf(member)
				if !isList {
					Warn("grant_types_supported at %s is no array of strings", document.URL)
				}
				for _, grant := range used {
					if !slices.Contains(list, grant) {
						Warn("grant_types_supported at %s lacks %s", document.URL, grant)
					}
				}
				if slices.Contains(list, "implicit") {
					Note("grant_types_supported at %s has implicit, for other clients", document.URL)
				}
			}
			if !listed {
				Note("the metadata do not have grant_types_supported")
			}
		})

		It("say the same at both well-known places", PlacesAgree, SendsNothing, func(ctx SpecContext) {
			all := documents(ctx, client)
			if len(all) < 2 {
				NotApplicable("there are metadata at one well-known place only")
			}
			for _, name := range slices.Sorted(maps.Keys(all[0].Values)) {
				other, there := all[1].Values[name]
				if there && !same(all[0].Values[name], other) {
					Warn("%s and %s differ in %s", all[0].URL, all[1].URL, wire.Printable(name))
				}
			}
			// What OpenID Connect has of its own need not stand at the place of RFC 8414. By these a client decides how it begins.
			for _, name := range []string{
				"pushed_authorization_request_endpoint", "require_pushed_authorization_requests", "code_challenge_methods_supported", "authorization_response_iss_parameter_supported",
			} {
				_, first := all[0].Values[name]
				if _, second := all[1].Values[name]; first != second {
					Warn("one of %s and %s alone has %s", all[0].URL, all[1].URL, name)
				}
			}
		})

		It("come with status 200 as application/json", AnswerForm, OnMetadataAlone, SendsNothing, func(ctx SpecContext) {
			for _, document := range documents(ctx, client) {
				if document.Status != http.StatusOK {
					Broken("%s answers with status %d", document.URL, document.Status)
				}
				said := ""
				for _, field := range document.Exchange.Answer.Header {
					if strings.EqualFold(field.Name, "Content-Type") {
						said = field.Value
					}
				}
				if media, _, err := mime.ParseMediaType(said); err != nil || media != "application/json" {
					Broken("%s says that it is %q", document.URL, wire.Printable(said))
				}
			}
		})

		It("leave out what has no values", NothingEmpty, OnMetadataAlone, SendsNothing, func(ctx SpecContext) {
			for _, document := range documents(ctx, client) {
				for _, name := range slices.Sorted(maps.Keys(document.Values)) {
					if list, isList := document.Values[name].([]any); isList && len(list) == 0 {
						Broken("%s at %s is an empty array", wire.Printable(name), document.URL)
					}
				}
			}
		})
	})

	It("every key of the server says what it is for, where there are keys for signatures and for encryption", KeysSayTheirUse, func(ctx SpecContext) {
		keys := everywhere.KeySet(ctx, client, func(words string) { Unknown("jwks_uri leads to no key set: %s", words) })
		encrypts := slices.ContainsFunc(keys, func(key map[string]any) bool {
			algorithm, _ := key["alg"].(string)
			operations, _ := stringsOf(key["key_ops"])
			return key["use"] == "enc" || strings.HasPrefix(algorithm, "RSA") || strings.HasPrefix(algorithm, "ECDH") ||
				slices.ContainsFunc(operations, func(operation string) bool {
					return strings.HasPrefix(operation, "encrypt") || strings.HasPrefix(operation, "decrypt") || strings.HasPrefix(operation, "wrap") || strings.HasPrefix(operation, "unwrap") || strings.HasPrefix(operation, "derive")
				})
		})
		if !encrypts {
			NotApplicable("no key of the server is known to be for encryption")
		}
		for _, key := range keys {
			if use, _ := key["use"].(string); use == "" {
				name, _ := key["kid"].(string)
				Broken("there are keys for encryption, and the key %q does not say whether it is one (use)", wire.Printable(name))
			}
		}
	})
}

// same says whether two members are equal. The order of a list says nothing.
func same(one, other any) bool {
	first, isList := stringsOf(one)
	second, alsoList := stringsOf(other)
	if isList && alsoList {
		slices.Sort(first)
		slices.Sort(second)
		return slices.Equal(first, second)
	}
	return reflect.DeepEqual(one, other)
}

// differs is the first member in which two public keys differ; "" where they are the same. A number may begin with zeros, be that good style or not.
func differs(key, other map[string]any) string {
	number := func(of map[string]any, member string) string {
		text, _ := of[member].(string)
		bytes, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(text, "="))
		if err != nil {
			return text
		}
		return strings.TrimLeft(string(bytes), "\x00")
	}
	for _, member := range []string{"kty", "crv"} {
		if key[member] != other[member] {
			return member
		}
	}
	for _, member := range []string{"x", "y", "n", "e"} {
		if number(key, member) != number(other, member) {
			return member
		}
	}
	return ""
}

// providerSpecs are about OpenID Providers.
func providerSpecs(client *flow.Client) {
	It("the key set of an OpenID Provider has public keys alone", MembersOfAProvider, func(ctx SpecContext) {
		for _, key := range everywhere.KeySet(ctx, client, func(words string) { Unknown("jwks_uri leads to no key set: %s", words) }) {
			name, _ := key["kid"].(string)
			// RFC 7518 section 6: what of a key is private, of whatever type, and what a symmetric one is.
			for _, member := range []string{"d", "p", "q", "dp", "dq", "qi", "oth", "k"} {
				if _, there := key[member]; there {
					Broken("everybody can read the private half of the key %q, or the secret that it is: it has the member %s", wire.Printable(name), member)
				}
			}
		}
	})

	It("what the key set of an OpenID Provider has as certificates are those of its keys", MembersOfAProvider, func(ctx SpecContext) {
		certified := false
		for _, key := range everywhere.KeySet(ctx, client, func(words string) { Unknown("jwks_uri leads to no key set: %s", words) }) {
			chain, _ := stringsOf(key["x5c"])
			if len(chain) == 0 {
				continue
			}
			certified = true
			name, _ := key["kid"].(string)
			der, err := base64.StdEncoding.DecodeString(chain[0])
			if err != nil {
				Broken("the first certificate of the key %q is not in base64", wire.Printable(name))
				continue
			}
			of, err := jose.CertificateJWK(der)
			if err != nil {
				Note("the first certificate of the key %q can't be read, nor compared with the key: %s", wire.Printable(name), wire.Printable(err.Error()))
				continue
			}
			// Discovery section 3 (jwks_uri): the bare key has to be there beside the certificate, and to be the same.
			if member := differs(key, of); member != "" {
				Broken("the key %q is not the one that its first certificate is for: they differ in %s", wire.Printable(name), member)
			}
		}
		if !certified {
			NotApplicable("no key of the key set has a certificate (x5c)")
		}
	})

	Describe("the metadata of an OpenID Provider", func() {
		It("have the members that every one has", MembersOfAProvider, OnMetadataAlone, SendsNothing, func(ctx SpecContext) {
			for _, document := range ofAProvider(ctx, client) {
				for _, name := range []string{"issuer", "authorization_endpoint", "token_endpoint", "jwks_uri"} {
					if text, isText := document.Values[name].(string); !isText || text == "" {
						Broken("%s has no %s", document.URL, name)
					}
				}
				for _, name := range []string{"response_types_supported", "subject_types_supported", "id_token_signing_alg_values_supported"} {
					if list, isList := stringsOf(document.Values[name]); !isList || len(list) == 0 {
						Broken("%s at %s is missing, or no array of strings", name, document.URL)
					}
				}
			}
		})

		It("list openid among the scopes", OpenIDScopeNamed, SendsNothing, func(ctx SpecContext) {
			for _, document := range documents(ctx, client) {
				member, there := document.Values["scopes_supported"]
				switch list, _ := stringsOf(member); {
				case !there:
					Warn("%s has no scopes_supported", document.URL)
				case !slices.Contains(list, "openid"):
					Warn("scopes_supported at %s lacks openid", document.URL)
				}
			}
		})

		It("are where OpenID Connect has them", PlaceOfAProvider, OnMetadataAlone, SendsNothing, func(ctx SpecContext) {
			good := false
			var at *target.Document
			for _, document := range client.Target().Metadata.Documents {
				wire.TraceFrom(ctx).Add(document.Exchange)
				if strings.HasSuffix(document.URL, "/openid-configuration") {
					at = &document
				} else {
					good = good || document.Problem == ""
				}
			}
			switch {
			case at == nil:
				Unknown("nobody asked there")
			case at.Problem == "":
			case at.Status == 0 || at.Status == http.StatusTooManyRequests || at.Status >= 500:
				LeaveUndecided(at.Exchange, at.Problem)
				Unknown("the metadata at %s could not be read: %s", at.URL, at.Problem)
			case good && at.Values["issuer"] == nil:
				// Who has its metadata at the other place alone does not support Discovery, and nobody asks that of it (FAPI2-SP-5.3.2.1-1).
				NotApplicable("%s: %s. The metadata are at the place of RFC 8414, and one place is enough", at.URL, at.Problem)
			default:
				Broken("%s: %s", at.URL, at.Problem)
			}
		})
	})

	It("the issuer in id_tokens is that of the metadata", IssuerOfIDTokens, func(ctx SpecContext) {
		grant := Needs(client.Grant(ctx))
		claims, err := client.IDClaims(grant)
		if err != nil {
			Unknown("the id_token is encrypted, and can't be read (%s): put the client's private key, with use enc, into the file that its jwks names", err)
		}
		switch issuer, isText := claims["iss"].(string); {
		case claims == nil:
			NotApplicable("the token response has no id_token that could be read")
		case !isText || issuer == "":
			NotApplicable("the id_token has no iss, which is judged at OIDC-CORE-2-1")
		case issuer != client.Issuer():
			Broken("the id_token is by %q, and the issuer is %q", wire.Printable(issuer), client.Issuer())
		}
	})
}
