package target

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/fapitest/fapitest/harness/consent"
)

// Kind says what stands under a key.
type Kind string

// The kinds.
const (
	Text     Kind = "text"
	Texts    Kind = "list of texts"
	File     Kind = "file" // by its path, relative to the target file
	Duration Kind = "duration"
	Number   Kind = "number"
	Keys     Kind = "keys"          // of its own
	Items    Kind = "list of keys"  // each item has keys of its own
	Pairs    Kind = "name and text" // the names are the operator's
)

// Key is a key of the target file. The loader takes these and no others.
type Key struct {
	Path    string // clients[].id
	Kind    Kind
	Needed  string // when it has to be there; empty: it may be left out
	Default string // what stands for it where it is left out; empty: nothing does
	Says    string
}

// FileKeys are all keys of the target file, each after the one that it belongs to.
func FileKeys() []Key {
	return []Key{
		{Path: "issuer", Kind: Text, Needed: "always", Says: "The issuer identifier, an https URL exactly as the server's metadata has it."},
		{Path: "trust", Kind: File, Default: "the system's roots", Says: "Root certificates (PEM) beside the system's, where the bank has a private authority. They count for pages too; where those are on hosts of their own, name these in consent.hosts or in url of the consent script."},
		{Path: "clients", Kind: Items, Needed: "always", Says: "Two clients or more, registered at the bank. Experiments run as the first of every combination of auth and binding; the others lend their keys and certificates to experiments that need somebody else's."},
		{Path: "clients[].id", Kind: Text, Needed: "always", Says: "The client_id."},
		{Path: "clients[].auth", Kind: Text, Needed: "always", Says: "How it authenticates: private_key_jwt, tls_client_auth or self_signed_tls_client_auth."},
		{Path: "clients[].binding", Kind: Text, Needed: "always", Says: "What its access tokens are bound to: dpop (the key of its proofs) or mtls (its certificate)."},
		{Path: "clients[].jwks", Kind: File, Needed: "with private_key_jwt; with requires: [jar] for every client", Says: "The private key that signs its assertions and request objects: a JWK or a JWKS, for PS256, ES256 or EdDSA. Keys with use: enc beside it open encrypted id_tokens. Where others have the same kid, whether the server tells them apart is tried."},
		{Path: "clients[].short_jwk", Kind: File, Says: "A private RSA key of fewer than 2048 bits (a JWK) with which the client is registered beside jwks, for tests alone, where the bank lets that happen: whether assertions by it are refused is tried, and not without it."},
		{Path: "clients[].cert", Kind: File, Needed: "with tls_client_auth, self_signed_tls_client_auth and binding: mtls", Says: "Its certificate (PEM), with whatever stands between it and the authority."},
		{Path: "clients[].key", Kind: File, Needed: "with cert", Says: "The private key of that certificate (PEM), not encrypted."},
		{Path: "clients[].other_certificates", Kind: Keys, Says: "Certificates that only the client's authority can issue, for tests alone: each a file (PEM) with the certificate and, behind it, its private key. What is not named is not tried, and the report says so."},
		{Path: "clients[].other_certificates.expired", Kind: File, Says: "One of the client's subject whose time is over. It has to be refused."},
		{Path: "clients[].other_certificates.not_yet_valid", Kind: File, Says: "One of the client's subject whose time has not come. It has to be refused."},
		{Path: "clients[].other_certificates.renewed", Kind: File, Says: "One of the client's subject that is of another key, as after a renewal. With tls_client_auth it is taken, or the report warns; a token that is bound to cert has to be refused over it."},
		{Path: "clients[].other_certificates.respelt", Kind: File, Says: "One of the client's subject in which the strings are of another type (UTF8String for PrintableString). It is taken, or the report warns (RFC 5280 section 7.1)."},
		{Path: "clients[].other_certificates.similar", Kind: Texts, Says: "Files with certificates of subjects that are nearly the client's, and of nobody who is registered: with an attribute more, or another one, the client's name in a SAN. They have to be refused."},
		{Path: "clients[].redirects", Kind: Texts, Default: "redirects", Says: "Redirect URIs that are registered for this client. At least one client should have exactly one."},
		{Path: "clients[].secret", Kind: Text, Says: "A client_secret that the bank knows of this client and must not take. It stays out of the report."},
		{Path: "redirects", Kind: Texts, Needed: "unless every client has its own", Says: "Redirect URIs that are registered for every client. Nobody has to listen there: the browser is stopped before it gets there."},
		{Path: "user", Kind: Keys, Needed: "where the script uses ${user} or ${password}", Says: "A test user."},
		{Path: "user.name", Kind: Text, Needed: "with user", Says: "What ${user} stands for in the consent script."},
		{Path: "user.password", Kind: Text, Needed: "where the script types ${password}", Says: "What ${password} stands for. It stays out of the report."},
		{Path: "users", Kind: Items, Says: "More test users, so that journeys go on side by side at a bank that allows a user one session; with fewer users than workers they go one after another there."},
		{Path: "users[].name", Kind: Text, Needed: "always", Says: "What ${user} stands for."},
		{Path: "users[].password", Kind: Text, Needed: "where the script types ${password}", Says: "What ${password} stands for. It stays out of the report."},
		{Path: "users[].for", Kind: Text, Default: "the user says yes", Says: "With deny this user says no, and nobody else does: where a bank remembers what its users have allowed, one who has allowed nothing yet."},
		{Path: "max_logins", Kind: Number, Default: "as often as needed", Says: "How often a run may offer a password in all. What could not be tried then is Blocked."},
		{Path: "scope", Kind: Text, Needed: "always", Says: "What the clients ask for. With openid in it the server is tested as an OpenID Provider too."},
		{Path: "requests", Kind: Text, Default: "pushed", Says: "How authorization requests reach the bank: pushed (RFC 9126) or by_value, which the browser brings, as banks on FAPI 1.0 take them; with requires: [jar] in a request object."},
		{Path: "response_type", Kind: Text, Default: "code", Says: "What they ask for: code, or \"code id_token\", whose id_token signs the response (OpenID Connect's hybrid flow)."},
		{Path: "request", Kind: Pairs, Says: "What else this bank wants in every authorization request: {acr_values: \"urn:example:sca\"}."},
		{Path: "authorization_details", Kind: Text, Says: "What the clients may ask for where rar is in offers: the JSON array of a request that is granted (RFC 9396), such as '[{\"type\": \"account_information\"}]'. Experiments alter it, and ask for it beside the scope; without it little of that RFC is tried."},
		{Path: "resource", Kind: Keys, Needed: "always", Says: "A protected resource."},
		{Path: "resource.url", Kind: Text, Needed: "always", Says: "Its https URL; for clients that show a certificate, the one at which the server asks for it."},
		{Path: "resource.method", Kind: Text, Default: "GET", Says: "The method with which it is asked."},
		{Path: "resource.scope", Kind: Text, Says: "The scope without which it must refuse. Without this key nothing is tried with too small a scope."},
		{Path: "resource.lesser", Kind: Text, Says: "Scopes that the clients may ask for, and none of which opens it: \"balances accounts:names\". A token that has them, and not resource.scope, must be refused; it is asked for where a token of too small a scope is tried, and costs no login more."},
		{Path: "resource.headers", Kind: Pairs, Says: "What else it wants in every request: {x-v: \"1\", x-fapi-customer-ip-address: \"192.0.2.1\"}. A value that is read with ${NAME} stays out of the report."},
		{Path: "resource.signatures", Kind: Keys, Needed: "where offers claims http_signatures", Says: "How requests to the resource and its answers are signed (FAPI 2.0 HTTP Signatures). Clients sign with the key of their jwks, and name it by its kid; others sign nothing."},
		{Path: "resource.signatures.messages", Kind: Text, Default: "both", Says: "What is signed: requests, responses or both."},
		{Path: "resource.signatures.url", Kind: Text, Default: "resource.url", Says: "The https URL of the resource where that is so, if it is another one; asked by the same method."},
		{Path: "resource.signatures.post", Kind: Text, Says: "The https URL of a resource that takes a body by POST, and needs no other scope. What has a body is tried there, and served some forty times for each client: it has to be one at which that harms nobody. Without this key nothing is tried with a body."},
		{Path: "resource.signatures.body", Kind: Text, Default: "{}", Says: "The body of these requests, JSON."},
		{Path: "resource.signatures.digest", Kind: Text, Default: "sha-256", Says: "The digest of that body in Content-Digest: sha-256 or sha-512."},
		{Path: "resource.signatures.covers", Kind: Texts, Says: "Header fields that this bank wants covered beside those of the draft: [content-type, x-fapi-interaction-id]. They are covered where the request has them."},
		{Path: "resource.signatures.alg", Kind: Text, Default: "jose", Says: "jose: signatures do not name their algorithm, which is that of the key (PS256, ES256 or EdDSA, RFC 9421 section 3.3.7). registry: they name it in alg, and it is rsa-pss-sha512, ecdsa-p256-sha256 or ed25519."},
		{Path: "resource.signatures.jwks", Kind: File, Needed: "where answers are signed, unless jwks_uri is there", Says: "The public keys that verify its answers: a JWK or a JWKS."},
		{Path: "resource.signatures.jwks_uri", Kind: Text, Says: "Where these keys are published: an https URL; it may be that of the issuer's own keys."},
		{Path: "intents", Kind: Keys, Needed: "with profiles whose clients create a consent before they send the end user to the server", Says: "Where clients create what an end user is then asked to authorise (an intent). One is created for every authorization request."},
		{Path: "intents.url", Kind: Text, Needed: "with intents", Says: "The https URL at which one is created by POST; below it, with a slash and its id, it is read and deleted."},
		{Path: "intents.body", Kind: Text, Default: "what the profile has", Says: "What is asked for, JSON. It should open the resource."},
		{Path: "intents.scope", Kind: Text, Default: "what the profile has", Says: "The scope of the client's own token with which that is done."},
		{Path: "payments", Kind: Keys, Needed: "where offers claims obuk_payments", Says: "How payments are made: in a sandbox, or between accounts that are yours. A few are."},
		{Path: "payments.url", Kind: Text, Needed: "with payments", Says: "The https URL at which consents for domestic payments are created (…/domestic-payment-consents); payments are made beside it (…/domestic-payments)."},
		{Path: "payments.body", Kind: Text, Needed: "with payments", Says: "What is to be paid: the JSON of such a consent."},
		{Path: "payments.issuer", Kind: Text, Needed: "where offers claims obuk_signing", Says: "As whom clients sign what they ask for: organisation and software statement, as the trust anchor has them. Those sign whose key is for PS256."},
		{Path: "payments.anchor", Kind: Text, Default: "openbanking.org.uk", Says: "The trust anchor that has their keys."},
		{Path: "payments.scope", Kind: Text, Default: "payments", Says: "The scope of the tokens for that."},
		{Path: "consent", Kind: Keys, Needed: "always", Says: "How the end user's part is played."},
		{Path: "consent.driver", Kind: Text, Default: "browser where Chromium is found, else form", Says: "Who plays it: browser (Chromium), form (plain HTTP, for pages that need no script) or person (prints an address and waits)."},
		{Path: "consent.script", Kind: File, Needed: "except with the driver person", Says: "What to do on which page; see below."},
		{Path: "consent.hosts", Kind: Texts, Default: "none", Says: "Hosts that pages may contact beside that of the issuer and of its authorization endpoint, as host or host:port; \"*\" is any host. The roots of trust count for those that are named here or in url of the consent script, as for the issuer's. What pages want from other hosts is stopped, and named where a journey leads nowhere."},
		{Path: "consent.logins", Kind: Number, Default: "1", Says: "How often the bank asks for the password on the way to a consent: 2 where it asks anew before what is to be allowed. No password is offered more often, so that a wrong one locks no account; one experiment of a run offers a wrong one, once, and then the right one."},
		{Path: "offers", Kind: Texts, Says: "Optional features that the bank claims: " + strings.Join(features, ", ") + ". Claimed means tested; what the metadata announces and nobody claims is a warning."},
		{Path: "requires", Kind: Texts, Says: "What every request needs at this bank, so that the client always does it and nothing is Blocked for its lack: jar (authorization requests are signed; that also claims jar in offers), jar_encrypted (they are encrypted to the bank as well, by the key with use: enc of its key set), jarm (authorization responses are signed: every request says response_mode=jwt; that also claims jarm in offers), dpop_at_par (pushed requests of DPoP clients come with a proof), dpop_jkt (authorization requests of DPoP clients name their key), http_signatures (requests to the resource are signed, see resource.signatures; that also claims http_signatures in offers)."},
		{Path: "attested", Kind: Pairs, Says: "What can't be seen from outside, by requirement: {FAPI2-SP-5.3.2.2-13: \"who, when, what was seen\"}. The report repeats it."},
		{Path: "declarations", Kind: File, Says: "The same in a file of its own, for those who answer for it: a list of entries, each with id (of the requirement), by (whom it was looked at), date (2026-11-28) and saw (what they saw). `fapitest init` writes its skeleton. The report repeats each, and names the file by its digest."},
		{Path: "waits", Kind: Keys, Says: "Bounds the waiting."},
		{Path: "waits.longest", Kind: Duration, Default: strings.TrimSuffix(LongestWait.String(), "0s"), Says: "The longest single wait of an experiment: an upper bound, a run waits no longer than its experiments need, and `fapitest check` says how long that is. What would take longer (a token that lives an hour) has to be attested."},
		{Path: "waits.answer", Kind: Duration, Default: AnswerLimit.String(), Says: "How long the answer to one request is waited for. After one that does not come the next two are waited for 10s at most, and after three in a row hardly any more are sent there."},
		{Path: "propagation", Kind: Duration, Default: "5s", Says: "What the bank grants itself until a revocation reaches its resource servers, up to 5m."},
		{Path: "hosts", Kind: Texts, Says: "Hosts beside those of issuer and resource to which requests may go where the metadata name them, as host or host:port: [mtls.bank.example]. Nothing is sent to any other, and nothing to what is not https: what the metadata say is the server's word alone."},
		{Path: "permission", Kind: Text, Needed: "where the issuer is not on loopback", Says: "Who allowed this test. The report repeats it."},
	}
}

