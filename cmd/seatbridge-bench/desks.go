package main

import (
	"context"
	"net"
	"net/netip"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"seatbridge/codec"
	"seatbridge/sip/dialog"
	"seatbridge/sip/sdp"
)

// ringing is how long a desk phone of a queue rings before it answers.
const ringing = 200 * time.Millisecond

// desks are desk phones that ring, answer, and say nothing until they are hung up.
type desks struct {
	stack *dialog.Stack
	media silent

	mu       sync.Mutex
	expected map[string]*visit // by the caller's number
}

// visit is a caller on its way to a desk phone.
type visit struct {
	came time.Time     // when a phone had its INVITE, the first time
	up   chan struct{} // closed when a phone has its ACK
	once sync.Once     // of up
}

// startDesks starts n desk phones and registers them at the gateway. They must be closed, also where there is an error.
func startDesks(ctx context.Context, gateway string, n int) (*desks, error) {
	media, err := newSilent()
	if err != nil {
		return nil, err
	}
	d := &desks{media: media, expected: map[string]*visit{}}
	if d.stack, _, err = startStack(d); err != nil {
		media.Close()
		return nil, err
	}
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(10)
	for i := range n {
		g.Go(func() error { return register(ctx, d.stack, gateway, extension(i)) })
	}
	return d, g.Wait()
}

// Request answers OPTIONS.
func (d *desks) Request(t *dialog.Transaction) { t.RespondStateless(200, "") }

// Invite rings, and answers after a while.
func (d *desks) Invite(in *dialog.Incoming) {
	v := d.visited(in.Request.From().Address.User)
	answer, _, err := d.media.session().Answer(in.SDP(), codec.None)
	if v == nil || err != nil {
		in.RespondStateless(488, "")
		return
	}
	call := in.Open(dialog.Options{}, func(_ *dialog.Dialog, e dialog.Event) {
		if _, ok := e.(dialog.Confirmed); ok {
			v.once.Do(func() { close(v.up) })
		}
	})
	call.Provisional(180, nil)
	time.AfterFunc(ringing, func() { call.Answer(answer) }) // ignored where the caller is gone
}

// visited notes that a caller came; nil where it is not expected.
func (d *desks) visited(number string) *visit {
	now := time.Now()
	d.mu.Lock()
	defer d.mu.Unlock()
	v := d.expected[number]
	if v != nil && v.came.IsZero() {
		v.came = now
	}
	return v
}

// expect has a caller known.
func (d *desks) expect(number string) *visit {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.expected[number] = &visit{up: make(chan struct{})}
	return d.expected[number]
}

// forget forgets a caller. It returns when it came, if it did.
func (d *desks) forget(number string) (came time.Time) {
	d.mu.Lock()
	defer d.mu.Unlock()
	came = d.expected[number].came
	delete(d.expected, number)
	return came
}

func (d *desks) close() {
	d.stack.Close()
	d.media.Close()
}

// silent is where the media of any number of calls goes that nobody listens to.
type silent struct{ *net.UDPConn }

func newSilent() (silent, error) {
	conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	return silent{conn}, err
}

func (s silent) session() *sdp.Session {
	local := s.LocalAddr().(*net.UDPAddr)
	address, _ := netip.AddrFromSlice(local.IP.To4())
	return sdp.New(sdp.Config{Address: address, Port: uint16(local.Port), Codecs: []codec.ID{codec.PCMU}, Events: true})
}
