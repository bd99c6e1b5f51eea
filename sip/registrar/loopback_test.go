package registrar

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/emiago/sipgo/sip"
	icholy "github.com/icholy/digest"
	"github.com/prometheus/client_golang/prometheus"

	"seatbridge/sip/dialog"
	"seatbridge/sip/digest"
	"seatbridge/sip/guard"
)

// gateway is a registrar behind guard and stack on loopback.
type gateway struct {
	*Registrar
	t        *testing.T
	udp, tcp net.Addr
	events   chan Event
}

func (g *gateway) Invite(in *dialog.Incoming) { _ = in.RespondStateless(501, "") }

func (g *gateway) Request(t *dialog.Transaction) {
	a := g.Register(t.Request)
	var err error
	switch {
	case a.Code == 0:
		t.Drop()
	case a.Stateless:
		err = t.RespondStateless(a.Code, a.Reason, a.Headers...)
	default:
		err = t.Respond(a.Code, a.Reason, a.Headers...)
	}
	if err != nil {
		g.t.Error(err)
	}
}

func newGateway(t *testing.T) *gateway {
	t.Helper()
	g := &gateway{t: t, events: make(chan Event, 100)}
	log, reg := slog.New(slog.DiscardHandler), prometheus.NewRegistry()
	gd := guard.New(guard.Config{}, log, guard.NewMetrics(reg))
	udp, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(netip.MustParseAddrPort("127.0.0.1:0")))
	if err != nil {
		t.Fatal(err)
	}
	tcp, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	g.udp, g.tcp = udp.LocalAddr(), tcp.Addr()
	closed := func(transport string, remote netip.AddrPort) { g.ConnectionClosed(transport, remote) }
	stack, err := dialog.New(dialog.Config{
		Listeners: []dialog.Listener{
			{Transport: "udp", PacketConn: gd.PacketConn(udp)}, {Transport: "tcp", Listener: gd.Listener(tcp, "tcp", closed)},
		},
		Handler: g, Logger: log, Metrics: dialog.NewMetrics(reg),
	})
	if err != nil {
		t.Fatal(err)
	}
	g.Registrar, err = New(Config{
		Auth: digest.NewAuthenticator(digest.Config{Realm: realm, Gate: gd}), Accounts: accounts, Requester: stack,
		Observer: func(e Event) { g.events <- e }, Log: log, Metrics: NewMetrics(reg), KeepAlive: time.Second,
	})
	if err != nil {
		t.Fatal(err)
	}
	stack.Start()
	t.Cleanup(func() {
		g.Close()
		_ = stack.Close()
	})
	return g
}

// device is a phone on a socket. Its Contact is an address behind a NAT, where nothing can be sent to.
type device struct {
	net.Conn
	t         *testing.T
	transport string
	user      string
	cseq      int
	stream    *sip.ParserStream
	received  []sip.Message
}