var index = regexp.MustCompile(`\[\d+\]`)

// keysOf are the names of the keys that belong to a place in the file: "" for the file itself, "clients[0]." for a client.
func keysOf(where string) []string {
	where = index.ReplaceAllString(where, "[]")
	var names []string
	for _, key := range FileKeys() {
		if name, found := strings.CutPrefix(key.Path, where); found && !strings.Contains(name, ".") {
			names = append(names, name)
		}
	}
	return names
}

// single are the keys with one value that stand at most once in the file: the environment can add them.
func single() []string {
	var paths []string
	for _, key := range FileKeys() {
		if !strings.Contains(key.Path, "[]") && slices.Contains([]Kind{Text, File, Duration, Number}, key.Kind) {
			paths = append(paths, key.Path)
		}
	}
	return paths
}

// Variable is the environment variable that replaces a key; empty where none does.
func (k Key) Variable() string {
	if k.Kind == Keys || k.Kind == Items {
		return ""
	}
	name := overrideName(strings.ReplaceAll(k.Path, "[]", "_0"))
	if k.Kind == Pairs {
		name += "_NAME"
	}
	return name
}

// Page is a document, in Markdown, of all keys of the target file and of the consent script.
func Page() string {
	var b strings.Builder
	b.WriteString(pageHead)
	row := func(path, kind, needed, says, variable string) {
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s | %s |\n", path, kind, needed, strings.ReplaceAll(says, "|", `\|`), variable)
	}
	for _, key := range FileKeys() {
		needed := "needed: " + key.Needed
		switch {
		case key.Needed != "" && key.Default != "":
			needed += "; default: " + key.Default
		case key.Default != "":
			needed = "default: " + key.Default
		case key.Needed == "":
			needed = ""
		}
		variable := key.Variable()
		if variable != "" {
			variable = "`" + variable + "`"
		}
		row(key.Path, string(key.Kind), needed, key.Says, variable)
	}
	b.WriteString(pageScript)
	for _, key := range consent.ScriptKeys() {
		fmt.Fprintf(&b, "| `%s` | %s |\n", key.Path, strings.ReplaceAll(key.Says, "|", `\|`))
	}
	return b.String()
}

