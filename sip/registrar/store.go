package registrar

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"time"

	"github.com/emiago/sipgo/sip"
)

// Store keeps registrations beyond the life of the process. Both methods are called by one goroutine at a time, never
// by the one that answers a phone.
type Store interface {
	// Registrations are all that were put, in no order.
	Registrations(ctx context.Context) ([]Registration, error)
	// PutRegistrations replaces those of each extension, all or none; an empty list deletes them.
	PutRegistrations(ctx context.Context, changed map[string][]Registration) error
}

// Registration is a binding as a Store keeps it.
type Registration struct {
	Extension string
	Contact   string // SIP URI
	Source    netip.AddrPort
	Transport string
	UserAgent string
	Params    []byte // of the Contact, to be told again in answers; JSON
	Q         float64
	CallID    string // of the REGISTER
	CSeq      uint32 // of the REGISTER
	Updated   time.Time
	Expires   time.Time
}

// registration is what is kept of a binding. A binding of a TCP or TLS connection is not: the connection ends with the
// process, and a phone behind NAT can't be connected to. Such phones notice, and register again.
func registration(rec record) (Registration, bool) {
	params, err := json.Marshal(rec.Params)
	return Registration{
		Extension: rec.Extension, Contact: rec.Contact.String(), Source: rec.Source, Transport: rec.Transport,
		UserAgent: rec.UserAgent, Params: params, Q: rec.Q, CallID: rec.CallID, CSeq: rec.CSeq,
		Updated: rec.Updated, Expires: rec.Expires,
	}, rec.Transport == "udp" && err == nil
}

// record is the binding again, taken for reachable until OPTIONS shows whether it is.
func (reg Registration) record(nextProbe time.Time) (record, error) {
	rec := record{
		Binding: Binding{
			Extension: reg.Extension, Source: reg.Source, Transport: reg.Transport, UserAgent: reg.UserAgent, Q: reg.Q,
			Expires: reg.Expires, Reachable: true,
		},
		CallID: reg.CallID, CSeq: reg.CSeq, Updated: reg.Updated, NextProbe: nextProbe,
	}
	if err := sip.ParseUri(reg.Contact, &rec.Contact); err != nil {
		return rec, err
	}
	return rec, json.Unmarshal(reg.Params, &rec.Params)
}

// restore takes over what the Store has, but what has expired meanwhile and who has no account any more: these are
// deleted from it. It comes before everything else.
func (r *Registrar) restore(ctx context.Context) error {
	all, err := r.cfg.Store.Registrations(ctx)
	if err != nil {
		return fmt.Errorf("registrar: restoring: %w", err)
	}
	now := time.Now()
	restored := 0
	for _, reg := range all {
		_, known := r.cfg.Accounts(reg.Extension)
		// Spread, so that the probes of all phones don't go out in one burst.
		rec, err := reg.record(now.Add(time.Duration(rand.Float64() * float64(max(r.cfg.KeepAlive, 0)))))
		if err != nil {
			r.cfg.Log.Warn("a kept registration can't be read", "extension", reg.Extension, "error", err.Error())
		}
		if err != nil || !known || !now.Before(reg.Expires) {
			r.touch(reg.Extension)
			continue
		}
		r.records[reg.Extension] = append(r.records[reg.Extension], rec)
		restored++
	}
	r.cfg.Log.Info("phones restored", "bindings", restored, "dropped", len(all)-restored)
	return nil
}
