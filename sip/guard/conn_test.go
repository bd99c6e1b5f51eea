package guard

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"math/big"
	"net"
	"net/netip"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"
)

// pipe is a guarded connection to a peer in memory.
func pipe(t *testing.T, g *Guard) (c *conn, peer net.Conn) {
	t.Helper()
	server, peer := net.Pipe()
	l := g.Listener(nil, "tcp", nil).(*listener)
	remote := netip.AddrPortFrom(attackerAddr, 40000)
	if why := g.connect(remote.Addr()); why != fine {
		t.Fatal(why)
	}
	g.metrics.conns.WithLabelValues("tcp").Inc()
	c = newConn(l, server, remote)
	t.Cleanup(func() { _ = c.Close(); _ = peer.Close() })
	return c, peer
}

const (
	message1 = options + "Content-Length: 3\r\n\r\nabc"
	message2 = options + "l: 0\r\n\r\n"
)

func TestConnFraming(t *testing.T) {
	long := options + "Content-Length: 9000\r\n\r\n" + strings.Repeat("x", 9000)
	for _, ca := range []struct {
		name   string
		pieces []string
		want   []string
		why    reason // why it ends; fine where the peer closes
	}{
		{"one", []string{message1}, []string{message1}, fine},
		{"two at once", []string{message1 + message2}, []string{message1, message2}, fine},
		{"byte by byte", strings.Split(message1+message2, ""), []string{message1, message2}, fine},
		{"cut in the body", []string{message1[:len(message1)-2], "bc" + message2}, []string{message1, message2}, fine},
		{"larger than the buffer", []string{long, message2}, []string{long, message2}, fine},
		{"blank lines around", []string{"\r\n", "\r\n" + message1 + "\r\n\r\n", "\r\n" + message2},
			[]string{message1, message2}, fine},
		{"cut blank line", []string{"\r", "\n" + message1}, []string{message1}, fine},
		{"no length", []string{message1 + options + "\r\n"}, []string{message1}, malformed},
		{"not sip", []string{message1, "GET / HTTP/1.1\r\n\r\n"}, []string{message1}, malformed},
		{"method", []string{strings.Replace(message1, "OPTIONS", "FE(TCH", 1)}, nil, malformed},
		{"endless line", []string{message1, strings.Repeat("x", 20000)}, []string{message1}, tooLarge},
		{"body too large", []string{options + "Content-Length: 16384\r\n\r\n"}, nil, tooLarge},
		{"peer goes", []string{message1, options}, []string{message1}, fine},
	} {
		t.Run(ca.name, func(t *testing.T) {
			g := newGuard(Config{})
			c, peer := pipe(t, g)
			var wg sync.WaitGroup
			defer wg.Wait()
			wg.Go(func() { _, _ = io.Copy(io.Discard, peer) })
			wg.Go(func() {
				for _, p := range ca.pieces {
					if _, err := peer.Write([]byte(p)); err != nil {
						return
					}
				}
				_ = peer.Close()
			})
			buf := make([]byte, 32768)
			for _, want := range ca.want {
				if n, err := c.Read(buf); err != nil || string(buf[:n]) != want {
					t.Fatalf("Read = %q, %v; want %q", buf[:n], err, want)
				}
			}
			if n, err := c.Read(buf); err != io.EOF {
				t.Fatalf("Read = %q, %v at the end", buf[:n], err)
			}
			if ca.why != fine && dropped(g, "tcp", ca.why) != 1 {
				t.Errorf("not counted as %v", ca.why)
			}
			if n := testutil.ToFloat64(g.metrics.conns.WithLabelValues("tcp")); n != 0 || g.connCount != 0 {
				t.Errorf("%v and %d connections are counted", n, g.connCount)
			}
		})
	}
}

func TestConnSmallReads(t *testing.T) {
	c, peer := pipe(t, newGuard(Config{}))
	var wg sync.WaitGroup
	defer wg.Wait()
	wg.Go(func() { _, _ = peer.Write([]byte(message1 + message2)); _ = peer.Close() })
	var got strings.Builder
	buf := make([]byte, 7)
	for {
		n, err := c.Read(buf)
		got.Write(buf[:n])
		if err != nil {
			break
		}
	}
	if got.String() != message1+message2 {
		t.Errorf("%q", got.String())
	}
}

func TestConnAnswersPing(t *testing.T) {
	c, peer := pipe(t, newGuard(Config{}))
	var wg sync.WaitGroup
	defer wg.Wait()
	wg.Go(func() {
		buf := make([]byte, 10)
		if _, err := peer.Write([]byte("\r\n\r\n")); err != nil {
			t.Error(err)
		}
		if n, err := peer.Read(buf); err != nil || string(buf[:n]) != "\r\n" {
			t.Errorf("pong %q, %v", buf[:n], err)
		}
		_ = peer.Close()
	})
	if _, err := c.Read(make([]byte, 100)); err != io.EOF {
		t.Error(err)
	}
}

