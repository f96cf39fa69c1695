package attest

import (
	"context"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"time"

	strict "github.com/go-json-experiment/json"
	"github.com/secure-systems-lab/go-securesystemslib/dsse"

	"github.com/fapitest/fapitest/harness/wire"
)

// payloadType is that of in-toto statements.
const payloadType = "application/vnd.in-toto+json"

// Envelope is a statement with its signatures: a DSSE envelope. Beside keyid and sig a signature may have x5c, the certificates of its key as RFC 7515 has them: readers that
// do not know it are to ignore it.
type Envelope struct {
	PayloadType string      `json:"payloadType"`
	Payload     string      `json:"payload"`
	Signatures  []signature `json:"signatures"`
}

type signature struct {
	dsse.Signature
	Chain [][]byte `json:"x5c,omitempty"` // the key's own certificate first, in DER
}

// Parse reads an envelope. It verifies nothing.
func Parse(content []byte) (*Envelope, error) {
	e, loosely := &Envelope{}, &Envelope{}
	// Members that stand there twice, and names that differ in case: two readers may read two things.
	if err := strict.Unmarshal(content, e); err != nil {
		return nil, fmt.Errorf("it is no DSSE envelope: %w", err)
	}
	if err := strict.Unmarshal(content, loosely, strict.MatchCaseInsensitiveNames(true)); err != nil {
		return nil, fmt.Errorf("it is no DSSE envelope: %w", err)
	}
	switch {
	case !reflect.DeepEqual(e, loosely):
		return nil, errors.New("a member of it has a name that differs from that of DSSE in case alone")
	case e.PayloadType != payloadType:
		return nil, fmt.Errorf("its payload is of the type %.80q, and that of an attestation is %q", e.PayloadType, payloadType)
	case len(e.Signatures) == 0:
		return nil, errors.New("it is not signed")
	case !canonical(e.Payload):
		return nil, errors.New("its payload is not written as Base64 writes it")
	}
	for _, s := range e.Signatures {
		if !canonical(s.Sig) {
			return nil, errors.New("a signature of it is not written as Base64 writes it")
		}
	}
	return e, nil
}

// canonical says whether a text is the one way to write its content in Base64, or in its form for URLs: most readers don't look at the last bits.
func canonical(text string) bool {
	for _, encoding := range []*base64.Encoding{base64.StdEncoding, base64.URLEncoding} {
		if content, err := encoding.Strict().DecodeString(text); err == nil && encoding.EncodeToString(content) == text {
			return true
		}
	}
	return false
}

// dsse is the envelope as DSSE's library has it, with these of its signatures.
func (e *Envelope) dsse(signatures ...signature) *dsse.Envelope {
	plain := &dsse.Envelope{PayloadType: e.PayloadType, Payload: e.Payload}
	for _, s := range signatures {
		plain.Signatures = append(plain.Signatures, s.Signature)
	}
	return plain
}

// statement is the content of the payload.
func (e *Envelope) statement() ([]byte, error) { return e.dsse().DecodeB64Payload() }

// Encoded is the envelope as a file.
func (e *Envelope) Encoded() ([]byte, error) {
	content, err := json.MarshalIndent(e, "", "  ")
	return append(content, '\n'), err
}

// sign makes an envelope of a statement.
func sign(ctx context.Context, statement []byte, key *Key, chain []*x509.Certificate) (*Envelope, error) {
	e := &Envelope{PayloadType: payloadType}
	signer, err := dsse.NewEnvelopeSigner(key)
	if err != nil {
		return nil, err
	}
	signed, err := signer.SignPayload(ctx, payloadType, statement)
	if err != nil {
		return nil, err
	}
	e.Payload = signed.Payload
	return e, e.add(signed.Signatures[0], key, chain)
}

// Countersign adds the signature of a second party to the same statement. Those that are there stay as they are, whoever made them: verify says of each what it is worth.
func (e *Envelope) Countersign(ctx context.Context, key *Key, chain []*x509.Certificate) error {
	statement, err := e.statement()
	if err != nil {
		return err
	}
	if slices.ContainsFunc(e.Signatures, func(s signature) bool { return s.KeyID == key.ID() }) {
		return fmt.Errorf("the %s has signed it already", key)
	}
	signer, err := dsse.NewEnvelopeSigner(key)
	if err != nil {
		return err
	}
	signed, err := signer.SignPayload(ctx, e.PayloadType, statement)
	if err != nil {
		return err
	}
	return e.add(signed.Signatures[0], key, chain)
}

func (e *Envelope) add(made dsse.Signature, key *Key, chain []*x509.Certificate) error {
	s := signature{Signature: made}
	if len(chain) > 0 {
		if err := key.Owns(chain); err != nil {
			return err
		}
	}
	for _, certificate := range chain {
		s.Chain = append(s.Chain, certificate.Raw)
	}
	e.Signatures = append(e.Signatures, s)
	return nil
}

// Owns says what is wrong with a chain of certificates that is to be this key's, its own first; nil: nothing.
func (k *Key) Owns(chain []*x509.Certificate) error {
	if own, err := public(chain[0].PublicKey); err != nil || own.ID() != k.ID() {
		return errors.New("its first certificate is not that of the key: put it first")
	}
	return linked(chain)
}

