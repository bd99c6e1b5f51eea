package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/emiago/sipgo/sip"

	"seatbridge/sip/dialog"
)

const (
	queueSeats  = 100
	queueNumber = "+15550100"
	// talkTime is how long an answered call of a queue lasts, and callTime how long any may take before it failed.
	talkTime = 500 * time.Millisecond
	callTime = 10 * time.Second
)

// queueRates are calls a second.
var queueRates = []int{5, 20, 50}

// measureQueue has callers of a group come at each rate, with the store in memory and on a file.
func measureQueue(ctx context.Context, o options, _ *speech, out io.Writer) error {
	g := grid{{"store", "calls/s", "calls", "set-up p50 ms", "p99 ms", "most ms", "CPU ms/call", "core %", "failed",
		"own late p99"}}
	file, remove, err := onFile(o)
	if err != nil {
		return err
	}
	defer remove()
	for _, store := range []struct {
		name string
		o    options
	}{{"memory", o}, {"file", file}} {
		if err := measureQueueWith(ctx, store.o, store.name, &g); err != nil {
			return err
		}
	}
	fmt.Fprintf(out, "\nQueue: %d seats at desk phones, %v for each rate\n", queueSeats, o.length)
	return g.print(out)
}

// onFile is o with the gateway's store on a file, which remove removes.
func onFile(o options) (file options, remove func(), err error) {
	dir, err := os.MkdirTemp("", "seatbridge-bench-store")
	file = o
	file.config += fmt.Sprintf("\nstore: {path: %q}\n", filepath.Join(dir, "bench.db"))
	return file, func() { os.RemoveAll(dir) }, err
}

// queueGroup is the configuration of a group of n seats at desk phones, and of its number.
func queueGroup(n int) string {
	var members []string
	for i := range n {
		members = append(members, fmt.Sprintf("{user: p%d}", i))
	}
	return fmt.Sprintf("\ngroups: [{name: desks, strategy: longestIdle, members: [%s]}]\n"+
		"inbound: [{number: %q, group: desks}]\n", strings.Join(members, ", "), queueNumber)
}

// measureQueueWith measures all rates at one gateway.
func measureQueueWith(ctx context.Context, o options, store string, g *grid) (err error) {
	c, err := startCarrier()
	if err != nil {
		return err
	}
	defer c.close()
	o.config += queueGroup(queueSeats)
	gw, err := startGateway(ctx, o, seats{phones: queueSeats}, c.addr)
	if err != nil {
		return err
	}
	defer gw.stop()
	d, err := startDesks(ctx, gw.sip, queueSeats)
	if d != nil {
		defer d.close()
	}
	if err != nil {
		return err
	}
	for _, rate := range queueRates {
		if err := sleep(ctx, warmUp); err != nil {
			return err
		}
		cells, err := (&callers{gateway: gw, carrier: c, desks: d}).measure(ctx, rate, o.length)
		if err != nil {
			return err
		}
		g.add(append([]string{store, fmt.Sprint(rate)}, cells...)...)
	}
	return nil
}

// callers call the number of a group, one after the other.
type callers struct {
	gateway *gateway
	carrier *carrier
	desks   *desks
	calls   sync.WaitGroup // that go on

	mu     sync.Mutex
	took   []time.Duration // from the caller's INVITE to the one at a desk phone
	failed int
}

// measure has callers come for a while, and waits until all are gone.
func (c *callers) measure(ctx context.Context, rate int, length time.Duration) ([]string, error) {
	before, err := c.gateway.cpu()
	if err != nil {
		return nil, err
	}
	begun := time.Now()
	count := int(length.Seconds() * float64(rate))
	var late []time.Duration
	for i := range count {
		due := begun.Add(time.Second * time.Duration(i) / time.Duration(rate))
		if err = sleep(ctx, time.Until(due)); err != nil {
			break
		}
		late = append(late, time.Since(due))
		c.calls.Go(func() { c.call(ctx, fmt.Sprintf("+1666%07d", i)) })
	}
	c.calls.Wait()
	after, err2 := c.gateway.cpu()
	if err := errors.Join(err, err2); err != nil {
		return nil, err
	}
	used, seconds := after-before, time.Since(begun).Seconds()
	cells := append([]string{fmt.Sprint(count)}, times(c.took)...)
	return append(cells, fmt.Sprintf("%.2f", milliseconds(used)/float64(count)),
		fmt.Sprintf("%.0f", 100*used.Seconds()/seconds), fmt.Sprint(c.failed),
		fmt.Sprintf("%.1f", milliseconds(percentile(late, 0.99)))), nil
}

// call is one caller, who is served, talks for a while and hangs up.
func (c *callers) call(ctx context.Context, number string) {
	ctx, cancel := context.WithTimeout(ctx, callTime)
	defer cancel()
	at := netip.MustParseAddrPort(c.gateway.sip)
	uri := func(user string) sip.Uri {
		return sip.Uri{Scheme: "sip", User: user, Host: at.Addr().String(), Port: int(at.Port())}
	}
	v, ended := c.desks.expect(number), make(chan struct{})
	begun := time.Now()
	d := c.carrier.stack.Invite(dialog.InviteConfig{
		RequestURI: uri(queueNumber), Flow: dialog.Flow{Transport: "udp", Remote: c.gateway.sip},
		From: sip.FromHeader{Address: uri(number)}, To: sip.ToHeader{Address: uri(queueNumber)},
		SDP: c.desks.media.session().Offer(),
	}, func(_ *dialog.Dialog, e dialog.Event) {
		if _, ok := e.(dialog.Ended); ok {
			close(ended)
		}
	})
	served := false
	select {
	case <-v.up:
		served = sleep(ctx, talkTime) == nil
	case <-ended:
	case <-ctx.Done():
	}
	d.Hangup(0)
	<-ended
	c.note(served, c.desks.forget(number).Sub(begun))
}

// note counts a caller who is gone.
func (c *callers) note(served bool, took time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !served {
		c.failed++
		return
	}
	c.took = append(c.took, took)
}
