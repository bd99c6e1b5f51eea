package guard

import (
	"fmt"
	"net/netip"
	"testing"
	"testing/synctest"
	"time"
)

func isBanned(g *Guard, a netip.Addr) bool {
	_, why := g.admit(a)
	return why == banned
}

func TestBruteForceBan(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGuard(Config{})
		guesses := 0
		for end := time.Now().Add(24 * time.Hour); time.Now().Before(end); time.Sleep(time.Second) {
			if !isBanned(g, attackerAddr) && g.AuthPermitted(attackerAddr, "1001") {
				guesses++
				g.AuthFailed(attackerAddr, "1001")
			}
		}
		if guesses < 1000 || guesses > 1440 {
			t.Errorf("%d guesses in a day", guesses)
		}
	})
}

func TestBanEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGuard(Config{})
		for i := range 5 {
			if isBanned(g, attackerAddr) {
				t.Fatalf("banned after %d", i)
			}
			g.AuthFailed(attackerAddr, "1001")
		}
		if !isBanned(g, attackerAddr) || g.AuthPermitted(attackerAddr, "1001") {
			t.Fatal("not banned after 5")
		}
		if why := g.connect(attackerAddr); why != banned {
			t.Errorf("a connection is %v", why)
		}
		if isBanned(g, phoneAddr) || !g.AuthPermitted(phoneAddr, "1001") {
			t.Error("another source is banned too")
		}
		time.Sleep(300 * time.Second)
		if isBanned(g, attackerAddr) || !g.AuthPermitted(attackerAddr, "1001") {
			t.Error("still banned after 300 s")
		}
	})
}

func TestSlowFailuresAreForgiven(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGuard(Config{})
		for range 20 {
			g.AuthFailed(phoneAddr, "1001")
			time.Sleep(16 * time.Second)
		}
		if isBanned(g, phoneAddr) {
			t.Error("banned at less than 5 in 60 s")
		}
	})
}

// One password tried on many users.
func TestSprayBan(t *testing.T) {
	g := newGuard(Config{})
	for i := range 20 {
		if isBanned(g, attackerAddr) {
			t.Fatalf("banned after %d", i)
		}
		g.AuthFailed(attackerAddr, fmt.Sprint(2000+i))
	}
	if !isBanned(g, attackerAddr) {
		t.Error("not banned after 20 users")
	}
}

// One phone with a wrong password must not silence the office behind the same address.
func TestKnownSourceLosesOnlyTheUser(t *testing.T) {
	g := newGuard(Config{})
	g.AuthPassed(phoneAddr, "1001")
	for range 5 {
		g.AuthFailed(phoneAddr, "1002")
	}
	if isBanned(g, phoneAddr) || !g.AuthPermitted(phoneAddr, "1001") {
		t.Error("the office is banned")
	}
	if g.AuthPermitted(phoneAddr, "1002") {
		t.Error("the user may go on guessing")
	}
}

// Many sources guess the password of one user: it answers only where it authenticated lately.
func TestUserLock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGuard(Config{})
		time.Sleep(time.Second)
		g.AuthPassed(phoneAddr, "1001")
		for i := range 20 {
			g.AuthFailed(netip.AddrFrom4([4]byte{203, 0, 113, byte(i)}), "1001")
		}
		if g.AuthPermitted(attackerAddr, "1001") {
			t.Error("a new source may guess")
		}
		if !g.AuthPermitted(phoneAddr, "1001") {
			t.Error("the phone is locked out")
		}
		if !g.AuthPermitted(attackerAddr, "1002") {
			t.Error("other users are locked too")
		}
		time.Sleep(300 * time.Second)
		if !g.AuthPermitted(attackerAddr, "1001") {
			t.Error("still locked after 300 s")
		}
	})
}

func TestAllowedIsNeverBanned(t *testing.T) {
	g := newGuard(Config{})
	g.SetAllowed([]netip.Prefix{netip.PrefixFrom(trunkAddr, 32)})
	for range 100 {
		g.AuthFailed(trunkAddr, "1001")
	}
	if isBanned(g, trunkAddr) {
		t.Error("the trunk is banned")
	}
}
