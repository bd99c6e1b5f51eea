package call

import (
	"context"

	"seatbridge/leg"
)

// Terminate ends a session for everybody, whoever takes part: by name of the administration. The error is CodeNotFound,
// CodeWrongState where the session has ended, or ctx's.
func (m *Manager) Terminate(ctx context.Context, id string) error {
	over := Errorf(CodeWrongState, "the session has ended")
	err := m.ask(ctx, "", id, func(s *session, _ func(error)) error {
		if s.ending() {
			return over
		}
		s.end(leg.Cause{Reason: leg.Normal, Text: "by the administration"}, closedByAdmin)
		return nil
	})
	if _, ended := m.Session(id); ended && err != nil && ctx.Err() == nil {
		return over
	}
	return err
}
