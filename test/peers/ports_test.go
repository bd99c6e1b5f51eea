package peers

import (
	"net"
	"net/netip"
	"testing"
)

// TestPortsOfManyTests wants no port to be dealt twice.
func TestPortsOfManyTests(t *testing.T) {
	const takers = 20
	dealt := make(chan netip.AddrPort)
	for range takers {
		go func() {
			b := Ports(t)
			if first := b.Run(10); first%2 != 0 {
				t.Errorf("a run begins with %d", first)
			}
			dealt <- b.Addr()
		}()
	}
	seen := map[netip.AddrPort]bool{}
	for range takers {
		addr := <-dealt
		if seen[addr] {
			t.Errorf("%s was dealt twice", addr)
		}
		seen[addr] = true
	}
}

func TestPortsInUseAreNotDealt(t *testing.T) {
	conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	port := conn.LocalAddr().(*net.UDPAddr).Port
	if free(port - blockSize/2) {
		t.Errorf("the block around %d counts as free", port)
	}
}
