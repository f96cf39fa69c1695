package selftest

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/fapitest/fapitest/fixtures/authserver"
	"github.com/fapitest/fapitest/fixtures/bench"
	"github.com/fapitest/fapitest/fixtures/eccentrics"
	"github.com/fapitest/fapitest/harness/flow"
	"github.com/fapitest/fapitest/harness/run"
	"github.com/fapitest/fapitest/harness/target"
	"github.com/fapitest/fapitest/harness/verdict"
	"github.com/fapitest/fapitest/harness/wire"
)

// A gateway that puts a page of its own in place of every refusal leaves nothing to be seen of what the bank refuses: neither good nor bad.
// Certificates are the exception: they are a gateway's own business. So is what a browser is shown: a page of whoever it may be is what the
// user gets in place of the bank's consent.
func TestBankBehindAFirewall(t *testing.T) {
	for name, page := range map[string]func(http.ResponseWriter){
		"a page": func(w http.ResponseWriter) {
			w.Header().Set("Content-Type", "text/html")
			w.WriteHeader(http.StatusForbidden)
			_, _ = io.WriteString(w, "<html><title>Blocked</title><h1>Your request was blocked. Incident 4711.</h1></html>")
		},
		"a bare word": func(w http.ResponseWriter) {
			w.Header().Set("Content-Type", "text/plain")
			w.WriteHeader(http.StatusBadRequest)
			_, _ = io.WriteString(w, "hello")
		},
	} {
		t.Run(name, func(t *testing.T) {
			firewall := eccentrics.Eccentric{
				Policy: func(*authserver.Policy) {},
				Setup: func(o *authserver.Options) {
					o.Gateway = func(bank http.Handler) http.Handler {
						return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
							kept := httptest.NewRecorder()
							bank.ServeHTTP(kept, r)
							if kept.Code >= 400 && kept.Code < 500 {
								page(w)
								return
							}
							for field, values := range kept.Header() {
								w.Header()[field] = values
							}
							w.WriteHeader(kept.Code)
							_, _ = io.Copy(w, bytes.NewReader(kept.Body.Bytes()))
						})
					}
				},
			}
			for _, id := range []string{"key-dpop", "tls-mtls"} {
				report, _, err := sharedLab(t).test(context.Background(), bench.Options{Eccentric: &firewall}, 1, func(described *target.Target, o *run.Options) error {
					for _, client := range described.Combinations() {
						if client.ID == id {
							o.Plan.Clients = []string{client.ID}
						}
					}
					return nil
				})
				if err != nil {
					t.Fatal(err)
				}
				if report.Conclusion != verdict.Inconclusive {
					t.Errorf("%s: the conclusion is %s", id, report.Conclusion)
				}
				refusals := 0
				for _, result := range report.Requirements {
					if result.Verdict == verdict.Fail {
						t.Errorf("%s: %s fails: %s", id, result.ID, result.Says)
					}
					for _, spec := range result.Specs {
						for _, exchange := range spec.Exchanges {
							browser := exchange.Step == string(flow.StepAuthorize) || exchange.Step == string(flow.StepLogout)
							if exchange.Expected != wire.Refused || browser || exchange.Answer == nil || exchange.Answer.Status/100 != 4 {
								continue
							}
							refusals++
							// A field that comes twice makes a request malformed (RFC 9110 section 5.3): to refuse that is a gateway's own business too.
							if repeatsField(exchange) {
								continue
							}
							if spec.Verdict == verdict.Pass && exchange.Judged == wire.Refused && id == "key-dpop" {
								t.Errorf("%s: %s passes by the gateway's page: %s", id, result.ID, spec.Sentence)
							}
						}
					}
				}
				if refusals < 20 {
					t.Errorf("%s: only %d refusals were looked at", id, refusals)
				}
			}
		})
	}
}

// repeatsField says whether a header field comes twice in a request.
func repeatsField(exchange *wire.Exchange) bool {
	seen := map[string]bool{}
	for _, field := range exchange.Request.Header {
		if seen[field.Name] {
			return true
		}
		seen[field.Name] = true
	}
	return false
}
