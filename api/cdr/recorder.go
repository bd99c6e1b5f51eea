package cdr

import (
	"context"
	"encoding/json"
	"log/slog"
	"sync"
	"time"

	"seatbridge/call"
)

const (
	// maxWaiting bounds the records that are kept in memory while the store does not take them.
	maxWaiting = 10000
	// writeTime is how long a record waits for its turn to be written before it is kept in memory.
	writeTime = 5 * time.Second
	// lastTime is how long sending goes on at the end where nothing outlives the process.
	lastTime = 3 * time.Second
	// writeAgain is how soon the store is tried again that failed once; it doubles up to seldomAgain.
	writeAgain, seldomAgain = time.Second, 30 * time.Second
)

// Config is what a Recorder needs.
type Config struct {
	Store Store
	Staff Staff
	App   int64 // SdkAppId of all records
	// Receiver is where records are sent; nil means nowhere.
	Receiver *Receiver
	// Recordings is what stands before a recording's id in its URL.
	Recordings string
	// Volatile says that the Store is gone with the process.
	Volatile bool
	Metrics  *Metrics
	Log      *slog.Logger
}

// Recorder writes the record of each session, and has it sent. Close comes after the last Ended.
type Recorder struct {
	config Config
	pusher *pusher // nil where nothing is sent
	ctx    context.Context
	cancel context.CancelFunc
	wake   chan struct{} // something waits to be written
	work   sync.WaitGroup

	mu      sync.Mutex
	open    map[string][]byte // sessions whose state is to be written, by id
	noting  int               // sessions whose state is being written
	waiting []Entry           // records that the store did not take, in the order of their coming
}

// New makes a Recorder, and records the sessions that the end of the last process cut off.
func New(c Config) (*Recorder, error) {
	r := &Recorder{config: c, wake: make(chan struct{}, 1), open: map[string][]byte{}}
	r.ctx, r.cancel = context.WithCancel(context.Background())
	if err := r.recover(); err != nil {
		r.cancel()
		return nil, err
	}
	r.work.Go(r.run)
	if c.Receiver != nil {
		r.pusher = newPusher(c.Receiver, c.Store, c.Metrics, c.Log)
		r.work.Go(func() { r.pusher.run(r.ctx) })
	}
	return r, nil
}

// Close stops the sending and tries once more to write what the store did not take.
func (r *Recorder) Close() {
	r.cancel()
	r.work.Wait()
	r.writeWaiting()
	r.mu.Lock()
	for _, e := range r.waiting {
		r.lost(e, "the gateway stops")
	}
	r.setWaiting(nil)
	r.mu.Unlock()
	if r.pusher != nil && r.config.Volatile {
		r.sendLast()
	}
}

// sendLast sends what would be gone with the store.
func (r *Recorder) sendLast() {
	ctx, cancel := context.WithTimeout(context.Background(), lastTime)
	defer cancel()
	r.pusher.push(ctx)
	if o, err := r.config.Store.Outbox(context.Background()); err != nil || o.Pending+o.Parked > 0 {
		r.config.Log.Error("records lost that were not sent: there is no database", "records", o.Pending+o.Parked)
	}
}

// Progress notes what the record of a session would be now, for the case that the process is killed. It does not wait
// for the disk.
func (r *Recorder) Progress(c call.Record) {
	body, err := json.Marshal(r.from(c))
	if err != nil {
		r.config.Log.Error("session not noted", "session", c.SessionID, "error", err.Error())
		return
	}
	r.mu.Lock()
	r.open[c.SessionID] = body
	r.countOpen()
	r.mu.Unlock()
	r.awake()
}

// Ended writes the record of a session that is over. When it returns the record is on the disk; where the store does
// not take it, it is in memory, and is tried again until the store does.
func (r *Recorder) Ended(c call.Record) {
	r.keep(r.from(c), c.Started, c.Ended)
}

func (r *Recorder) keep(record Record, started, ended time.Time) {
	e, err := entry(record, started, ended)
	if err != nil { // no field of a Record can bring that about
		r.config.Metrics.lost.Inc()
		r.config.Log.Error("record lost", "session", record.SessionId, "error", err.Error())
		return
	}
	e.Local = r.config.Receiver == nil
	r.mu.Lock()
	delete(r.open, e.SessionID)
	r.countOpen()
	first := len(r.waiting) == 0 // else it would overtake
	r.mu.Unlock()
	if first {
		if err = r.write(e); err == nil {
			return
		}
		r.config.Log.Error("record not written: it is kept in memory and tried again", "session", e.SessionID,
			"error", err.Error())
	}
	r.wait(e)
}

