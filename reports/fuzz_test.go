package reports_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/fapitest/fapitest/reports"
	"github.com/fapitest/fapitest/reports/internal/sample"
	"github.com/fapitest/fapitest/reports/json"
)

// Whatever is said to be a report, it is refused, or every format can be made of it: JUnit is XML, and none commands a terminal.
func FuzzReport(f *testing.F) {
	for _, seed := range sample.All() {
		var written bytes.Buffer
		if err := json.Write(&written, seed.Report); err != nil {
			f.Fatal(err)
		}
		if written.Len() < 1<<18 {
			f.Add(written.Bytes())
		}
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		report, err := json.Read(bytes.NewReader(content))
		if err != nil {
			return
		}
		for _, format := range reports.Formats("") {
			var written bytes.Buffer
			if err := format.Write(&written, report); err != nil {
				t.Errorf("%s: %s", format.Name, err)
			}
			switch format.Name {
			case "junit":
				decoder := xml.NewDecoder(&written)
				for err == nil {
					_, err = decoder.Token()
				}
				if !errors.Is(err, io.EOF) {
					t.Errorf("junit: %s", err)
				}
			case "text":
				if strings.ContainsAny(written.String(), "\x1b\x00\u009b\r\u202e") {
					t.Errorf("text: %q", written.String())
				}
			}
		}
	})
}
