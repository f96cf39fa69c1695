package tlsprobe

import "fmt"

// The versions.
const (
	SSL2  uint16 = 0x0002
	SSL3  uint16 = 0x0300
	TLS10 uint16 = 0x0301
	TLS11 uint16 = 0x0302
	TLS12 uint16 = 0x0303
	TLS13 uint16 = 0x0304
)

// VersionName is how a version is called.
func VersionName(version uint16) string {
	switch version {
	case SSL2:
		return "SSL 2"
	case SSL3:
		return "SSL 3"
	case TLS10:
		return "TLS 1.0"
	case TLS11:
		return "TLS 1.1"
	case TLS12:
		return "TLS 1.2"
	case TLS13:
		return "TLS 1.3"
	}
	return fmt.Sprintf("version 0x%04X", version)
}

// The groups that are asked for by name.
const (
	P256           uint16 = 23
	P384           uint16 = 24
	P521           uint16 = 25
	X25519         uint16 = 29
	X448           uint16 = 30
	X25519MLKEM768 uint16 = 4588
)

var groupNames = map[uint16]string{
	1: "sect163k1", 2: "sect163r1", 3: "sect163r2", 4: "sect193r1", 5: "sect193r2", 15: "secp160k1", 16: "secp160r1", 17: "secp160r2", 18: "secp192k1", 19: "secp192r1",
	20: "secp224k1", 21: "secp224r1", 22: "secp256k1", P256: "P-256", P384: "P-384", P521: "P-521", X25519: "X25519", X448: "X448", X25519MLKEM768: "X25519MLKEM768",
	256: "ffdhe2048", 257: "ffdhe3072", 258: "ffdhe4096",
}

// GroupName is how a group is called.
func GroupName(group uint16) string {
	if name, ok := groupNames[group]; ok {
		return name
	}
	return fmt.Sprintf("group %d", group)
}

// CurvesBelow224 are the registered curves of less than 224 bits.
func CurvesBelow224() []uint16 { return []uint16{1, 2, 3, 4, 5, 15, 16, 17, 18, 19} }

// The signature schemes that are asked for by name; the others stand in modernSignatures.
const (
	RSAWithMD5    uint16 = 0x0101
	RSAWithSHA1   uint16 = 0x0201
	ECDSAWithSHA1 uint16 = 0x0203
)

// modernSignatures are what clients of today take.
var modernSignatures = []uint16{
	0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501, 0x0806, 0x0601, 0x0603, 0x0807,
}

// The extensions that are asked for by name.
const (
	extServerName          uint16 = 0
	extStatusRequest       uint16 = 5
	extGroups              uint16 = 10
	extPoints              uint16 = 11
	extSignatures          uint16 = 13
	extALPN                uint16 = 16
	extPadding             uint16 = 21
	extVersions            uint16 = 43
	extPSKModes            uint16 = 45
	extKeyShare            uint16 = 51
	ExtTruncatedHMAC       uint16 = 4
	ExtEncryptThenMAC      uint16 = 22
	ExtMasterSecret        uint16 = 23
	ExtRenegotiationInfo   uint16 = 0xff01
	scsvRenegotiation      uint16 = 0x00ff
	extensionEarlyData     uint16 = 42
	typeNewSessionTicket   byte   = 4
	handshakeClientHello   byte   = 1
	handshakeServerHello   byte   = 2
	handshakeCertificate   byte   = 11
	handshakeKeyExchange   byte   = 12
	handshakeAsksForClient byte   = 13
	handshakeDone          byte   = 14
)

var alertNames = map[byte]string{
	0: "close_notify", 10: "unexpected_message", 20: "bad_record_mac", 21: "decryption_failed", 22: "record_overflow", 30: "decompression_failure", 40: "handshake_failure",
	41: "no_certificate", 42: "bad_certificate", 43: "unsupported_certificate", 44: "certificate_revoked", 45: "certificate_expired", 46: "certificate_unknown",
	47: "illegal_parameter", 48: "unknown_ca", 49: "access_denied", 50: "decode_error", 51: "decrypt_error", 60: "export_restriction", 70: "protocol_version",
	71: "insufficient_security", 80: "internal_error", 86: "inappropriate_fallback", 90: "user_canceled", 100: "no_renegotiation", 109: "missing_extension",
	110: "unsupported_extension", 112: "unrecognized_name", 115: "unknown_psk_identity", 116: "certificate_required", 120: "no_application_protocol",
}

func alertName(alert byte) string {
	if name, ok := alertNames[alert]; ok {
		return name
	}
	return fmt.Sprintf("alert %d", alert)
}
