package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"seatbridge/api"
	"seatbridge/api/cdr"
	"seatbridge/bridge"
	"seatbridge/call"
	"seatbridge/codec"
	"seatbridge/configs"
	"seatbridge/leg"
	"seatbridge/media"
	"seatbridge/media/recording"
	"seatbridge/metrics"
	"seatbridge/rtc"
	"seatbridge/seat"
	"seatbridge/sip"
	"seatbridge/store"
	"seatbridge/web"
)

// gateway is everything that runs.
type gateway struct {
	log      *slog.Logger
	store    *store.Store
	seats    *seat.Directory
	calls    *call.Manager
	cdr      *cdr.Recorder
	sip      *sip.Endpoint
	rtc      *rtc.Server
	api      *api.Server
	http     net.Listener
	clock    *media.Clock
	demo     *demo
	registry *metrics.Registry
	tapes    *recording.Recorder // nil where nothing is recorded
	keep     time.Duration       // of records; 0 is for ever

	extensions *extensions
	reach      reach

	ctx      context.Context // ends when the gateway closes
	cancel   context.CancelFunc
	stopping atomic.Bool
	serving  sync.WaitGroup
}

// switchboard starts legs by what carries them.
type switchboard struct {
	phones   leg.Dialer
	browsers leg.Dialer
}

// Dial chooses the transport by the destination.
func (s *switchboard) Dial(d leg.Dial, o leg.Observer) leg.Leg {
	if d.To.User != "" {
		return s.browsers.Dial(d, o)
	}
	return s.phones.Dial(d, o)
}

// newGateway builds everything and binds every socket, but serves nothing yet.
func newGateway(c *configs.Config, log *slog.Logger) (*gateway, error) {
	g := &gateway{log: log, keep: c.Store.Records}
	g.ctx, g.cancel = context.WithCancel(context.Background())
	if err := g.build(c); err != nil {
		g.close()
		return nil, err
	}
	return g, nil
}

func (g *gateway) build(c *configs.Config) error {
	if err := prepareDemo(c); err != nil {
		return err
	}
	g.registry = metrics.New(version)
	mediaMetrics := media.NewMetrics(g.registry)
	groups, err := g.buildSeats(c)
	if err != nil {
		return err
	}
	board := &switchboard{}
	if err := g.buildCalls(c, groups, board, mediaMetrics); err != nil {
		return err
	}
	if err := g.buildLegs(c, mediaMetrics); err != nil {
		return err
	}
	board.phones, board.browsers = g.sip, g.rtc
	return g.buildAPI(c)
}

// buildSeats opens what outlives the process, and makes who works here and who keeps the records. It returns the ids of
// the file's groups by their names.
func (g *gateway) buildSeats(c *configs.Config) (groups map[string]int64, err error) {
	if g.store, err = openStore(g.ctx, c, g.log); err != nil {
		return nil, err
	}
	if groups, err = seedSeats(g.ctx, c, g.store); err != nil {
		return nil, err
	}
	if g.seats, err = seat.New(seat.Config{
		Store: g.store, Log: g.log, Reachable: g.reach.there, Metrics: seat.NewMetrics(g.registry), Zone: time.Local,
	}); err != nil {
		return nil, err
	}
	g.cdr, err = newRecorder(c, g.store, g.seats, g.registry, g.log)
	return groups, err
}

// buildCalls makes call control, whose legs the board starts.
func (g *gateway) buildCalls(c *configs.Config, groups map[string]int64, board *switchboard, m *media.Metrics) error {
	g.clock = media.NewClock()
	m.Track(g.clock)
	var err error
	if g.tapes, err = openRecordings(c, g.log, g.registry); err != nil {
		return err
	}
	played, err := sounds(c, g.log)
	if err != nil {
		return err
	}
	g.calls, err = call.New(call.Config{
		Routes: routes(c, groups), Seats: g.seats, Dialer: board, Log: g.log, Metrics: call.NewMetrics(g.registry),
		NewBridge: func(string) call.Bridge {
			return bridge.New(bridge.Config{Clock: g.clock, Codec: encoding(c), Metrics: m})
		},
		NewRecording: newRecording(g.tapes),
		Sounds:       played,
		Limits: call.Limits{
			RingSeat: c.Calls.RingTimeout, Longest: c.Calls.MaxDuration, Sessions: c.Calls.MaxSessions,
			SeatPerMinute: c.Calls.SeatCallsPerMinute, SeatOutside: c.Calls.SeatCallsAtOnce,
		},
		Digits:              call.Digits{Length: c.Calls.DigitLength, Gap: c.Calls.DigitGap},
		EndOnFailedTransfer: c.Calls.TransferFailed == "end",
		Ended:               g.cdr.Ended, Progress: progress(c, g.cdr),
	})
	return err
}

