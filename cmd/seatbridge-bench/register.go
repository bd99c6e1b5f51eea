package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
)

// phoneSockets are those that the phones share.
const phoneSockets = 8

// measureRegister has many phones register and then register again. The store is on a file.
func measureRegister(ctx context.Context, o options, _ *speech, out io.Writer) error {
	o, remove, err := onFile(o)
	if err != nil {
		return err
	}
	defer remove()
	c, err := startCarrier()
	if err != nil {
		return err
	}
	defer c.close()
	base, err := memoryOf(ctx, o, c.addr)
	if err != nil {
		return err
	}
	gw, err := startGateway(ctx, o, seats{phones: o.phones}, c.addr)
	if err != nil {
		return err
	}
	defer gw.stop()
	s, err := startShelf(gw.sip, o.phones)
	defer s.close()
	if err != nil {
		return err
	}
	g := grid{{"", "p50 ms", "p99 ms", "most ms", "CPU ms each", "core %", "challenged", "sent again", "failed", "OPTIONS/s", "own late p99"}}
	for _, name := range []string{"register", "again"} {
		cells, err := s.round(ctx, gw, o.within)
		if err != nil {
			return err
		}
		g.add(append([]string{name}, cells...)...)
	}
	full, err := gw.memory()
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "\nRegister: %d phones within %v; %.1f KiB/phone\n", o.phones, o.within,
		float64(full-base)/float64(o.phones))
	return g.print(out)
}

// memoryOf is that of a gateway without phones, in KiB.
func memoryOf(ctx context.Context, o options, carrier string) (int, error) {
	o.config = ""
	gw, err := startGateway(ctx, o, seats{}, carrier)
	if err != nil {
		return 0, err
	}
	defer gw.stop()
	return gw.memory()
}

// shelf is many phones on a few sockets.
type shelf struct {
	sockets []*phoneSocket
	phones  []*handset
	reading sync.WaitGroup
}

// startShelf makes n phones. They must be closed, also where there is an error.
func startShelf(gateway string, n int) (*shelf, error) {
	s := &shelf{}
	for range phoneSockets {
		socket, err := newPhoneSocket(gateway)
		if err != nil {
			return s, err
		}
		s.sockets = append(s.sockets, socket)
	}
	for i := range n {
		s.phones = append(s.phones, s.sockets[i%phoneSockets].phone(extension(i)))
	}
	for _, socket := range s.sockets {
		s.reading.Go(socket.read)
	}
	return s, nil
}

// round has each phone register once, spread over a time.
func (s *shelf) round(ctx context.Context, gw *gateway, within time.Duration) ([]string, error) {
	before, err := gw.cpu()
	if err != nil {
		return nil, err
	}
	probes := s.probes()
	begun := time.Now()
	took := make([]time.Duration, len(s.phones))
	var late []time.Duration
	var all errgroup.Group
	for i, p := range s.phones {
		due := begun.Add(within * time.Duration(i) / time.Duration(len(s.phones)))
		if err = sleep(ctx, time.Until(due)); err != nil {
			break
		}
		late = append(late, time.Since(due))
		all.Go(func() (err error) { took[i], err = p.register(ctx); return err })
	}
	err2 := all.Wait()
	after, err3 := gw.cpu()
	if err := errors.Join(err, err2, err3); err != nil {
		return nil, err
	}
	seconds := time.Since(begun).Seconds()
	probes = s.probes() - probes
	return s.cells(took, after-before, seconds, float64(probes)/seconds, late), nil
}

// cells are what a round was like.
func (s *shelf) cells(took []time.Duration, used time.Duration, seconds, probes float64, late []time.Duration) []string {
	var good []time.Duration
	for _, t := range took {
		if t > 0 {
			good = append(good, t)
		}
	}
	challenged, repeated := 0, 0
	for _, p := range s.phones {
		c, r := p.counts()
		challenged, repeated = challenged+c, repeated+r
	}
	return append(times(good), fmt.Sprintf("%.2f", milliseconds(used)/float64(len(took))),
		fmt.Sprintf("%.0f", 100*used.Seconds()/seconds), fmt.Sprint(challenged), fmt.Sprint(repeated),
		fmt.Sprint(len(took)-len(good)),
		fmt.Sprintf("%.0f", probes), fmt.Sprintf("%.1f", milliseconds(percentile(late, 0.99))))
}

// probes is how many OPTIONS came so far.
func (s *shelf) probes() (n int64) {
	for _, socket := range s.sockets {
		n += socket.probes.Load()
	}
	return n
}

func (s *shelf) close() {
	for _, socket := range s.sockets {
		socket.conn.Close()
	}
	s.reading.Wait()
}
