package api

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/goleak"
	"golang.org/x/crypto/bcrypt"

	"seatbridge/seat"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// patience is how long a test waits for what should come at once.
const patience = 10 * time.Second

// gateway is a Server on a loopback port with fakes behind it.
type gateway struct {
	*Server
	t        *testing.T
	calls    *fakeCalls
	media    *fakeMedia
	seats    *seat.Directory
	registry *prometheus.Registry
	address  string
	served   chan error
	client   *http.Client
}

// newGateway starts one; change may alter its configuration. alice and bob are agents, sam is an administrator, and
// each one's password is the user's name.
func newGateway(t *testing.T, change ...func(*Config)) *gateway {
	t.Helper()
	seats, err := seat.New(seat.Config{Staff: []seat.Staff{
		{User: "alice", Name: "Alice", Role: seat.RoleAgent, Extension: "1001", Mobile: "+15550123",
			PasswordHash: hash(t, "alice")},
		{User: "bob", Name: "Bob", Role: seat.RoleAgent, Extension: "1002", PasswordHash: hash(t, "bob")},
		{User: "sam", Name: "Sam", Role: seat.RoleAdministrator, Extension: "1090", PasswordHash: hash(t, "sam")},
		{User: "nopass", Name: "No password", Role: seat.RoleAgent},
	}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(seats.Close)
	g := &gateway{
		t: t, calls: &fakeCalls{}, media: newFakeMedia(), seats: seats, registry: prometheus.NewRegistry(),
		served: make(chan error, 1), client: &http.Client{Transport: &http.Transport{}},
	}
	config := Config{
		Commands: g.calls, Media: g.media, Tracer: &fakeTracer{}, Seats: seats,
		Metrics: NewMetrics(g.registry), Log: slog.New(slog.DiscardHandler),
	}
	for _, c := range change {
		c(&config)
	}
	if g.Server, err = New(config); err != nil {
		t.Fatal(err)
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	g.address = ln.Addr().String()
	go func() { g.served <- g.Serve(ln) }()
	t.Cleanup(g.close)
	return g
}

func (g *gateway) close() {
	g.client.CloseIdleConnections()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	g.stopOnce(ctx)
	if err := <-g.served; err != nil {
		g.t.Error("Serve:", err)
	}
}

// stopOnce shuts down unless the test has done so.
func (g *gateway) stopOnce(ctx context.Context) {
	select {
	case <-g.Server.done:
		return
	default:
	}
	if err := g.Shutdown(ctx); err != nil {
		g.t.Error("Shutdown:", err)
	}
}

func hash(t *testing.T, password string) string {
	t.Helper()
	h, err := bcrypt.GenerateFromPassword([]byte(password), bcrypt.MinCost)
	if err != nil {
		t.Fatal(err)
	}
	return string(h)
}

// post sends JSON and returns the status and the answer.
func (g *gateway) post(path, body string, header ...string) (int, map[string]any) {
	g.t.Helper()
	return g.request("POST", path, body, append([]string{"Content-Type", "application/json"}, header...)...)
}

// request makes one request; header is names and values in turn. An answer that is not JSON is under "text".
func (g *gateway) request(method, path, body string, header ...string) (int, map[string]any) {
	g.t.Helper()
	r, err := http.NewRequestWithContext(g.t.Context(), method, "http://"+g.address+path, strings.NewReader(body))
	if err != nil {
		g.t.Fatal(err)
	}
	for i := 0; i < len(header); i += 2 {
		if header[i] == "Host" {
			r.Host = header[i+1]
		}
		r.Header.Set(header[i], header[i+1])
	}
	res, err := g.client.Do(r)
	if err != nil {
		g.t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		g.t.Fatal(err)
	}
	answer := map[string]any{}
	if json.Unmarshal(text, &answer) != nil {
		answer["text"] = string(text)
	}
	return res.StatusCode, answer
}

// token gets one by password, for login or as asked.
func (g *gateway) token(user string, use ...purpose) string {
	g.t.Helper()
	body := map[string]any{"user": user, "password": user}
	if len(use) > 0 {
		body["for"] = use[0]
	}
	status, answer := g.post("/api/v1/token", string(marshal(body)))
	token, _ := answer["token"].(string)
	if status != http.StatusOK || token == "" {
		g.t.Fatalf("no token for %s: %d %v", user, status, answer)
	}
	return token
}

// page is the far end of a socket.
type page struct {
	t    *testing.T
	conn *websocket.Conn
}

// open opens a socket without logging in.
func (g *gateway) open() *page {
	g.t.Helper()
	return g.openWith(&websocket.DialOptions{})
}

func (g *gateway) openWith(o *websocket.DialOptions) *page {
	g.t.Helper()
	o.HTTPHeader = http.Header{"Origin": {"http://" + g.address}}
	conn, _, err := websocket.Dial(g.t.Context(), "ws://"+g.address+"/api/v1/ws", o)
	if err != nil {
		g.t.Fatal(err)
	}
	conn.SetReadLimit(1 << 20)
	g.t.Cleanup(func() { conn.CloseNow() })
	return &page{g.t, conn}
}

// logIn opens a socket, logs the user in and takes the snapshot; it returns the data of the reply too.
func (g *gateway) logIn(user string) (*page, loginData) {
	g.t.Helper()
	p := g.open()
	data := p.logIn(map[string]any{"type": "login", "token": g.token(user)})
	if e := p.next(); e["event"] != "snapshot" {
		g.t.Fatalf("no snapshot but %v", e)
	}
	return p, data
}

// logIn sends the message and expects to be let in.
func (p *page) logIn(message map[string]any) (data loginData) {
	p.t.Helper()
	p.send(message)
	var reply struct {
		OK   bool
		Data *loginData
	}
	reply.Data = &data
	text := p.nextText()
	if err := json.Unmarshal(text, &reply); err != nil || !reply.OK {
		p.t.Fatalf("not logged in: %s %v", text, err)
	}
	return data
}

func (p *page) send(message any) { p.t.Helper(); p.sendText(string(marshal(message))) }

func (p *page) sendText(text string) {
	p.t.Helper()
	if err := p.conn.Write(p.t.Context(), websocket.MessageText, []byte(text)); err != nil {
		p.t.Fatal(err)
	}
}

func (p *page) nextText() []byte {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.t.Context(), patience)
	defer cancel()
	_, text, err := p.conn.Read(ctx)
	if err != nil {
		p.t.Fatal(err)
	}
	return text
}

// next is the next message.
func (p *page) next() map[string]any {
	p.t.Helper()
	var m map[string]any
	text := p.nextText()
	if err := json.NewDecoder(bytes.NewReader(text)).Decode(&m); err != nil {
		p.t.Fatalf("%s: %v", text, err)
	}
	return m
}

// closed skips what still comes and returns the close code.
func (p *page) closed() websocket.StatusCode {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.t.Context(), patience)
	defer cancel()
	for {
		_, _, err := p.conn.Read(ctx)
		if ctx.Err() != nil {
			p.t.Fatal("the socket was not closed")
		}
		if err != nil {
			return websocket.CloseStatus(err)
		}
	}
}

// await waits for one thing from a channel.
func await[T any](t *testing.T, what string, c <-chan T) T {
	t.Helper()
	select {
	case v := <-c:
		return v
	case <-time.After(patience):
		t.Fatalf("waited for %s", what)
		panic("unreachable")
	}
}
