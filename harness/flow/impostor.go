package flow

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"

	"github.com/fapitest/fapitest/harness/target"
	"github.com/fapitest/fapitest/harness/wire"
)

// Impostor returns a certificate that says of itself what the client's own says, subject, issuer, serial number and validity, and that
// is of another key: who compares anything but the key, the whole certificate or its issuer's signature takes it for the client's. ok is
// false where the client has none.
func (c *Client) Impostor() (other OtherCertificate, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.impostor == nil {
		if forged := impersonate(c.self.Certificate); forged != nil {
			c.impostor = &target.Client{ID: c.self.ID, Certificate: forged}
		}
	}
	return OtherCertificate{client: c.impostor, says: "of the same names and another key"}, c.impostor != nil
}

// SelfMade returns a certificate that has the names of the client's own, which an authority has issued, and that is signed by its own key: who leaves it
// to the TLS layer to look at issuers, and has that take every certificate, takes it for the client's. ok is false where the client has none of an
// authority.
func (c *Client) SelfMade() (other OtherCertificate, ok bool) {
	own := c.self.Certificate
	if own == nil || own.Leaf == nil || selfSigned(own) {
		return OtherCertificate{}, false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.selfMade == nil {
		leaf := *own.Leaf
		leaf.RawIssuer, leaf.AuthorityKeyId = leaf.RawSubject, nil
		if forged := impersonate(&tls.Certificate{Certificate: own.Certificate, Leaf: &leaf}); forged != nil {
			c.selfMade = &target.Client{ID: c.self.ID, Certificate: forged}
		}
	}
	return OtherCertificate{client: c.selfMade, says: "of the same names that is signed by its own key"}, c.selfMade != nil
}

// Untimely are certificates of the client's subject by its authority whose time is over or has not come, as far as the target file has them.
func (c *Client) Untimely() []OtherCertificate {
	var all []OtherCertificate
	all = c.addOther(all, c.self.Others.Expired, "of the client's subject by its authority that has expired")
	return c.addOther(all, c.self.Others.NotYetValid, "of the client's subject by its authority whose time has not come")
}

// Renewed are valid certificates of the client's subject by its authority that are of another key, as far as the target file has them: one as after a renewal, and one that spells
// the subject in strings of another type.
func (c *Client) Renewed() []OtherCertificate {
	var all []OtherCertificate
	all = c.addOther(all, c.self.Others.Renewed, "of the client's subject by its authority and another key, as after a renewal")
	return c.addOther(all, c.self.Others.Respelt, "of the client's subject by its authority in strings of another type")
}

// Similar are certificates by the client's authority whose subjects are nearly the client's, as far as the target file has them.
func (c *Client) Similar() []OtherCertificate {
	var all []OtherCertificate
	for _, similar := range c.self.Others.Similar {
		says := "by the client's authority whose subject is nearly the client's"
		if similar.Leaf != nil {
			says += " (" + wire.Printable(similar.Leaf.Subject.String()) + ")"
		}
		all = c.addOther(all, similar, says)
	}
	return all
}

func (c *Client) addOther(all []OtherCertificate, certificate *tls.Certificate, says string) []OtherCertificate {
	if certificate == nil {
		return all
	}
	return append(all, OtherCertificate{client: &target.Client{ID: c.self.ID, Certificate: certificate}, says: says})
}

// impersonate makes a certificate that differs from another in its key and its signature alone; nil where that can't be read.
func impersonate(own *tls.Certificate) *tls.Certificate {
	if own == nil || own.Leaf == nil {
		return nil
	}
	leaf := own.Leaf
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil
	}
	template := &x509.Certificate{
		SerialNumber: leaf.SerialNumber, RawSubject: leaf.RawSubject, NotBefore: leaf.NotBefore, NotAfter: leaf.NotAfter,
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: leaf.ExtKeyUsage, UnknownExtKeyUsage: leaf.UnknownExtKeyUsage,
		DNSNames: leaf.DNSNames, URIs: leaf.URIs, EmailAddresses: leaf.EmailAddresses, IPAddresses: leaf.IPAddresses,
	}
	issuer := &x509.Certificate{RawSubject: leaf.RawIssuer, SubjectKeyId: leaf.AuthorityKeyId}
	signer := key
	if !selfSigned(own) {
		// The authority has the name of the real one, and is none.
		if signer, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader); err != nil {
			return nil
		}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, issuer, key.Public(), signer)
	if err != nil {
		return nil
	}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		return nil
	}
	return &tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: parsed}
}
