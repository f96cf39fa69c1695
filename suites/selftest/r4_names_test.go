package selftest

import ("testing";"fmt")

func TestR4Names(t *testing.T) { for _, m := range r4Mutants() { fmt.Println("NAME", m.Name) } }
