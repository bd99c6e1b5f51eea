package call

import "cmp"

// sounds are what this session plays.
func (s *session) sounds() Sounds {
	sounds := s.config.Sounds
	sounds.Hold = cmp.Or(s.music, sounds.Hold)
	return sounds
}

// trunkMusic gives a session without music of its own that of the trunk by which the customer was reached. Which trunk
// that is, of several, is known by the answer.
func (s *session) trunkMusic(p *party) {
	if p.role == RoleCustomer && s.music == nil {
		s.music = s.config.Sounds.Trunks[p.leg.Info().Remote]
	}
}
