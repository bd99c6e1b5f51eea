package api

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"seatbridge/call"
)

// onlySocket is the gateway's side of the one socket that is open.
func (g *gateway) onlySocket() *socket {
	g.t.Helper()
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.sockets) != 1 {
		g.t.Fatalf("%d sockets", len(g.sockets))
	}
	for s := range g.sockets {
		return s
	}
	return nil
}

func TestSocketIsClosed(t *testing.T) {
	for _, ca := range []struct {
		name   string
		limits Limits
		do     func(p *page)
		code   websocket.StatusCode
	}{
		{"no login in time", Limits{LoginWait: 20 * time.Millisecond}, func(*page) {}, 4001},
		{"message of 64 KB and one byte", Limits{}, func(p *page) {
			p.sendText(strings.Repeat("a", 64<<10+1))
		}, 1009},
		{"flood", Limits{MessageRate: 0.001, MessageBurst: 3}, func(p *page) {
			for range 5 {
				_ = p.conn.Write(p.t.Context(), websocket.MessageText, []byte(`{"id":"1","type":"ping"}`))
			}
		}, 4029},
		{"first message is not JSON", Limits{}, func(p *page) { p.sendText("hello") }, 4001},
		{"binary", Limits{}, func(p *page) {
			_ = p.conn.Write(p.t.Context(), websocket.MessageBinary, []byte{0, 1, 2})
		}, 4001},
	} {
		t.Run(ca.name, func(t *testing.T) {
			g := newGateway(t, func(c *Config) { c.Limits = ca.limits })
			var p *page
			if ca.code == 4001 {
				p = g.open()
			} else {
				p, _ = g.logIn("alice")
			}
			ca.do(p)
			if code := p.closed(); code != ca.code {
				t.Errorf("closed with %d, want %d", code, ca.code)
			}
		})
	}
}

// TestFaultOfACommand has a command that panics: its socket is closed, and the login can be resumed.
func TestFaultOfACommand(t *testing.T) {
	g := newGateway(t)
	p, data := g.logIn("alice")
	p.send(map[string]any{"id": "1", "type": "accept", "sessionId": "fault"})
	if code := p.closed(); code != 1011 {
		t.Errorf("closed with %d", code)
	}
	if _, again := g.resume(data, 1); !again.Resumed {
		t.Errorf("%+v", again)
	}
}

func TestMessageOf64KBIsTaken(t *testing.T) {
	g := newGateway(t)
	p, _ := g.logIn("alice")
	const frame = `{"id":"1","type":"ping","x":"%s"}`
	p.sendText(fmt.Sprintf(frame, strings.Repeat("a", 64<<10-len(frame)+2)))
	if m := p.next(); m["ok"] != true {
		t.Error(m)
	}
}

// TestAnnouncedMessageThatNeverComes holds the library's closing handshake; the socket must end all the same.
func TestAnnouncedMessageThatNeverComes(t *testing.T) {
	g := newGateway(t)
	conn, err := net.Dial("tcp", g.address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprintf(conn, "GET /api/v1/ws HTTP/1.1\r\nHost: %s\r\nOrigin: http://%[1]s\r\nConnection: Upgrade\r\n"+
		"Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n", g.address)
	frame := make([]byte, 14, 14+70<<10)
	copy(frame, []byte{0x81, 0xff, 0, 0, 0, 0, 0x40}) // text of 1 GB, masked with zeros
	frame = frame[:14+70<<10]
	if _, err := conn.Write(frame); err != nil {
		t.Fatal(err)
	}
	if err := conn.SetReadDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(io.Discard, conn); err != nil && strings.Contains(err.Error(), "timeout") {
		t.Error("the gateway kept the connection:", err)
	}
}

// TestSlowReader has one page that reads nothing, and one that is not disturbed by it.
func TestSlowReader(t *testing.T) {
	for _, ca := range []struct {
		name   string
		limits Limits
	}{
		{"too many messages", Limits{}},
		{"too many bytes", Limits{QueueLength: 1 << 30, QueueBytes: 64 << 10}},
		{"the network takes nothing", Limits{QueueLength: 1 << 30, QueueBytes: 1 << 30, WriteStall: 100 * time.Millisecond}},
	} {
		t.Run(ca.name, func(t *testing.T) {
			g := newGateway(t, func(c *Config) { c.Limits = ca.limits })
			slow := g.openWith(&websocket.DialOptions{HTTPClient: smallReader(t)})
			slow.logIn(map[string]any{"type": "login", "token": g.token("alice")})
			slow.next()
			sock := g.onlySocket()
			if err := sock.raw.(*net.TCPConn).SetWriteBuffer(4096); err != nil {
				t.Fatal(err)
			}
			for n := 0; !sock.isEnded(); n++ {
				g.CallEvent(call.Event{Type: call.EventMediaLost, User: "alice", Reason: strings.Repeat("x", 1000)})
				if n > 100_000 {
					t.Fatal("the gateway queues without end")
				}
			}
			quick, _ := g.logIn("bob")
			g.CallEvent(inside()["ringing"])
			g.CallEvent(call.Event{Type: call.EventRinging, User: "bob"})
			if m := quick.next(); m["event"] != "ringing" {
				t.Error(m)
			}
			if sock.why != closeSlow {
				t.Error("ended as", sock.why.label)
			}
			if ca.limits.WriteStall == 0 {
				if code := slow.closed(); code != 4008 {
					t.Errorf("closed with %d", code)
				}
			}
		})
	}
}

// smallReader dials with a small receive buffer.
func smallReader(t *testing.T) *http.Client {
	transport := &http.Transport{DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := (&net.Dialer{}).DialContext(ctx, network, address)
		if err == nil {
			err = conn.(*net.TCPConn).SetReadBuffer(4096)
		}
		return conn, err
	}}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport}
}

