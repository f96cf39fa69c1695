package flow

import "fmt"

// InteractionID is the header field that names each request, so that both sides find it in their logs again. Every request has one of its own.
var InteractionID = Part{
	name:   "x-fapi-interaction-id",
	remove: func(d *draft) { d.withoutID = true },
}

// Field is a header field of a request in which a token is shown.
func Field(name string) Part {
	return Part{
		name:   name,
		remove: func(d *draft) { d.header.Del(name) },
		set:    func(d *draft, value any) { d.header.Set(name, fmt.Sprint(value)) },
	}
}
