package call

import (
	"seatbridge/bridge"
	"seatbridge/media"
)

// record has calls that come in and go out by a rule be recorded.
func (m *model) record() {
	m.tapes = map[string]*fakeTape{}
	for i := range m.router.routes.Inbound {
		m.router.routes.Inbound[i].Record = true
	}
	for i := range m.router.routes.Outbound {
		m.router.routes.Outbound[i].Record = true
	}
	m.config.NewRecording = func(session string, failed func(error)) Recording {
		m.mu.Lock()
		defer m.mu.Unlock()
		if m.tapes[session] != nil {
			m.t.Errorf("session %s is recorded twice", session)
		}
		m.tapes[session] = &fakeTape{session: session, failed: failed}
		return m.tapes[session]
	}
}

// tape is the recording of a session, or nil.
func (m *model) tape(session string) *fakeTape {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.tapes[session]
}

// checkTaps wants nothing to be recorded that must not be, and what is on its own session's recording.
func (m *model) checkTaps(id string, info Info) {
	m.t.Helper()
	tape, b := m.tape(id), m.bridge(id)
	if tape == nil {
		tape = &fakeTape{} // which nobody has a tap of
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, p := range info.Parties {
		for party, row := range b.table {
			if string(party) != p.ID || row.Tap == nil {
				continue
			}
			switch {
			case row.Tap != media.Tap(&tape.left) && row.Tap != media.Tap(&tape.right):
				m.fail("%s is on another session's recording", p.ID)
			case info.Secure, info.Recording != "on", p.Muted, p.Role == RoleSupervisor && p.Mode != ModeBarge:
				m.fail("%s is recorded: secure %v, recording %q, party %+v", p.ID, info.Secure, info.Recording, p)
			case p.Role != RoleCustomer && row.Tap == media.Tap(&tape.left) && info.Direction != DirectionInternal:
				for _, other := range info.Parties {
					if other.Role == RoleCustomer && !other.Left && b.table[bridge.PartyID(other.ID)].Tap != nil {
						m.fail("%s is on the customer's side", p.ID)
					}
				}
			}
		}
	}
}

// checkTapes wants every recording to be finished, once.
func (m *model) checkTapes() {
	m.t.Helper()
	for id, tape := range m.tapes {
		if tape.closed != 1 {
			m.fail("the recording of %s was closed %d times", id, tape.closed)
		}
	}
}
