package main

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/pion/rtp"
	"github.com/prometheus/client_golang/prometheus"

	"seatbridge/codec"
	"seatbridge/sip/dialog"
	"seatbridge/sip/sdp"
)

// carrier is the SIP side of the load: it answers every call and talks. The desk phones are one as well.
type carrier struct {
	stack  *dialog.Stack
	addr   string
	offers atomic.Int64 // re-INVITEs and UPDATEs that came

	mu      sync.Mutex
	calls   []*carrierCall // that go on
	readers sync.WaitGroup
}

// carrierCall is one answered call.
type carrierCall struct {
	party
	conn   *net.UDPConn
	rtcp   *net.UDPConn // what comes there is not read
	remote netip.AddrPort
	header rtp.Header
	buf    []byte
}

func startCarrier() (*carrier, error) {
	c := &carrier{}
	var err error
	c.stack, c.addr, err = startStack(c)
	return c, err
}

// startStack starts a SIP side on a loopback address of its own.
func startStack(h dialog.Handler) (stack *dialog.Stack, addr string, err error) {
	conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		return nil, "", err
	}
	stack, err = dialog.New(dialog.Config{
		Listeners: []dialog.Listener{{Transport: "udp", PacketConn: conn}}, Handler: h,
		Logger: slog.New(slog.DiscardHandler), Metrics: dialog.NewMetrics(prometheus.NewRegistry()),
		Session: dialog.SessionTimer{Off: true},
	})
	if err != nil {
		conn.Close()
		return nil, "", err
	}
	stack.Start()
	return stack, conn.LocalAddr().String(), nil
}

// Request answers OPTIONS.
func (c *carrier) Request(t *dialog.Transaction) { t.RespondStateless(200, "") }

// Invite answers at once.
func (c *carrier) Invite(in *dialog.Incoming) {
	call, answer, err := newCarrierCall(in.SDP())
	if err != nil {
		in.RespondStateless(488, err.Error())
		return
	}
	c.mu.Lock()
	c.calls = append(c.calls, call)
	c.mu.Unlock()
	c.readers.Go(call.read)
	in.Open(dialog.Options{}, func(_ *dialog.Dialog, e dialog.Event) {
		switch e := e.(type) {
		case dialog.Offer:
			c.offers.Add(1)
			e.Reject(488)
		case dialog.Ended:
			c.drop(call)
		}
	}).Answer(answer)
}

// drop ends a call.
func (c *carrier) drop(call *carrierCall) {
	c.mu.Lock()
	c.calls = slices.DeleteFunc(c.calls, func(other *carrierCall) bool { return other == call })
	c.mu.Unlock()
	call.close()
}

func newCarrierCall(offer []byte) (*carrierCall, []byte, error) {
	call, err := listen()
	if err != nil {
		return nil, nil, err
	}
	local := call.conn.LocalAddr().(*net.UDPAddr).AddrPort()
	session := sdp.New(sdp.Config{Address: local.Addr(), Port: local.Port(), Codecs: []codec.ID{codec.PCMU}, Events: true})
	answer, n, err := session.Answer(offer, codec.None)
	if err == nil && !n.Remote.Addr().IsLoopback() {
		err = fmt.Errorf("%v is not on this machine", n.Remote)
	}
	if err != nil {
		call.close()
		return nil, nil, fmt.Errorf("offer: %w", err)
	}
	call.remote, call.buf = n.Remote, make([]byte, 0, 200)
	call.header = rtp.Header{Version: 2, SSRC: uint32(local.Port())}
	return call, answer, nil
}

// listen takes an even port for RTP and the next one for RTCP (RFC 3550 section 11): left to chance, the next one may
// be another call's RTP.
func listen() (*carrierCall, error) {
	for range 100 {
		conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
		if err != nil {
			return nil, err
		}
		port := conn.LocalAddr().(*net.UDPAddr).Port
		if port%2 == 0 {
			rtcp, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1), Port: port + 1})
			if err == nil {
				return &carrierCall{conn: conn, rtcp: rtcp}, nil
			}
		}
		conn.Close()
	}
	return nil, errors.New("no two ports in a row are free")
}

func (c *carrierCall) close() {
	c.conn.Close()
	c.rtcp.Close()
}

func (c *carrierCall) read() {
	buf := make([]byte, 1500)
	var h rtp.Header
	for {
		n, _, err := c.conn.ReadFromUDPAddrPort(buf)
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if size, bad := h.Unmarshal(buf[:n]); err == nil && bad == nil {
			c.takes(0, &h, buf[size:n])
		}
	}
}

// say sends the next 20 ms.
func (c *carrierCall) say(s *speech) {
	c.sends()
	payload := s.pcmu[int(c.header.SequenceNumber)%len(s.pcmu)]
	n, err := c.header.MarshalTo(c.buf[:cap(c.buf)])
	if err != nil {
		return
	}
	c.header.SequenceNumber++
	c.header.Timestamp += 160
	// An error shows as loss.
	_, _ = c.conn.WriteToUDPAddrPort(append(c.buf[:n], payload...), c.remote)
}

// all are the calls that go on, in the order in which they came.
func (c *carrier) all() []*carrierCall {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.calls)
}

func (c *carrier) close() {
	c.stack.Close()
	for _, call := range c.all() {
		call.close()
	}
	c.readers.Wait()
}
