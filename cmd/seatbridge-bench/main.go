// Command seatbridge-bench measures what calls cost: it starts a gateway on loopback, has a carrier of its own (SIP and
// PCMU with speech) and browsers of its own (Opus over ICE and DTLS-SRTP) talk through it, and prints a row for each
// number of calls.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// options are what the command line sets.
type options struct {
	gateway string        // binary
	calls   []int         // of each row
	length  time.Duration // of the measurement of a row
	core    int           // that the gateway is bound to; -1 leaves it free
	config  string        // YAML lines added to the gateway's configuration
}

func main() {
	o, err := parse(os.Args[1:])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, o); err != nil {
		fmt.Fprintln(os.Stderr, "seatbridge-bench:", err)
		os.Exit(1)
	}
}

func parse(args []string) (options, error) {
	var o options
	var calls string
	f := flag.NewFlagSet("seatbridge-bench", flag.ContinueOnError)
	f.StringVar(&o.gateway, "gateway", "bin/seatbridge", "the gateway's binary")
	f.StringVar(&calls, "calls", "1,10,50,80", "calls at once, a row for each")
	f.DurationVar(&o.length, "time", 10*time.Second, "how long each row is measured")
	f.IntVar(&o.core, "core", 0, "the processor that the gateway is bound to; -1 leaves it free")
	f.StringVar(&o.config, "config", "", "lines to add to the gateway's configuration, such as 'opus: {complexity: 1}'")
	if err := f.Parse(args); err != nil {
		return o, err
	}
	for _, word := range strings.Split(calls, ",") {
		n, err := strconv.Atoi(word)
		if err != nil || n < 1 || n > 500 {
			return o, fmt.Errorf("-calls: %q is not a number from 1 to 500", word)
		}
		o.calls = append(o.calls, n)
	}
	return o, nil
}

// run prints the table.
func run(ctx context.Context, o options) error {
	sound, err := newSpeech()
	if err != nil {
		return err
	}
	fmt.Printf("%5s %12s %10s %9s %9s %10s %10s %10s %11s\n", "calls", "CPU ms/call-s", "of a core", "lost SIP",
		"lost web", "added p50", "added p99", "late p99", "KiB a call")
	for _, n := range o.calls {
		r, err := measure(ctx, o, n, sound)
		if err != nil {
			return fmt.Errorf("%d calls: %w", n, err)
		}
		fmt.Println(r)
	}
	return nil
}
