package rtc_test

import (
	"context"
	"log/slog"
	"math"
	"net"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"seatbridge/codec"
	"seatbridge/leg"
	"seatbridge/media"
	"seatbridge/rtc"
	"seatbridge/rtc/rtctest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// patience is how long a test waits for what should take a tenth of it.
const patience = 10 * time.Second

// gateway is a Server on loopback and what it told.
type gateway struct {
	*rtc.Server
	events chan rtc.Event
}

// start starts a Server that is closed with the test.
func start(t *testing.T, c rtc.Config) *gateway {
	t.Helper()
	if c.Conn == nil {
		c.Conn = listen(t, "127.0.0.1:0")
	}
	g := &gateway{events: make(chan rtc.Event, 64)}
	c.Observer = func(e rtc.Event) { g.events <- e }
	if testing.Verbose() {
		c.Logger = slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelDebug}))
	}
	var err error
	if g.Server, err = rtc.New(c); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { g.Close() })
	return g
}

func listen(t *testing.T, addr string) *net.UDPConn {
	t.Helper()
	conn, err := net.ListenPacket("udp", addr)
	if err != nil {
		t.Fatal(err)
	}
	return conn.(*net.UDPConn)
}

// browser makes a fake browser that is closed with the test.
func browser(t *testing.T, c rtctest.Config) *rtctest.Browser {
	t.Helper()
	b, err := rtctest.New(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.Close() })
	return b
}

// signal is how a page's offer reaches the gateway.
func (g *gateway) signal(user, login string) func(string) (string, error) {
	return func(offer string) (string, error) {
		return g.Connect(context.Background(), user, login, offer)
	}
}

// await waits for an event of a login.
func (g *gateway) await(t *testing.T, login string, s rtc.State) rtc.Event {
	t.Helper()
	for {
		select {
		case e := <-g.events:
			if e.Login == login && e.State == s {
				return e
			}
		case <-time.After(patience):
			t.Fatalf("%s did not become %s", login, s)
		}
	}
}

// connected gives a browser that is logged in.
func (g *gateway) connected(t *testing.T, user, login string, c rtctest.Config) *rtctest.Browser {
	t.Helper()
	b := browser(t, c)
	if err := b.Connect(g.signal(user, login)); err != nil {
		t.Fatal(err)
	}
	g.await(t, login, rtc.StateConnected)
	return b
}

// events is what a leg told.
type events chan leg.Event

func (e events) observe(ev leg.Event) { e <- ev }

// next waits for the next event, which must be of the type.
func next[E leg.Event](t *testing.T, e events) E {
	t.Helper()
	select {
	case ev := <-e:
		got, ok := ev.(E)
		if !ok {
			t.Fatalf("%T %+v, not %T", ev, ev, got)
		}
		return got
	case <-time.After(patience):
		var want E
		t.Fatalf("no %T", want)
		return want
	}
}

// talk gives an answered leg to the user's browser.
func (g *gateway) talk(t *testing.T, user string) (leg.Leg, events) {
	t.Helper()
	e := make(events, 16)
	l := g.Dial(leg.Dial{ID: "leg-" + user, To: leg.Destination{User: user}}, e.observe)
	next[leg.Ringing](t, e)
	if !l.Pickup() {
		t.Fatal("a browser can always pick up")
	}
	if a := next[leg.Answered](t, e); a.Codec != codec.Opus {
		t.Fatalf("answered with %v", a.Codec)
	}
	return l, e
}

// play sends a tone to an ear until the test ends.
func play(t *testing.T, ear *media.Sender, hz float64) {
	t.Helper()
	playAs(t, ear, codec.Opus, hz)
}

