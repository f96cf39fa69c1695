package target

import (
	"fmt"
	"slices"

	"github.com/fapitest/fapitest/harness/requirement"
)

// Condition says why a client of a target does not meet it, quoting what the target file says; empty: it does.
type Condition func(t *Target, client *Client) (unmet string)

// Every joins conditions: the first that is not met says why.
func Every(conditions ...Condition) Condition {
	return func(t *Target, client *Client) string {
		for _, condition := range conditions {
			if unmet := condition(t, client); unmet != "" {
				return unmet
			}
		}
		return ""
	}
}

// ConditionOf returns the condition that a word of the catalogue stands for (applies_if). The error names a word that stands for none.
func ConditionOf(word requirement.Condition) (Condition, error) {
	switch word {
	case requirement.Always, requirement.CodeFlow, requirement.Discovery:
		return Every(), nil
	case requirement.PAR:
		return answers(func(t *Target) bool { return !t.TakesByValue() }, "the target file says requests: by_value"), nil
	case requirement.DPoP, requirement.MTLS:
		return bound(string(word)), nil
	case requirement.PrivateKeyJWT:
		return authenticates(true), nil
	case requirement.MTLSAuth:
		return authenticates(false), nil
	case requirement.OpenID:
		return asksForOpenID, nil
	case requirement.FAPI1:
		return never("it is about FAPI 1.0"), nil
	case requirement.FAPI1CodeIDToken:
		return answers((*Target).Hybrid, "the target file does not say response_type: code id_token"), nil
	case requirement.FAPI1JARM:
		return answers(func(t *Target) bool { return t.Required(RequiresJARM) }, "the target file does not say requires: [jarm]"), nil
	case "mtls_ecosystem":
		return never("it is about ecosystems that issue certificates to their members, and this profile belongs to none"), nil
	case "client_mode":
		return never("it is about resource servers as clients of this one, and fapitest is the client"), nil
	case "jwks_uri_hosted_by_runner":
		return hasNamesakes, nil
	case requirement.RefreshToken, requirement.Introspection, requirement.Revocation, requirement.JAR, requirement.RAR:
		// Features, as all others that offers may claim.
	}
	if slices.Contains(features, string(word)) {
		return offered(string(word)), nil
	}
	return nil, fmt.Errorf("the catalogue has the condition %q, and nothing is known of it", word)
}

// Unmet says why a client does not meet a condition of the catalogue; empty: it does. Nobody meets a condition that is not known.
func (t *Target) Unmet(word requirement.Condition, client *Client) string {
	condition, err := ConditionOf(word)
	if err != nil {
		return err.Error()
	}
	return condition(t, client)
}

// UnmetByAll says why no combination of the target meets a condition; empty: one does.
func (t *Target) UnmetByAll(word requirement.Condition) string {
	reason := ""
	for _, client := range t.Combinations() {
		if reason = t.Unmet(word, client); reason == "" {
			return ""
		}
	}
	return reason
}

func never(because string) Condition { return func(*Target, *Client) string { return because } }

func answers(so func(*Target) bool, otherwise string) Condition {
	return func(t *Target, _ *Client) string {
		if so(t) {
			return ""
		}
		return otherwise
	}
}

func bound(binding string) Condition {
	return func(_ *Target, client *Client) string {
		if client.Binding == binding {
			return ""
		}
		return fmt.Sprintf("client %s has binding: %s", client.ID, client.Binding)
	}
}

func authenticates(byKey bool) Condition {
	return func(_ *Target, client *Client) string {
		if (client.Auth == PrivateKeyJWT) == byKey {
			return ""
		}
		return fmt.Sprintf("client %s has auth: %s", client.ID, client.Auth)
	}
}

// hasNamesakes: the key set of a client need not be hosted by anybody for two of its keys to have one kid.
func hasNamesakes(t *Target, _ *Client) string {
	if slices.ContainsFunc(t.Clients, func(c *Client) bool { return len(c.Namesakes()) > 0 }) {
		return ""
	}
	return "no client of the target file is registered with two keys that have the same kid"
}

// asksForOpenID: who asks for openid uses the target as an OpenID Provider, whatever offers says.
func asksForOpenID(t *Target, _ *Client) string {
	if t.OpenID() {
		return ""
	}
	return "the scope of the target file does not ask for openid"
}

func offered(feature string) Condition {
	return func(t *Target, _ *Client) string {
		if t.Offered(feature) {
			return ""
		}
		return fmt.Sprintf("the target file does not claim %s in offers", feature)
	}
}

// Ever says whether a condition of the catalogue is one that some target meets.
func Ever(word requirement.Condition) bool {
	everything := &Target{Scope: "openid", Offers: features, ResponseType: CodeIDToken, Requires: []string{RequiresJARM}}
	for _, auth := range []string{PrivateKeyJWT, TLSClientAuth, SelfSignedAuth} {
		for _, binding := range []string{DPoP, MTLS} {
			everything.Clients = append(everything.Clients, &Client{Auth: auth, Binding: binding})
		}
	}
	return everything.UnmetByAll(word) == ""
}
