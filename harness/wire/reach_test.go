package wire

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// Who does not answer is waited for less and less, and then hardly asked; who answers again is asked as before.
func TestWhoNeverAnswers(t *testing.T) {
	var mute = true
	asked := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if asked++; mute {
			w.WriteHeader(http.StatusOK)
			_ = http.NewResponseController(w).Flush()
			<-r.Context().Done()
		}
	}))
	defer server.Close()
	reach := &Reach{Limit: 50 * time.Millisecond}
	client := &http.Client{Transport: reach.Over(&http.Transport{DisableKeepAlives: true})}
	ask := func() error {
		answer, err := client.Get(server.URL + "/x?y")
		if err == nil {
			_, err = io.ReadAll(answer.Body)
			_ = answer.Body.Close()
		}
		return err
	}
	var late *NoAnswer
	for range mostMute {
		if err := ask(); !errors.As(err, &late) || !late.Begun || !late.Timeout() || !strings.Contains(late.Error(), "did not end") {
			t.Fatalf("%v", err)
		}
	}
	// One that is tried, and then none.
	var unsent *NotSent
	if err := ask(); !errors.As(err, &late) {
		t.Fatalf("%v", err)
	}
	if err := ask(); !errors.As(err, &unsent) || !unsent.Mute || asked != mostMute+1 {
		t.Fatalf("%v, %d requests", err, asked)
	}
	mute = false
	reach.mute["http://"+strings.TrimPrefix(server.URL, "http://")+"/x"].again = time.Time{}
	for range 2 {
		if err := ask(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestExcess(t *testing.T) {
	for body, want := range map[string]string{
		`{"a":[1,2]}`:                                                     "",
		`"` + strings.Repeat("[", 10_000) + `"`:                           "",
		`{"a":"` + strings.Repeat(`\"[`, 10_000) + `"}`:                   "",
		strings.Repeat("[", 300):                                          "nested 300 levels",
		"[" + strings.Repeat("0,", 60_000) + "0]":                         "60002 values",
		"\n" + strings.Repeat(`{"a":`, 300):                               "nested 300 levels",
		strings.Repeat("x", LongestAnswer+1):                              "more than a megabyte",
		"<html>" + strings.Repeat("{},", 100_000):                         "",
		"a,b" + strings.Repeat("[", 1_000) + strings.Repeat(",", 100_000): "",
	} {
		if got := Excess([]byte(body)); want == "" && got != "" || !strings.Contains(got, want) {
			t.Errorf("%.40q: %q, not %q", body, got, want)
		}
	}
}

// A secret of a megabyte is hidden as any other, wherever it stands.
func TestLongSecretsAreHidden(t *testing.T) {
	r := &Redactor{}
	long := strings.Repeat("AbCd0123-_.~", 80_000)
	r.Learn("access_token", long)
	text := r.Scrub(`before "` + long + `" after ` + long + "; the end")
	if strings.Contains(text, "0123") || !strings.Contains(text, `before "[access_token: `) || !strings.HasSuffix(text, "; the end") || strings.Count(text, "[access_token: ") != 2 {
		t.Errorf("%.300s", text)
	}
	if kept := r.values[[shortestSecret]byte([]byte(long[:shortestSecret]))]; len(kept.values) != 1 || kept.lengths[0] > longestLearnt {
		t.Errorf("%d values are kept", len(kept.values))
	}
}

func TestLeftAlone(t *testing.T) {
	now := time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)
	for _, test := range []struct {
		status int
		header string
		want   bool
	}{
		{429, "31536000", true}, {503, "31536000", true}, {429, "1e300", true}, {429, "Fri, 31 Dec 9999 23:59:59 GMT", true}, {429, "99999999999999999999999999", true},
		{429, "600", false}, {429, "", false}, {429, "-1", false}, {429, "soon", false}, {503, "", false}, {200, "31536000", false}, {429, "NaN", false},
	} {
		asked := LeftAlone(test.status, test.header, now)
		if got := asked > 0; got != test.want {
			t.Errorf("%d %q: %s", test.status, test.header, asked)
		}
	}
	if words := LeftAloneWords(365*24*time.Hour, now); !strings.Contains(words, "until 2027-11-28 12:00 UTC") {
		t.Error(words)
	}
}
