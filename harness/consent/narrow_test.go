package consent

import (
	"bytes"
	"slices"
	"strings"
	"testing"
)

// What is too long is never held, and whoever waits for it hears so.
func TestNarrow(t *testing.T) {
	long := func(n int) string { return strings.Repeat("x", n) }
	in := []string{
		`{"id":1,"result":{},"sessionId":"A1"}`,
		`{"id":2,"result":{"data":"` + long(longestEvent+1) + `"},"sessionId":"A1"}`,
		`{"id":3,"result":{"data":"` + long(longestAnswer+1) + `"},"sessionId":"B2"}`,
		`{"method":"Page.windowOpen","params":{"url":"` + long(longestEvent-200) + `"},"sessionId":"A1"}`,
		`{"method":"Fetch.requestPaused","params":{"post":"` + long(30<<20) + `"},"sessionId":"C3"}`,
		`{"id":4,"result":{},"sessionId":"A1"}`,
		``,
	}
	var told []string
	var out bytes.Buffer
	if err := narrow(&out, strings.NewReader(strings.Join(in, "\x00")), func(session, what string) { told = append(told, session+" "+what) }); err == nil {
		t.Error("does not end with what it reads from")
	}
	got := strings.Split(out.String(), "\x00")
	want := []string{in[0], in[1], `{"id":3,"error":{"code":-32000,"message":"the answer is too long"},"sessionId":"B2"}`, in[3], in[5], ""}
	if !slices.Equal(got, want) {
		for _, message := range got {
			t.Errorf("%.100s", message)
		}
	}
	if !slices.Equal(told, []string{"B2 ", "C3 Fetch.requestPaused"}) {
		t.Errorf("%q", told)
	}
}

// The greediest that shows pages goes first; Chromium itself where no page is the reason.
func TestGlutton(t *testing.T) {
	const mib = 1 << 20
	for name, test := range map[string]struct {
		members []eater
		want    int
	}{
		"modest":       {[]eater{{1, false, 200 * mib}, {2, true, 300 * mib}, {3, true, 900 * mib}}, 0},
		"one tab":      {[]eater{{1, false, 200 * mib}, {2, true, 300 * mib}, {3, true, 1100 * mib}, {4, true, 1050 * mib}}, 3},
		"many tabs":    {[]eater{{1, false, 200 * mib}, {2, true, 1000 * mib}, {3, true, 1001 * mib}, {4, true, 1000 * mib}, {5, true, 1000 * mib}}, 3},
		"all in all":   {[]eater{{1, false, 4000 * mib}, {2, true, 100 * mib}}, 1},
		"nobody there": {nil, 0},
	} {
		if got := glutton(test.members); got != test.want {
			t.Errorf("%s: %d", name, got)
		}
	}
	if held := heldBy("Name:\tx\nVmRSS:\t  99 kB\nRssAnon:\t  1024 kB\nRssFile:\t 5000 kB\nRssShmem:\t 1 kB\n"); held != 1025<<10 {
		t.Error(held)
	}
}