const pageHead = `<!-- made by "make docs" from fapitest check --keys; do not edit -->

# The target file

One YAML file describes the server under test: ` + "`fapitest init --issuer URL`" + ` writes a first one, ` + "`fapitest check -t FILE`" + ` says how it is
understood. These are all its keys; any other is an error. Paths are relative to the file, and ` + "`${NAME}`" + ` in a value is read from the
environment. The environment variable beside a key replaces it: items of lists are counted from 0 (` + "`FAPITEST_CLIENTS_1_ID`" + `), a list of
texts is given with commas. A list can only be replaced where the file has the key.

| key | what stands there | | what it says | environment |
| --- | --- | --- | --- | --- |
`

const pageScript = `
## The consent script

What to do on which page, in a file of its own that consent.script names. The entries of deny have the keys that those of accept have.

` + "```yaml" + `
accept:
  - when: "form#login"
    do:
      - fill: {selector: "#username", value: "${user}"}
      - fill: {selector: "#password", value: "${password}"}
      - click: "button[type=submit]"
  - when: {selector: "form#consent", url: "https://*/consent*"}
    do: [{click: "button[value=allow]"}]
deny:
  - when: "form#consent"
    do: [{click: "button[value=deny]"}]
error: ["main.error"]
` + "```" + `

| key | what it says |
| --- | --- |
`
