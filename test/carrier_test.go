package test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"seatbridge/test/peers"
)

// TestCarrier has a desk phone and a subscriber of the carrier call each other: our INVITE is challenged by 407, every
// call is record-routed, and the media comes from elsewhere than the subscriber's SDP says.
func TestCarrier(t *testing.T) {
	for _, ca := range []struct {
		name   string
		number string // that is called
		inward bool
	}{
		{name: "phone to carrier", number: "+15550199"},
		{name: "carrier to phone", number: "+15550111", inward: true},
	} {
		t.Run(ca.name, func(t *testing.T) {
			t.Parallel()
			k := peers.Kamailio(t)
			g := suite.Gateway(t, peers.Config{Carrier: k})
			phone := peers.Baresip(t, g.Phone("1011"), tone(0), peers.Manual)
			pstn := peers.Baresip(t, k.Subscriber("+15550199"), tone(1), peers.Manual)
			caller, callee := peers.Party(phone), peers.Party(pstn)
			if ca.inward {
				caller, callee = pstn, phone
			}
			talk(t, caller, callee, ca.number)
			empty(g)
		})
	}
}

// TestEarlyMedia wants the caller to hear what a carrier sends before the answer. The carrier is the demo's, whose
// number ending in 0195 plays a tune for four seconds before it answers.
func TestEarlyMedia(t *testing.T) {
	t.Parallel()
	carrier := peers.Ports(t).Addr().String()
	g := suite.Gateway(t, peers.Config{YAML: trunkAt(carrier) + fmt.Sprintf(
		"demo: {enabled: true, carrier: %q, trunk: carrier, phone: \"1012\"}\nphones: [{extension: \"1012\", password: \"\"}]\n", carrier)})
	phone := peers.RTP(t, g.Phone("1011"), tone(0))
	phone.Dial("+15550195")
	phone.WaitEarly()
	for end := time.Now().Add(3 * time.Second); peers.Analyse(phone.Sound()).RMS < 500; {
		if time.Now().After(end) {
			t.Fatalf("before the answer, %v", peers.Analyse(phone.Sound()))
		}
		<-time.After(50 * time.Millisecond)
	}
	phone.WaitEstablished()
	phone.Hangup()
	phone.WaitClosed()
	empty(g)
}

// TestRegistersAtCarrier wants the gateway to keep itself registered where the trunk says so, and to leave in the end.
func TestRegistersAtCarrier(t *testing.T) {
	t.Parallel()
	k := peers.Kamailio(t)
	g := suite.Gateway(t, peers.Config{Carrier: k, YAML: "trunks: [{name: carrier, register: true}]"})
	g.WaitMetric(1, "seatbridge_sip_trunk_registered")
	g.WaitMetric(1, "seatbridge_sip_trunk_gateway_up")
}

// TestInboundByDigest wants a trunk that calls from anywhere to be believed by its password, and nobody without it.
func TestInboundByDigest(t *testing.T) {
	t.Parallel()
	for name, password := range map[string]string{"right": "right", "wrong": "wrong"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			yaml := strings.Replace(trunkAt(peers.Ports(t).Addr().String()), "name: carrier,",
				"name: carrier, inbound_username: carrier, inbound_password: right, nat: true,", 1)
			g := suite.Gateway(t, peers.Config{YAML: yaml})
			phone := peers.RTP(t, g.Phone("1011"), tone(0))
			account := g.Phone("1011")
			account.User, account.Password = "carrier", password
			carrier := peers.RTP(t, account, tone(1), peers.Unregistered)
			carrier.Dial("+15550111")
			if password == "wrong" {
				if why := carrier.WaitClosedBecause(); !strings.Contains(why, "401") {
					t.Errorf("the call was answered %q", why)
				}
				return
			}
			carrier.WaitEstablished()
			phone.WaitEstablished()
			peers.WantAllHear(t, map[peers.Ear][]float64{phone: {carrier.Tone()}, carrier: {phone.Tone()}})
			carrier.Hangup()
			phone.WaitClosed()
		})
	}
}

// TestNobodyIsCalled wants a number that no rule allows to be refused without a word to the carrier.
func TestNobodyIsCalled(t *testing.T) {
	t.Parallel()
	k := peers.Kamailio(t)
	g := suite.Gateway(t, peers.Config{Carrier: k})
	phone := peers.Baresip(t, g.Phone("1011"), tone(0))
	phone.Dial("+4930123456")
	if why := phone.WaitClosedBecause(); why != "403 Forbidden" {
		t.Errorf("the phone was told %q", why)
	}
	if n := g.Metric("seatbridge_sip_requests_total", `method="INVITE"`, `direction="out"`); n != 0 {
		t.Errorf("%v INVITEs went out", n)
	}
	empty(g)
}

// TestEndings wants the caller to be told the truth about each call that comes to nothing, and nothing to be left.
func TestEndings(t *testing.T) {
	for _, ca := range []struct {
		name string
		end  func(caller, callee *peers.BaresipPhone)
		want string // what the caller is told
	}{
		{"rejected", func(_, callee *peers.BaresipPhone) { callee.WaitRinging(); callee.Hangup() }, "486"},
		{"cancelled", func(caller, callee *peers.BaresipPhone) { callee.WaitRinging(); caller.Hangup() }, ""},
		{"no answer", func(_, callee *peers.BaresipPhone) { callee.WaitRinging() }, "480"},
	} {
		t.Run(ca.name, func(t *testing.T) {
			t.Parallel()
			g := suite.Gateway(t, peers.Config{YAML: "calls: {ring_timeout: 2s}"})
			caller := peers.Baresip(t, g.Phone("1011"), tone(0))
			callee := peers.Baresip(t, g.Phone("1012"), tone(1), peers.Manual)
			caller.Dial("1012")
			ca.end(caller, callee)
			callee.WaitClosed()
			if why := caller.WaitClosedBecause(); len(why) < len(ca.want) || why[:len(ca.want)] != ca.want {
				t.Errorf("the caller was told %q, want %q", why, ca.want)
			}
			empty(g)
		})
	}
}

// TestOffline wants a phone that is not registered to be answered 480.
func TestOffline(t *testing.T) {
	t.Parallel()
	g := suite.Gateway(t, peers.Config{})
	caller := peers.Baresip(t, g.Phone("1011"), tone(0))
	caller.Dial("1012")
	if why := caller.WaitClosedBecause(); why[:3] != "480" {
		t.Errorf("the caller was told %q", why)
	}
	empty(g)
}
