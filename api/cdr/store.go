package cdr

import (
	"context"
	"time"
)

// Entry is one ended session as it is kept: its record, and what it is found by.
type Entry struct {
	Seq       int64 // given by AppendRecord; ascending in the order of writing
	SessionID string
	Started   time.Time // kept to the millisecond, as is Ended
	Ended     time.Time
	Seats     []string // users who served the session; not filled by queries
	Direction int      // of the reference: 0 inbound, 1 outbound
	Caller    string
	Callee    string
	Body      []byte // JSON, a Record
	Local     bool   // nobody is to be sent it; not filled by queries
}

// Pending is a record that its receiver has not taken yet.
type Pending struct {
	Seq       int64
	SessionID string
	Body      []byte    // JSON
	Tries     int       // in vain
	Next      time.Time // not to be sent before; zero means at once
}

// Open is a session that goes on: the Record that it would have now.
type Open struct {
	SessionID string
	Body      []byte // JSON
}

// Outbox counts what is not sent.
type Outbox struct {
	Pending, Parked int
	Oldest          time.Time // when the oldest of the pending ones ended; zero where none is pending
}

// Store keeps records; *store.Store is one. See there for each method.
type Store interface {
	AppendRecord(ctx context.Context, e Entry) error
	PutOpenSessions(ctx context.Context, all []Open) error
	OpenSessions(ctx context.Context) ([]Open, error)
	PendingRecords(ctx context.Context, limit int) ([]Pending, error)
	RecordSent(ctx context.Context, seq int64) error
	RecordFailed(ctx context.Context, seq int64, tries int, next time.Time) error
	ParkRecord(ctx context.Context, seq int64) error
	Outbox(ctx context.Context) (Outbox, error)
}
