package flow

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"syscall"
	"time"

	"github.com/fapitest/fapitest/harness/wire"
)

// endsUnasked opens a connection like the one that broke, says nothing on it, and sees whether the target ends it for all that. Who does
// has not looked at a request: only the certificate can be the reason.
func endsUnasked(ctx context.Context, via *http.Client, address *url.URL) bool {
	const patience = 2 * time.Second // a connection that is kept so long is kept
	transport, ok := wire.Below(via.Transport)
	if !ok || transport.DialTLSContext == nil || address.Scheme != "https" {
		return false
	}
	defer wire.LedgerFrom(ctx).Begin(wire.InTarget, "")()
	connection, err := openTLS(ctx, transport, address)
	if err != nil {
		return EndedByTarget(err)
	}
	defer func() { _ = connection.Close() }()
	if err := connection.SetReadDeadline(time.Now().Add(patience)); err != nil {
		return false
	}
	_, err = connection.Read(make([]byte, 1))
	return err != nil && EndedByTarget(err)
}

// EndedByTarget says whether the other side ended the connection: an alert, a reset, a close. A connection that could not be made at all
// says nothing.
func EndedByTarget(err error) bool {
	var operation *net.OpError
	if errors.As(err, &operation) && operation.Op == "dial" {
		return false
	}
	for _, end := range []error{io.EOF, io.ErrUnexpectedEOF, syscall.ECONNRESET, syscall.EPIPE, syscall.ECONNABORTED} {
		if errors.Is(err, end) {
			return true
		}
	}
	// Where the close arrives before the request is under way, net/http has an error of its own for it, which it does not export.
	var exchange *url.Error
	if errors.As(err, &exchange) && exchange.Err.Error() == "http: server closed idle connection" {
		return true
	}
	return Alert(err)
}

// Alert says whether the other side ended the connection with a TLS alert, which is a decision that it put into words.
func Alert(err error) bool {
	var operation *net.OpError
	var alert tls.AlertError
	return errors.As(err, &operation) && operation.Op == "remote error" || errors.As(err, &alert)
}
