package target

import (
	"crypto/sha256"
	"encoding/hex"
)

// Effective is the configuration as it was understood, defaults and environment applied. Of secrets it says only that they are there,
// of keys their thumbprints.
func (t *Target) Effective() map[string]any {
	var clients []any
	for _, c := range t.Clients {
		client := map[string]any{"id": c.ID, "auth": c.Auth, "binding": c.Binding, "redirects": c.Redirects}
		if c.Key != nil {
			client["key"] = c.Key.Algorithm + ", thumbprint " + c.Key.Thumbprint()
		}
		if c.Certificate != nil && len(c.Certificate.Certificate) > 0 {
			sum := sha256.Sum256(c.Certificate.Certificate[0])
			description := "sha256 " + hex.EncodeToString(sum[:])
			if c.Certificate.Leaf != nil {
				description = c.Certificate.Leaf.Subject.String() + ", " + description
			}
			client["certificate"] = description
		}
		if c.Short != nil {
			client["short_jwk"] = "thumbprint " + c.Short.Thumbprint()
		}
		if named := c.Others.named(); len(named) > 0 {
			client["other_certificates"] = named
		}
		if !c.Secret.Empty() {
			client["secret"] = "given"
		}
		clients = append(clients, client)
	}
	resource := map[string]any{"url": t.Resource.URL, "method": t.Resource.Method, "scope": t.Resource.Scope}
	if t.Resource.Lesser != "" {
		resource["lesser"] = t.Resource.Lesser
	}
	if signed := t.Signed(); signed != nil {
		resource["signatures"] = signed.effective()
	}
	effective := map[string]any{
		"issuer": t.Issuer, "clients": clients, "scope": t.Scope,
		"resource": resource,
		"consent":  map[string]any{"driver": t.Consent.Driver, "hosts": t.Consent.Hosts},
		"offers":   t.Offers, "waits": map[string]any{"longest": t.Waits.Longest.String()},
		"propagation": t.Propagation.String(), "trust": "the system's roots",
	}
	if t.Payments != nil {
		effective["payments"] = map[string]any{"url": t.Payments.URL, "body": t.Payments.Body}
	}
	if t.Intents != nil {
		intents := map[string]any{"url": t.Intents.URL}
		if t.Intents.Body != "" {
			intents["body"] = t.Intents.Body
		}
		if t.Intents.Scope != "" {
			intents["scope"] = t.Intents.Scope
		}
		effective["intents"] = intents
	}
	if t.Trust != nil {
		effective["trust"] = "the system's roots and the file named"
	}
	if len(t.Hosts) > 0 {
		effective["hosts"] = t.Hosts
	}
	if len(t.Request) > 0 {
		effective["request"] = t.Request
	}
	if t.Requests != "" {
		effective["requests"] = t.Requests
	}
	if t.ResponseType != "" {
		effective["response_type"] = t.ResponseType
	}
	if len(t.Details) > 0 {
		effective["authorization_details"] = t.Details
	}
	if len(t.Resource.Headers) > 0 {
		headers := map[string]string{}
		for _, header := range t.Resource.Headers {
			if headers[header.Name] = "given"; !header.Hidden {
				headers[header.Name] = header.Value.Reveal()
			}
		}
		resource["headers"] = headers
	}
	if len(t.Requires) > 0 {
		effective["requires"] = t.Requires
	}
	if t.User.Name != "" {
		effective["user"] = "named, with password: " + map[bool]string{true: "no", false: "yes"}[t.User.Password.Empty()]
	}
	if len(t.More) > 0 {
		denying := 0
		for _, user := range t.More {
			if user.Denies {
				denying++
			}
		}
		effective["users"] = map[string]any{"more": len(t.More), "to say no": denying}
	}
	if t.MaxLogins > 0 {
		effective["max_logins"] = t.MaxLogins
	}
	if t.Declarations.File != "" {
		effective["declarations"] = map[string]any{"file": t.Declarations.File, "digest": t.Declarations.Digest}
	}
	if len(t.Attested) > 0 {
		effective["attested"] = t.Attested
	}
	if t.Permission != "" {
		effective["permission"] = t.Permission
	}
	return effective
}

// named are the keys of other_certificates that the target file has.
func (o OtherCertificates) named() []string {
	var names []string
	for _, one := range []struct {
		name  string
		there bool
	}{
		{"expired", o.Expired != nil}, {"not_yet_valid", o.NotYetValid != nil}, {"renewed", o.Renewed != nil}, {"respelt", o.Respelt != nil}, {"similar", len(o.Similar) > 0},
	} {
		if one.there {
			names = append(names, one.name)
		}
	}
	return names
}
