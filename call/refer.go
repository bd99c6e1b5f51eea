package call

import "seatbridge/leg"

// referred answers a party that asks to be transferred away. Nothing takes transfers yet, so the answer is no.
func (s *session) referred(p *party, e leg.Referred) {
	s.log.Info("transfer refused", "leg", p.id, "to", e.To)
	e.Result(603) // Decline, RFC 3261 section 21.6.2
}