// linked says where a chain breaks off.
func linked(chain []*x509.Certificate) error {
	for i, certificate := range chain[:len(chain)-1] {
		if err := certificate.CheckSignatureFrom(chain[i+1]); err != nil {
			return fmt.Errorf("certificate %d of the chain was not issued by the one behind it", i+1)
		}
	}
	return nil
}

// Trust is by what a signature is known: keys that the verifier holds, and roots to which its certificates lead.
type Trust struct {
	Keys  []*Key
	Roots *x509.CertPool // nil: certificates prove nothing
	Now   time.Time
	Made  time.Time // when the statement says that it was made
}

// Signer is who made a signature, as far as it could be proved.
type Signer struct {
	ID     string // of the key, as the envelope names it
	Key    *Key   // that has verified the signature; nil: nobody named one
	Name   string // of the certificate by which the key is trusted; empty: the verifier named the key itself
	Lapsed bool   // the certificate has expired since the statement was made
}

// Verify returns who signed the envelope, in the order of its signatures. Every key that is trusted has to have signed, and every signature that can be verified has to be
// good; at least one has to be. What nobody named a key for proves nothing, and stands there with nil.
func (e *Envelope) Verify(ctx context.Context, trust Trust) ([]Signer, error) {
	signers := make([]Signer, len(e.Signatures))
	proved := 0
	for i, s := range e.Signatures {
		signers[i].ID = s.KeyID
		var err error
		if signers[i], err = e.signer(ctx, s, trust); err != nil {
			return nil, err
		}
		if signers[i].Key != nil {
			proved++
		}
	}
	for _, key := range trust.Keys {
		if !slices.ContainsFunc(signers, func(s Signer) bool { return s.Key != nil && s.Key.ID() == key.ID() }) {
			return nil, fmt.Errorf("the %s has not signed it: it is signed by %s", key, e.names())
		}
	}
	if proved == 0 {
		return nil, fmt.Errorf("no signature is by a key whose certificate leads to the roots that are trusted: it is signed by %s", e.names())
	}
	return signers, nil
}

// names are the beginnings of the ids of the keys that signed.
func (e *Envelope) names() string {
	words := ""
	for i, s := range e.Signatures {
		if i > 0 {
			words += " and "
		}
		words += "key " + s.named()
	}
	return words
}

// named is the beginning of the id of the key, which anybody may have written.
func (s signature) named() string { return fmt.Sprintf("%.16s", wire.Printable(s.KeyID)) }

func (e *Envelope) signer(ctx context.Context, s signature, trust Trust) (Signer, error) {
	found := Signer{ID: s.KeyID}
	var own *Key // that of its certificate
	chain, err := s.certificates()
	if err != nil {
		return found, err
	}
	if len(chain) > 0 {
		if own, err = public(chain[0].PublicKey); err != nil {
			return found, errors.New("the certificate of a signature is of a key by which nothing is signed here")
		}
		if own.ID() != s.KeyID {
			return found, fmt.Errorf("it was changed after it was signed: the certificate beside the signature of key %s is of another key", s.named())
		}
	}
	for _, key := range trust.Keys {
		good := e.signedBy(ctx, s, key)
		switch {
		case good && key.ID() != s.KeyID:
			return found, fmt.Errorf("it was changed after it was signed: the signature of the %s stands there as that of key %s", key, s.named())
		case !good && key.ID() == s.KeyID:
			return found, fmt.Errorf("it was changed after it was signed: the signature of the %s does not fit", key)
		case good:
			found.Key = key
		}
	}
	if own == nil || trust.Roots == nil {
		return found, nil
	}
	if !e.signedBy(ctx, s, own) {
		return found, fmt.Errorf("it was changed after it was signed: the signature of the %s does not fit", own)
	}
	if lapsed, ok := trust.leads(chain); ok {
		found.Key, found.Name, found.Lapsed = own, chain[0].Subject.String(), lapsed
	}
	return found, nil
}

// signedBy asks DSSE's library, which looks at the id of the key too: it is left out here, so that a signature is known under a wrong one.
func (e *Envelope) signedBy(ctx context.Context, s signature, key *Key) bool {
	s.KeyID = ""
	verifier, err := dsse.NewEnvelopeVerifier(key)
	if err != nil {
		return false
	}
	accepted, err := verifier.Verify(ctx, e.dsse(s))
	return err == nil && len(accepted) == 1
}

func (s signature) certificates() ([]*x509.Certificate, error) {
	var chain []*x509.Certificate
	for _, der := range s.Chain {
		certificate, err := x509.ParseCertificate(der)
		if err != nil {
			return nil, errors.New("it was changed after it was signed: the certificate of a signature can't be read")
		}
		chain = append(chain, certificate)
	}
	if len(chain) == 0 {
		return nil, nil
	}
	if err := linked(chain); err != nil {
		return nil, fmt.Errorf("it was changed after it was signed: %w", err)
	}
	return chain, nil
}

// leads says whether a chain leads to a root that is trusted: today or, where a certificate has expired since, when the statement was made, as it says itself.
func (t Trust) leads(chain []*x509.Certificate) (lapsed, ok bool) {
	between := x509.NewCertPool()
	for _, certificate := range chain[1:] {
		between.AddCert(certificate)
	}
	options := x509.VerifyOptions{Roots: t.Roots, Intermediates: between, CurrentTime: t.Now, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny}}
	if _, err := chain[0].Verify(options); err == nil {
		return false, true
	}
	options.CurrentTime = t.Made
	_, err := chain[0].Verify(options)
	return true, err == nil
}
