package sip

import (
	"errors"
	"testing"

	"seatbridge/sip/digest"
	"seatbridge/sip/trunk"
)

// TestAccountChanges wants an account that is added to let its phone in, and one that has another password, or is gone,
// to shut it out at once.
func TestAccountChanges(t *testing.T) {
	g := newGateway(t, func(c *Config) {
		c.Trunks = append(c.Trunks, trunk.Config{
			Name: "carrier", Gateways: []trunk.Gateway{{Host: "127.0.0.9"}}, Account: "8000", Probe: -1,
			Secret: secretOf("8000"),
		})
	})
	p := newPeer(t, "2001", g.udp)
	refused := func() {
		t.Helper()
		c := p.calls("2001")
		c.target = "sip:" + p.gateway
		c.prove("REGISTER", "", "Expires: 600")
		c.find("SIP/2.0 401")
		if n := len(g.Bindings("2001")); n != 0 {
			t.Fatalf("%d bindings", n)
		}
	}
	set := func(s digest.Secret) {
		t.Helper()
		if err := g.SetAccount(Account{Extension: "2001", Secret: s}); err != nil {
			t.Fatal(err)
		}
	}
	refused()
	set(secretOf("2001"))
	p.register()
	set(digest.Secret{HA1: digest.HA1(digest.MD5, "2001", realm, "another"), Algorithm: digest.MD5})
	refused()
	set(secretOf("2001"))
	p.register()
	set(secretOf("2001"))
	if n := len(g.Bindings("2001")); n != 1 {
		t.Fatalf("%d bindings after a change of something else", n)
	}
	g.RemoveAccount("2001")
	refused()
	if err := g.SetAccount(Account{Extension: "8000"}); !errors.Is(err, ErrConfig) {
		t.Errorf("a trunk's account: %v", err)
	}
}