func TestUnansweredPings(t *testing.T) {
	g := newGateway(t, func(c *Config) { c.Limits.Ping = 30 * time.Millisecond })
	p := g.openWith(&websocket.DialOptions{OnPingReceived: func(context.Context, []byte) bool { return false }})
	if code := p.closed(); code != 4011 {
		t.Errorf("closed with %d", code)
	}
}

func TestAnsweredPingsKeepTheSocket(t *testing.T) {
	g := newGateway(t, func(c *Config) { c.Limits.Ping = 300 * time.Millisecond })
	var pings atomic.Int32
	p := g.openWith(&websocket.DialOptions{OnPingReceived: func(context.Context, []byte) bool {
		if pings.Add(1) == 3 {
			g.CallEvent(inside()["ringing"])
		}
		return true
	}})
	p.logIn(map[string]any{"type": "login", "token": g.token("alice")})
	p.next()
	if m := p.next(); m["event"] != "ringing" {
		t.Error(m)
	}
}

func TestSocketMetrics(t *testing.T) {
	g := newGateway(t)
	p, _ := g.logIn("alice")
	p.send(map[string]any{"id": "1", "type": "ping"})
	p.next()
	p.send(map[string]any{"id": "2", "type": "no such thing"})
	p.next()
	p.send(map[string]any{"id": "3", "type": "logout"})
	p.next()
	p.closed()
	g.stopOnce(t.Context())
	want := `
# HELP seatbridge_api_commands_total Commands of browsers, by type and result code.
# TYPE seatbridge_api_commands_total counter
seatbridge_api_commands_total{result="ok",type="login"} 1
seatbridge_api_commands_total{result="ok",type="logout"} 1
seatbridge_api_commands_total{result="ok",type="ping"} 1
seatbridge_api_commands_total{result="unknownCommand",type="unknown"} 1
# HELP seatbridge_api_logins Browsers that are logged in, with a socket or between two.
# TYPE seatbridge_api_logins gauge
seatbridge_api_logins 0
# HELP seatbridge_api_sockets WebSockets that are open.
# TYPE seatbridge_api_sockets gauge
seatbridge_api_sockets 0
# HELP seatbridge_api_sockets_closed_total WebSockets that were closed, by reason.
# TYPE seatbridge_api_sockets_closed_total counter
seatbridge_api_sockets_closed_total{reason="loggedOut"} 1
# HELP seatbridge_api_token_requests_total Requests for a token, by result.
# TYPE seatbridge_api_token_requests_total counter
seatbridge_api_token_requests_total{result="ok"} 1
`
	if err := testutil.GatherAndCompare(g.registry, strings.NewReader(want), "seatbridge_api_commands_total",
		"seatbridge_api_logins", "seatbridge_api_sockets", "seatbridge_api_sockets_closed_total",
		"seatbridge_api_token_requests_total"); err != nil {
		t.Error(err)
	}
	if problems, err := testutil.GatherAndLint(g.registry); err != nil || len(problems) > 0 {
		t.Error(problems, err)
	}
}

// TestEarlyMessages: a client need not wait for the answer to its handshake, and what it sent by then is not lost.
func TestEarlyMessages(t *testing.T) {
	g := newGateway(t)
	conn, err := net.Dial("tcp", g.address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	text := `{"id":"1","type":"login","token":"` + strings.Repeat("x", 2500) + `"}`
	frame := append([]byte{0x81, 0x80 | 126, byte(len(text) >> 8), byte(len(text)), 0, 0, 0, 0}, text...) // RFC 6455 section 5.2
	handshake := "GET /api/v1/ws HTTP/1.1\r\nHost: " + g.address + "\r\nOrigin: http://" + g.address + "\r\n" +
		"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n" +
		"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
	if _, err := conn.Write(append([]byte(handshake), frame...)); err != nil {
		t.Fatal(err)
	}
	answer, err := io.ReadAll(conn) // until the gateway, which does not know the token, closes
	if err != nil && len(answer) == 0 {
		t.Fatal(err)
	}
	if !strings.HasPrefix(string(answer), "HTTP/1.1 101 ") || !strings.Contains(string(answer), `"reply":"1"`) {
		t.Errorf("%q", answer)
	}
}
