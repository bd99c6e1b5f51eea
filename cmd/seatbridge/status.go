package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"seatbridge/api"
)

// refresh is the time between two pictures of a live status.
const refresh = time.Second

// session is what the operator's commands need of one.
type session struct {
	ID        string    `json:"sessionId"`
	Status    string    `json:"status"`
	Waiting   bool      `json:"waiting"`
	Caller    string    `json:"callerPhoneNumber"`
	Callee    string    `json:"calleePhoneNumber"`
	StartedAt time.Time `json:"startedAt"`
}

// floor is what one picture shows.
type floor struct {
	URL           string
	At            time.Time // by the gateway's clock
	NotReady      string    // why it takes no new calls; empty where it does
	Trunks        []api.Trunk
	Registrations []api.Registration
	Queues        []api.Queue
	Seats         []api.Seat
	Sessions      []session
}

// status shows what goes on in a gateway, once or each second until a signal.
func status(args []string, out, errs io.Writer) error {
	set := flag.NewFlagSet("status", flag.ContinueOnError)
	set.SetOutput(errs)
	set.Usage = func() {} // ours follows
	var f operatorFlags
	f.register(set)
	once := set.Bool("once", false, "print one picture and exit")
	rows := set.Int("rows", 0, "at most so many `LINES` in all; 0 is as many as there are, and a terminal's height without -once")
	if err := set.Parse(args); err != nil || set.NArg() > 0 || *rows < 0 {
		return errUsage
	}
	o, err := f.operator()
	if err != nil {
		return err
	}
	defer o.http.CloseIdleConnections()
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	if *once {
		picture, err := o.floor(ctx)
		if err != nil {
			return err
		}
		return picture.print(out, *rows)
	}
	return o.live(ctx, out, *rows)
}

// live shows a picture each second. It ends at a signal, where the first picture can't be had, and where the user is
// refused: a password that is wrong does not become right by trying.
func (o *operator) live(ctx context.Context, out io.Writer, rows int) error {
	tick := time.NewTicker(refresh)
	defer tick.Stop()
	var lost time.Time // since when there is no answer
	for first := true; ; first = false {
		picture, err := o.floor(ctx)
		var b bytes.Buffer
		switch {
		case ctx.Err() != nil:
			return nil
		case err == nil:
			lost = time.Time{}
			err = picture.print(&b, cmp.Or(rows, height(out)))
		case first || errors.Is(err, errLogin):
			return err
		default:
			if lost.IsZero() {
				lost = time.Now()
			}
			fmt.Fprintf(&b, "Seatbridge %s\n\nNO ANSWER since %s: %s\n", o.base, lost.UTC().Format(time.TimeOnly+"Z"),
				printable(err.Error()))
			err = nil
		}
		if err != nil {
			return err
		}
		if err := show(out, b.Bytes()); err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// show draws a picture over the last one on a terminal, and below it elsewhere.
func show(out io.Writer, picture []byte) error {
	if height(out) > 0 {
		picture = bytes.ReplaceAll(picture, []byte("\n"), []byte("\x1b[K\n")) // clears what is left of the line
		picture = append([]byte("\x1b[H"), append(picture, "\x1b[J"...)...)   // and what is left below
	} else {
		picture = append(picture, '\n')
	}
	_, err := out.Write(picture)
	return err
}

// height is how many lines a terminal has; 0 where out is none.
func height(out io.Writer) int {
	f, ok := out.(*os.File)
	if !ok {
		return 0
	}
	size, err := unix.IoctlGetWinsize(int(f.Fd()), unix.TIOCGWINSZ)
	if err != nil {
		return 0
	}
	return max(int(size.Row), 1)
}

// floor asks for everything.
func (o *operator) floor(ctx context.Context) (*floor, error) {
	f := &floor{URL: o.base}
	for _, part := range []struct {
		path string
		into any
	}{
		{"trunks", &struct{ Trunks *[]api.Trunk }{&f.Trunks}},
		{"registrations", &struct{ Registrations *[]api.Registration }{&f.Registrations}},
		{"queues", &struct{ Queues *[]api.Queue }{&f.Queues}},
		{"seats", &struct{ Seats *[]api.Seat }{&f.Seats}},
		{"sessions", &struct{ Sessions *[]session }{&f.Sessions}},
	} {
		body, date, err := o.get(ctx, "/api/v1/"+part.path)
		if err != nil {
			return nil, err
		}
		if err := json.Unmarshal(body, part.into); err != nil {
			return nil, fmt.Errorf("%s/api/v1/%s is not what was expected: %w", o.base, part.path, err)
		}
		f.At = date
	}
	code, body, _, err := o.do(ctx, http.MethodGet, "/readyz", nil)
	if err != nil {
		return nil, err
	}
	if code != http.StatusOK {
		f.NotReady = said(code, body)
	}
	return f, nil
}
