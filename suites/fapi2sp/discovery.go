package fapi2sp

// The clauses about metadata.
var (
	MetadataPublished      = document.Clause("5.3.2.1-1")
	MetadataNamesEndpoints = document.Clause("5.3.2.1-1b")
)
