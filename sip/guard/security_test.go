package guard

import (
	"bytes"
	"errors"
	"log/slog"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// TestSecurityLines wants a line for each wrong password, for a ban, and for a stranger's scan once a minute; and none
// about trunks and phones.
func TestSecurityLines(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		g := newGuard(Config{})
		g.log = slog.New(slog.NewTextHandler(&out, nil))
		said := func(want ...string) {
			t.Helper()
			var got []string
			for line := range strings.Lines(out.String()) {
				if _, line, ok := strings.Cut(strings.TrimSpace(line), " level=WARN msg=security "); ok {
					got = append(got, line)
				}
			}
			out.Reset()
			if strings.Join(got, "\n") != strings.Join(want, "\n") {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
			}
		}
		mapped := netip.MustParseAddr("::ffff:203.0.113.66")
		guess := "event=auth_failed service=sip source=203.0.113.66 user=1001"
		for range 5 {
			g.AuthFailed(mapped, "1001")
		}
		said(guess, guess, guess, guess, guess,
			"event=banned service=sip source=203.0.113.66 what=source for=5m0s")

		g.AuthPassed(phoneAddr, "1001")
		for range 5 {
			g.AuthFailed(phoneAddr, "2\n x")
		}
		guess = `event=auth_failed service=sip source=` + phoneAddr.String() + ` user="2\n x"`
		said(guess, guess, guess, guess, guess,
			"event=locked service=sip source="+phoneAddr.String()+" what=user_at_source for=5m0s")

		stranger := netip.MustParseAddr("fe80::1%eth0")
		scan := "event=scan service=sip source=fe80::1 transport=tcp reason=malformed"
		g.SetAllowed([]netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")})
		for range 3 {
			g.drop("tcp", malformed, stranger)
			g.drop("tcp", keepAlive, stranger)
			g.drop("tcp", acceptError, errors.New("no"))
			g.drop("udp", malformed, phoneAddr)
			g.drop("udp", incomplete, netip.MustParseAddr("192.0.2.1"))
		}
		said(scan)
		time.Sleep(scanLogEvery)
		g.drop("tcp", malformed, stranger)
		said(scan)
	})
}
