package seat

import (
	"fmt"
	"slices"
	"time"
)

// Hours are opening hours by the wall clock of a time zone.
type Hours struct {
	Days []time.Weekday // on which they begin; none means every day
	// From and To are since midnight, by the wall clock; where To is not after From they end on the next day.
	From, To time.Duration
	Zone     string // IANA name; empty means UTC
}

const day = 24 * time.Hour

func (h Hours) check() error {
	if h.From < 0 || h.From >= day || h.To < 0 || h.To > day {
		return fmt.Errorf("hours from %s to %s are not in a day", h.From, h.To)
	}
	for _, d := range h.Days {
		if d < time.Sunday || d > time.Saturday {
			return fmt.Errorf("weekday %d is none", d)
		}
	}
	if _, err := time.LoadLocation(h.Zone); err != nil {
		return fmt.Errorf("hours: %w", err)
	}
	return nil
}

// OpenAt says that a moment is in any of the hours; none at all mean always. The error tells what is wrong with them.
func OpenAt(hours []Hours, t time.Time) (bool, error) {
	open := len(hours) == 0
	for _, h := range hours {
		if err := h.check(); err != nil {
			return false, err
		}
		zone, err := time.LoadLocation(h.Zone)
		if err != nil {
			return false, fmt.Errorf("hours: %w", err)
		}
		open = open || h.open(t, zone)
	}
	return open, nil
}

// open says that a moment is in the hours; zone is that of Zone.
func (h Hours) open(t time.Time, zone *time.Location) bool {
	t = t.In(zone)
	// Read off the clock, for a day with a change to summer time is no 24 hours long.
	clock := time.Duration(t.Hour())*time.Hour + time.Duration(t.Minute())*time.Minute +
		time.Duration(t.Second())*time.Second + time.Duration(t.Nanosecond())
	today, yesterday := t.Weekday(), (t.Weekday()+6)%7
	if h.To > h.From {
		return h.on(today) && clock >= h.From && clock < h.To
	}
	return h.on(today) && clock >= h.From || h.on(yesterday) && clock < h.To
}

func (h Hours) on(d time.Weekday) bool { return len(h.Days) == 0 || slices.Contains(h.Days, d) }
