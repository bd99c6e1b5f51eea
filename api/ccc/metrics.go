package ccc

import (
	"cmp"
	"context"
	"slices"
	"time"

	"seatbridge/call"
	"seatbridge/seat"
)

type callInRequest struct {
	application
	EnabledSkillGroup, EnabledNumber *bool
	GroupIdList                      []int64
}

type callInAnswer struct {
	Timestamp         int64
	TotalMetrics      callIn
	NumberMetrics     []numberCallIn
	SkillGroupMetrics []groupCallIn
}

// callIn counts the inbound sessions of this moment; durations are in seconds, of those that are counted.
type callIn struct {
	IvrCount, QueueCount, RingCount, AcceptCount, TransferOuterCount int
	MaxQueueDuration, AvgQueueDuration                               int64
	MaxRingDuration, AvgRingDuration                                 int64
	MaxAcceptDuration, AvgAcceptDuration                             int64
}

type numberCallIn struct {
	Number            string
	Metrics           callIn
	SkillGroupMetrics []groupCallIn
}

type groupCallIn struct {
	SkillGroupId int64
	Metrics      callIn
	Name         string
}

// describeCallInMetrics counts where inbound sessions are now.
func (s *Server) describeCallInMetrics(_ context.Context, _ request, q callInRequest) (a callInAnswer, err error) {
	now := time.Now()
	var inbound []call.Info
	for _, info := range s.config.Calls.Sessions("") {
		if info.Direction == call.DirectionInbound && (len(q.GroupIdList) == 0 ||
			slices.Contains(q.GroupIdList, info.Group)) {
			inbound = append(inbound, info)
		}
	}
	groups := slices.DeleteFunc(s.config.Seats.Groups(), func(g seat.Group) bool {
		return len(q.GroupIdList) > 0 && !slices.Contains(q.GroupIdList, g.ID)
	})
	a = callInAnswer{
		Timestamp: now.Unix(), TotalMetrics: count(inbound, now), NumberMetrics: []numberCallIn{},
		SkillGroupMetrics: []groupCallIn{},
	}
	if q.EnabledSkillGroup == nil || *q.EnabledSkillGroup {
		a.SkillGroupMetrics = byGroup(inbound, groups, now)
	}
	if q.EnabledNumber != nil && *q.EnabledNumber {
		a.NumberMetrics = byNumber(inbound, groups, now)
	}
	return a, nil
}

func byGroup(sessions []call.Info, groups []seat.Group, now time.Time) []groupCallIn {
	all := []groupCallIn{}
	for _, g := range groups {
		of := keep(sessions, func(i call.Info) bool { return i.Group == g.ID })
		all = append(all, groupCallIn{SkillGroupId: g.ID, Metrics: count(of, now), Name: g.Name})
	}
	return all
}

func byNumber(sessions []call.Info, groups []seat.Group, now time.Time) []numberCallIn {
	numbers := map[string]bool{}
	all := []numberCallIn{}
	for _, info := range sessions {
		number := info.Callee.Number
		if numbers[number] {
			continue
		}
		numbers[number] = true
		of := keep(sessions, func(i call.Info) bool { return i.Callee.Number == number })
		all = append(all, numberCallIn{Number: number, Metrics: count(of, now), SkillGroupMetrics: byGroup(of, groups, now)})
	}
	slices.SortFunc(all, func(a, b numberCallIn) int { return cmp.Compare(a.Number, b.Number) })
	return all
}

func keep(sessions []call.Info, wanted func(call.Info) bool) []call.Info {
	var kept []call.Info
	for _, info := range sessions {
		if wanted(info) {
			kept = append(kept, info)
		}
	}
	return kept
}

func count(sessions []call.Info, now time.Time) callIn {
	var c callIn
	var queued, rings, talks []time.Time
	for _, info := range sessions {
		if t := info.Transfer; t != nil && t.ToUser == "" && t.To != "" && !seat.IsExtension(t.To) {
			c.TransferOuterCount++
		}
		switch {
		case info.InMenu:
			c.IvrCount++
		case info.Waiting:
			queued = append(queued, info.Queued)
		case info.Status == call.StatusInProgress:
			talks = append(talks, info.Answered)
		default:
			rings = append(rings, cmp.Or(info.Rang, info.Started))
		}
	}
	c.QueueCount, c.MaxQueueDuration, c.AvgQueueDuration = since(queued, now)
	c.RingCount, c.MaxRingDuration, c.AvgRingDuration = since(rings, now)
	c.AcceptCount, c.MaxAcceptDuration, c.AvgAcceptDuration = since(talks, now)
	return c
}

// since is how many times there are, and the longest and the mean of what passed since them, in seconds.
func since(times []time.Time, now time.Time) (n int, longest, mean int64) {
	var most, sum time.Duration
	for _, t := range times {
		most = max(most, now.Sub(t))
		sum += now.Sub(t)
	}
	if n = len(times); n == 0 {
		return 0, 0, 0
	}
	return n, int64(most / time.Second), int64(sum / time.Duration(n) / time.Second)
}
