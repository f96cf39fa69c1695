package fapi2sp

// Unguessable is the clause about how hard it is to guess what nobody types.
var Unguessable = document.Clause("5.4.1-4")
