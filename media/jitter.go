package media

import "time"

// jitter is the interarrival jitter of RFC 3550 section 6.4.1, kept as time so that it survives a change of clock.
type jitter struct {
	mean  time.Duration
	clock uint32 // Hz, of the last packet
	ts    uint32
	at    time.Time
}

// arrived takes the next packet as it came from the network.
func (j *jitter) arrived(ts, clock uint32, at time.Time) {
	if clock == j.clock {
		spacing := time.Duration(int32(ts-j.ts)) * time.Second / time.Duration(clock)
		if d := (at.Sub(j.at) - spacing).Abs(); d < maxStep { // else the timestamps began anew
			j.mean += (d - j.mean) / 16
		}
	}
	j.clock, j.ts, j.at = clock, ts, at
}
