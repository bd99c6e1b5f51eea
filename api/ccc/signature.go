package ccc

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// algorithm is the vendor's signature v3.
const algorithm = "TC3-HMAC-SHA256"

// skew is how far a request's time may be from ours.
const skew = 5 * time.Minute

// keys are the one pair that signs requests.
type keys struct{ id, secret string }

// authorization is the Authorization header, taken apart.
type authorization struct {
	secretID      string
	date, service string // of the credential's scope
	signed        []string
	signature     [sha256.Size]byte
}

// parseAuthorization reads "TC3-HMAC-SHA256 Credential=ID/DATE/SERVICE/tc3_request, SignedHeaders=a;b, Signature=HEX".
func parseAuthorization(header string) (a authorization, err *Error) {
	bad := func(what string) (authorization, *Error) {
		return authorization{}, errorf(codeInvalidAuthorization, "the Authorization header: %s", what)
	}
	rest, ok := strings.CutPrefix(header, algorithm+" ")
	if !ok {
		return bad("it does not begin with " + algorithm)
	}
	fields := map[string]string{}
	for part := range strings.SplitSeq(rest, ",") {
		name, value, ok := strings.Cut(strings.TrimSpace(part), "=")
		if _, twice := fields[name]; !ok || twice {
			return bad("its parts are not NAME=VALUE, each once")
		}
		fields[name] = value
	}
	scope := strings.Split(fields["Credential"], "/")
	if len(scope) != 4 || scope[0] == "" || scope[3] != "tc3_request" {
		return bad("Credential is not ID/DATE/SERVICE/tc3_request")
	}
	a.secretID, a.date, a.service = scope[0], scope[1], scope[2]
	a.signed = strings.Split(fields["SignedHeaders"], ";")
	if !slices.Contains(a.signed, "content-type") || !slices.Contains(a.signed, "host") || len(a.signed) > 20 {
		return bad("SignedHeaders lacks content-type or host, or has too many")
	}
	signature, notHex := hex.DecodeString(fields["Signature"])
	if notHex != nil || copy(a.signature[:], signature) != sha256.Size || len(signature) != sha256.Size {
		return bad("Signature is not 64 hexadecimal digits")
	}
	return a, nil
}

// verify checks who signed a request, and when.
func (k keys) verify(r *http.Request, body []byte, now time.Time) (a authorization, err *Error) {
	if a, err = parseAuthorization(r.Header.Get("Authorization")); err != nil {
		return a, err
	}
	stamp := r.Header.Get("X-TC-Timestamp")
	seconds, notNumber := strconv.ParseInt(stamp, 10, 64)
	if notNumber != nil {
		return a, errorf(codeInvalidValue, "X-TC-Timestamp must be seconds since 1970")
	}
	at := time.Unix(seconds, 0).UTC()
	switch {
	case at.Sub(now).Abs() > skew:
		return a, errorf(codeSignatureExpire, "X-TC-Timestamp is more than %v from our time, %d", skew, now.Unix())
	case a.secretID != k.id:
		return a, errorf(codeSecretIDNotFound, "there is no such SecretId")
	case a.date != at.Format(time.DateOnly):
		return a, errorf(codeSignatureFailure, "the scope's date is not that of X-TC-Timestamp, in UTC")
	case a.service != "ccc" && a.service != firstLabel(r.Host):
		return a, errorf(codeSignatureFailure, "the scope's service is not ccc")
	case !k.signed(r, body, a, stamp):
		return a, errorf(codeSignatureFailure, "the signature does not fit the request and the key")
	}
	return a, nil
}

// firstLabel is what the vendor's Node.js client takes for the service: the endpoint up to its first dot.
func firstLabel(host string) string {
	label, _, _ := strings.Cut(host, ".")
	return label
}

// signed compares the signature with those that fit. The vendor's clients and its documentation differ in whether the
// host is signed with its port, and whether values are signed in lower case.
func (k keys) signed(r *http.Request, body []byte, a authorization, stamp string) bool {
	key := mac(mac(mac([]byte("TC3"+k.secret), a.date), a.service), "tc3_request")
	fits := false
	for _, host := range []string{r.Host, withoutPort(r.Host)} {
		for _, lower := range []bool{false, true} {
			request, ok := canonical(r, body, a.signed, host, lower)
			if !ok {
				return false
			}
			text := strings.Join([]string{
				algorithm, stamp, a.date + "/" + a.service + "/tc3_request", hexHash([]byte(request)),
			}, "\n")
			fits = hmac.Equal(mac(key, text), a.signature[:]) || fits
		}
	}
	return fits
}

// canonical is the request as it is signed; not ok where a signed header is not there, or not once.
func canonical(r *http.Request, body []byte, signed []string, host string, lower bool) (string, bool) {
	var headers strings.Builder
	for _, name := range signed {
		value := host
		if name != "host" {
			values := r.Header.Values(name)
			if len(values) != 1 || name != strings.ToLower(name) {
				return "", false
			}
			value = strings.TrimSpace(values[0])
		}
		if lower {
			value = strings.ToLower(value)
		}
		headers.WriteString(name + ":" + value + "\n")
	}
	return strings.Join([]string{
		r.Method, r.URL.EscapedPath(), r.URL.RawQuery, headers.String(), strings.Join(signed, ";"), hexHash(body),
	}, "\n"), true
}

// withoutPort leaves the brackets of an IPv6 address on, as URLs write it.
func withoutPort(host string) string {
	if i := strings.LastIndexByte(host, ':'); i > strings.LastIndexByte(host, ']') {
		return host[:i]
	}
	return host
}

func mac(key []byte, text string) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(text))
	return h.Sum(nil)
}

func hexHash(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}
