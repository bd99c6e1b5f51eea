package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
	"time"

	"seatbridge/configs"
	"seatbridge/leg"
)

// collectAt is by how many percent the heap grows until its garbage is collected, unless the environment has GOGC. Go's
// own is 100. Calls make so little garbage that collecting it ten times as often costs 1 or 2 percent of their processor
// time, and saves a quarter of their memory (docs/performance.md).
const collectAt = 10

// serve runs the gateway until a signal. The first SIGTERM or SIGINT stops new work and waits for calls, as long as
// the configuration says; a second one hangs them up.
func serve(file string, out io.Writer) error {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(collectAt)
	}
	c, err := configs.Load(file)
	if err != nil {
		return err
	}
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, syscall.SIGTERM, syscall.SIGINT)
	log := newLogger(c.Log, os.Stderr)
	g, err := newGateway(c, log)
	if err != nil {
		return err
	}
	failed := g.start()
	greet(c, g, out)
	select {
	case s := <-signals:
		log.Info("stopping: new calls are refused, running ones may end", "signal", s.String(),
			"wait", c.Calls.DrainTimeout.String())
	case err = <-failed:
		log.Error("stopping at once: a listener failed", "error", err.Error())
	}
	g.stopping.Store(true)
	ctx, cancel := context.WithTimeout(context.Background(), drainTime(err, c.Calls.DrainTimeout))
	defer cancel()
	go func() {
		<-signals
		log.Info("stopping at once")
		cancel()
	}()
	if drained := g.calls.Drain(ctx); drained != nil {
		g.hangUpAll()
	}
	g.close()
	log.Info("stopped")
	return err
}

// drainTime is how long running calls may go on. Where a listener failed seats can't be reached any more, and only who
// starts us anew mends that.
func drainTime(failure error, configured time.Duration) time.Duration {
	if failure != nil {
		return 0
	}
	return configured
}

// hangUpAll ends what is left and gives it 5 seconds to say goodbye.
func (g *gateway) hangUpAll() {
	g.calls.HangUpAll(leg.Cause{Reason: leg.Shutdown, Text: "the gateway stops"})
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if err := g.calls.Drain(ctx); err != nil {
		g.log.Warn("calls are left", "error", err.Error())
	}
}

func newLogger(c configs.Log, w io.Writer) *slog.Logger {
	var level slog.Level
	if err := level.UnmarshalText([]byte(c.Level)); err != nil {
		level = slog.LevelInfo // unreachable: the configuration was checked
	}
	o := &slog.HandlerOptions{Level: level}
	if c.Format == "json" {
		return slog.New(slog.NewJSONHandler(w, o))
	}
	return slog.New(slog.NewTextHandler(w, o))
}

// greet tells a newcomer where to look.
func greet(c *configs.Config, g *gateway, out io.Writer) {
	scheme := "http"
	if c.HTTP.Certificate != "" {
		scheme = "https"
	}
	fmt.Fprintf(out, "Seatbridge %s\n  page     %s://%s/\n", version, scheme, g.http.Addr())
	for _, l := range c.SIP.Listen {
		at := l.Address
		if at.Port() == 0 {
			at = g.sip.Addr(l.Transport)
		}
		fmt.Fprintf(out, "  SIP      %s %s\n", l.Transport, at)
	}
	fmt.Fprintf(out, "  media    udp %s (browsers), udp %d-%d (phones and carriers)\n", g.rtc.Addr(), c.RTP.MinPort, c.RTP.MaxPort)
	fmt.Fprintf(out, "  metrics  %s://%s/metrics\n", scheme, g.http.Addr())
	if c.Demo.Enabled {
		fmt.Fprintf(out, "Open the page, log in as alice, and call 1010 (the simulated desk phone) or +15550199 (the simulated carrier).\n")
	}
}
