package bridge

import (
	"slices"

	"seatbridge/codec"
	"seatbridge/media"
)

// routes is a Table made ready for the packet path. It is immutable, but for what inputs and mixes hold inside.
type routes struct {
	from   map[*speaker]fromSpeaker
	inputs []*input
	mixes  []mixRoute
	hears  map[PartyID][]PartyID
}

// fromSpeaker says where one speaker's sound goes.
type fromSpeaker struct {
	direct []route         // ears on which it is alone
	mixed  *input          // into the mixes, or nil
	ears   []*media.Sender // all that get its telephone-events
	secret bool            // nobody is to hear its digits
	tap    media.Tap       // gets its frames as they came, or nil
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

// needs says that some ear is fed by a packing, while the speaker's frames are of codec c.
func (f fromSpeaker) needs(p media.Packing, c codec.ID) bool {
	return slices.ContainsFunc(f.direct, func(r route) bool { return r.packing(c) == p })
}
