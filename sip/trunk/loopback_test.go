package trunk

import (
	"context"
	"log/slog"
	"net"
	"net/netip"
	"sync"
	"testing"
	"time"

	"github.com/emiago/sipgo"
	"github.com/emiago/sipgo/sip"
	"github.com/prometheus/client_golang/prometheus"

	"seatbridge/sip/dialog"
	"seatbridge/sip/digest"
)

// refuser is a stack's handler that takes nothing.
type refuser struct{}

func (refuser) Invite(in *dialog.Incoming)     { _ = in.RespondStateless(501, "") }
func (refuser) Request(tr *dialog.Transaction) { _ = tr.RespondStateless(501, "") }

func listenUDP(t *testing.T) *net.UDPConn {
	t.Helper()
	c, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(netip.MustParseAddrPort("127.0.0.1:0")))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// newCarrier serves a carrier that challenges REGISTER and answers OPTIONS, and tells what it accepts.
func newCarrier(t *testing.T) (at netip.AddrPort, accepted chan *sip.Request) {
	t.Helper()
	ua, err := sipgo.NewUA()
	if err != nil {
		t.Fatal(err)
	}
	srv, err := sipgo.NewServer(ua)
	if err != nil {
		t.Fatal(err)
	}
	accepted = make(chan *sip.Request, 100)
	auth := digest.NewAuthenticator(digest.Config{Realm: "carrier"})
	secret := digest.Secret{HA1: digest.HA1(digest.SHA256, "acc1", "carrier", "secret"), Algorithm: digest.SHA256}
	lookup := func(user string) (digest.Secret, bool) { return secret, user == "acc1" }
	srv.OnRegister(func(req *sip.Request, tx sip.ServerTransaction) {
		res := sip.NewResponseFromRequest(req, 200, "OK", nil)
		if _, err := auth.Verify(req, lookup); err != nil {
			res = sip.NewResponseFromRequest(req, 401, "Unauthorized", nil)
			res.AppendHeader(sip.NewHeader("WWW-Authenticate", `Digest realm="other", nonce="x", algorithm=SHA-256`))
			res.AppendHeader(auth.Challenge(req, 401, digest.SHA256, false))
		} else if contact := req.Contact(); contact != nil {
			listed := contact.Clone()
			listed.Params.Add("expires", req.GetHeader("Expires").Value())
			res.AppendHeader(listed)
			accepted <- req
		}
		_ = tx.Respond(res)
	})
	srv.OnOptions(func(req *sip.Request, tx sip.ServerTransaction) {
		accepted <- req
		_ = tx.Respond(sip.NewResponseFromRequest(req, 200, "OK", nil))
	})
	c := listenUDP(t)
	var wg sync.WaitGroup
	wg.Go(func() { _ = srv.ServeUDP(c) })
	t.Cleanup(func() {
		_ = c.Close()
		_ = ua.Close()
		wg.Wait()
	})
	return c.LocalAddr().(*net.UDPAddr).AddrPort(), accepted
}

// lines is a log whose messages can be waited for.
type lines chan string

func (l lines) Enabled(_ context.Context, level slog.Level) bool { return level >= slog.LevelInfo }
func (l lines) WithAttrs([]slog.Attr) slog.Handler               { return l }
func (l lines) WithGroup(string) slog.Handler                    { return l }
func (l lines) Handle(_ context.Context, r slog.Record) error    { l <- r.Message; return nil }

// A carrier over real sockets, with our own stack: OPTIONS, REGISTER through its challenge, and the end of it.
func TestCarrierOnLoopback(t *testing.T) {
	lines := make(lines, 100)
	log, reg := slog.New(lines), prometheus.NewRegistry()
	stack, err := dialog.New(dialog.Config{
		Listeners: []dialog.Listener{{Transport: "udp", PacketConn: listenUDP(t)}}, Handler: refuser{}, Logger: log,
		Metrics: dialog.NewMetrics(reg),
	})
	if err != nil {
		t.Fatal(err)
	}
	stack.Start()
	defer stack.Close()
	at, accepted := newCarrier(t) // after the stack, which sets sipgo's package variables
	m := NewManager(ManagerConfig{
		Trunks: []*Trunk{mustNew(t, Config{
			Name: "carrier", Gateways: []Gateway{{Host: at.Addr().String(), Port: int(at.Port())}}, Register: true,
			Username: "acc1", Password: "secret", Realm: "carrier", Domain: "carrier.example", Expires: 600 * time.Second,
		})},
		Requester: stack, Log: log, Metrics: NewMetrics(reg),
	})
	m.Start()

	next := func() *sip.Request {
		t.Helper()
		select {
		case req := <-accepted:
			return req
		case <-time.After(20 * time.Second):
			t.Fatal("the carrier was not asked")
		}
		return nil
	}
	got := map[sip.RequestMethod]*sip.Request{}
	for len(got) < 2 {
		req := next()
		got[req.Method] = req
	}
	if uri := got[sip.OPTIONS].Recipient.String(); uri != "sip:carrier.example" {
		t.Errorf("OPTIONS to %s", uri)
	}
	req := got[sip.REGISTER]
	if req.Recipient.String() != "sip:carrier.example" || req.To().Address.String() != "sip:acc1@carrier.example" ||
		req.Contact().Address.User != "acc1" || req.GetHeader("Expires").Value() != "600" {
		t.Errorf("REGISTER\n%s", req)
	}
	for <-lines != "trunk registered" {
	}
	m.Close()
	if req := next(); req.Method != sip.REGISTER || req.GetHeader("Expires").Value() != "0" {
		t.Errorf("at the end\n%s", req)
	}
}
