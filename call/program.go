package call

import (
	"time"

	"seatbridge/media"
)

// program is what somebody hears who waits for us alone: sounds, one after the other, the last of them round and round.
type program struct {
	clips []*media.Clip // without nils; empty is silence
	next  time.Time     // when the first one is over; zero where it is the last
}

// newProgram begins with the first of the sounds that are there.
func newProgram(now time.Time, clips ...*media.Clip) program {
	var p program
	for _, c := range clips {
		if c != nil {
			p.clips = append(p.clips, c)
		}
	}
	p.time(now)
	return p
}

// clip is what is heard now; nil is silence.
func (p *program) clip() *media.Clip {
	if len(p.clips) == 0 {
		return nil
	}
	return p.clips[0]
}

// goOn goes to the next sound where that is due.
func (p *program) goOn(now time.Time) {
	if !p.next.IsZero() && !now.Before(p.next) {
		p.clips = p.clips[1:]
		p.time(now)
	}
}

func (p *program) time(now time.Time) {
	p.next = time.Time{}
	if len(p.clips) > 1 {
		p.next = now.Add(length(p.clips[0]))
	}
}

// length is how long a sound takes once.
func length(c *media.Clip) time.Duration {
	if c == nil {
		return 0
	}
	return time.Duration(c.Len()) * 20 * time.Millisecond
}
