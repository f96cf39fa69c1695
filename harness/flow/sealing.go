package flow

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/fapitest/fapitest/harness/jose"
	"github.com/fapitest/fapitest/harness/target"
)

// SealingTo is how something is encrypted to a target, by what its metadata announce and by its key set; ok is false where no key is for that.
func SealingTo(metadata *target.Metadata, keys []map[string]any) (sealing jose.Sealing, ok bool) {
	among := func(list string, known ...string) []string {
		announced := metadata.List(list)
		return slices.DeleteFunc(known, func(word string) bool { return !slices.Contains(announced, word) })
	}
	sealing.Encryption = "A128CBC-HS256" // what has to be there (RFC 7518 section 5.1)
	if known := among("request_object_encryption_enc_values_supported", "A256GCM", "A128GCM", "A128CBC-HS256", "A256CBC-HS512"); len(known) > 0 {
		sealing.Encryption = known[0]
	}
	for _, algorithm := range among("request_object_encryption_alg_values_supported", "ECDH-ES", "ECDH-ES+A128KW", "ECDH-ES+A256KW", "RSA-OAEP-256", "RSA-OAEP") {
		for _, key := range keys {
			fits := key["kty"] == "EC" && strings.HasPrefix(algorithm, "ECDH") || key["kty"] == "RSA" && strings.HasPrefix(algorithm, "RSA")
			if fits && key["use"] == "enc" && (key["alg"] == nil || key["alg"] == algorithm) {
				sealing.Key, sealing.Algorithm = key, algorithm
				return sealing, true
			}
		}
	}
	return sealing, false
}

// findSealing looks, once, for the key to which request objects are encrypted where all of them are.
func (c *Client) findSealing(ctx context.Context) {
	if !c.shape.Encrypted {
		return
	}
	c.mu.Lock()
	found := c.sealing != nil
	c.mu.Unlock()
	if found {
		return
	}
	answer := c.KeySet(ctx)
	if answer == nil {
		return
	}
	if sealing, ok := SealingTo(c.target.Metadata, answer.Keys()); ok {
		c.mu.Lock()
		c.sealing = &sealing
		c.mu.Unlock()
	}
}

// sealed is a request object as it travels: encrypted, where all of them are. What an experiment has encrypted, or made something else of, stays as it is.
func (c *Client) sealed(object string) (string, error) {
	if !c.shape.Encrypted || strings.Count(object, ".") != 2 {
		return object, nil
	}
	c.mu.Lock()
	sealing := c.sealing
	c.mu.Unlock()
	if sealing == nil {
		return "", errors.New("request objects are to be encrypted (requires: jar_encrypted), and the target's key set has no key with use: enc for an algorithm of request_object_encryption_alg_values_supported")
	}
	return sealing.Seal(object)
}
