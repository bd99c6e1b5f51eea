package call

import (
	"seatbridge/bridge"
	"seatbridge/media"
)

// Bridge is the media of one session, as a session uses it; *bridge.Bridge is one. Its methods return at once.
type Bridge interface {
	Add(id bridge.PartyID, p media.Port)
	Remove(id bridge.PartyID)
	Apply(t bridge.Table)
	Close()
}

var _ Bridge = (*bridge.Bridge)(nil)

// Sounds are played to who has nobody to hear. Any may be nil, which is silence.
type Sounds struct {
	Ringback *media.Clip // to a caller who is connected already, while the called device rings
	Hold     *media.Clip // to a party that the other side put on hold
	Silence  *media.Clip // to one who is to press a key, after the prompt
	// File is a sound by its file's name: music, announcements and prompts of groups and menus. It is nil where there is
	// none of that name, and must not block.
	File func(name string) *media.Clip
	// Trunks have music of their own in place of Hold, by name.
	Trunks map[string]*media.Clip
}
