package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/coder/websocket"
	"github.com/coder/websocket/wsjson"
	"github.com/pion/rtp"

	"seatbridge/rtc/rtctest"
)

// browser is the other side of the load: a page that logged in and calls the carrier (docs/protocol.md).
type browser struct {
	party
	peer    *rtctest.Browser
	socket  *websocket.Conn
	drained chan struct{} // closed when nothing reads the socket any more
	id      int
	next    int // payload
}

// message is what of the protocol's messages matters here.
type message struct {
	Reply string `json:"reply"`
	OK    bool   `json:"ok"`
	Event string `json:"event"`
	Data  struct {
		SDP string `json:"sdp"`
	} `json:"data"`
	Error struct {
		Message string `json:"message"`
	} `json:"error"`
	Reason string `json:"reason"`
}

// call logs user in, connects and calls number; it returns once that is answered. The browser must be closed, also
// where there is an error.
func (g *gateway) call(ctx context.Context, user, number string) (*browser, error) {
	b := &browser{}
	if err := b.logIn(ctx, g, user); err != nil {
		return b, err
	}
	var err error
	b.peer, err = rtctest.New(rtctest.Config{Ears: 3, Received: func(ear int, h *rtp.Header, _ []byte) {
		if ear == 0 {
			b.receives(h.SequenceNumber)
		}
	}})
	if err != nil {
		return b, err
	}
	if err := b.peer.Connect(func(offer string) (string, error) {
		m, err := b.command(ctx, map[string]any{"type": "offer", "sdp": offer})
		return m.Data.SDP, err
	}); err != nil {
		return b, err
	}
	if _, err := b.command(ctx, map[string]any{"type": "call", "to": number}); err != nil {
		return b, err
	}
	if err := b.event(ctx, "calloutAccepted"); err != nil {
		return b, err
	}
	b.drained = make(chan struct{})
	go b.drain()
	return b, nil
}

// logIn opens the WebSocket.
func (b *browser) logIn(ctx context.Context, g *gateway, user string) error {
	token, err := g.token(ctx, user)
	if err != nil {
		return err
	}
	b.socket, _, err = websocket.Dial(ctx, "ws://"+g.http+"/api/v1/ws", &websocket.DialOptions{
		HTTPHeader: http.Header{"Origin": {"http://" + g.http}},
	})
	if err != nil {
		return err
	}
	if err := wsjson.Write(ctx, b.socket, map[string]any{"type": "login", "token": token}); err != nil {
		return err
	}
	_, err = b.reply(ctx, "login")
	return err
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

func (b *browser) command(ctx context.Context, c map[string]any) (message, error) {
	b.id++
	c["id"] = strconv.Itoa(b.id)
	if err := wsjson.Write(ctx, b.socket, c); err != nil {
		return message{}, err
	}
	return b.reply(ctx, strconv.Itoa(b.id))
}

// reply waits for a command's reply; events that come first are passed over.
func (b *browser) reply(ctx context.Context, id string) (message, error) {
	for {
		m, err := b.read(ctx)
		switch {
		case err != nil:
			return m, err
		case m.Reply == id && !m.OK:
			return m, errors.New(m.Error.Message)
		case m.Reply == id:
			return m, nil
		}
	}
}

// event waits for an event.
func (b *browser) event(ctx context.Context, name string) error {
	for {
		m, err := b.read(ctx)
		switch {
		case err != nil:
			return err
		case m.Event == name:
			return nil
		case m.Event == "sessionEnded":
			return fmt.Errorf("the call ended: %s", m.Reason)
		}
	}
}

func (b *browser) read(ctx context.Context) (message, error) {
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	var m message
	err := wsjson.Read(ctx, b.socket, &m)
	return m, err
}

// drain reads on, as a page does, until the socket is closed.
func (b *browser) drain() {
	defer close(b.drained)
	for {
		if _, _, err := b.socket.Read(context.Background()); err != nil {
			return
		}
	}
}

// say sends the next 20 ms.
func (b *browser) say(s *speech) {
	b.sends()
	_ = b.peer.Send(s.opus[b.next%len(s.opus)], interval) // an error shows as loss
	b.next++
}

func (b *browser) close() {
	if b.socket != nil {
		b.socket.CloseNow()
	}
	if b.drained != nil {
		<-b.drained
	}
	if b.peer != nil {
		_ = b.peer.Close()
	}
}