// from is the form of the reference.
func (r *Recorder) from(c call.Record) Record {
	out := From(c, r.config.App, r.config.Staff)
	if c.Recording != "" {
		out.RecordId, out.RecordURL = c.Recording, r.config.Recordings+c.Recording
		out.RecordProblem = c.RecordingProblem
	}
	return out
}

// write writes one record, and has it sent.
func (r *Recorder) write(e Entry) error {
	ctx, cancel := context.WithTimeout(context.Background(), writeTime)
	defer cancel()
	if err := r.config.Store.AppendRecord(ctx, e); err != nil {
		return err
	}
	r.config.Metrics.written.Inc()
	r.pusher.awake()
	return nil
}

// wait keeps a record until the store takes it.
func (r *Recorder) wait(e Entry) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.ctx.Err() != nil {
		r.lost(e, "the gateway stops")
		return
	}
	if len(r.waiting) >= maxWaiting {
		r.lost(r.waiting[0], "too many wait for the disk")
		r.waiting = r.waiting[1:]
	}
	r.setWaiting(append(r.waiting, e))
	r.awake()
}

// lost says that a record is gone but for this line of the log, which has all of it.
func (r *Recorder) lost(e Entry, why string) {
	r.config.Metrics.lost.Inc()
	r.config.Log.Error("record lost", "session", e.SessionID, "why", why, "record", string(e.Body))
}

// setWaiting keeps the count beside the queue; mu is held.
func (r *Recorder) setWaiting(all []Entry) {
	r.waiting = all
	r.config.Metrics.unwritten.Set(float64(len(all)))
}

// awake has run look what there is to write.
func (r *Recorder) awake() {
	select {
	case r.wake <- struct{}{}:
	default:
	}
}

// run writes what need not, or could not, be written at once, until the Recorder is closed.
func (r *Recorder) run() {
	var again <-chan time.Time
	wait := writeAgain
	for {
		select {
		case <-r.ctx.Done():
			return
		case <-r.wake:
			if again != nil {
				continue // it failed a moment ago
			}
		case <-again:
		}
		again = nil
		if records, sessions := r.writeWaiting(), r.writeOpen(); records && sessions {
			wait = writeAgain
			continue
		}
		again = time.After(wait)
		wait = min(2*wait, seldomAgain)
	}
}

// writeOpen writes the state of sessions; it is false where it could not.
func (r *Recorder) writeOpen() bool {
	r.mu.Lock()
	batch := r.open
	r.open, r.noting = map[string][]byte{}, len(batch)
	r.mu.Unlock()
	if len(batch) == 0 {
		return true
	}
	var all []Open
	for id, body := range batch {
		all = append(all, Open{id, body})
	}
	err := r.config.Store.PutOpenSessions(r.ctx, all)
	if err != nil && r.ctx.Err() == nil {
		r.config.Log.Error("sessions not noted", "sessions", len(all), "error", err.Error())
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for id, body := range batch {
		if _, newer := r.open[id]; err != nil && !newer {
			r.open[id] = body // also where it has ended meanwhile: the store knows that
		}
	}
	r.noting = 0
	r.countOpen()
	return err == nil
}

// countOpen shows how many sessions the store does not know yet; mu is held.
func (r *Recorder) countOpen() { r.config.Metrics.unnoted.Set(float64(len(r.open) + r.noting)) }

// writeWaiting writes the records that the store did not take; it is false where some are left.
func (r *Recorder) writeWaiting() bool {
	for {
		r.mu.Lock()
		if len(r.waiting) == 0 {
			r.mu.Unlock()
			return true
		}
		e := r.waiting[0]
		r.mu.Unlock()
		if err := r.write(e); err != nil {
			r.config.Log.Warn("records wait in memory for the disk", "first", e.SessionID, "error", err.Error())
			return false
		}
		r.mu.Lock()
		// Of this goroutine alone, but for who drops the first where too many wait.
		if len(r.waiting) > 0 && r.waiting[0].SessionID == e.SessionID {
			r.setWaiting(r.waiting[1:])
		}
		r.mu.Unlock()
		r.config.Log.Info("record written late", "session", e.SessionID)
	}
}