func TestConnDeadlines(t *testing.T) {
	for _, ca := range []struct {
		name string
		send func(peer net.Conn)
		want time.Duration
	}{
		{"says nothing", func(net.Conn) {}, 5 * time.Second},
		{"keep-alives only", func(peer net.Conn) {
			for range 10 {
				time.Sleep(time.Second)
				_, _ = peer.Write([]byte("\r\n"))
			}
		}, 5 * time.Second},
		{"slowloris", func(peer net.Conn) {
			for _, b := range []byte(message1) {
				time.Sleep(time.Second)
				_, _ = peer.Write([]byte{b})
			}
		}, 5 * time.Second},
		{"idle after a message", func(peer net.Conn) { _, _ = peer.Write([]byte(message1)) }, 120 * time.Second},
		{"slow second message", func(peer net.Conn) {
			_, _ = peer.Write([]byte(message1))
			time.Sleep(60 * time.Second)
			_, _ = peer.Write([]byte(message1[:20]))
		}, 65 * time.Second},
		{"keep-alive after a message", func(peer net.Conn) {
			_, _ = peer.Write([]byte(message1))
			time.Sleep(100 * time.Second)
			_, _ = peer.Write([]byte("\r\n"))
		}, 220 * time.Second},
	} {
		t.Run(ca.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				g := newGuard(Config{})
				c, peer := pipe(t, g)
				var wg sync.WaitGroup
				defer wg.Wait()
				begun := time.Now()
				wg.Go(func() { ca.send(peer) })
				for {
					if _, err := c.Read(make([]byte, 1000)); err != nil {
						break
					}
				}
				if d := time.Since(begun); d != ca.want {
					t.Errorf("closed after %v, want %v", d, ca.want)
				}
				if n := dropped(g, "tcp", tooSlow); n != 1 {
					t.Errorf("%d timeouts counted", n)
				}
			})
		})
	}
}

func TestConnWriteDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, _ := pipe(t, newGuard(Config{}))
		begun := time.Now()
		if _, err := c.Write([]byte("x")); err == nil {
			t.Error("written to a peer that does not read")
		}
		if d := time.Since(begun); d != 5*time.Second {
			t.Errorf("gave up after %v", d)
		}
	})
}

func TestConnRate(t *testing.T) {
	g := newGuard(Config{Stranger: Rate{PerSecond: 0.001, Burst: 2}})
	c, peer := pipe(t, g)
	var wg sync.WaitGroup
	defer wg.Wait()
	wg.Go(func() {
		for range 5 {
			_, _ = peer.Write([]byte(message1))
		}
		_ = peer.Close()
	})
	passed := 0
	for {
		if _, err := c.Read(make([]byte, 1000)); err != nil {
			break
		}
		passed++
	}
	if passed != 2 || dropped(g, "tcp", tooFast) != 3 {
		t.Errorf("%d passed, %d dropped", passed, dropped(g, "tcp", tooFast))
	}
}

func TestConnOfBannedSourceIsClosed(t *testing.T) {
	g := newGuard(Config{})
	c, peer := pipe(t, g)
	for range 5 {
		g.AuthFailed(attackerAddr, "1001")
	}
	go func() { _, _ = peer.Write([]byte(message1)) }()
	if _, err := c.Read(make([]byte, 1000)); err != io.EOF || dropped(g, "tcp", banned) != 1 {
		t.Errorf("%v, %d dropped", err, dropped(g, "tcp", banned))
	}
}

// certificate makes one for 127.0.0.1.
func certificate(t *testing.T) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	tmpl := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, tmpl, tmpl, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

func TestListener(t *testing.T) {
	cert := certificate(t)
	for _, transport := range []string{"tcp", "tls"} {
		t.Run(transport, func(t *testing.T) {
			inner, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			addr := inner.Addr().String()
			if transport == "tls" {
				inner = tls.NewListener(inner, &tls.Config{Certificates: []tls.Certificate{cert}})
			}
			closed := make(chan string, 1)
			g := newGuard(Config{MaxConnsStranger: 1})
			l := g.Listener(inner, transport, func(transport string, remote netip.AddrPort) {
				closed <- transport + " " + remote.String()
			})
			var wg sync.WaitGroup
			defer wg.Wait()
			defer l.Close()
			echo := func() {
				c, err := l.Accept()
				if err != nil {
					return // closed
				}
				buf := make([]byte, 1000)
				n, _ := c.Read(buf)
				_, _ = c.Write(buf[:n])
				_, _ = c.Read(buf)
			}
			wg.Go(func() { echo(); echo() })

			peer := dial(t, transport, addr)
			if _, err := peer.Write([]byte(message1)); err != nil {
				t.Fatal(err)
			}
			buf := make([]byte, 1000)
			if n, err := peer.Read(buf); err != nil || string(buf[:n]) != message1 {
				t.Fatalf("%q, %v", buf[:n], err)
			}
			_ = peer.Close()
			if got, want := <-closed, transport+" "+peer.LocalAddr().String(); got != want {
				t.Errorf("closed %q, want %q", got, want)
			}
		})
	}
}