// playAs is play with another codec.
func playAs(t *testing.T, ear *media.Sender, id codec.ID, hz float64) {
	t.Helper()
	enc, err := codec.NewEncoder(id, 8000, codec.Options{})
	if err != nil {
		t.Fatal(err)
	}
	stop, done := make(chan struct{}), make(chan struct{})
	t.Cleanup(func() { close(stop); <-done })
	go func() {
		defer close(done)
		defer enc.Close()
		tick := time.NewTicker(20 * time.Millisecond)
		defer tick.Stop()
		pcm, payload := make([]int16, 160), make([]byte, 1275)
		for n := 0; ; n++ {
			for i := range pcm {
				pcm[i] = int16(11000 * math.Sin(2*math.Pi*hz*float64(n*160+i)/8000))
			}
			size, err := enc.Encode(payload, pcm)
			if err != nil {
				t.Error(err)
				return
			}
			ear.Send(&media.Frame{
				Stream: 1, Codec: id, Seq: uint16(n), Timestamp: uint32(n) * id.ClockRate() / 50, Arrived: time.Now(),
				Payload: payload[:size],
			})
			select {
			case <-tick.C:
			case <-stop:
				return
			}
		}
	}()
}

// hears demands that an ear comes to hear one tone and not another. It takes a moment: a decoder that begins in
// mid-stream is too quiet at first.
func hears(t *testing.T, b *rtctest.Browser, ear int, hz, not float64) rtctest.Heard {
	t.Helper()
	const want = 11000.0 / 32768
	for deadline := time.Now().Add(patience); ; {
		h, err := b.Hear(ear, 200*time.Millisecond)
		level, other := h.Level(hz), h.Level(not)
		if err == nil && level > want*0.7 && level < want*1.4 && other < 0.02 {
			return h
		}
		if time.Now().After(deadline) {
			t.Fatalf("ear %d hears %v Hz at %.3f, not %.3f, and %v Hz at %.3f: %v", ear, hz, level, want, not, other, err)
		}
	}
}

// listener is a Sink that decodes what a browser says.
type listener struct {
	t      *testing.T
	enough chan []int16
	digits chan media.Event // their ends

	mu      sync.Mutex
	closed  bool
	decoder codec.Decoder
	buf     []int16
	pcm     []int16 // at 8 kHz
}

// listen puts a listener on a leg's port.
func listenTo(t *testing.T, p media.Port) *listener {
	t.Helper()
	d, err := codec.NewDecoder(codec.Opus, 8000)
	if err != nil {
		t.Fatal(err)
	}
	l := &listener{
		t: t, decoder: d, buf: make([]int16, 960), enough: make(chan []int16, 1), digits: make(chan media.Event, 16),
	}
	t.Cleanup(l.close)
	p.In.SetSink(l)
	return l
}

func (l *listener) close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.closed = true
	l.decoder.Close()
}

// Frame decodes; each half second is given to whoever waits.
func (l *listener) Frame(f *media.Frame) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return
	}
	if f.Codec != codec.Opus {
		l.t.Errorf("frame of %v", f.Codec)
		return
	}
	n, err := l.decoder.Decode(l.buf, f.Payload)
	if err != nil {
		l.t.Error(err)
	}
	if l.pcm = append(l.pcm, l.buf[:n]...); len(l.pcm) >= 4000 {
		select {
		case l.enough <- l.pcm:
		default:
		}
		l.pcm = nil
	}
}

// Event keeps the ends of digits.
func (l *listener) Event(e *media.Event) {
	if e.End {
		l.digits <- *e
	}
}

// hears demands that half a second full of a tone comes.
func (l *listener) hears(hz float64) {
	l.t.Helper()
	deadline := time.After(patience)
	for level := 0.0; level < 0.25; {
		select {
		case pcm := <-l.enough:
			level = rtctest.Level(pcm, 8000, hz)
		case <-deadline:
			l.t.Fatalf("%v Hz heard at %.3f", hz, level)
		}
	}
}

// eventually waits until something is so.
func eventually(t *testing.T, what string, so func() bool) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(patience); !so(); <-tick.C {
		if time.Now().After(deadline) {
			t.Fatalf("not so after %v: %s", patience, what)
		}
	}
}
