package flow

import (
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"

	"github.com/fapitest/fapitest/harness/wire"
)

// aboutCertificate says what a TLS alert about certificates means to the client; empty for other errors. What crypto/tls has of an alert are
// its words alone.
func aboutCertificate(err error, shown bool) string {
	var operation *net.OpError
	if !errors.As(err, &operation) || operation.Op != "remote error" || operation.Err == nil {
		return ""
	}
	words := operation.Err.Error()
	switch {
	case !strings.Contains(words, "certificate"):
		return ""
	case strings.Contains(words, "certificate required"), !shown:
		return "the server wants a client certificate, and none was shown"
	case strings.Contains(words, "expired"), strings.Contains(words, "revoked"):
		return "that is what the server says of this client's certificate: have it renewed"
	}
	return "the server does not trust this client's certificate: is it registered there, or issued by an authority that the server trusts?"
}

// failure is what there is to say about an error of the transport, without the URL, which may hold a secret.
func failure(err error) string {
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		return wrapped.Err.Error()
	}
	return err.Error()
}

// shown says which certificate the server was shown in the handshake: one that it does not ask for it does not get to see.
func shown(certificate *tls.Certificate, asked, known bool) string {
	switch {
	case !known:
		return "" // no connection came about
	case certificate == nil && asked:
		return "none, though the server asked for one"
	case certificate == nil:
		return "none"
	case !asked:
		return "none: the server did not ask for one"
	case certificate.Leaf != nil:
		return certificate.Leaf.Subject.String()
	}
	return "shown"
}

func (c *Client) captureRequest(request *http.Request) wire.Message {
	message := wire.Message{Method: request.Method}
	if request.GetBody != nil { // first, as of answers
		if body, err := request.GetBody(); err == nil {
			data, _ := io.ReadAll(body) // from memory: can't fail
			message.Body = c.redactor.Body(request.Header.Get("Content-Type"), data)
		}
	}
	message.URL, message.Header = c.redactor.URL(request.URL.String()), c.redactor.Header(request.Header)
	if request.Host != request.URL.Host {
		message.Header = append([]wire.Field{{Name: "Host", Value: request.Host}}, message.Header...)
	}
	return message
}

// keep stores evidence under a name that follows from its content, so that equal screenshots are kept once.
func (c *Client) keep(extension string, data []byte) string {
	if c.evidence == nil || len(data) == 0 {
		return ""
	}
	return c.evidence(extension, data)
}

// EvidenceName is the file name for a piece of evidence.
func EvidenceName(extension string, data []byte) string {
	sum := sha256.Sum256(data)
	return fmt.Sprintf("%s.%s", hex.EncodeToString(sum[:8]), extension)
}
