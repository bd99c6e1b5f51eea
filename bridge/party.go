package bridge

import (
	"slices"

	"seatbridge/media"
)

// party is one side of the session: a speaker, and a listener with some ears. Its fields belong to the Bridge's lock.
type party struct {
	id      PartyID
	port    media.Port
	speaker *speaker
	ears    []ear
	secret  bool      // its digits reach nobody
	tap     media.Tap // gets what it says; may be nil
	hears   []PartyID // the speakers of its row, as far as they are there
}

// ear is what one ear of a party is fed with.
type ear struct {
	speakers []PartyID // one is passed through, several are mixed
	sound    *media.Clip
	playback *media.Playback // of sound alone
}

// assign gives the speakers of a row, as far as they are there, an ear each: its own where it has a place. Any other
// that was heard before stays where it was, so that nobody jumps from side to side; when the ears are used up the last
// one takes the rest.
func (p *party) assign(row Row, parties map[PartyID]*party) {
	p.secret, p.tap = row.Secret, row.Tap
	if len(p.ears) == 0 {
		return
	}
	p.hears = present(row.Speakers, parties)
	fresh := make([][]PartyID, len(p.ears))
	var rest []PartyID
	for _, id := range p.hears {
		if i := p.earFor(id, row.Places); i >= 0 && len(fresh[i]) == 0 {
			fresh[i] = []PartyID{id}
		} else {
			rest = append(rest, id)
		}
	}
	for _, id := range rest {
		i := firstFree(fresh, len(row.Places))
		fresh[i] = append(fresh[i], id)
	}
	at := firstFree(fresh, 0)
	for i := range p.ears {
		e := &p.ears[i]
		e.speakers, e.sound = fresh[i], nil
		if i == at {
			e.sound = row.Sound
		}
		if e.playback != nil && e.playback.Clip() != e.playedAlone() {
			e.playback.Stop()
			e.playback = nil
		}
	}
}

// earFor is the ear that a speaker has a place on, or without one that on which it is heard now and nobody has a place;
// -1 where there is none.
func (p *party) earFor(id PartyID, places []PartyID) int {
	if i := slices.Index(places, id); i >= 0 {
		return min(i, len(p.ears)-1)
	}
	i := slices.IndexFunc(p.ears, func(e ear) bool { return slices.Contains(e.speakers, id) })
	if i < len(places) {
		return -1
	}
	return i
}

// firstFree is the first ear without a speaker from one on, or the last ear.
func firstFree(ears [][]PartyID, from int) int {
	for i := from; i < len(ears); i++ {
		if len(ears[i]) == 0 {
			return i
		}
	}
	return len(ears) - 1
}

// present is ids without those of parties that are not there, and without repetitions.
func present(ids []PartyID, parties map[PartyID]*party) []PartyID {
	var there []PartyID
	for _, id := range ids {
		if parties[id] != nil && !slices.Contains(there, id) {
			there = append(there, id)
		}
	}
	return there
}

// mixed says that the ear hears more than one thing at once.
func (e *ear) mixed() bool { return len(e.speakers) > 1 || len(e.speakers) == 1 && e.sound != nil }

// playedAlone is the sound that the Clock plays on the ear, which it does where nobody speaks there.
func (e *ear) playedAlone() *media.Clip {
	if len(e.speakers) > 0 {
		return nil
	}
	return e.sound
}

// sound starts the sounds that are due.
func (p *party) sound(clock *media.Clock) {
	for i := range p.ears {
		if e := &p.ears[i]; e.playback == nil && e.playedAlone() != nil {
			e.playback = clock.Play(e.sound, p.port.Ears[i])
		}
	}
}

// silence stops all sounds.
func (p *party) silence() {
	for i := range p.ears {
		if e := &p.ears[i]; e.playback != nil {
			e.playback.Stop()
			e.playback = nil
		}
	}
}
