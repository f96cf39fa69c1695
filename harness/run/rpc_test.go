package run

import (
	"net/url"
	"reflect"
	"testing"
	"time"

	"github.com/fapitest/fapitest/harness/consent"
)

// What a worker asks of a journey reaches the process that makes it, whatever is added to what can be asked.
func TestAJourneyIsWhatWasAskedFor(t *testing.T) {
	asked := consent.Visit{
		URL: "https://bank.example", Form: url.Values{"a": {"b"}}, Until: []string{"https://client.example"}, Choice: consent.Deny, Foreign: "https://evil.example",
		Again: consent.AfterLogin, Tempt: consent.Temptation{To: "https://evil.example", Names: []string{"next"}, Own: true}, Framed: true, Trick: consent.OtherBrowser, Limit: time.Second, User: 1, Logins: 2, Session: "one", Last: true,
	}
	value := reflect.ValueOf(asked)
	for i := range value.NumField() {
		if name := value.Type().Field(i).Name; value.Field(i).IsZero() && name != "Script" && name != "Values" {
			t.Errorf("this test does not ask for %s", name)
		}
	}
	if got := journeyOf(asked).visit(); !reflect.DeepEqual(got, asked) {
		t.Errorf("got %+v, want %+v", got, asked)
	}
}
