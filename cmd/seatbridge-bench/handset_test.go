package main

import (
	"context"
	"net"
	"slices"
	"strings"
	"testing"
)

const probe = "OPTIONS sip:2000@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:1;branch=a\r\n" +
	"Via: SIP/2.0/UDP 127.0.0.1:2;branch=b\r\nFrom: <sip:s@x>;tag=f\r\nTo: <sip:2000@x>\r\nCall-ID: c\r\n" +
	"CSeq: 7 OPTIONS\r\nContent-Length: 0\r\n\r\n"

// TestOK: an OPTIONS is answered along all its Vias.
func TestOK(t *testing.T) {
	answer := ok(probe)
	if !strings.HasPrefix(answer, "SIP/2.0 200 OK\r\n") || !strings.HasSuffix(answer, "\r\n\r\n") {
		t.Errorf("%q", answer)
	}
	for name, want := range map[string][]string{
		"Via": values(probe, "via"), "To": {"<sip:2000@x>;tag=bench"}, "From": {"<sip:s@x>;tag=f"},
		"Call-ID": {"c"}, "CSeq": {"7 OPTIONS"}, "Content-Length": {"0"},
	} {
		if got := values(answer, name); !slices.Equal(got, want) {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	if len(values(answer, "Via")) != 2 {
		t.Errorf("%q", answer)
	}
}

// TestHandset: a phone is challenged once, and uses the nonce again, with another count.
func TestHandset(t *testing.T) {
	gateway, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	defer gateway.Close()
	s, err := startShelf(gateway.LocalAddr().String(), 1)
	defer s.close()
	if err != nil {
		t.Fatal(err)
	}
	requests := make(chan string, 10)
	go serveRegister(gateway, requests)
	h := s.phones[0]
	for round, challenged := range []int{1, 0} {
		if took, err := h.register(context.Background()); err != nil || took <= 0 {
			t.Fatalf("round %d: %v, %v", round, took, err)
		}
		if n, _ := h.counts(); n != challenged {
			t.Errorf("round %d: challenged %d times", round, n)
		}
	}
	for _, want := range []string{"", "nc=00000001", "nc=00000002"} {
		r := <-requests
		if auth := strings.Join(values(r, "Authorization"), ""); !strings.Contains(auth, want) || (want == "") != (auth == "") {
			t.Errorf("Authorization is %q, want %q in it", auth, want)
		}
	}
}

// serveRegister challenges who has no credentials and accepts all others, until the socket is closed.
func serveRegister(conn *net.UDPConn, requests chan<- string) {
	buf := make([]byte, 4096)
	for {
		n, from, err := conn.ReadFromUDPAddrPort(buf)
		if err != nil {
			return
		}
		text := string(buf[:n])
		requests <- text
		answer := ok(text)
		if values(text, "Authorization") == nil {
			answer = strings.Replace(answer, "200 OK\r\n", "401 Unauthorized\r\n"+
				`WWW-Authenticate: Digest realm="r", nonce="n", algorithm=MD5, qop="auth"`+"\r\n", 1)
		}
		_, _ = conn.WriteToUDPAddrPort([]byte(answer), from)
	}
}
