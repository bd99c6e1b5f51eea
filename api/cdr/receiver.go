package cdr

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// The headers that prove who sends a record, and when.
const (
	HeaderTimestamp = "X-Seatbridge-Timestamp" // unix seconds
	HeaderSignature = "X-Seatbridge-Signature" // "sha256=" and what Sign returns
)

// sendTime is how long a receiver may take to answer.
const sendTime = 10 * time.Second

// errRefused indicates that the receiver is there and does not want the record: to send it again may not help.
var errRefused = errors.New("cdr: refused")

// Receiver is where records are sent.
type Receiver struct {
	url    string
	secret string
	client *http.Client
}

// NewReceiver makes a Receiver for an http or https URL, to whose query action=cdr&version=1 is added. Without a secret
// records are not signed.
func NewReceiver(to, secret string) (*Receiver, error) {
	u, err := url.Parse(to)
	if err != nil {
		return nil, err
	}
	if u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return nil, fmt.Errorf("cdr: %q must be an http or https URL", to)
	}
	u.RawQuery = strings.TrimPrefix(u.RawQuery+"&action=cdr&version=1", "&")
	return &Receiver{url: u.String(), secret: secret, client: &http.Client{
		Timeout: sendTime,
		// A connection that is kept while nothing is sent may be dead when something is.
		Transport:     &http.Transport{Proxy: http.ProxyFromEnvironment, IdleConnTimeout: sendTime, MaxIdleConns: 1},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}, nil
}

// Sign is the signature of a record sent at a time: hex HMAC-SHA256, by the secret, of the timestamp's digits, a dot and
// the body.
func Sign(secret, timestamp string, body []byte) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(timestamp + "."))
	mac.Write(body)
	return hex.EncodeToString(mac.Sum(nil))
}

// send posts one record. The error is errRefused where the receiver says that it does not want it.
func (r *Receiver) send(ctx context.Context, body []byte) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, r.url, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json;charset=utf8")
	req.Header.Set("User-Agent", "Seatbridge")
	if r.secret != "" {
		now := strconv.FormatInt(time.Now().Unix(), 10)
		req.Header.Set(HeaderTimestamp, now)
		req.Header.Set(HeaderSignature, "sha256="+Sign(r.secret, now, body))
	}
	res, err := r.client.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	said, err := io.ReadAll(io.LimitReader(res.Body, 1<<16)) // to the end, so that the connection can be used again
	switch {
	case res.StatusCode/100 == 2:
		return nil // whatever becomes of the rest of the answer
	case res.StatusCode/100 == 3 || res.StatusCode/100 == 4 && !passing(res.StatusCode):
		return fmt.Errorf("%w: %s: %.200q", errRefused, res.Status, said)
	case err != nil:
		return err
	}
	return fmt.Errorf("%s: %.200q", res.Status, said)
}

// passing says that a 4xx is about the moment, and not the record.
func passing(status int) bool {
	switch status {
	case http.StatusRequestTimeout, http.StatusTooEarly, http.StatusTooManyRequests:
		return true
	}
	return false
}
