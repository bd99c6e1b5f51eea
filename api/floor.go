package api

import (
	"net/http"
	"slices"
	"time"

	"seatbridge/seat"
)

// Seat is a seat as operations get it.
type Seat struct {
	User      string      `json:"user"`
	Name      string      `json:"name"`
	Role      seat.Role   `json:"role"`
	Device    seat.Device `json:"device"` // of the moment
	Extension string      `json:"extension,omitempty"`
	There     bool        `json:"there"`    // the device can be called
	Browsers  int         `json:"browsers"` // logged in
	Status    seat.Status `json:"status"`
	Reason    string      `json:"reason,omitempty"` // of the rest that is wanted
	Since     time.Time   `json:"since"`
	Until     time.Time   `json:"until,omitzero"` // of arrange that ends by itself
	Wanted    seat.Status `json:"wanted"`         // what follows the calls and the wrap-up
	Sessions  []string    `json:"sessions"`       // ids of those that hold a slot
	MaxCalls  int         `json:"maxCalls"`
	Taken     int         `json:"taken"`  // callers of groups, today
	Misses    int         `json:"misses"` // in a row
}

// Queue is a group with who waits for it, as operations get it.
type Queue struct {
	Group    int64               `json:"group"`
	Name     string              `json:"name"`
	Open     bool                `json:"open"`
	Waiting  int                 `json:"waiting"` // callers for whom no seat rings
	Ringing  int                 `json:"ringing"` // callers for whom seats ring
	Longest  float64             `json:"longest"` // seconds that one of the waiting has waited
	Statuses map[seat.Status]int `json:"statuses"`
}

// Trunk is a carrier as operations get it.
type Trunk struct {
	Name       string         `json:"name"`
	Registered *bool          `json:"registered,omitempty"` // absent where the gateway does not register
	Gateways   []TrunkGateway `json:"gateways"`
}

// TrunkGateway is one place where a trunk is reached.
type TrunkGateway struct {
	Address string    `json:"address"` // host:port;transport
	Up      bool      `json:"up"`
	Since   time.Time `json:"since"`
}

// Registration is a place where a phone is registered, as operations get it.
type Registration struct {
	Extension string    `json:"extension"`
	Contact   string    `json:"contact"`
	Source    string    `json:"source"` // address that it registered from
	Transport string    `json:"transport"`
	UserAgent string    `json:"userAgent,omitempty"`
	Reachable bool      `json:"reachable"` // it answers
	ExpiresAt time.Time `json:"expiresAt"`
}

func (s *Server) handleSeats(w http.ResponseWriter, _ *http.Request) {
	respond(w, http.StatusOK, map[string]any{"seats": s.allSeats()})
}

func (s *Server) allSeats() []Seat {
	all := []Seat{}
	for _, user := range s.config.Seats.Users() {
		if state, ok := s.config.Seats.State(user); ok {
			all = append(all, newSeat(state))
		}
	}
	return all
}

func newSeat(s seat.State) Seat {
	slices.Sort(s.Sessions)
	return Seat{
		User: s.Staff.User, Name: s.Staff.Name, Role: s.Staff.Role, Device: s.Device, Extension: s.Staff.Extension,
		There: s.There, Browsers: s.Browsers, Status: s.Status, Reason: s.Wanted.Reason, Since: wireTime(s.Since),
		Until: optionalTime(s.Until), Wanted: s.Wanted.Status, Sessions: append([]string{}, s.Sessions...),
		MaxCalls: s.Staff.MaxCalls, Taken: s.Taken, Misses: s.Misses,
	}
}

func (s *Server) handleQueues(w http.ResponseWriter, _ *http.Request) {
	respond(w, http.StatusOK, map[string]any{"queues": s.allQueues()})
}

func (s *Server) allQueues() []Queue {
	all := []Queue{}
	for _, q := range s.config.Seats.Queues().Snapshot() {
		all = append(all, Queue{
			Group: q.Group, Name: q.Name, Open: q.Open, Waiting: q.Waiting, Ringing: q.Ringing,
			Longest: q.Longest.Truncate(time.Millisecond).Seconds(), Statuses: q.Statuses,
		})
	}
	return all
}

func (s *Server) handleTrunks(w http.ResponseWriter, _ *http.Request) {
	all := []Trunk{}
	if s.config.Trunks != nil {
		all = append(all, s.config.Trunks()...)
	}
	for i := range all {
		for j := range all[i].Gateways {
			g := &all[i].Gateways[j]
			g.Since = wireTime(g.Since)
		}
	}
	respond(w, http.StatusOK, map[string]any{"trunks": all})
}

func (s *Server) handleRegistrations(w http.ResponseWriter, _ *http.Request) {
	all := []Registration{}
	if s.config.Registrations != nil {
		all = append(all, s.config.Registrations()...)
	}
	for i := range all {
		all[i].ExpiresAt = wireTime(all[i].ExpiresAt)
	}
	respond(w, http.StatusOK, map[string]any{"registrations": all})
}
