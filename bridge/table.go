// Package bridge owns who hears whom in one session, and how each listener is fed.
package bridge

import (
	"slices"

	"seatbridge/media"
)

// PartyID names a party in a Bridge and in its Table.
type PartyID string

// Table says for each listener what it hears. A party without a row hears nothing.
type Table map[PartyID]Row

// Row is what one listener hears, and what may be heard of it.
type Row struct {
	Speakers []PartyID   // in order of importance: the first is heard on the first ear
	Places   []PartyID   // whose ears these are, the first's the first, whether it is heard at the moment or not
	Sound    *media.Clip // music or a tone beside or in place of the speakers; nil for none
	// Secret keeps the party's own digits from all listeners: its telephone-events, and tones in its sound, which comes
	// some 40 ms later where there may be any (media.Receiver.Tonal).
	Secret bool
	// Tap gets what the party says besides, as it came, whoever hears it; nil for none. While Secret is set it gets
	// nothing.
	Tap media.Tap
}

// clone copies the table so that its owner may change it.
func (t Table) clone() Table {
	c := make(Table, len(t))
	for id, row := range t {
		row.Speakers = slices.Clone(row.Speakers)
		c[id] = row
	}
	return c
}
