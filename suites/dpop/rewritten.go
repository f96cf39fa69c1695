package dpop

import (
	"math/big"
	"strings"
	"sync"

	"github.com/fapitest/fapitest/harness/flow"
	"github.com/fapitest/fapitest/harness/jose"
)

// keptProof is the proof of the first request with it, for others.
type keptProof struct {
	mu   sync.Mutex
	text string
}

// same has every request carry the proof that was made for the first.
func (k *keptProof) same(says string) flow.Deviation {
	return k.otherwise(says, func(compact string) string { return compact })
}

// otherwise has it carry that proof in another spelling.
func (k *keptProof) otherwise(says string, written func(compact string) string) flow.Deviation {
	return flow.ProofMade(says, func(compact string) string {
		k.mu.Lock()
		defer k.mu.Unlock()
		if k.text == "" {
			k.text = compact
		}
		return written(k.text)
	})
}

// rewritings are the proof in other letters, which a thief can make of it without the key: whoever remembers proofs by their text takes them for others.
func (k *keptProof) rewritings(algorithm string) []flow.Deviation {
	all := []flow.Deviation{k.otherwise("with the same DPoP proof, other bits in its last character that stand for nothing", func(compact string) string {
		const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
		last := len(compact) - 1
		if len(compact[strings.LastIndexByte(compact, '.')+1:])%4 == 0 || last < 0 {
			return compact // every bit stands for something
		}
		return compact[:last] + string(letters[strings.IndexByte(letters, compact[last])^1])
	}), k.otherwise("with the same DPoP proof, padded", func(compact string) string {
		return compact + strings.Repeat("=", (4-len(compact[strings.LastIndexByte(compact, '.')+1:])%4)%4)
	})}
	if algorithm == jose.ES256 {
		all = append(all, k.otherwise("with the same DPoP proof, the other one of the two signatures that it comes with (s and n-s)", func(compact string) string {
			return jose.WithSignature(compact, mirrored)
		}))
	}
	return all
}

// mirrored is the other signature by ES256 that holds where one does: of r and s, s may be replaced by n-s.
func mirrored(signature []byte) []byte {
	order, ok := new(big.Int).SetString("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551", 16)
	if !ok || len(signature) != 64 {
		return signature
	}
	s := new(big.Int).SetBytes(signature[32:])
	return append(append([]byte{}, signature[:32]...), s.Sub(order, s).FillBytes(make([]byte, 32))...)
}
