package wire

import (
	"net/http"
	"testing"
	"time"
)

func TestTheSkewOfAnAnswerCountsItsAge(t *testing.T) {
	now := time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		off            time.Duration
		age            string
		ahead          time.Duration
		cached, absurd bool
	}{
		{-time.Second, "", 0, false, false},
		{-45 * time.Second, "", -45 * time.Second, false, false},
		{-45 * time.Second, "44", 0, true, false},
		{-20 * time.Minute, "1200", 0, true, false},
		{-1140 * time.Second, "1200", time.Minute, true, false},
		{365 * 24 * time.Hour, "", 365 * 24 * time.Hour, false, true},
	} {
		header := http.Header{"Date": {now.Add(c.off).Format(http.TimeFormat)}}
		if c.age != "" {
			header.Set("Age", c.age)
		}
		skew, ok := SkewOf(header, now)
		if !ok || skew.Ahead != c.ahead || skew.Cached != c.cached || skew.Absurd() != c.absurd {
			t.Errorf("Date %s off, Age %q: %+v", c.off, c.age, skew)
		}
	}
	if _, ok := SkewOf(http.Header{}, now); ok {
		t.Error("a skew without a Date")
	}
}
