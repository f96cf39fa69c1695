package httpsig

import (
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"net/http"
	"slices"

	"github.com/dunglas/httpsfv"
)

// DigestField is the field with digests of a body.
const DigestField = "Content-Digest"

// The digests of RFC 9530's registry (section 7.2): the two that are in use, and insecure ones.
const (
	SHA256 = "sha-256"
	SHA512 = "sha-512"
	MD5    = "md5"
	SHA1   = "sha"
)

// Sum is a digest of a body; nil by what is not known here.
func Sum(algorithm string, body []byte) []byte {
	switch algorithm {
	case SHA256:
		sum := sha256.Sum256(body)
		return sum[:]
	case SHA512:
		sum := sha512.Sum512(body)
		return sum[:]
	case MD5:
		sum := md5.Sum(body)
		return sum[:]
	case SHA1:
		sum := sha1.Sum(body)
		return sum[:]
	}
	return nil
}

// Digest is a Content-Digest of a body.
func Digest(algorithm string, body []byte) string {
	return algorithm + "=" + Bytes(Sum(algorithm, body))
}

// Digests is what the Content-Digest of a message says.
type Digests struct {
	Fitting, Wrong []string // algorithms by which the digest is that of the body, and is not
	Unknown        []string // algorithms that are not known here
}

// Secure says whether a digest that fits is by an algorithm that is in use (RFC 9530 section 5).
func (d Digests) Secure() bool {
	return slices.Contains(d.Fitting, SHA256) || slices.Contains(d.Fitting, SHA512)
}

// ReadDigests compares the digests of a message with its body. The error says that the field can't be read. Where there is no field there are no digests.
func ReadDigests(header http.Header, body []byte) (Digests, error) {
	var digests Digests
	read, err := dictionary(header, DigestField)
	if err != nil {
		return digests, err
	}
	for _, algorithm := range read.Names() {
		member, _ := read.Get(algorithm)
		item, _ := member.(httpsfv.Item)
		bytes, isBytes := item.Value.([]byte)
		switch sum := Sum(algorithm, body); {
		case sum == nil:
			digests.Unknown = append(digests.Unknown, algorithm)
		case isBytes && slices.Equal(bytes, sum):
			digests.Fitting = append(digests.Fitting, algorithm)
		default:
			digests.Wrong = append(digests.Wrong, algorithm)
		}
	}
	return digests, nil
}
