package consent_test

import (
	"context"
	"net/http/httptest"
	"testing"

	"github.com/fapitest/fapitest/harness/consent"
	"github.com/fapitest/fapitest/harness/target"
	"github.com/fapitest/fapitest/harness/wire"
)

// BenchmarkJourney is what a login page and a consent page cost through Chromium.
func BenchmarkJourney(b *testing.B) {
	server := httptest.NewTLSServer(pages())
	defer server.Close()
	for name, options := range map[string]consent.BrowserOptions{"screenshots": {Screenshots: true}, "blind": {}} {
		b.Run(name, func(b *testing.B) {
			options.SPKI = []string{target.SPKI(server.Certificate())}
			browser, err := consent.NewBrowser(options)
			if err != nil {
				b.Fatal(err)
			}
			defer func() { _ = browser.Close() }()
			b.SetParallelism(2)
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					trip, err := browser.Visit(context.Background(), consent.Visit{
						URL: server.URL + "/login/post", Until: []string{callback}, Choice: consent.Accept, Script: script(),
						Values: map[string]wire.Secret{"user": wire.NewSecret("alice"), "password": wire.NewSecret(password)},
					})
					if err != nil || trip.Ending != consent.Arrived {
						b.Errorf("%v %+v", err, trip)
					}
				}
			})
		})
	}
}
