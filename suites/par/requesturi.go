package par

// RequestURIExpires is the clause about a request_uri that has lived for as long as it was said to.
var RequestURIExpires = document.Clause("4-1b")
