package main

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

// Whatever stands in a file of waivers or of expectations, it is read or refused.
func FuzzEntries(f *testing.F) {
	for _, seed := range []string{
		"- {id: FAPI2-SP-5.3.2.2-4, reason: a, owner: b, expires: 2026-12-31}\n", "- {id: FAPI2-SP-5.3.2.2-4, verdict: fail, clients: [a], why: b, exchange: c}\n", "[]", "a: b", "- &a [*a]", "- {id: 1, expires: 0000-00-00}", "\x00",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		path := filepath.Join(t.TempDir(), "entries.yaml")
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		if read, err := loadWaivers(path, time.Unix(0, 0)); err == nil {
			for _, entry := range read.entries {
				if entry.ID == "" || entry.Owner == "" || entry.Reason == "" {
					t.Errorf("%+v", entry)
				}
			}
		}
		_, _ = loadExpectations(path)
	})
}
