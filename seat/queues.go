package seat

// Queues are the callers who wait, and the dealing of them to free seats. All methods are safe to call at any time and
// from any goroutine; none blocks.
type Queues struct {
	d *Directory
}

// Enter begins to wait. The error is ErrUnknownGroup, ErrExists where the session waits already, or ErrClosed; GiveUp
// tells all else, also that the group is full or closed.
func (q *Queues) Enter(w Waiter) error { return ErrUnknownGroup }

// Leave ends the waiting of a session that is over or goes elsewhere; seats that ring for it are free again. It does
// nothing where the session does not wait.
func (q *Queues) Leave(session string) {}

// Missed says that a seat did not take the caller who was offered: its slot is free again, and the caller, when no other
// seat rings, goes on waiting at its old place. It does nothing where the seat was not offered the session.
func (q *Queues) Missed(session, user string, why Miss) {}

// Taken says that a seat took the caller: the waiting has ended, the seat has the slot until Release, other seats that
// ring for it are free again. The error is ErrUnknown where the seat was not offered the session, or no more.
func (q *Queues) Taken(session, user string) error { return ErrUnknown }

// Position says how many are served before a session, itself included, of how many who wait in its group; the position
// is 0 while seats ring for it. It is false where the session does not wait.
func (q *Queues) Position(session string) (position, waiting int, ok bool) { return 0, 0, false }

// Snapshot is a picture of all queues, by group.
func (q *Queues) Snapshot() []QueueInfo { return nil }
