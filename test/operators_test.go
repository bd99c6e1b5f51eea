package test

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"seatbridge/test/peers"
)

// TestOperatorsView has erin talk to frank, both at desk phones, while a caller from the carrier waits for erin's group;
// all of it must be seen in the terminal, live and when it is over, and in the metrics.
func TestOperatorsView(t *testing.T) {
	t.Parallel()
	k := peers.Kamailio(t)
	g := suite.Gateway(t, peers.Config{Carrier: k, YAML: `
groups: [{name: sales, members: [{user: erin}]}]
inbound: [{number: "+15550120", group: sales}]
`})
	erin := peers.RTP(t, g.Phone("1011"), tone(0))
	frank := peers.RTP(t, g.Phone("1012"), tone(1))
	pstn := peers.Baresip(t, k.Subscriber("+15550199"), tone(2), peers.Manual)
	erin.Dial("1012")
	erin.WaitEstablished()
	frank.WaitEstablished()
	pstn.Dial("+15550120")
	pstn.WaitEstablished()
	g.WaitMetric(1, "seatbridge_queue_waiting", `group="sales"`)
	g.WaitMetric(2, "seatbridge_seats", `status="busy"`)

	picture := waitPicture(t, g,
		`(?m)^carrier +- +`+regexp.QuoteMeta(k.Addr.String())+`;udp +up `,
		`(?m)^1011 +127\.0\.0\.1:\d+ +udp +\S+ yes`,
		`(?m)^1012 +127\.0\.0\.1:\d+ +udp +\S+ yes`,
		`(?m)^sales +yes +1 +0 +\d+s +0 +1 +0 +0 +0$`,
		`(?m)^erin +1011 +phone +busy +\d+s +[A-Z2-7]{26}$`,
		`(?m)^alice +1001 +browser offline`,
		`(?m)^[A-Z2-7]{26} inProgress +\d+s 1011 +1012$`,
		`(?m)^[A-Z2-7]{26} waiting +\d+s \+15550199 +\+15550120$`,
	)
	for line := range strings.Lines(picture) {
		if len(line) > 81 {
			t.Errorf("%d characters: %q", len(line)-1, line)
		}
	}
	id := regexp.MustCompile(`(?m)^([A-Z2-7]{26}) inProgress`).FindStringSubmatch(picture)[1]
	if ladder, ok := g.Command("trace", id); !ok || !strings.Contains(ladder, "INVITE") || regexp.MustCompile(`\bBYE\b`).MatchString(ladder) {
		t.Errorf("the ladder of a call that goes on:\n%s", ladder)
	}
	pstn.Hangup()
	erin.Hangup()
	frank.WaitClosed()
	pstn.WaitClosed()
	empty(g)
	g.WaitMetric(1, "seatbridge_queue_callers_total", `group="sales"`, `result="abandoned"`)
	waitOutput(t, g, []string{"trace", strings.ToLower(id[:8])}, `\bINVITE\b`, `\bBYE\b`)
	waitPicture(t, g, `(?m)^SESSIONS 0$`, `(?m)^sales +yes +0 +0 +- +1 `)
	g.Stop()
	if out, ok := g.Command("status"); ok || !strings.Contains(out, "can't be reached") {
		t.Errorf("the status of a gateway that has stopped: %s", out)
	}
}

// waitPicture waits until a status has all lines.
func waitPicture(t *testing.T, g *peers.Gateway, lines ...string) string {
	t.Helper()
	return waitOutput(t, g, []string{"status", "-once"}, lines...)
}

// waitOutput waits until a command goes well and prints what matches all expressions.
func waitOutput(t *testing.T, g *peers.Gateway, args []string, expressions ...string) string {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); ; {
		out, ok := g.Command(args...)
		missing := ""
		for _, e := range expressions {
			if !regexp.MustCompile(e).MatchString(out) {
				missing = e
			}
		}
		switch {
		case ok && missing == "":
			return out
		case time.Now().After(end):
			t.Fatalf("%q has no %q in\n%s", args, missing, out)
		}
		<-time.After(200 * time.Millisecond)
	}
}