func dial(t *testing.T, transport, addr string) net.Conn {
	t.Helper()
	var c net.Conn
	var err error
	if transport == "tls" {
		c, err = tls.Dial("tcp", addr, &tls.Config{InsecureSkipVerify: true})
	} else {
		c, err = net.Dial("tcp", addr)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	_ = c.SetDeadline(time.Now().Add(10 * time.Second))
	return c
}

func TestListenerRefusesTooMany(t *testing.T) {
	inner, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	g := newGuard(Config{MaxConnsStranger: 2})
	l := g.Listener(inner, "tcp", nil)
	var wg sync.WaitGroup
	defer wg.Wait()
	defer l.Close()
	accepted := make(chan net.Conn, 10)
	wg.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				close(accepted)
				return
			}
			accepted <- c
		}
	})
	var peers []net.Conn
	for range 3 {
		peers = append(peers, dial(t, "tcp", inner.Addr().String()))
	}
	if _, err := peers[2].Read(make([]byte, 1)); err == nil {
		t.Error("the third connection lives")
	}
	_ = (<-accepted).Close()
	dial(t, "tcp", inner.Addr().String())
	<-accepted
	_ = (<-accepted).Close()
	if n := dropped(g, "tcp", tooManyFrom); n != 1 {
		t.Errorf("%d counted", n)
	}
}

// broken fails to accept n times, as with no file descriptors left, and is closed then.
type broken struct {
	net.Listener
	n int
}

func (b *broken) Accept() (net.Conn, error) {
	if b.n--; b.n >= 0 {
		return nil, &net.OpError{Op: "accept", Err: syscall.EMFILE}
	}
	return nil, net.ErrClosed
}

func TestListenerRetriesAccept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGuard(Config{})
		begun := time.Now()
		if _, err := g.Listener(&broken{n: 10}, "tcp", nil).Accept(); !errors.Is(err, net.ErrClosed) {
			t.Error(err)
		}
		if n := dropped(g, "tcp", acceptError); n != 10 {
			t.Errorf("%d errors counted", n)
		}
		if d := time.Since(begun); d != 3275*time.Millisecond { // 5 ms, doubled up to 1 s
			t.Errorf("rested %v", d)
		}
	})
}

func TestTLSHandshakeDeadline(t *testing.T) {
	cert := certificate(t)
	inner, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	g := newGuard(Config{FirstMessage: 50 * time.Millisecond})
	l := g.Listener(tls.NewListener(inner, &tls.Config{Certificates: []tls.Certificate{cert}}), "tls", nil)
	defer l.Close()
	for _, ca := range []struct {
		name string
		say  string
		want reason
	}{{"silent", "", tooSlow}, {"not tls", strings.Repeat("OPTIONS ", 10), badTLS}} {
		peer := dial(t, "tcp", inner.Addr().String())
		if _, err := peer.Write([]byte(ca.say)); err != nil {
			t.Fatal(err)
		}
		c, err := l.Accept()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := c.Read(make([]byte, 100)); err != io.EOF || dropped(g, "tls", ca.want) != 1 {
			t.Errorf("%s: %v, %d counted", ca.name, err, dropped(g, "tls", ca.want))
		}
	}
}

// chunks is a connection on which data comes in pieces of size.
type chunks struct {
	net.Conn
	data []byte
	size int
}

func (c *chunks) Read(p []byte) (int, error) {
	if len(c.data) == 0 {
		return 0, io.EOF
	}
	n := copy(p, c.data[:min(c.size, len(c.data))])
	c.data = c.data[n:]
	return n, nil
}
func (c *chunks) Write(p []byte) (int, error)      { return len(p), nil }
func (c *chunks) SetReadDeadline(time.Time) error  { return nil }
func (c *chunks) SetWriteDeadline(time.Time) error { return nil }
func (c *chunks) Close() error                     { return nil }

// FuzzConn: however a stream is cut into pieces, the same messages come out of it.
func FuzzConn(f *testing.F) {
	f.Add([]byte(message1+"\r\n\r\n"+message2), byte(1))
	f.Add([]byte(message2+message1+"GET"), byte(50))
	loud := Rate{PerSecond: 1e9, Burst: 1e9}
	l := newGuard(Config{Stranger: loud, Strangers: loud}).Listener(nil, "tcp", nil).(*listener)
	read := func(data []byte, size int) string {
		l.g.connect(attackerAddr)
		c := newConn(l, &chunks{data: data, size: size}, netip.AddrPortFrom(attackerAddr, 1))
		got, err := io.ReadAll(c)
		if err != nil {
			f.Fatal(err)
		}
		return string(got)
	}
	f.Fuzz(func(t *testing.T, data []byte, size byte) {
		whole := read(data, len(data)+1)
		if pieces := read(data, int(size)+1); pieces != whole {
			t.Fatalf("%q in pieces of %d, %q as a whole", pieces, int(size)+1, whole)
		}
	})
}
