package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/coder/websocket"
	"github.com/coder/websocket/wsjson"
)

// page is a seat's login at the gateway (docs/protocol.md), without its sound.
type page struct {
	user   string
	socket *websocket.Conn
	read   chan struct{} // closed when nothing reads the socket any more
	id     int

	mu      sync.Mutex
	waiters []waiter
}

// waiter waits for one message.
type waiter struct {
	is  func(message) bool
	got chan message // holds one
}

// message is what of the protocol's messages matters here.
type message struct {
	at    time.Time // when it was read
	Reply string    `json:"reply"`
	OK    bool      `json:"ok"`
	Event string    `json:"event"`
	Data  struct {
		SDP       string `json:"sdp"`
		SessionID string `json:"sessionId"`
	} `json:"data"`
	Error struct {
		Message string `json:"message"`
	} `json:"error"`
	Reason  string `json:"reason"`
	Parties []struct {
		User  string   `json:"userId"`
		Hears []string `json:"hears"`
	} `json:"parties"`
}

// logIn opens the WebSocket of a user. The page must be closed, also where there is an error.
func (g *gateway) logIn(ctx context.Context, user string) (*page, error) {
	p := &page{user: user}
	token, err := g.token(ctx, user)
	if err != nil {
		return p, err
	}
	p.socket, _, err = websocket.Dial(ctx, "ws://"+g.http+"/api/v1/ws", &websocket.DialOptions{
		HTTPHeader: http.Header{"Origin": {"http://" + g.http}},
	})
	if err != nil {
		return p, err
	}
	p.read = make(chan struct{})
	go p.receive()
	_, err = p.ask(ctx, "login", map[string]any{"type": "login", "token": token})
	return p, err
}

func (g *gateway) token(ctx context.Context, user string) (string, error) {
	body, err := json.Marshal(map[string]string{"user": user})
	if err != nil {
		return "", err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+g.http+"/api/v1/token", bytes.NewReader(body))
	if err != nil {
		return "", err
	}
	req.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return "", err
	}
	defer res.Body.Close()
	var t struct{ Token string }
	if err := json.NewDecoder(res.Body).Decode(&t); err != nil || t.Token == "" {
		return "", fmt.Errorf("token: %s: %w", res.Status, errors.Join(err))
	}
	return t.Token, nil
}

// receive reads until the socket is closed.
func (p *page) receive() {
	defer close(p.read)
	for {
		var m message
		if err := wsjson.Read(context.Background(), p.socket, &m); err != nil {
			return
		}
		m.at = time.Now()
		p.deliver(m)
	}
}

// deliver hands a message to who waits for it; others are passed over.
func (p *page) deliver(m message) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.waiters = slices.DeleteFunc(p.waiters, func(w waiter) bool {
		if w.is(m) {
			w.got <- m
			return true
		}
		return false
	})
}

// expect has the next message of a kind kept for await; it is called before what brings that about.
func (p *page) expect(is func(message) bool) <-chan message {
	w := waiter{is, make(chan message, 1)}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.waiters = append(p.waiters, w)
	return w.got
}

func (p *page) await(ctx context.Context, got <-chan message) (message, error) {
	select {
	case m := <-got:
		return m, nil
	case <-p.read:
		return message{}, fmt.Errorf("%s: the gateway closed the WebSocket", p.user)
	case <-ctx.Done():
		return message{}, ctx.Err()
	case <-time.After(20 * time.Second):
		return message{}, fmt.Errorf("%s: the gateway does not answer", p.user)
	}
}

// command sends a command and waits for its reply.
func (p *page) command(ctx context.Context, kind string, members map[string]any) (message, error) {
	p.id++
	id := strconv.Itoa(p.id)
	c := map[string]any{"id": id, "type": kind}
	for k, v := range members {
		c[k] = v
	}
	m, err := p.ask(ctx, id, c)
	if err != nil {
		return m, fmt.Errorf("%s by %s: %w", kind, p.user, err)
	}
	return m, nil
}

// about sends a command about a session.
func (p *page) about(ctx context.Context, session, kind string) error {
	_, err := p.command(ctx, kind, map[string]any{"sessionId": session})
	return err
}

func (p *page) ask(ctx context.Context, id string, c map[string]any) (message, error) {
	reply := p.expect(func(m message) bool { return m.Reply == id })
	if err := wsjson.Write(ctx, p.socket, c); err != nil {
		return message{}, err
	}
	m, err := p.await(ctx, reply)
	if err == nil && !m.OK {
		err = errors.New(m.Error.Message)
	}
	return m, err
}

// call calls a number and returns the session once that is answered.
func (p *page) call(ctx context.Context, number string) (session string, err error) {
	answered := p.expect(func(m message) bool { return m.Event == "calloutAccepted" || m.Event == "sessionEnded" })
	m, err := p.command(ctx, "call", map[string]any{"to": number})
	if err != nil {
		return "", err
	}
	session = m.Data.SessionID
	if m, err = p.await(ctx, answered); err == nil && m.Event == "sessionEnded" {
		err = fmt.Errorf("the call of %s ended: %s", p.user, m.Reason)
	}
	return session, err
}

// monitor has the seat listen to a session, and waits until it hears both sides.
func (p *page) monitor(ctx context.Context, session string) error {
	listens := p.expect(func(m message) bool {
		for _, party := range m.Parties {
			if party.User == p.user && len(party.Hears) > 1 {
				return true
			}
		}
		return false
	})
	if err := p.about(ctx, session, "monitor"); err != nil {
		return err
	}
	_, err := p.await(ctx, listens)
	return err
}

// leave ends the seat's part in a session, and waits until it has ended.
func (p *page) leave(ctx context.Context, session string) error {
	out := p.expect(ended)
	if err := p.about(ctx, session, "leave"); err != nil {
		return err
	}
	_, err := p.await(ctx, out)
	return err
}

// ended says that a message tells the end of a session for a seat.
func ended(m message) bool { return m.Event == "sessionEnded" }

func (p *page) close() {
	if p.socket != nil {
		p.socket.CloseNow()
		<-p.read
	}
}
