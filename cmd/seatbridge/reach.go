package main

import (
	"sync/atomic"

	"seatbridge/seat"
	"seatbridge/sip"
	"seatbridge/sip/registrar"
)

// reach knows which desk phones can be called, and tells the seats when that changes. Until SIP is there none can.
type reach struct {
	phones atomic.Pointer[sip.Endpoint]
	seats  atomic.Pointer[seat.Directory]
}

// there is for seat.Config.Reachable. A mobile is behind a carrier, and always there.
func (r *reach) there(s seat.Staff) bool {
	if s.Device != seat.DevicePhone {
		return true
	}
	phones := r.phones.Load()
	if phones == nil {
		return false
	}
	for _, b := range phones.Bindings(s.Extension) {
		if b.Reachable {
			return true
		}
	}
	return false
}

// changed is for sip.Config.PhoneChanged.
func (r *reach) changed(e registrar.Event) {
	seats := r.seats.Load()
	if seats == nil {
		return
	}
	if s, ok := seats.ByExtension(e.Binding.Extension); ok {
		seats.Refresh(s.User)
	}
}

// begin has the seats know of the phones that were restored, and of changes from now on.
func (r *reach) begin(phones *sip.Endpoint, seats *seat.Directory) {
	r.phones.Store(phones)
	r.seats.Store(seats)
	for _, user := range seats.Users() {
		seats.Refresh(user)
	}
}
