package bridge

import (
	"seatbridge/codec"
	"seatbridge/media"
)

// Config is what a Bridge works with.
type Config struct {
	Clock   *media.Clock  // paces sounds; shared by all bridges
	Codec   codec.Options // of the encoders
	Metrics *media.Metrics
}

// Bridge feeds the parties of one session by a Table. Its methods are safe to call from any goroutine and wait for
// nothing but packets that are being sent at that moment.
type Bridge struct{}

// New makes a Bridge without parties.
func New(c Config) *Bridge { return &Bridge{} }

// Add takes a party in: from now on it is what its Receiver hands to. It neither hears nor is heard until Apply says
// so.
func (b *Bridge) Add(id PartyID, p media.Port) {}

// Remove takes a party out of the session, and out of every row. Once it returns nothing reaches or leaves the party.
func (b *Bridge) Remove(id PartyID) {}

// Apply puts a table into force, as a whole and between two packets. Once it returns nobody hears who is not in its
// row. Ids of parties that were not added are ignored.
func (b *Bridge) Apply(t Table) {}

// Hears is the row of a listener in the table in force: the speakers that it hears.
func (b *Bridge) Hears(id PartyID) []PartyID { return nil }

// Close takes all parties out and frees what the Bridge holds.
func (b *Bridge) Close() {}
