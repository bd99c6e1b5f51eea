package api

import (
	"context"
	"strconv"

	"seatbridge/call"
	"seatbridge/seat"
)

// groupView is a skill group as an agent gets it, to choose whom a call goes to.
type groupView struct {
	SkillGroupID string       `json:"skillGroupId"`
	Name         string       `json:"name"`
	Mine         bool         `json:"mine"` // the seat that asks is a member
	Members      int          `json:"members"`
	Waiting      int          `json:"waiting"` // callers
	Free         []memberView `json:"free"`    // members who are, in the group's order, without the one who asks
}

type memberView struct {
	UserID string `json:"userId"`
	Name   string `json:"name"`
}

// groups lists all groups.
func (s *Server) groups(_ context.Context, l *login, _ []byte) (any, error) {
	waiting := map[int64]int{}
	for _, q := range s.config.Seats.Queues().Snapshot() {
		waiting[q.Group] = q.Waiting
	}
	views := []groupView{}
	for _, g := range s.config.Seats.Groups() {
		v := groupView{
			SkillGroupID: skillGroupID(g.ID), Name: g.Name, Members: len(g.Members), Waiting: waiting[g.ID],
			Free: []memberView{},
		}
		for _, m := range g.Members {
			state, _ := s.config.Seats.State(m.User)
			switch {
			case m.User == l.user:
				v.Mine = true
			case state.Status == seat.StatusFree:
				v.Free = append(v.Free, memberView{m.User, state.Staff.Name})
			}
		}
		views = append(views, v)
	}
	return map[string]any{"groups": views}, nil
}

// skillGroupID is a group's id as messages carry it: text, as in the reference; empty where there is no group.
func skillGroupID(id int64) string {
	if id == 0 {
		return ""
	}
	return strconv.FormatInt(id, 10)
}

// groupOf is the group of a message; 0 where it names none.
func groupOf(skillGroupID string) (int64, error) {
	if skillGroupID == "" {
		return 0, nil
	}
	id, err := strconv.ParseInt(skillGroupID, 10, 64)
	if err != nil || id <= 0 {
		return 0, call.Errorf(call.CodeBadRequest, `"skillGroupId" is the number of a group, as text`)
	}
	return id, nil
}
