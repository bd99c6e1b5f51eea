package guard

import (
	"errors"
	"net"
	"net/netip"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/emiago/sipgo"
	"github.com/emiago/sipgo/sip"
	"github.com/prometheus/client_golang/prometheus/testutil"
)

func listenUDP(t *testing.T) *net.UDPConn {
	t.Helper()
	c, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(netip.MustParseAddrPort("127.0.0.1:0")))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

func send(t *testing.T, from *net.UDPConn, to net.Addr, data string) {
	t.Helper()
	if _, err := from.WriteTo([]byte(data), to); err != nil {
		t.Fatal(err)
	}
}

func TestPacketConnPassesOnlySIP(t *testing.T) {
	g := newGuard(Config{})
	c := g.PacketConn(listenUDP(t))
	peer := listenUDP(t)
	for _, junk := range []string{
		"\r\n\r\n", "GET / HTTP/1.1\r\n\r\n", options, options + "\r\n" + strings.Repeat("x", 20000),
	} {
		send(t, peer, c.LocalAddr(), junk)
	}
	send(t, peer, c.LocalAddr(), options+"\r\n")

	buf := make([]byte, 32768)
	n, from, err := c.ReadFrom(buf)
	if err != nil || string(buf[:n]) != options+"\r\n" || from.String() != peer.LocalAddr().String() {
		t.Fatalf("%q from %v, %v", buf[:n], from, err)
	}
	for why, want := range map[reason]int{keepAlive: 1, malformed: 1, incomplete: 1, tooLarge: 1} {
		if got := dropped(g, "udp", why); got != want {
			t.Errorf("%v: %d dropped", why, got)
		}
	}
	if n := testutil.ToFloat64(g.metrics.passed.WithLabelValues("udp", "stranger")); n != 1 {
		t.Errorf("%v passed", n)
	}
}

func TestPacketConnClose(t *testing.T) {
	c := newGuard(Config{}).PacketConn(listenUDP(t))
	done := make(chan error)
	go func() {
		_, _, err := c.ReadFrom(make([]byte, 100))
		done <- err
	}()
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-done; !errors.Is(err, net.ErrClosed) {
		t.Error(err)
	}
}

// flaky fails now and then, and has one message.
type flaky struct {
	net.PacketConn
	errs []error
}

func (f *flaky) Close() error { return nil }
func (f *flaky) ReadFrom(p []byte) (int, net.Addr, error) {
	if len(f.errs) > 0 {
		err := f.errs[0]
		f.errs = f.errs[1:]
		return 0, nil, err
	}
	return copy(p, options+"\r\n"), &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 5070}, nil
}

func TestPacketConnSwallowsErrorsThatPass(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGuard(Config{})
		c := g.PacketConn(&flaky{errs: []error{syscall.ENOBUFS, syscall.ECONNREFUSED, syscall.ENOMEM}})
		begun := time.Now()
		if n, _, err := c.ReadFrom(make([]byte, 1000)); err != nil || n == 0 {
			t.Fatal(n, err)
		}
		if n := dropped(g, "udp", readError); n != 3 {
			t.Errorf("%d errors counted", n)
		}
		if d := time.Since(begun); d != 35*time.Millisecond {
			t.Errorf("rested %v", d)
		}
	})
}

func TestPacketConnCloseEndsTheRest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		errs := make([]error, 1000)
		for i := range errs {
			errs[i] = syscall.ENOMEM
		}
		c := newGuard(Config{}).PacketConn(&flaky{errs: errs})
		done := make(chan error)
		go func() {
			_, _, err := c.ReadFrom(make([]byte, 1000))
			done <- err
		}()
		time.Sleep(time.Minute)
		_ = c.Close()
		if err := <-done; !errors.Is(err, net.ErrClosed) {
			t.Error(err)
		}
	})
}

// sipgo v1.7.2 remembers every UDP source until ServeUDP returns.
func TestSipgoForgetsSources(t *testing.T) {
	const recycleAfter, sources = 20, 90
	ua, err := sipgo.NewUA()
	if err != nil {
		t.Fatal(err)
	}
	defer ua.Close()
	srv, err := sipgo.NewServer(ua)
	if err != nil {
		t.Fatal(err)
	}
	tp := ua.TransportLayer()
	srv.OnOptions(func(req *sip.Request, tx sip.ServerTransaction) {
		_ = tx.Respond(sip.NewResponseFromRequest(req, 200, "OK", nil))
	})
	loud := Rate{PerSecond: 1e6, Burst: 1e6}
	g := newGuard(Config{RecycleAfter: recycleAfter, Stranger: loud, Strangers: loud})
	c := g.PacketConn(listenUDP(t))
	var wg sync.WaitGroup
	stop := make(chan struct{})
	wg.Go(func() {
		for {
			if err := tp.ServeUDP(c); err != nil {
				t.Error(err)
			}
			select {
			case <-stop:
				return
			default:
			}
		}
	})

	for range sources {
		peer := listenUDP(t)
		if err := peer.SetReadDeadline(time.Now().Add(10 * time.Second)); err != nil {
			t.Fatal(err)
		}
		send(t, peer, c.LocalAddr(), strings.Replace(options, "127.0.0.1:5070;branch=z9hG4bK1",
			peer.LocalAddr().String()+";branch=z9hG4bK"+sip.GenerateTagN(8), 1)+"\r\n")
		buf := make([]byte, 2000)
		n, from, err := peer.ReadFrom(buf)
		if err != nil || !strings.HasPrefix(string(buf[:n]), "SIP/2.0 200") {
			t.Fatalf("%q, %v", buf[:n], err)
		}
		if from.String() != c.LocalAddr().String() {
			t.Fatalf("answered from %v", from)
		}
		if size := tp.Pool("udp").Size(); size > recycleAfter+2 {
			t.Fatalf("%d sources are remembered", size)
		}
		_ = peer.Close()
	}
	if n := testutil.ToFloat64(g.metrics.recycles); n != (sources-1)/recycleAfter {
		t.Errorf("%v recycles", n)
	}
	close(stop)
	_ = c.Close()
	wg.Wait()
}
