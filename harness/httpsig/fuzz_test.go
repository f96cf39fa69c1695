package httpsig_test

import (
	"net/http"
	"testing"

	"github.com/fapitest/fapitest/harness/httpsig"
)

// Whatever stands in the fields of a signature, it is read to its end.
func FuzzFields(f *testing.F) {
	f.Add(`sig1=("@method" "content-digest";req "x";key="a");created=1;keyid="k";alg="ed25519"`, `sig1=:AA==:`, `sha-256=:AA==:`, []byte("x"))
	f.Add(`sig1=("@query-param";name="a" "@status");created=-1`, `sig1=1, sig2=:AA==:`, `sha-512=?1, sha-256="x"`, []byte(nil))
	f.Add(`a=1;b=("c")`, "\x00", `id-sha-256=:::`, []byte("\xff"))
	f.Fuzz(func(t *testing.T, input, signature, digest string, body []byte) {
		header := http.Header{"Signature-Input": {input}, "Signature": {signature}, "Content-Digest": {digest}, "X": {input}}
		_, _ = httpsig.ReadDigests(header, body)
		signatures, _, err := httpsig.Read(header)
		if err != nil {
			return
		}
		for _, found := range signatures {
			_ = found.String()
			_, _ = found.Text("keyid"), found.Covers("@method", true)
			message := httpsig.Message{Header: header}
			_, _ = message.Base(found.Input)
			_ = message.LooseBase(found.Input)
		}
	})
}
