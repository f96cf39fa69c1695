package run

import (
	"strings"
	"testing"
	"time"

	"github.com/fapitest/fapitest/harness/target"
)

// A clock that is off is named as the cause, where the target shows it.
func TestClocksThatDisagreeAreNamed(t *testing.T) {
	for ahead, want := range map[time.Duration]string{
		time.Hour: "it is 1h0m0s behind the server's", -time.Hour: "it is 1h0m0s ahead of the server's", time.Second: "", -2 * time.Minute: "",
	} {
		if got := clocks(&target.Metadata{Ahead: &ahead}); !strings.Contains(got, want) || want == "" && got != "" {
			t.Errorf("%s: %q", ahead, got)
		}
	}
	if clocks(nil) != "" || clocks(&target.Metadata{}) != "" {
		t.Error("nobody knows, and it is said")
	}
}
