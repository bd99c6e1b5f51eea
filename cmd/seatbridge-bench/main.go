// Command seatbridge-bench measures what calls cost: it starts a gateway on loopback, has a carrier of its own (SIP and
// PCMU with speech) and browsers of its own (Opus over ICE and DTLS-SRTP) talk through it, and prints a row for each
// number of calls. Then it measures what is done with calls: they are monitored, held, barged into and intercepted; and
// what comes before: callers of a group find a seat, and phones register.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// options are what the command line sets.
type options struct {
	gateway string        // binary
	what    []string      // is measured
	calls   []int         // of each row
	length  time.Duration // of the measurement of a row
	repeat  int           // how often all rows are measured
	core    int           // that the gateway is bound to; -1 leaves it free
	phones  int           // that register
	within  time.Duration // in which all of them do
	config  string        // YAML lines added to the gateway's configuration
}

// parts are what can be measured after the table of calls, in this order.
var parts = []struct {
	name    string
	measure func(ctx context.Context, o options, sound *speech, out io.Writer) error
}{
	{"monitor", measureMonitor},
	{"held", measureHeld},
	{"barge", measureBarge},
	{"intercept", measureIntercept},
	{"modes", measureModes},
	{"queue", measureQueue},
	{"assign", measureAssign},
	{"register", measureRegister},
}

// partTime bounds one of them.
const partTime = 3 * time.Minute

// explanation is what the columns mean; -h prints it.
const explanation = `
Columns:
  CPU ms/call-s     processor time of the gateway for one second of one call, both directions
  core %            share of one processor that the gateway takes
  lost>SIP, >web %  packets that were sent on one side and did not come out at the other
  added p50, p99    ms from packet read to packet sent, as the gateway's own histogram has it (by straight lines
                    within its buckets)
  through p50, p99  ms from just before one side sends a packet until the other side has read it, that is with both
                    sides' system calls and the delays of the generator's own reading. It is known but for multiples
                    of 20 ms, so the least of a direction counts as less than 20 ms
  KiB/call          anonymous memory of the gateway for each call but the first, with the browser's connection; the
                    first call, in a row of its own, also pays for what all calls share
  own late p99      ms that the generator was late itself. Where it is large the machine is too busy: the gateway was
                    kept waiting as well, and "through" tells of the machine

Tables after that of the calls, the first five of calls between the carrier and a browser; medians and, in brackets, the least and
the most of the windows:
  Monitor         one supervisor to each call, at a browser (the two sides on a track each) or at a desk phone (mixed).
                  The monitor's share is what the gateway takes more than in the windows without, just before and just
                  after. "added" is of all who are sent to, "through" of the call's own two sides
  Hold            the customer hears music; both sides go on sending, which nobody hears, or don't
  Barge           an agent, the customer and two supervisors, one at a desk phone, talk to each other
  Intercept       two seats take a call from each other, again and again. The gap is the longest time between two
                  packets to the customer, less 20 ms; a machine that is too busy has such gaps just before as well
  Change of mode  from just before the command is sent until the first packet is there that sounds like it: the
                  supervisor's voice on a track of the agent's browser, or its tone in what the customer hears, or not
  Queue           callers of a group with free seats at desk phones, which ring for 200 ms, and talk for 500 ms. Set-up
                  is from just before the caller sends its INVITE until a phone has the gateway's; the CPU is that of
                  the whole call. Without a store on a file nothing outlives the gateway
  Assign          more callers wait than there are seats, and all seats are in a call: from the end of a call until
                  the next caller is offered to the seat; the queues of the gateway alone, in this process
  Register        desk phones register, with a challenge, and then again by the nonce that they have, all in the same
                  time; meanwhile they answer the gateway's OPTIONS. What is not answered they send again, after 500
                  ms for the first time, and give up after 32 s. KiB/phone is the gateway's anonymous memory at the
                  end, less that of one without phones: accounts, seats, registrations, and all that is under way
`

func main() {
	o, err := parse(os.Args[1:], os.Stderr)
	if errors.Is(err, flag.ErrHelp) {
		return
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "seatbridge-bench:", err)
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, o); err != nil {
		fmt.Fprintln(os.Stderr, "seatbridge-bench:", err)
		os.Exit(1)
	}
}

