package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"strings"
	"time"
)

// The environment of the operator's commands. A password has no flag: other users see a program's arguments.
const (
	envURL      = "SEATBRIDGE_URL"
	envUser     = "SEATBRIDGE_USER"
	envPassword = "SEATBRIDGE_PASSWORD"
)

const (
	defaultURL  = "http://127.0.0.1:8080"
	askTimeout  = 5 * time.Second
	maxAnswer   = 64 << 20 // bytes
	tokenMargin = 30 * time.Second
)

// errLogin indicates that the gateway does not accept the user: asking again does not help.
var errLogin = errors.New("refused")

// operator asks a gateway's endpoints for operations, with a token that it gets by user and password.
type operator struct {
	base           string
	user, password string
	http           *http.Client
	token          string
	renew          time.Time // when another token is to be had
}

// operatorFlags are the flags of the operator's commands, with the environment as their default.
type operatorFlags struct {
	url, user, ca string
}

func (f *operatorFlags) register(set *flag.FlagSet) {
	set.StringVar(&f.url, "url", envOr(envURL, defaultURL), "the gateway's `URL` ($"+envURL+")")
	set.StringVar(&f.user, "user", os.Getenv(envUser),
		"an administrator or quality inspector ($"+envUser+"); the password is $"+envPassword)
	set.StringVar(&f.ca, "ca", "", "`FILE` with the certificate that the gateway's is signed by, where it is your own")
}

func envOr(name, or string) string {
	if v := os.Getenv(name); v != "" {
		return v
	}
	return or
}

// operator makes one; a password is only sent over HTTPS, or to this machine.
func (f *operatorFlags) operator() (*operator, error) {
	u, err := url.Parse(f.url)
	switch {
	case err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https":
		return nil, fmt.Errorf("-url: %q must be like %s", f.url, defaultURL)
	case u.Scheme == "http" && !isThisMachine(u.Hostname()):
		return nil, fmt.Errorf("-url: %s is another machine: use https, or a tunnel to a loopback address", u.Host)
	case f.user == "":
		return nil, fmt.Errorf("-user: say who you are, or set $%s; the password is $%s", envUser, envPassword)
	}
	transport := &http.Transport{TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12}}
	if f.ca != "" {
		pem, err := os.ReadFile(f.ca)
		if err != nil {
			return nil, fmt.Errorf("-ca: %w", err)
		}
		roots := x509.NewCertPool()
		if !roots.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("-ca: %s has no certificate", f.ca)
		}
		transport.TLSClientConfig.RootCAs = roots
	}
	return &operator{
		base: strings.TrimRight(u.Scheme+"://"+u.Host+u.Path, "/"), user: f.user, password: os.Getenv(envPassword),
		http: &http.Client{Transport: transport, Timeout: askTimeout, CheckRedirect: noRedirect},
	}, nil
}

// noRedirect keeps passwords and tokens where they were sent.
func noRedirect(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

func isThisMachine(host string) bool {
	a, err := netip.ParseAddr(host)
	return strings.EqualFold(host, "localhost") || err == nil && a.IsLoopback()
}

// get fetches a path with a token.
func (o *operator) get(ctx context.Context, path string) (body []byte, date time.Time, err error) {
	for try := 0; ; try++ {
		if o.token == "" || time.Now().After(o.renew) {
			if err := o.logIn(ctx); err != nil {
				return nil, time.Time{}, err
			}
		}
		status, body, date, err := o.do(ctx, http.MethodGet, path, nil)
		switch {
		case err != nil:
			return nil, date, err
		case status == http.StatusUnauthorized && try == 0: // the gateway was started anew
			o.token = ""
		case status == http.StatusForbidden:
			return nil, date, fmt.Errorf("%w: %s", errLogin, said(status, body))
		case status != http.StatusOK:
			return nil, date, &answerError{status, said(status, body)}
		default:
			return body, date, nil
		}
	}
}

// answerError is an answer of the gateway that is none of 2xx.
type answerError struct {
	status int
	text   string
}

func (e *answerError) Error() string { return e.text }

func (o *operator) logIn(ctx context.Context) error {
	request, err := json.Marshal(map[string]string{"user": o.user, "password": o.password, "for": "operations"})
	if err != nil {
		return err
	}
	o.token = ""
	status, body, _, err := o.do(ctx, http.MethodPost, "/api/v1/token", request)
	switch {
	case err != nil:
		return err
	case status >= http.StatusInternalServerError:
		return &answerError{status, said(status, body)}
	case status != http.StatusOK:
		return fmt.Errorf("%w as %s: %s", errLogin, o.user, said(status, body))
	}
	var answer struct {
		Token     string `json:"token"`
		ExpiresIn int    `json:"expiresIn"`
	}
	if err := json.Unmarshal(body, &answer); err != nil || answer.Token == "" {
		return fmt.Errorf("%s is no Seatbridge: its answer has no token", o.base)
	}
	o.token = answer.Token
	o.renew = time.Now().Add(time.Duration(answer.ExpiresIn)*time.Second - tokenMargin)
	return nil
}

// do makes one request; the error says that there was no answer, and where none came from.
func (o *operator) do(ctx context.Context, method, path string, body []byte) (status int, _ []byte, date time.Time, _ error) {
	req, err := http.NewRequestWithContext(ctx, method, o.base+path, bytes.NewReader(body))
	if err != nil {
		return 0, nil, date, err
	}
	req.Header.Set("Content-Type", "application/json")
	if o.token != "" {
		req.Header.Set("Authorization", "Bearer "+o.token)
	}
	res, err := o.http.Do(req)
	if err != nil {
		var timeout net.Error
		if errors.As(err, &timeout) && timeout.Timeout() {
			return 0, nil, date, fmt.Errorf("%s does not answer within %s", o.base, askTimeout)
		}
		return 0, nil, date, fmt.Errorf("%s can't be reached: %w", o.base, errors.Unwrap(err))
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer))
	if err != nil {
		return 0, nil, date, fmt.Errorf("%s broke off its answer: %w", o.base, err)
	}
	if date, err = http.ParseTime(res.Header.Get("Date")); err != nil {
		date = time.Now()
	}
	return res.StatusCode, answer, date, nil
}

// said is what an answer says about its failure.
func said(status int, body []byte) string {
	var answer struct {
		Error struct {
			Message string `json:"message"`
		} `json:"error"`
	}
	if json.Unmarshal(body, &answer) == nil && answer.Error.Message != "" {
		return answer.Error.Message
	}
	return fmt.Sprintf("the answer is %d %s", status, http.StatusText(status))
}
