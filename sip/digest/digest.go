// Package digest owns SIP digest authentication (RFC 3261 section 22, RFC 7616, RFC 8760): challenging and verifying
// phones, and answering the challenges of a trunk.
package digest

import (
	"crypto/md5"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
)

// Algorithm is a digest algorithm by its name on the wire.
type Algorithm string

// The algorithms for our own accounts.
const (
	MD5    Algorithm = "MD5"
	SHA256 Algorithm = "SHA-256"
)

// ParseAlgorithm reads an algorithm as written in a configuration file: md5, sha256. Empty means MD5, which every
// phone knows.
func ParseAlgorithm(name string) (Algorithm, error) {
	switch strings.ToLower(name) {
	case "", "md5":
		return MD5, nil
	case "sha256", "sha-256":
		return SHA256, nil
	}
	return "", fmt.Errorf("digest: unknown algorithm %q (known: md5, sha256)", name)
}

// Secret is what is stored of a password.
type Secret struct {
	HA1       string // hex, made by HA1
	Algorithm Algorithm
}

// Lookup finds a user's secret. It must take as long for an unknown user as for a known one.
type Lookup func(user string) (Secret, bool)

// HA1 is the hex of H(user:realm:password) (RFC 7616 section 3.4.2), which is stored instead of the password.
func HA1(alg Algorithm, user, realm, password string) string {
	text := []byte(user + ":" + realm + ":" + password)
	if alg == SHA256 {
		sum := sha256.Sum256(text)
		return hex.EncodeToString(sum[:])
	}
	sum := md5.Sum(text)
	return hex.EncodeToString(sum[:])
}
