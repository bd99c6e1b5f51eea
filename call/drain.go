package call

import (
	"context"
	"fmt"

	"seatbridge/leg"
)

// Drain refuses new sessions from now on and waits until none is left. The error is the ctx's where that came first;
// the sessions go on then, and Drain may be called again.
func (m *Manager) Drain(ctx context.Context) error {
	m.mu.Lock()
	m.draining = true
	m.checkEmpty()
	left := len(m.live)
	m.mu.Unlock()
	m.config.Log.Info("draining", "sessions", left)
	select {
	case <-m.empty:
		m.running.Wait() // for their goroutines' last instructions
		return nil
	case <-ctx.Done():
		return fmt.Errorf("call: sessions are left: %w", ctx.Err())
	}
}

// checkEmpty ends the draining where nothing is left; mu is held.
func (m *Manager) checkEmpty() {
	if !m.draining || len(m.live) > 0 {
		return
	}
	select {
	case <-m.empty:
	default:
		close(m.empty)
	}
}

// HangUpAll ends every session that there is. It does not wait: Drain does.
func (m *Manager) HangUpAll(c leg.Cause) {
	for _, s := range m.all() {
		s.mail.put(message{must: true, do: func() error {
			s.end(c, closedByAdmin)
			return nil
		}})
	}
}