func newDevice(t *testing.T, network string, to net.Addr, user string) *device {
	t.Helper()
	c, err := net.Dial(network, to.String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return &device{
		Conn: c, t: t, transport: strings.ToUpper(network), user: user, stream: sip.NewParser().NewSIPStream(),
	}
}

func (d *device) send(text string) {
	d.t.Helper()
	if _, err := d.Write([]byte(text)); err != nil {
		d.t.Fatal(err)
	}
}

// next is the next message that comes, within 10 s.
func (d *device) next() sip.Message {
	d.t.Helper()
	_ = d.SetReadDeadline(time.Now().Add(10 * time.Second))
	for len(d.received) == 0 {
		buf := make([]byte, 10000)
		n, err := d.Read(buf)
		if err != nil {
			d.t.Fatal(err)
		}
		err = d.stream.ParseSIPStream(buf[:n], func(m sip.Message) { d.received = append(d.received, m) })
		if err != nil && !errors.Is(err, sip.ErrParseSipPartial) {
			d.t.Fatal(err)
		}
	}
	m := d.received[0]
	d.received = d.received[1:]
	return m
}

// response is the next response; OPTIONS before it are answered.
func (d *device) response() *sip.Response {
	d.t.Helper()
	for {
		switch m := d.next().(type) {
		case *sip.Response:
			return m
		case *sip.Request:
			d.answer(m)
		}
	}
}

func (d *device) answer(req *sip.Request) {
	d.t.Helper()
	d.send(sip.NewResponseFromRequest(req, 200, "OK", nil).String())
}

// register sends REGISTER; with a challenge, it answers that.
func (d *device) register(password string, challenge *sip.Response) {
	d.t.Helper()
	d.cseq++
	text := fmt.Sprintf("REGISTER sip:127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/%s 192.168.1.5:5070;branch=%s;rport\r\n"+
		"From: <sip:%s@127.0.0.1>;tag=1\r\nTo: <sip:%s@127.0.0.1>\r\nCall-ID: %s\r\nCSeq: %d REGISTER\r\n"+
		"Max-Forwards: 70\r\nContact: <sip:%s@192.168.1.5:5070>;expires=60\r\n",
		d.transport, sip.GenerateBranch(), d.user, d.user, d.LocalAddr(), d.cseq, d.user)
	if challenge != nil {
		chal, err := icholy.ParseChallenge(challenge.GetHeader("WWW-Authenticate").Value())
		if err != nil {
			d.t.Fatal(err)
		}
		cred, err := icholy.Digest(chal, icholy.Options{
			Method: "REGISTER", URI: "sip:127.0.0.1", Username: d.user, Password: password,
		})
		if err != nil {
			d.t.Fatal(err)
		}
		text += "Authorization: " + cred.String() + "\r\n"
	}
	d.send(text + "Content-Length: 0\r\n\r\n")
}

func (g *gateway) want(kind EventKind, extension string) Binding {
	g.t.Helper()
	select {
	case e := <-g.events:
		if e.Kind != kind || e.Binding.Extension != extension {
			g.t.Fatalf("%s %s, want %s %s", e.Kind, e.Binding.Extension, kind, extension)
		}
		return e.Binding
	case <-time.After(20 * time.Second):
		g.t.Fatalf("no event %s %s", kind, extension)
	}
	return Binding{}
}

// A phone behind a NAT registers, is reached along its flow, and is gone with its connection.
func TestFlow(t *testing.T) {
	for _, network := range []string{"udp", "tcp"} {
		t.Run(network, func(t *testing.T) {
			t.Parallel()
			g := newGateway(t)
			to := map[string]net.Addr{"udp": g.udp, "tcp": g.tcp}[network]
			// Two phones, so that the one that connected last does not get everything (sipgo pools by local address).
			first, second := newDevice(t, network, to, "1001"), newDevice(t, network, to, "1002")
			for _, d := range []*device{first, second} {
				d.register("", nil)
				challenge := d.response()
				if challenge.StatusCode != 401 {
					t.Fatalf("%d", challenge.StatusCode)
				}
				d.register("secret"+d.user, challenge)
				res := d.response()
				if res.StatusCode != 200 || res.Contact() == nil || res.Contact().Address.Host != "192.168.1.5" {
					t.Fatal(res.String())
				}
				b := g.want(Registered, d.user)
				if b.Source.String() != d.LocalAddr().String() || b.Transport != network {
					t.Errorf("flow %v %s", b.Source, b.Transport)
				}
			}
			for _, d := range []*device{first, second} {
				req, ok := d.next().(*sip.Request)
				if !ok || req.Method != sip.OPTIONS || req.Recipient.String() != "sip:"+d.user+"@192.168.1.5:5070" {
					t.Fatalf("%v", req)
				}
				d.answer(req)
			}
			_ = first.Close()
			if network == "tcp" {
				g.want(Disconnected, "1001")
			}
		})
	}
}

// After five wrong passwords nothing is answered any more, over UDP and TCP alike.
func TestBruteForceIsSilenced(t *testing.T) {
	g := newGateway(t)
	d := newDevice(t, "udp", g.udp, "1001")
	d.register("", nil)
	challenge := d.response()
	for range 5 {
		d.register("guess", challenge)
		if challenge = d.response(); challenge.StatusCode != 401 {
			t.Fatal(challenge.String())
		}
	}
	d.register("secret1001", challenge)
	_ = d.SetReadDeadline(time.Now().Add(300 * time.Millisecond))
	if n, err := d.Read(make([]byte, 1000)); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("%d bytes, %v", n, err)
	}
	c := newDevice(t, "tcp", g.tcp, "1001")
	_ = c.SetReadDeadline(time.Now().Add(10 * time.Second))
	if n, err := c.Read(make([]byte, 1000)); n != 0 || err == nil || errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("the connection lives: %d, %v", n, err)
	}
	if len(g.Bindings("1001")) != 0 {
		t.Error("registered")
	}
}
