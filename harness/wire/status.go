package wire

import "net/http"

// AboutShape says whether a status speaks about the shape of a request, and so not about its merit: 405 and 415.
func AboutShape(status int) bool {
	return status == http.StatusMethodNotAllowed || status == http.StatusUnsupportedMediaType
}

// AboutLength says whether a status speaks about how long a request is: 413, 414 and 431.
func AboutLength(status int) bool {
	switch status {
	case http.StatusRequestEntityTooLarge, http.StatusRequestURITooLong, http.StatusRequestHeaderFieldsTooLarge:
		return true
	}
	return false
}

// AboutArrival says whether a status speaks about how a request got there, and so neither about its shape nor about its merit: too
// slowly (408), too early (425), or too long (413, 414, 431).
func AboutArrival(status int) bool {
	return status == http.StatusRequestTimeout || status == http.StatusTooEarly || AboutLength(status)
}
