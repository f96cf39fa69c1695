package consent

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
)

// How long a message of Chromium's may be that we read, in bytes. What we ask for is cut in the page, so that an answer is a screenshot at most; what a
// page has Chromium tell by itself (a title, a form, a dialog, a line for the console) is as long as the page likes, a hundred megabytes too.
const (
	longestAnswer = 8 << 20
	longestEvent  = 1 << 20
)

var (
	answerBegins  = regexp.MustCompile(`^\{"id":([0-9]{1,18})[,}]`)
	eventBegins   = regexp.MustCompile(`^\{"method":"([A-Za-z.]{1,100})"`)
	sessionAtEnds = regexp.MustCompile(`"sessionId":"([0-9A-F]{1,100})"\}$`)
)

// narrow copies messages, each of which ends with a zero byte, and keeps in memory no more than one may have. An answer that is too long is replaced by an
// error, an event that is is left out; of both tooLong is told: the session in which it came, and what it was.
func narrow(to io.Writer, from io.Reader, tooLong func(session, what string)) error {
	const window = 64 << 10
	reader := bufio.NewReaderSize(from, window)
	var message []byte
	for {
		message = message[:0]
		var last []byte // of what is too long: where the session stands
		longest, length := longestEvent, 0
		for ended := false; !ended; {
			chunk, err := reader.ReadSlice(0)
			if ended = err == nil; !ended && !errors.Is(err, bufio.ErrBufferFull) {
				return err
			}
			if length == 0 && answerBegins.Match(chunk) {
				longest = longestAnswer
			}
			if length += len(chunk); length <= longest {
				message = append(message, chunk...)
				continue
			}
			message = message[:min(len(message), window)]
			last = append(last, chunk...)
			last = last[max(0, len(last)-256):]
		}
		if last != nil {
			session, what := "", ""
			if found := sessionAtEnds.FindSubmatch(bytes.TrimSuffix(last, []byte{0})); found != nil {
				session = string(found[1])
			}
			if found := eventBegins.FindSubmatch(message); found != nil {
				what = string(found[1])
			}
			tooLong(session, what)
			found := answerBegins.FindSubmatch(message)
			if message = message[:0]; found == nil {
				continue
			}
			message = fmt.Appendf(message, `{"id":%s,"error":{"code":-32000,"message":"the answer is too long"},"sessionId":%q}`+"\x00", found[1], session)
		}
		if _, err := to.Write(message); err != nil {
			return err
		}
		if cap(message) > longestEvent {
			message = nil // a screenshot is no measure for the next one
		}
	}
}
