package bridge

import (
	"seatbridge/codec"
	"seatbridge/media"
)

// routes is a Table made ready for the packet path. It is immutable.
type routes struct {
	from  map[*speaker][]route
	hears map[PartyID][]PartyID
}

// route is one ear that a speaker is passed through to.
type route struct {
	to *media.Sender
	// preferred says that the ear is fed in the codec it would rather have, even where it takes the speaker's: a
	// browser's first ear, where the agent's own conversation stays Opus throughout.
	preferred bool
}

// packing is how a frame of a codec is to be packed for the ear.
func (r route) packing(c codec.ID) media.Packing {
	if own := r.to.Codec(); r.preferred || !r.to.Accepts(c) {
		c = own
	}
	return media.PackingFor(c, r.to.Ptime())
}

// compile makes the routes of the parties as they are assigned.
func compile(parties map[PartyID]*party) *routes {
	next := &routes{from: map[*speaker][]route{}, hears: map[PartyID][]PartyID{}}
	for id, p := range parties {
		next.hears[id] = p.hears
		for i, e := range p.ears {
			if len(e.speakers) != 1 {
				continue
			}
			s := parties[e.speakers[0]].speaker
			next.from[s] = append(next.from[s], route{to: p.port.Ears[i], preferred: i == 0 && len(p.ears) > 1})
		}
	}
	return next
}
