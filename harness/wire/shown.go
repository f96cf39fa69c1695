package wire

import (
	"cmp"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"slices"
	"strings"
	"time"
)

// Shown is a chain of certificates that a host showed in a handshake.
type Shown struct {
	Host    string    `json:"host"`    // with its port
	Subject string    `json:"subject"` // of the first certificate
	Until   time.Time `json:"until"`   // when that one expires
	Chain   []string  `json:"chain"`   // SHA-256 of each certificate in hexadecimal digits, the host's own first
}

// How many chains an account keeps, how many certificates of a chain, and how many bytes of a name.
const (
	mostShown   = 64
	mostInChain = 10
	longestName = 200
)

// Shown enters what a host has shown. What it had shown before is entered once.
func (l *Ledger) Shown(host string, chain []*x509.Certificate) {
	if l == nil || len(chain) == 0 {
		return
	}
	shown := Shown{Host: host, Subject: bounded(Printable(chain[0].Subject.String()), longestName), Until: chain[0].NotAfter.UTC()}
	for _, certificate := range chain[:min(len(chain), mostInChain)] {
		sum := sha256.Sum256(certificate.Raw)
		shown.Chain = append(shown.Chain, hex.EncodeToString(sum[:]))
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.account.Shown = withShown(l.account.Shown, shown)
}

// withShown is a list with one more, in an order that does not depend on who saw what first. The list itself stays as it is.
func withShown(list []Shown, one Shown) []Shown {
	order := func(a, b Shown) int {
		return cmp.Or(strings.Compare(a.Host, b.Host), slices.Compare(a.Chain, b.Chain))
	}
	at, known := slices.BinarySearchFunc(list, one, order)
	if known || len(list) >= mostShown {
		return list
	}
	return slices.Insert(slices.Clone(list), at, one)
}
