package target

import (
	"context"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/google/uuid"

	"github.com/fapitest/fapitest/harness/wire"
)

// OtherIssuer says that the metadata at the issuer's well-known places is another issuer's.
type OtherIssuer struct {
	Want, Got string
	Key       string // where the issuer is to be written: in the target file, or on the command line where there is none yet
}

func (e *OtherIssuer) Error() string {
	return fmt.Sprintf("the metadata of %s names another issuer, %q: write %s exactly as the metadata has it, or mend the metadata", e.Want, wire.Printable(e.Got), e.Key)
}

// NoMetadata says that there is an answer at the well-known places, but no metadata.
type NoMetadata struct{ Problems []string }

func (e *NoMetadata) Error() string {
	return "no metadata could be read: " + strings.Join(e.Problems, "; ")
}

// Discover reads the target's metadata at both well-known places. What came is in Metadata also where an error is returned:
// *Unreachable where there was no answer at all, *OtherIssuer where all of it is another issuer's, *NoMetadata where none of it can
// be used. The requests keep to the pace of the context (wire.WithPace).
func (t *Target) Discover(ctx context.Context, redactor *wire.Redactor) error {
	t.Metadata = &Metadata{}
	client := t.HTTPClient(nil)
	defer client.CloseIdleConnections()
	var unreachable error
	answered := false
	other := ""
	var problems []string
	for _, address := range wellKnown(t.Issuer) {
		document, err := t.read(ctx, client, address, redactor)
		t.Metadata.Documents = append(t.Metadata.Documents, document)
		if err != nil {
			unreachable = err
			continue
		}
		answered = true
		if document.Problem != "" {
			problems = append(problems, address+": "+document.Problem)
			if issuer, ok := document.Values["issuer"].(string); ok {
				other = issuer
			}
			continue
		}
		if t.Metadata.Values == nil {
			t.Metadata.Values = document.Values
		}
	}
	switch {
	case t.Metadata.Values != nil:
		return nil
	case !answered:
		var at *Unreachable
		if errors.As(unreachable, &at) {
			return &Unreachable{URL: t.Issuer, Says: at.Says} // the place asked last is no better known than the issuer
		}
		return unreachable
	case other != "":
		return &OtherIssuer{Want: t.Issuer, Got: other, Key: t.key("issuer")}
	}
	return &NoMetadata{Problems: problems}
}

// wellKnown are the two places: OpenID Connect Discovery appends, RFC 8414 inserts.
func wellKnown(issuer string) []string {
	trimmed := strings.TrimSuffix(issuer, "/")
	places := []string{trimmed + "/.well-known/openid-configuration"}
	if parsed, err := url.Parse(trimmed); err == nil {
		places = append(places, parsed.Scheme+"://"+parsed.Host+"/.well-known/oauth-authorization-server"+parsed.Path)
	}
	return places
}

func (t *Target) read(ctx context.Context, client *http.Client, address string, redactor *wire.Redactor) (Document, error) {
	exchange := &wire.Exchange{
		ID: uuid.NewString(), Step: "metadata request", Started: time.Now(), Request: wire.Message{Method: http.MethodGet, URL: address},
	}
	document := Document{URL: address, Exchange: exchange}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		document.Problem = "it is not a valid URL"
		return document, &Unreachable{URL: address, Says: "it is not a valid URL"}
	}
	request.Header.Set("Accept", "application/json")
	request.Header.Set("X-Fapi-Interaction-Id", exchange.ID)
	if err := wire.Turn(ctx); err != nil {
		exchange.Failure = t.explain(err)
		document.Problem = exchange.Failure
		return document, &Unreachable{URL: address, Says: exchange.Failure}
	}
	started := time.Now()
	answered := wire.LedgerFrom(ctx).Begin(wire.InTarget, "")
	answer, err := client.Do(request)
	var body []byte
	if err == nil {
		body, err = io.ReadAll(io.LimitReader(answer.Body, wire.LongestAnswer+1))
		_ = answer.Body.Close()
	}
	answered()
	exchange.Seconds = time.Since(started).Seconds()
	if err != nil {
		exchange.Failure = t.explain(err)
		document.Problem = exchange.Failure
		return document, &Unreachable{URL: address, Says: exchange.Failure}
	}
	document.Status = answer.StatusCode
	if skew, ok := wire.SkewOf(answer.Header, time.Now()); ok {
		t.Metadata.Ahead = &skew.Ahead
	}
	said := "[" + wire.Excess(body) + ": not shown]"
	if wire.Excess(body) == "" {
		said = redactor.Body(answer.Header.Get("Content-Type"), body)
	}
	exchange.Answer = &wire.Message{Status: answer.StatusCode, Header: redactor.Header(answer.Header), Body: said}
	document.Values, document.Problem = judge(answer, body, t.Issuer)
	return document, nil
}

