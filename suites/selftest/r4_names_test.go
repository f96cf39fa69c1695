package selftest

import (
	"fmt"
	"testing"
)

func TestR4Names(t *testing.T) {
	for _, m := range r4Mutants() {
		fmt.Println("NAME", m.Name)
	}
}
