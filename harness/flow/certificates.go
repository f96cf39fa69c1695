package flow

import (
	"bytes"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/pem"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/fapitest/fapitest/harness/target"
)

// Another returns the certificate of another client of the target file; ok is false where none has one of its own.
func (c *Client) Another() (other OtherCertificate, ok bool) {
	var found *target.Client
	for _, candidate := range c.target.Clients {
		if candidate.ID == c.self.ID || candidate.Certificate == nil || sameCertificate(candidate.Certificate, c.self.Certificate) {
			continue
		}
		// One of the same kind comes closest to a registered competitor.
		if found == nil || c.kinship(candidate) > c.kinship(found) {
			found = candidate
		}
	}
	return OtherCertificate{client: found}, found != nil
}

// Stranger returns the certificate of another client that nobody could take for this client's own: where clients are known by their
// subject, two of one owner may have the same. ok is false where no other client has one.
func (c *Client) Stranger() (other OtherCertificate, ok bool) {
	for _, candidate := range c.target.Clients {
		if candidate.ID == c.self.ID || candidate.Certificate == nil || sameCertificate(candidate.Certificate, c.self.Certificate) ||
			sameName(candidate.Certificate, c.self.Certificate) {
			continue
		}
		if other.client == nil || c.kinship(candidate) > c.kinship(other.client) {
			other.client = candidate
		}
	}
	return other, other.client != nil
}

// CertificateInHeaders says in header fields, as proxies that end TLS do for the servers behind them, that the client has shown its certificate. A certificate
// is public: who believes these of anybody has authenticated nobody (RFC 9700 section 4.13).
func CertificateInHeaders() Deviation {
	return Deviation{says: "with the client's certificate in header fields", edits: []func(*draft){func(d *draft) {
		own := d.client.self.Certificate
		if own == nil || len(own.Certificate) == 0 {
			return
		}
		text := url.QueryEscape(string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: own.Certificate[0]})))
		d.header.Set("X-SSL-Client-Cert", text)
		d.header.Set("X-SSL-Client-Verify", "SUCCESS")
		d.header.Set("X-Client-Cert", text)
		d.header.Set("SSL-Client-Cert", text)
		d.header.Set("X-Forwarded-Client-Cert", `Cert="`+text+`"`)
		d.header.Set("Client-Cert", ":"+base64.StdEncoding.EncodeToString(own.Certificate[0])+":") // RFC 9440
	}}}
}

// CertificateFields are header fields in which proxies, balancers and gateways of various makers say which certificate was shown to them.
func CertificateFields() []string {
	var names []string
	for _, field := range certificateFields {
		names = append(names, field.name)
	}
	return names
}

// CertificateInHeader is CertificateInHeaders with these fields alone, each as whoever uses it writes it.
func CertificateInHeader(names ...string) Deviation { return certificateInHeader("", false, names) }

// CertificateInHeaderOtherwise is CertificateInHeader with each field as somebody else writes it: in base64 alone where most write PEM, and the other way round.
func CertificateInHeaderOtherwise(names ...string) Deviation {
	return certificateInHeader(", spelt otherwise", true, names)
}

func certificateInHeader(words string, otherwise bool, names []string) Deviation {
	return Deviation{says: "with the client's certificate in the header field " + strings.Join(names, " and in ") + words, edits: []func(*draft){func(d *draft) {
		own := d.client.self.Certificate
		if own == nil || len(own.Certificate) == 0 {
			return
		}
		for _, field := range certificateFields {
			if slices.Contains(names, field.name) {
				written := field.written
				if otherwise {
					written = field.otherwise
				}
				d.header.Set(field.name, written(own.Certificate[0]))
				d.header.Set("X-SSL-Client-Verify", "SUCCESS")
			}
		}
	}}}
}

// certificateFields are the fields, how a certificate is written in each, and how somebody else writes it there.
var certificateFields = []struct {
	name               string
	written, otherwise func(der []byte) string
}{
	{"Client-Cert", func(der []byte) string { return ":" + base64.StdEncoding.EncodeToString(der) + ":" }, base64.StdEncoding.EncodeToString}, // RFC 9440
	{"X-Forwarded-Client-Cert", func(der []byte) string { return `Cert="` + escapedPEM(der) + `"` }, escapedPEM},
	{"X-SSL-Client-Cert", escapedPEM, base64.StdEncoding.EncodeToString}, // HAProxy's way
	{"X-Client-Cert", escapedPEM, base64.StdEncoding.EncodeToString},
	{"SSL-Client-Cert", escapedPEM, base64.StdEncoding.EncodeToString},
	{"X-SSL-Cert", escapedPEM, base64.StdEncoding.EncodeToString},
	{"SSL_CLIENT_CERT", escapedPEM, base64.StdEncoding.EncodeToString},
	{"X-Amzn-Mtls-Clientcert", escapedPEM, base64.StdEncoding.EncodeToString},
	{"X-ARR-ClientCert", base64.StdEncoding.EncodeToString, escapedPEM},
	{"X-Forwarded-Tls-Client-Cert", func(der []byte) string { return url.QueryEscape(base64.StdEncoding.EncodeToString(der)) }, base64.StdEncoding.EncodeToString},
}