// judge says what keeps an answer from being the issuer's metadata; nothing where it is.
func judge(answer *http.Response, body []byte, issuer string) (values map[string]any, problem string) {
	switch {
	case answer.StatusCode != http.StatusOK:
		return nil, fmt.Sprintf("status %d", answer.StatusCode)
	case wire.Excess(body) != "":
		return nil, wire.Excess(body)
	case json.Unmarshal(body, &values) != nil || values == nil:
		return nil, "not a JSON object"
	}
	named, isText := values["issuer"].(string)
	switch {
	case !isText:
		return values, "names no issuer"
	case named != issuer:
		return values, fmt.Sprintf("names another issuer: %s", wire.Printable(named))
	}
	return values, ""
}

// explain says in a sentence why there was no connection, and what to do.
func (t *Target) explain(err error) string {
	var unknown x509.UnknownAuthorityError
	var hostname x509.HostnameError
	var invalid x509.CertificateInvalidError
	var lookup *net.DNSError
	var timeout net.Error
	switch {
	case errors.As(err, &unknown):
		return "its certificate is signed by an authority that is not trusted here: name its root certificate with " + t.key("trust")
	case errors.As(err, &hostname):
		return fmt.Sprintf("its certificate is for %s and not for %s", strings.Join(names(hostname.Certificate), ", "), hostname.Host)
	case errors.As(err, &invalid):
		return "its certificate is not valid: " + invalid.Error()
	case errors.As(err, &lookup):
		return "there is no host of that name: check the issuer"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "nobody listens there: check host and port of the issuer, and that the server runs"
	case errors.Is(err, context.Canceled):
		return "interrupted"
	case errors.As(err, &timeout) && timeout.Timeout():
		return "no answer in time"
	}
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		err = wrapped.Err
	}
	return wire.Printable(err.Error())
}

// key is where something is to be written down: in the target file or, before there is one, on the command line.
func (t *Target) key(name string) string {
	if t.File == "" {
		return "--" + name
	}
	return name + ": in the target file"
}

func names(certificate *x509.Certificate) []string {
	all := slices.Clone(certificate.DNSNames)
	for _, ip := range certificate.IPAddresses {
		all = append(all, ip.String())
	}
	if len(all) == 0 {
		all = append(all, certificate.Subject.String())
	}
	for i := range all {
		all[i] = wire.Printable(all[i])
	}
	return all[:min(len(all), 5)]
}

// Contradiction is an optional feature of which the metadata says one thing and the target file another.
type Contradiction struct {
	Feature   string // in the catalogue's words
	Unclaimed bool   // the metadata announces it, and the target file does not claim it; else the other way round
	Says      string // a sentence
}

// Contradictions returns every optional feature that the metadata announces and the target file does not claim, and every one that it
// claims and the metadata does not announce.
func (t *Target) Contradictions() []Contradiction {
	m := t.Metadata
	if m == nil || m.Values == nil {
		return nil
	}
	announced := []struct {
		feature string
		where   string
		is      bool
	}{
		{"introspection", "introspection_endpoint", m.Text("introspection_endpoint") != ""},
		{"revocation", "revocation_endpoint", m.Text("revocation_endpoint") != ""},
		{"refresh_token", "grant_types_supported", slices.Contains(m.List("grant_types_supported"), "refresh_token")},
		{"openid", "scopes_supported", slices.Contains(m.List("scopes_supported"), "openid")},
		{"jar", "request_object_signing_alg_values_supported", len(m.List("request_object_signing_alg_values_supported")) > 0},
		{"jarm", "response_modes_supported", slices.Contains(m.List("response_modes_supported"), "jwt")},
		{"rar", "authorization_details_types_supported", len(m.List("authorization_details_types_supported")) > 0},
		{"grant_management", "grant_management_actions_supported", len(m.List("grant_management_actions_supported")) > 0},
		{"ciba", "backchannel_authentication_endpoint", m.Text("backchannel_authentication_endpoint") != ""},
		{"dcr", "registration_endpoint", m.Text("registration_endpoint") != ""},
	}
	var all []Contradiction
	if m.Ahead != nil && (wire.Skew{Ahead: *m.Ahead}).Absurd() {
		all = append(all, Contradiction{Says: fmt.Sprintf("the Date header of the metadata is %s off this machine's clock and is ignored: what is signed says this machine's time; compare both clocks", m.Ahead.Abs().Round(time.Second))})
	}
	if hosts, _ := t.Unvouched(); len(hosts) > 0 {
		named := wire.Printable(strings.Join(hosts, ", "))
		all = append(all, Contradiction{Says: fmt.Sprintf("the metadata name hosts for which neither the issuer nor the target file vouches, and nothing is sent there: where they are the bank's, say hosts: [%s]", named)})
	}
	for _, a := range announced {
		switch {
		case a.is && !t.Offered(a.feature) && (a.feature != "openid" || !t.OpenID()):
			all = append(all, Contradiction{a.feature, true, fmt.Sprintf("the metadata announces %s (%s), and the target file does not claim it in offers: it is not tested", a.feature, a.where)})
		case !a.is && t.Offered(a.feature):
			all = append(all, Contradiction{a.feature, false, fmt.Sprintf("the target file claims %s in offers, and the metadata does not announce it (%s)", a.feature, a.where)})
		}
	}
	return all
}
