package fapi1adv

import "testing"

func TestBorrowedMutantsAreThere(t *testing.T) {
	wanted := 0
	for _, some := range borrowedNames {
		wanted += len(some.names)
	}
	if got := len(borrowed()); got != wanted {
		t.Errorf("%d of %d mutants are known by their names", got, wanted)
	}
}
