package main

import (
	"testing"
	"time"
)

// stream is packets of the sequence numbers, 20 ms apart where wait says nothing else.
func stream(start time.Time, wait map[int]time.Duration, numbers ...uint16) []heard {
	var packets []heard
	for i, seq := range numbers {
		if i > 0 {
			start = start.Add(max(interval, wait[i]))
		}
		packets = append(packets, heard{arrival{seq: seq, at: start}, 7})
	}
	return packets
}

func TestFlowOf(t *testing.T) {
	start := time.Unix(1000, 0)
	changed := stream(start, nil, 1, 2, 3)
	changed[1].ssrc = 8
	for _, ca := range []struct {
		name    string
		packets []heard
		want    flow
	}{
		{"none", nil, flow{}},
		{"one after the other", stream(start, nil, 65534, 65535, 0, 1), flow{longest: interval}},
		{"a pause", stream(start, map[int]time.Duration{2: 3 * interval}, 1, 2, 3), flow{longest: 3 * interval}},
		{"two are missing", stream(start, nil, 65534, 1), flow{longest: interval, missing: 2}},
		{"out of order", stream(start, nil, 1, 3, 2, 4), flow{longest: interval, missing: 2}},
		{"there and back", changed, flow{longest: interval, changed: 2}},
	} {
		t.Run(ca.name, func(t *testing.T) {
			if got := flowOf(ca.packets); got != ca.want {
				t.Errorf("%+v, not %+v", got, ca.want)
			}
		})
	}
}

// TestSplit: a gap in which the command falls belongs to what came of it.
func TestSplit(t *testing.T) {
	start := time.Unix(1000, 0)
	packets := stream(start, map[int]time.Duration{2: 100 * time.Millisecond}, 1, 2, 3, 4)
	before, after := split(packets, start.Add(50*time.Millisecond))
	if flowOf(before).longest != interval || flowOf(after).longest != 100*time.Millisecond || len(after) != 3 {
		t.Errorf("%v, then %v", before, after)
	}
	if before, after := split(packets, start.Add(time.Hour)); len(before) != 4 || after != nil {
		t.Errorf("%v, then %v", before, after)
	}
	if before, after := split(packets, start.Add(-time.Hour)); len(before) != 0 || len(after) != 4 {
		t.Errorf("%v, then %v", before, after)
	}
}
