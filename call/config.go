package call

import (
	"cmp"
	"log/slog"
	"time"

	"seatbridge/codec"
	"seatbridge/dtmf"
	"seatbridge/leg"
	"seatbridge/seat"
)

// Config is what a Manager needs. What has no default must be set, unless said otherwise.
type Config struct {
	Routes Routes
	Seats  *seat.Directory
	// Queues deal callers to groups; it defaults to those of Seats.
	Queues Queues
	// Ended is told of each session that is over, once, from the session's goroutine: it may take as long as a disk does.
	// Nil means that nobody wants to know.
	Ended func(Record)
	// Progress is told, by what the Record would be, of each session that begins, is answered, or is served by somebody
	// else, from the session's goroutine. It must not block. Nil means that nobody wants to know.
	Progress func(Record)
	// Dialer starts every leg that is not started by the far end; it chooses the transport by the Destination.
	Dialer leg.Dialer
	// NewBridge makes the media of one session.
	NewBridge func(session string) Bridge
	// NewRecording begins to record a session and returns at once. failed is told where that can't go on, from another
	// goroutine. Nil means that nothing is recorded.
	NewRecording func(session string, failed func(error)) Recording
	Sounds       Sounds
	Limits       Limits
	Digits       Digits
	// EndOnFailedTransfer ends a call whose blind transfer came to nothing, in place of giving it back.
	EndOnFailedTransfer bool
	// Codecs are what a called party is offered after the caller's own codecs. It defaults to Opus, PCMA, PCMU.
	Codecs  []codec.ID
	Metrics *Metrics // nil means that nobody looks
	Log     *slog.Logger
}

// Digits is how digits are sent by command or passed on. Zero values mean the defaults.
type Digits struct {
	Length time.Duration // of each; it defaults to dtmf.DefaultLength
	Gap    time.Duration // after each; it defaults to 70 ms
}

// Limits bound sessions. Zero values mean the defaults.
type Limits struct {
	RingSeat    time.Duration // how long a seat's device rings; it defaults to 30 s
	RingOutside time.Duration // how long a number outside rings; it defaults to 180 s, which is also the most
	Longest     time.Duration // from the answer to the end; it defaults to 4 h
	Reap        time.Duration // from a hang-up to the leg's end; it defaults to 35 s (64*T1 of RFC 3261 and some)
	Sessions    int           // at the same time; it defaults to 1000
	Mailbox     int           // messages waiting for one session; it defaults to 1024
	Recent      int           // ended sessions that are remembered; it defaults to 1000
	RecentFor   time.Duration // how long they are; it defaults to an hour

	// SeatPerMinute is how many calls outside a seat, or a phone of nobody, may place in a minute, and SeatOutside how
	// many of them may go on at once, with those that it handed over. 0 means no limit.
	SeatPerMinute, SeatOutside int
}

// maxRing is the most that any device rings: nothing in SIP ends an INVITE that a far end keeps answering with 180.
const maxRing = 180 * time.Second

func (c Config) withDefaults() Config {
	l := &c.Limits
	l.RingSeat = min(cmp.Or(l.RingSeat, 30*time.Second), maxRing)
	l.RingOutside = min(cmp.Or(l.RingOutside, maxRing), maxRing)
	l.Longest = cmp.Or(l.Longest, 4*time.Hour)
	l.Reap = cmp.Or(l.Reap, 35*time.Second)
	l.Sessions = cmp.Or(l.Sessions, 1000)
	l.Mailbox = cmp.Or(l.Mailbox, 1024)
	l.Recent = cmp.Or(l.Recent, 1000)
	l.RecentFor = cmp.Or(l.RecentFor, time.Hour)
	c.Digits.Length = cmp.Or(c.Digits.Length, dtmf.DefaultLength)
	c.Digits.Gap = cmp.Or(c.Digits.Gap, 70*time.Millisecond)
	if c.Codecs == nil {
		c.Codecs = []codec.ID{codec.Opus, codec.PCMA, codec.PCMU}
	}
	if c.Queues == nil && c.Seats != nil {
		c.Queues = c.Seats.Queues()
	}
	if c.Metrics == nil {
		c.Metrics = NewMetrics(nil)
	}
	return c
}