// SubjectInHeaders says in header fields whose certificate was shown, by its name or by its hash, as proxies do that keep the certificate to themselves. Whoever
// knows the name of a client can write it there.
func SubjectInHeaders() Deviation {
	return Deviation{says: "with the subject and the hash of the client's certificate in header fields", edits: []func(*draft){func(d *draft) {
		own := d.client.self.Certificate
		if own == nil || len(own.Certificate) == 0 {
			return
		}
		subject, sum := "", sha256.Sum256(own.Certificate[0])
		if leaf, err := x509.ParseCertificate(own.Certificate[0]); err == nil {
			subject = leaf.Subject.String()
		}
		hash := hex.EncodeToString(sum[:])
		for _, field := range []string{
			"X-SSL-Client-S-DN", "X-SSL-Client-DN", "X-Client-DN", "X-SSL-Client-Subject", "SSL_CLIENT_S_DN", "X-Amzn-Mtls-Clientcert-Subject", "X-Client-Cert-Subject-DN",
		} {
			d.header.Set(field, subject)
		}
		d.header.Set("X-Forwarded-Client-Cert", "Hash="+hash+`;Subject="`+subject+`"`) // Envoy's
		d.header.Set("X-Forwarded-Tls-Client-Cert-Info", url.QueryEscape(`Subject="`+subject+`"`))
		d.header.Set("X-SSL-Client-Fingerprint", hash)
		d.header.Set("X-SSL-Client-Verify", "SUCCESS")
	}}}
}

// escapedPEM is a certificate in PEM, escaped as in a URL so that it fits into one line.
func escapedPEM(der []byte) string {
	return url.QueryEscape(string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})))
}

// sameName says whether two certificates have the subject, or one of the alternative names, in common (RFC 8705 section 2.1.2). Where
// one can't be read, nobody knows.
func sameName(a, b *tls.Certificate) bool {
	if a == nil || b == nil || a.Leaf == nil || b.Leaf == nil {
		return true
	}
	return bytes.Equal(a.Leaf.RawSubject, b.Leaf.RawSubject) ||
		overlap(a.Leaf.DNSNames, b.Leaf.DNSNames) || overlap(a.Leaf.URIs, b.Leaf.URIs) ||
		overlap(a.Leaf.EmailAddresses, b.Leaf.EmailAddresses) || overlap(a.Leaf.IPAddresses, b.Leaf.IPAddresses)
}

func overlap[T any](a, b []T) bool {
	return slices.ContainsFunc(a, func(one T) bool {
		return slices.ContainsFunc(b, func(other T) bool { return fmt.Sprint(one) == fmt.Sprint(other) })
	})
}

// kinship says how much another client, and its certificate, are like this one and its own.
func (c *Client) kinship(other *target.Client) int {
	kinship := 0
	if selfSigned(other.Certificate) == selfSigned(c.self.Certificate) {
		kinship += 2
	}
	if other.Auth == c.self.Auth {
		kinship++
	}
	return kinship
}

func sameCertificate(a, b *tls.Certificate) bool {
	if a == nil || b == nil || len(a.Certificate) == 0 || len(b.Certificate) == 0 {
		return false
	}
	return string(a.Certificate[0]) == string(b.Certificate[0])
}

// SameKind says whether the certificate is of the kind that the client's own is: self-signed or by an authority. One of another kind may
// be refused for its kind alone.
func (o OtherCertificate) SameKind(own *target.Client) bool {
	return selfSigned(o.client.Certificate) == selfSigned(own.Certificate)
}

func selfSigned(certificate *tls.Certificate) bool {
	return certificate != nil && certificate.Leaf != nil && bytes.Equal(certificate.Leaf.RawIssuer, certificate.Leaf.RawSubject)
}

func (d *draft) certificateToShow() *tls.Certificate {
	switch d.certificate.kind {
	case absentCertificate:
		return nil
	case otherCertificate:
		return d.certificate.other.Certificate
	case ownCertificate:
	}
	return d.client.self.Certificate
}

// needsCertificate says whether the client is nobody without its certificate at a step: its tokens are bound to it, or it authenticates by it.
func (c *Client) needsCertificate(step Step) bool {
	return c.self.Binding == target.MTLS || c.self.Auth != target.PrivateKeyJWT && !step.TakesToken()
}
