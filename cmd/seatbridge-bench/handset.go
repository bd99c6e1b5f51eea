package main

import (
	"context"
	"fmt"
	"net"
	"strings"
	"sync/atomic"
	"time"

	"github.com/icholy/digest"
)

// The timers of RFC 3261 section 17.1.2.
const (
	t1 = 500 * time.Millisecond
	t2 = 4 * time.Second
)

// handset is a phone of which only the registration is there.
type handset struct {
	socket    *phoneSocket
	extension string
	callID    string
	responses chan response

	cseq       int
	nonce      *digest.Challenge // nil before the first challenge
	count      int               // of requests with it
	challenges int               // since counts was called, as repeats
	repeats    int
}

// response is what a REGISTER was answered with.
type response struct {
	status    string // three digits
	cseq      string
	challenge string
	at        time.Time
}

// register registers the phone and returns how long it took until the 200; 0 where none came. The error is its own.
func (h *handset) register(ctx context.Context) (time.Duration, error) {
	begun := time.Now()
	for range 3 { // with the nonce it has, challenged, or challenged again
		r, err := h.ask(ctx)
		if err != nil {
			return 0, err
		}
		if r.status == "200" {
			return r.at.Sub(begun), nil
		}
		c, err := digest.ParseChallenge(r.challenge)
		if r.status != "401" || err != nil {
			return 0, nil
		}
		h.nonce, h.count = c, 0
		h.challenges++
	}
	return 0, nil
}

// ask sends the next REGISTER, and sends it again until there is a response (RFC 3261 section 17.1.2.2). There is none
// in the zero response.
func (h *handset) ask(ctx context.Context) (response, error) {
	request, err := h.request()
	if err != nil {
		return response{}, err
	}
	for wait, waited := t1, time.Duration(0); waited < 64*t1; wait = min(2*wait, t2) {
		if waited > 0 {
			h.repeats++
		}
		if _, err := h.socket.conn.Write(request); err != nil {
			return response{}, err
		}
		r, err := h.await(ctx, wait)
		if err != nil || r.status != "" {
			return r, err
		}
		waited += wait
	}
	return response{}, nil
}

// await waits for the response to the last request; what comes again for one before is no news.
func (h *handset) await(ctx context.Context, wait time.Duration) (response, error) {
	late := time.After(wait)
	for {
		select {
		case r := <-h.responses:
			if r.cseq == fmt.Sprintf("%d REGISTER", h.cseq) {
				return r, nil
			}
		case <-ctx.Done():
			return response{}, ctx.Err()
		case <-late:
			return response{}, nil
		}
	}
}

// request is the next REGISTER.
func (h *handset) request() ([]byte, error) {
	h.cseq++
	local, gateway := h.socket.conn.LocalAddr(), h.socket.gateway
	uri := "sip:" + gateway
	authorization := ""
	if h.nonce != nil {
		h.count++
		c, err := digest.Digest(h.nonce, digest.Options{
			Method: "REGISTER", URI: uri, Username: h.extension, Password: password, Count: h.count,
		})
		if err != nil {
			return nil, err
		}
		authorization = "Authorization: " + c.String() + "\r\n"
	}
	return fmt.Appendf(nil, "REGISTER %s SIP/2.0\r\nVia: SIP/2.0/UDP %s;branch=z9hG4bK%s-%d;rport\r\n"+
		"Max-Forwards: 70\r\nFrom: <sip:%[5]s@%[6]s>;tag=%[3]s\r\nTo: <sip:%[5]s@%[6]s>\r\nCall-ID: %[3]s\r\n"+
		"CSeq: %[4]d REGISTER\r\nContact: <sip:%[5]s@%[2]s>\r\nExpires: 3600\r\n%[7]sContent-Length: 0\r\n\r\n",
		uri, local, h.callID, h.cseq, h.extension, gateway, authorization), nil
}

// counts is how often the phone was challenged, and sent a request again, since this was asked last.
func (h *handset) counts() (challenges, repeats int) {
	challenges, repeats = h.challenges, h.repeats
	h.challenges, h.repeats = 0, 0
	return challenges, repeats
}

// phoneSocket is the socket of some phones.
type phoneSocket struct {
	conn    *net.UDPConn
	gateway string              // host:port
	phones  map[string]*handset // by Call-ID; not changed once it is read
	probes  atomic.Int64        // OPTIONS that were answered
}

func newPhoneSocket(gateway string) (*phoneSocket, error) {
	at, err := net.ResolveUDPAddr("udp4", gateway)
	if err != nil {
		return nil, err
	}
	conn, err := net.DialUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)}, at)
	if err != nil {
		return nil, err
	}
	return &phoneSocket{conn: conn, gateway: gateway, phones: map[string]*handset{}}, conn.SetReadBuffer(4 << 20)
}

// phone makes a phone on the socket.
func (s *phoneSocket) phone(extension string) *handset {
	h := &handset{socket: s, extension: extension, callID: "bench-" + extension, responses: make(chan response, 4)}
	s.phones[h.callID] = h
	return h
}

// read brings responses to their phones, and answers OPTIONS, until the socket is closed.
func (s *phoneSocket) read() {
	buf := make([]byte, 4096)
	for {
		n, err := s.conn.Read(buf)
		if err != nil {
			return
		}
		text := string(buf[:n])
		if strings.HasPrefix(text, "OPTIONS ") {
			s.probes.Add(1)
			_, _ = s.conn.Write([]byte(ok(text))) // where it fails the gateway asks again
			continue
		}
		h := s.phones[strings.Join(values(text, "Call-ID"), "")]
		if h == nil || len(text) < len("SIP/2.0 200") {
			continue
		}
		r := response{
			text[len("SIP/2.0 "):][:3], strings.Join(values(text, "CSeq"), ""),
			strings.Join(values(text, "WWW-Authenticate"), ""), time.Now(),
		}
		select {
		case h.responses <- r:
		default: // they come again and again
		}
	}
}

// values are those of a message's headers of a name.
func values(message, name string) []string {
	var all []string
	for line := range strings.SplitSeq(message, "\r\n") {
		if n, value, ok := strings.Cut(line, ":"); ok && strings.EqualFold(n, name) {
			all = append(all, strings.TrimSpace(value))
		}
	}
	return all
}

// ok is the 200 to a request (RFC 3261 section 8.2.6).
func ok(request string) string {
	var b strings.Builder
	b.WriteString("SIP/2.0 200 OK\r\n")
	for _, name := range []string{"Via", "From", "To", "Call-ID", "CSeq"} {
		for _, value := range values(request, name) {
			if name == "To" {
				value += ";tag=bench"
			}
			fmt.Fprintf(&b, "%s: %s\r\n", name, value)
		}
	}
	b.WriteString("Content-Length: 0\r\n\r\n")
	return b.String()
}
