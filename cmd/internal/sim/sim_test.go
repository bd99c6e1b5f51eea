package sim

import (
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
)

// TestRefusals calls a peer in ways that come to no call; goleak says whether sockets are left.
func TestRefusals(t *testing.T) {
	defer goleak.VerifyNone(t)
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	us := netip.MustParseAddrPort(conn.LocalAddr().String())
	p, err := New(Config{
		Name: "carrier", Listen: netip.MustParseAddrPort("127.0.0.1:0"), Gateway: us, Log: slog.New(slog.DiscardHandler),
		Answer: func(string) Script { return Script{Status: 486} },
	})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	p.Start()
	at := p.c.Listen
	for _, ca := range []struct{ name, sdp, want string }{
		{"no offer", "", "SIP/2.0 488 "},
		{"no audio", "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n", "SIP/2.0 488 "},
		{"busy", "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n", "SIP/2.0 486 "},
	} {
		t.Run(ca.name, func(t *testing.T) {
			invite := fmt.Sprintf("INVITE sip:1@%[1]s SIP/2.0\r\nVia: SIP/2.0/UDP %[2]s;branch=z9hG4bK-%[3]p\r\n"+
				"Max-Forwards: 70\r\nFrom: <sip:2@%[2]s>;tag=a\r\nTo: <sip:1@%[1]s>\r\nCall-ID: %[3]p\r\nCSeq: 1 INVITE\r\n"+
				"Contact: <sip:2@%[2]s>\r\nContent-Type: application/sdp\r\nContent-Length: %[4]d\r\n\r\n%[5]s",
				at, us, t, len(ca.sdp), ca.sdp)
			if _, err := conn.WriteTo([]byte(invite), net.UDPAddrFromAddrPort(at)); err != nil {
				t.Fatal(err)
			}
			for got := "SIP/2.0 1"; !strings.HasPrefix(got, ca.want); got = read(t, conn) {
				if !strings.HasPrefix(got, "SIP/2.0 1") {
					t.Fatalf("got %.40q, want %s", got, ca.want)
				}
			}
		})
	}
}

func read(t *testing.T, conn net.PacketConn) string {
	t.Helper()
	b := make([]byte, 4096)
	if err := conn.SetReadDeadline(time.Now().Add(10 * time.Second)); err != nil {
		t.Fatal(err)
	}
	n, _, err := conn.ReadFrom(b)
	if err != nil {
		t.Fatal(err)
	}
	return string(b[:n])
}