func parse(args []string, help io.Writer) (options, error) {
	var o options
	var what, calls string
	f := flag.NewFlagSet("seatbridge-bench", flag.ContinueOnError)
	f.SetOutput(help)
	f.StringVar(&o.gateway, "gateway", "bin/seatbridge", "the gateway's binary")
	f.StringVar(&what, "what", "calls,"+strings.Join(names(), ","), "what is measured")
	f.StringVar(&calls, "calls", "1,10,50,80", "calls at once, a row for each")
	f.DurationVar(&o.length, "time", 10*time.Second, "how long each row, and calls on hold, are measured")
	f.IntVar(&o.repeat, "repeat", 1, "how often all rows of calls are measured; medians and spread are printed at the end")
	f.IntVar(&o.core, "core", 0, "the processor that the gateway has to itself, the generator takes the others; "+
		"-1 shares all of them")
	f.IntVar(&o.phones, "phones", 10000, "desk phones that register")
	f.DurationVar(&o.within, "within", time.Minute, "in which time all of them do, once and again")
	f.StringVar(&o.config, "config", "", "lines to add to the gateway's configuration, such as 'opus: {complexity: 1}'")
	f.Usage = func() {
		fmt.Fprintln(help, "usage: seatbridge-bench [FLAGS]")
		f.PrintDefaults()
		fmt.Fprint(help, explanation)
	}
	if err := f.Parse(args); err != nil {
		return o, err
	}
	for _, word := range strings.Split(what, ",") {
		if word != "calls" && !slices.Contains(names(), word) {
			return o, fmt.Errorf("-what: %q is not one of calls, %s", word, strings.Join(names(), ", "))
		}
		o.what = append(o.what, word)
	}
	for _, word := range strings.Split(calls, ",") {
		n, err := strconv.Atoi(word)
		if err != nil || n < 1 || n > 500 {
			return o, fmt.Errorf("-calls: %q is not a number from 1 to 500", word)
		}
		o.calls = append(o.calls, n)
	}
	switch {
	case f.NArg() > 0:
		return o, fmt.Errorf("%q is no flag", f.Arg(0))
	case o.length < time.Second || o.length > 10*time.Minute:
		return o, fmt.Errorf("-time: %v is not from 1s to 10m", o.length)
	case o.repeat < 1 || o.repeat > 100:
		return o, fmt.Errorf("-repeat: %d is not from 1 to 100", o.repeat)
	case o.phones < 1 || o.phones > 20000:
		return o, fmt.Errorf("-phones: %d is not from 1 to 20000", o.phones)
	case o.within < time.Second || o.within > time.Minute:
		return o, fmt.Errorf("-within: %v is not from 1s to 1m", o.within)
	}
	return o, nil
}

// names are those of the parts.
func names() []string {
	var all []string
	for _, p := range parts {
		all = append(all, p.name)
	}
	return all
}

// run measures all that was asked for.
func run(ctx context.Context, o options) error {
	if err := leave(o.core); err != nil {
		return err
	}
	sound, err := newSpeech()
	if err != nil {
		return err
	}
	if slices.Contains(o.what, "calls") {
		if err := measureCalls(ctx, o, sound); err != nil {
			return err
		}
	}
	for _, p := range parts {
		if !slices.Contains(o.what, p.name) {
			continue
		}
		ctx, cancel := context.WithTimeout(ctx, partTime+o.length)
		err := p.measure(ctx, o, sound, os.Stdout)
		cancel()
		if err != nil {
			return fmt.Errorf("%s: %w", p.name, err)
		}
	}
	return nil
}

// measureCalls prints the table of calls. The rows take turns, so that a machine that changes its speed does so for
// all of them.
func measureCalls(ctx context.Context, o options, sound *speech) error {
	fmt.Println(header())
	rows := map[int][]row{}
	for range o.repeat {
		for _, n := range o.calls {
			r, err := measure(ctx, o, n, sound)
			if err != nil {
				return fmt.Errorf("%d calls: %w", n, err)
			}
			fmt.Println(r)
			rows[n] = append(rows[n], r)
		}
	}
	if o.repeat > 1 {
		fmt.Printf("\nmedian of %d, and the least and the most of each:\n%s\n", o.repeat, header())
		for _, n := range o.calls {
			fmt.Println(summary(rows[n]))
		}
	}
	return nil
}
