package api

import (
	"context"
	"errors"
	"net"
	"sync"
	"time"

	"github.com/coder/websocket"
	"golang.org/x/time/rate"
)

// closeWait is how long a browser may take for its half of the closing handshake.
const closeWait = 3 * time.Second

// socket is one WebSocket: what is read is handed on, what is sent is queued, and a browser that is gone is noticed.
type socket struct {
	conn   *websocket.Conn
	raw    net.Conn
	limits Limits
	out    *outbox
	rate   *rate.Limiter
	ended  chan struct{} // closed by end

	mu  sync.Mutex
	why closing // valid once ended is closed
}

func newSocket(conn *websocket.Conn, raw net.Conn, l Limits) *socket {
	conn.SetReadLimit(l.MessageBytes)
	return &socket{
		conn:   conn,
		raw:    raw,
		limits: l,
		out:    newOutbox(l.QueueLength, l.QueueBytes),
		rate:   rate.NewLimiter(rate.Limit(l.MessageRate), l.MessageBurst),
		ended:  make(chan struct{}),
	}
}

// run hands every message to handle, one after the other, until the socket is closed; it returns why that was.
func (s *socket) run(handle func(message []byte)) closing {
	var wg sync.WaitGroup
	wg.Go(s.write)
	wg.Go(s.ping)
	// Also when handle panics: whoever recovers must not find the socket open.
	defer wg.Wait()
	defer s.end(closeFault)
	s.read(handle)
	s.end(closeGone)
	return s.why
}

// end asks the socket to close; only the first reason counts.
func (s *socket) end(why closing) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.isEnded() {
		return
	}
	s.why = why
	if !why.flush {
		s.out.discard()
	}
	close(s.ended)
}

func (s *socket) isEnded() bool {
	select {
	case <-s.ended:
		return true
	default:
		return false
	}
}

// send queues a message; a browser that does not keep up is closed.
func (s *socket) send(message []byte) {
	if !s.out.put(message) {
		s.end(closeSlow)
	}
}

// replay queues events that were kept, beyond the queue's length where it must be.
func (s *socket) replay(events []sentEvent) {
	s.out.grow(len(events))
	for _, e := range events {
		s.send(e.message)
	}
}

// read must not be given a context that ends: coder/websocket then cuts the connection without a close frame.
func (s *socket) read(handle func(message []byte)) {
	for {
		_, message, err := s.conn.Read(context.Background())
		switch {
		case errors.Is(err, websocket.ErrMessageTooBig):
			s.end(closeTooBig)
			return
		case err != nil || s.isEnded():
			return
		case !s.rate.Allow():
			s.end(closeFlood)
			return
		}
		handle(message)
	}
}

// write sends what is queued until the socket is ended, and then closes it.
func (s *socket) write() {
	for s.flush() {
		select {
		case <-s.out.ready:
			continue
		case <-s.ended:
		}
		s.flush()
		break
	}
	s.close()
}

// flush sends what is queued; it is false when the network does not take it.
func (s *socket) flush() bool {
	for {
		message, ok := s.out.take()
		if !ok {
			return true
		}
		stalled := time.AfterFunc(s.limits.WriteStall, func() {
			s.end(closeSlow)
			s.raw.Close()
		})
		err := s.conn.Write(context.Background(), websocket.MessageText, message)
		stalled.Stop()
		if err != nil {
			s.end(closeGone)
			return false
		}
	}
}

// close says why and waits for the browser's answer, but not for ever: one that announced a message and never sends it
// would hold the library's close.
func (s *socket) close() {
	cut := time.AfterFunc(closeWait, func() { s.raw.Close() })
	defer cut.Stop()
	_ = s.conn.Close(s.why.code, s.why.reason) // an error means that it is closed already
}

// ping notices a browser that is gone without a word.
func (s *socket) ping() {
	tick := time.NewTicker(s.limits.Ping)
	defer tick.Stop()
	for misses := 0; misses < 2; {
		select {
		case <-s.ended:
			return
		case <-tick.C:
		}
		ctx, cancel := context.WithTimeout(context.Background(), s.limits.Ping/3)
		err := s.conn.Ping(ctx)
		switch {
		case err == nil:
			misses = 0
		case ctx.Err() != nil:
			misses++
		}
		cancel()
	}
	s.end(closeUnanswered)
}
