package consent

import (
	"context"
	"time"
)

// longestMeeting is how long a journey waits for those that it is to go on with: they may have come to nothing.
const longestMeeting = 2 * time.Second

type meetingKey struct{}

// meeting is where journeys wait for each other.
type meeting struct{ arrived chan struct{} }

// Together has the form driver hold journeys, when each of them is at the first page on which it does something, until that many are. So none is over before the other has
// begun, however busy the machine is. Other drivers take no notice of it.
func Together(ctx context.Context, journeys int) context.Context {
	return context.WithValue(ctx, meetingKey{}, &meeting{make(chan struct{}, journeys)})
}

// meet waits for the other journeys of a meeting, where there is one.
func meet(ctx context.Context) {
	m, there := ctx.Value(meetingKey{}).(*meeting)
	if !there {
		return
	}
	select {
	case m.arrived <- struct{}{}:
	default: // one more than was said
	}
	limit := time.NewTimer(longestMeeting)
	defer limit.Stop()
	for len(m.arrived) < cap(m.arrived) {
		select {
		case <-time.After(time.Millisecond):
		case <-limit.C:
			return
		case <-ctx.Done():
			return
		}
	}
}
