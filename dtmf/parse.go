package dtmf

import (
	"errors"
	"fmt"
	"time"
)

// CommaPause is how long one comma in a dial string waits, as in Hayes modems and mobile phones.
const CommaPause = 2 * time.Second

// ErrString says that a dial string has a character that is neither a digit nor a comma.
var ErrString = errors.New("dtmf: bad character in dial string")

// Step is one thing to do of a dial string: to wait where Pause is set, else to send Event.
type Step struct {
	Event Event
	Pause time.Duration
}

// ParseString reads a dial string of 0 to 9, *, #, A to D (or a to d) and commas, each of which is a pause of
// CommaPause. The error wraps ErrString and names the first bad character and its position, counted from 1.
func ParseString(s string) ([]Step, error) {
	steps := make([]Step, 0, len(s))
	position := 0
	for _, r := range s {
		position++
		if r == ',' {
			steps = append(steps, Step{Pause: CommaPause})
			continue
		}
		e, ok := Event(0), false
		if r < 0x80 {
			e, ok = Parse(byte(r))
		}
		if !ok {
			return nil, fmt.Errorf("%w: %q at position %d", ErrString, r, position)
		}
		steps = append(steps, Step{Event: e})
	}
	return steps, nil
}
