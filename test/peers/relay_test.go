package peers

import (
	"net"
	"net/netip"
	"testing"
	"time"
)

// TestRelayIsABadNetwork sends numbered packets through a relay to an echo, and counts what comes back.
func TestRelayIsABadNetwork(t *testing.T) {
	for _, ca := range []struct {
		name        string
		there, back Impairment
		least, most int // of 1000
		ordered     bool
	}{
		{"good", Impairment{}, Impairment{}, 1000, 1000, true},
		{"loses there", Impairment{Loss: 0.2, Seed: 1}, Impairment{}, 740, 860, true},
		{"loses both ways", Impairment{Loss: 0.2, Seed: 1}, Impairment{Loss: 0.2, Seed: 2}, 560, 720, true},
		{"doubles", Impairment{Duplicate: 0.2, Seed: 3}, Impairment{}, 1140, 1260, true},
		{"swaps", Impairment{Reorder: 0.2, Seed: 4}, Impairment{}, 999, 1000, false},
		{"is late", Impairment{Jitter: 20 * time.Millisecond, Seed: 5}, Impairment{}, 1000, 1000, false},
	} {
		t.Run(ca.name, func(t *testing.T) {
			relay := UDPRelay(t, echo(t), ca.there, ca.back)
			got, ordered := throughRelay(t, relay)
			if got < ca.least || got > ca.most || ordered != ca.ordered {
				t.Errorf("%d came back, in order: %v; want %d to %d, %v", got, ordered, ca.least, ca.most, ca.ordered)
			}
			if relay.Passed() < 1000 {
				t.Errorf("%d passed", relay.Passed())
			}
		})
	}
}

// throughRelay sends 1000 packets and returns how many come back and whether in order.
func throughRelay(t *testing.T, relay *Relay) (got int, ordered bool) {
	t.Helper()
	conn, err := net.Dial("udp4", relay.Addr.String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	type arrivals struct {
		n       int
		ordered bool
	}
	done := make(chan arrivals)
	go func() {
		a, b, last := arrivals{ordered: true}, make([]byte, 10), -1
		for {
			conn.SetReadDeadline(time.Now().Add(time.Second)) // quiet for so long: that was all
			if _, err := conn.Read(b); err != nil {
				done <- a
				return
			}
			n := int(b[0])<<8 | int(b[1])
			a.n++
			a.ordered = a.ordered && n >= last
			last = n
		}
	}()
	for n := range 1000 {
		if _, err := conn.Write([]byte{byte(n >> 8), byte(n)}); err != nil {
			t.Fatal(err)
		}
		if n%20 == 19 {
			pause(2 * time.Millisecond) // sockets' buffers are small
		}
	}
	a := <-done
	return a.n, a.ordered
}

// echo starts a UDP echo.
func echo(t *testing.T) netip.AddrPort {
	t.Helper()
	conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for b := make([]byte, 100); ; {
			n, from, err := conn.ReadFromUDPAddrPort(b)
			if err != nil {
				return
			}
			conn.WriteToUDPAddrPort(b[:n], from)
		}
	}()
	t.Cleanup(func() { conn.Close(); <-done })
	return conn.LocalAddr().(*net.UDPAddr).AddrPort()
}
