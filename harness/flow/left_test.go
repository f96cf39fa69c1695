package flow

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

// What an experiment left over is handed out once, the newest first, and only where the resource serves its token.
func TestLeftOver(t *testing.T) {
	client, all := toldBy(t, func(got told) (int, string) {
		if strings.HasSuffix(got.authorization, " ended") {
			return http.StatusUnauthorized, "{}"
		}
		return http.StatusOK, "{}"
	})
	client.target.Resource.Method, client.target.Resource.URL = http.MethodGet, client.target.Metadata.Text("userinfo_endpoint")
	landed := &Outcome{Step: StepAuthorize}
	leave := func(token string, arrived time.Time) {
		client.LeaveOver(landed, &Outcome{Step: StepExchange, Arrived: arrived, Body: []byte(`{"access_token": "` + token + `", "expires_in": 60}`)})
	}
	now := time.Now()
	leave("dropped", now) // for the three that come after it
	leave("good", now)
	leave("old", now.Add(-time.Hour))
	leave("ended", now)
	client.LeaveOver(landed, &Outcome{Step: StepRefresh, Arrived: now, Body: []byte(`{"access_token": "refreshed"}`)})
	if token := client.Own(t.Context()).AccessToken(); token != "good" {
		t.Errorf("%q was handed out", token)
	}
	if token := client.Own(t.Context()).AccessToken(); token != "" {
		t.Errorf("%q was handed out, where nothing is left and none can be had", token)
	}
	var shown []string
	for _, got := range *all {
		if got.authorization != "" {
			shown = append(shown, got.authorization)
		}
	}
	if got := strings.Join(shown, ", "); got != "DPoP ended, DPoP good" {
		t.Errorf("tokens were shown: %s", got)
	}
}
