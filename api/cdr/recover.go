package cdr

import (
	"encoding/json"
	"fmt"
	"time"

	"seatbridge/call"
)

// recover records the sessions that were cut off by the end of the last process: as ended now, for nobody knows when
// that was, by the system, and by a fault of ours.
func (r *Recorder) recover() error {
	left, err := r.config.Store.OpenSessions(r.ctx)
	if err != nil {
		return fmt.Errorf("cdr: sessions cut off: %w", err)
	}
	now := time.Now()
	for _, o := range left {
		record := Record{SdkAppId: r.config.App}
		if err := json.Unmarshal(o.Body, &record); err != nil {
			r.config.Log.Error("of a session that was cut off only the id is known", "session", o.SessionID,
				"error", err.Error())
		}
		record.SessionId = o.SessionID
		record.cutOff(now)
		r.config.Metrics.cutOff.Inc()
		r.config.Log.Warn("session was cut off by the end of the process before", "session", o.SessionID)
		r.keep(record, time.Unix(record.StartTimestamp, 0), now)
	}
	return nil
}

// cutOff ends a record, and the parts in it that have not ended.
func (r *Record) cutOff(now time.Time) {
	end := call.EndClientError
	r.EndedTimestamp, r.HungUpSide = unix(now), "system"
	r.EndStatus, r.EndStatusString = int(end), end.String()
	if r.AcceptTimestamp != 0 {
		r.Duration = r.EndedTimestamp - r.AcceptTimestamp
	}
	for i := range r.ServeParticipants {
		if p := &r.ServeParticipants[i]; p.EndedTimestamp == 0 {
			p.EndedTimestamp, p.EndStatusString = r.EndedTimestamp, end.String()
		}
	}
}