// buildLegs makes what carries the calls: browsers and phones.
func (g *gateway) buildLegs(c *configs.Config, m *media.Metrics) error {
	// The API is there before a browser can connect.
	changed := func(e rtc.Event) { g.api.MediaChanged(e.User, e.Login, string(e.State), e.Reason) }
	var err error
	if g.rtc, err = newRTC(c, g.log, g.registry, m, changed); err != nil {
		return err
	}
	phones, err := phoneConfig(c, g.log, g.registry)
	if err != nil {
		return err
	}
	phones.Handler, phones.Media, phones.Registrations = g.calls, m, g.store
	phones.PhoneChanged = g.reach.changed
	if g.extensions, err = loadExtensions(g.ctx, c, g.store, g.log); err != nil {
		return err
	}
	phones.Accounts = append(phones.Accounts, g.extensions.accounts()...)
	if g.sip, err = sip.New(phones); err != nil {
		return err
	}
	g.extensions.phones = g.sip
	g.reach.begin(g.sip, g.seats)
	return nil
}

func (g *gateway) buildAPI(c *configs.Config) error {
	page, err := web.Page()
	if err != nil {
		g.log.Warn("the workbench is not served: make build makes it", "error", err)
	}
	sdk, err := web.SDK()
	if err != nil {
		g.log.Warn("the browser SDK is not served: make build makes it", "error", err)
	}
	types, err := web.SDKTypes()
	if err != nil {
		return err
	}
	crm, err := demoSite(c)
	if err != nil {
		return err
	}
	g.api, err = api.New(api.Config{
		Commands: g.calls, Media: g.rtc, Tracer: tracer{g.sip.Trace()}, Recordings: recordings(g.tapes),
		Seats: g.seats, DemoLogin: c.HTTP.DemoLogin, DemoNumbers: demoNumbers(c), Demo: crm,
		Origins: c.HTTP.Origins, Page: page, SDK: sdk, SDKTypes: types, Ready: g.ready, Log: g.log,
		ServerAPI: g.serverAPI(c), MetricsHandler: g.registry.Handler(), Metrics: api.NewMetrics(g.registry),
		Trunks: g.trunks, Registrations: g.registrations,
	})
	if err != nil {
		return err
	}
	g.calls.Watch(g.api)
	if g.http, err = net.Listen("tcp", c.HTTP.Listen.String()); err != nil {
		return fmt.Errorf("http.listen: %w", err)
	}
	if c.HTTP.Certificate != "" {
		pair, err := tls.LoadX509KeyPair(c.HTTP.Certificate, c.HTTP.Key)
		if err != nil {
			return err
		}
		// A WebSocket needs HTTP/1.1.
		g.http = tls.NewListener(g.http, &tls.Config{
			Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12, NextProtos: []string{"http/1.1"},
		})
	}
	g.demo, err = newDemo(c, g.log)
	return err
}

// start begins to serve. The channel tells a listener that failed.
func (g *gateway) start() <-chan error {
	failed := make(chan error, 1)
	g.sip.Start()
	g.serving.Go(func() {
		if err := g.api.Serve(g.http); err != nil && !errors.Is(err, http.ErrServerClosed) {
			failed <- fmt.Errorf("http: %w", err)
		}
	})
	if g.keep > 0 {
		g.serving.Go(func() { purge(g.ctx, g.store, g.keep, g.log) })
	}
	g.demo.start()
	return failed
}

// close ends everything, the newest first; it works on a gateway that was only built in part.
func (g *gateway) close() {
	g.demo.close()
	if g.api != nil {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		if err := g.api.Shutdown(ctx); err != nil {
			g.log.Warn("closing the API", "error", err.Error())
		}
	}
	if g.http != nil {
		g.http.Close() // again, where it was served
	}
	g.cancel()
	g.serving.Wait()
	if g.sip != nil {
		g.sip.Close()
	}
	if g.rtc != nil {
		g.rtc.Close()
	}
	if g.clock != nil {
		g.clock.Close()
	}
	if g.cdr != nil {
		g.cdr.Close()
	}
	if g.seats != nil {
		g.seats.Close()
	}
	if g.tapes != nil {
		g.tapes.Close()
	}
	if g.store != nil { // after all who write to it
		if err := g.store.Close(); err != nil {
			g.log.Warn("closing the database", "error", err.Error())
		}
	}
}

// ready is why no new work is taken.
func (g *gateway) ready() error {
	if g.stopping.Load() {
		return errors.New("the gateway is stopping")
	}
	return nil
}

func encoding(c *configs.Config) codec.Options {
	complexity := c.Opus.Complexity
	if complexity == 0 {
		complexity = -1 // codec's word for 0
	}
	return codec.Options{Opus: codec.OpusOptions{Complexity: complexity, Bitrate: c.Opus.Bitrate, FEC: c.Opus.FEC}}
}

func newRTC(c *configs.Config, log *slog.Logger, reg prometheus.Registerer, m *media.Metrics,
	changed func(rtc.Event),
) (*rtc.Server, error) {
	conn, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(c.WebRTC.Listen))
	if err != nil {
		return nil, fmt.Errorf("webrtc.listen: %w", err)
	}
	rates := map[string]int{"narrow": 8000, "wide": 16000, "full": 48000}
	return rtc.New(rtc.Config{
		Conn: conn, Advertise: c.WebRTC.Advertise, Logger: log, Metrics: rtc.NewMetrics(reg), Observer: changed, Media: m,
		Opus: rtc.Opus{MaxPlaybackRate: rates[c.WebRTC.Bandwidth], MaxAverageBitrate: c.WebRTC.Bitrate},
	})
}
