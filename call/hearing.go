package call

import "slices"

// Hearing is what one party of a session hears.
type Hearing struct {
	ID    string
	Role  Role
	User  string   // the seat's; empty for a customer
	Mode  Mode     // of a supervisor
	Hears []string // ids of parties, in the order of the ears
	Sound Sound
}

// Sound names what is played to who has nobody to hear.
type Sound string

// The sounds.
const (
	SoundHold     Sound = "hold"
	SoundRingback Sound = "ringback"
)

// hearing is who hears whom at this moment.
func (s *session) hearing() []Hearing {
	var all []Hearing
	for _, p := range s.parties {
		if p.isThere() {
			hears, sound := s.heardBy(p)
			all = append(all, Hearing{
				ID: string(p.id), Role: p.role, User: p.user, Mode: p.mode, Hears: hears, Sound: sound,
			})
		}
	}
	return all
}

// heardBy is a party's row of the table, in words.
func (s *session) heardBy(p *party) (hears []string, sound Sound) {
	row, sounds := s.table[p.id], s.sounds()
	for _, speaker := range row.Speakers {
		hears = append(hears, string(speaker))
	}
	switch row.Sound {
	case nil:
	case sounds.Hold:
		sound = SoundHold
	case sounds.Ringback:
		sound = SoundRingback
	}
	return hears, sound
}

// isHeardBy says that the sound of p reaches another party.
func (s *session) isHeardBy(p, other *party) bool {
	return slices.Contains(s.table[other.id].Speakers, p.id)
}

// tellHearing tells who hears whom, now that it has changed: the log, and the supervisors.
func (s *session) tellHearing() {
	all := s.hearing()
	s.log.Debug("hearing", "parties", all)
	for _, p := range s.parties {
		if p.role == RoleSupervisor && p.isThere() {
			s.tell(p.user, Event{Type: EventHearing, Hearing: all})
		}
	}
}
