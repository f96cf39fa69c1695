package oauth2

// StateUnchanged is the clause about state on its way back.
var StateUnchanged = Document.Clause("4.1.2-1")
