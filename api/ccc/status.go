package ccc

import (
	"context"
	"slices"
	"time"

	"seatbridge/call"
	"seatbridge/seat"
)

type statusRequest struct {
	application
	StaffList   []string
	GroupIdList []int64
	StatusList  []string
}

type statusAnswer struct{ Metrics []staffStatus }

// staffStatus has its durations in seconds, of today.
type staffStatus struct {
	Email, Status         string
	StatusExtra           *statusExtra `json:",omitempty"`
	OnlineDuration        int64
	FreeDuration          int64
	BusyDuration          int64
	NotReadyDuration      int64
	RestDuration          int64
	AfterCallWorkDuration int64
	Reason                string
	ReserveRest           bool
	ReserveNotReady       bool
	UseMobileAccept       int
	LastStatusTimestamp   int64
	ClientInfo            []clientInfo
}

type statusExtra struct{ Type, Direct string }

type clientInfo struct {
	ClientType  string
	IsConnected bool
}

// describeStaffStatusMetrics tells what each seat does now, and how long it did what today.
func (s *Server) describeStaffStatusMetrics(ctx context.Context, _ request, q statusRequest,
) (a statusAnswer, err error) {
	times, err := s.timesToday(ctx)
	if err != nil {
		return a, err
	}
	calling := s.directions()
	members := map[string]bool{}
	for _, id := range q.GroupIdList {
		g, _ := s.config.Seats.Group(id)
		for _, m := range g.Members {
			members[m.User] = true
		}
	}
	a.Metrics = []staffStatus{}
	for _, user := range s.config.Seats.Users() {
		state, ok := s.config.Seats.State(user)
		status := statusWord(state.Status)
		if !ok || len(q.GroupIdList) > 0 && !members[user] ||
			len(q.StatusList) > 0 && !slices.Contains(q.StatusList, status) ||
			len(q.StaffList) > 0 && !slices.Contains(q.StaffList, user) && !slices.Contains(q.StaffList, mail(state.Staff)) {
			continue
		}
		a.Metrics = append(a.Metrics, newStaffStatus(state, times[user], calling[user]))
	}
	return a, nil
}

func newStaffStatus(state seat.State, spent map[seat.Status]time.Duration, direct string) staffStatus {
	seconds := func(s seat.Status) int64 { return int64(spent[s] / time.Second) }
	v := staffStatus{
		Email: mail(state.Staff), Status: statusWord(state.Status), FreeDuration: seconds(seat.StatusFree),
		BusyDuration: seconds(seat.StatusBusy), NotReadyDuration: seconds(seat.StatusNotReady),
		RestDuration: seconds(seat.StatusRest), AfterCallWorkDuration: seconds(seat.StatusArrange),
		UseMobileAccept: int(state.Staff.UseMobile), LastStatusTimestamp: unix(state.Since), ClientInfo: []clientInfo{},
	}
	var online time.Duration
	for status, d := range spent {
		if status != seat.StatusOffline {
			online += d
		}
	}
	v.OnlineDuration = int64(online / time.Second)
	later := state.Status == seat.StatusBusy || state.Status == seat.StatusArrange
	v.ReserveRest = later && state.Wanted.Status == seat.StatusRest
	v.ReserveNotReady = later && state.Wanted.Status == seat.StatusNotReady
	if state.Wanted.Status == seat.StatusRest {
		v.Reason = state.Wanted.Reason
	}
	if state.Status == seat.StatusBusy && direct != "" {
		v.StatusExtra = &statusExtra{"tel", direct}
	}
	if state.Browsers > 0 {
		v.ClientInfo = append(v.ClientInfo, clientInfo{"Web", true})
	}
	return v
}

// statusWord is a status in the words of the server API, which differ from the Web SDK's in one.
func statusWord(s seat.Status) string {
	if s == seat.StatusArrange {
		return "afterCallWork"
	}
	return string(s)
}

// timesToday is how long each user was in each status today.
func (s *Server) timesToday(ctx context.Context) (map[string]map[seat.Status]time.Duration, error) {
	all, err := s.config.Seats.Times(ctx, s.config.Seats.Today())
	by := map[string]map[seat.Status]time.Duration{}
	for _, t := range all {
		if by[t.User] == nil {
			by[t.User] = map[seat.Status]time.Duration{}
		}
		by[t.User][t.Status] += t.Time
	}
	return by, err
}

// directions is for each seat in a session whether it was called (in) or calls (out).
func (s *Server) directions() map[string]string {
	by := map[string]string{}
	for _, info := range s.config.Calls.Sessions("") {
		for _, p := range info.Parties {
			if p.User == "" || p.Left {
				continue
			}
			by[p.User] = "in"
			if info.Direction != call.DirectionInbound && p.User == info.User {
				by[p.User] = "out"
			}
		}
	}
	return by
}
