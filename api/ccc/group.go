package ccc

import (
	"context"
	"errors"
	"slices"

	"seatbridge/seat"
)

type createGroupRequest struct {
	application
	SkillGroupName string
	SkillGroupType int
	MaxConcurrency *int
}

type createGroupAnswer struct{ SkillGroupId int64 }

// createCCCSkillGroup adds a group without members.
func (s *Server) createCCCSkillGroup(ctx context.Context, _ request, q createGroupRequest,
) (a createGroupAnswer, err error) {
	switch {
	case q.SkillGroupType != 0:
		return a, errorf(codeUnsupported, "only groups for telephony (SkillGroupType 0) are served")
	case q.SkillGroupName == "" || len(q.SkillGroupName) > 200:
		return a, errorf(codeInvalidValue, "SkillGroupName must have 1 to 200 bytes")
	case q.MaxConcurrency != nil && *q.MaxConcurrency != 1:
		return a, errorf(codeInvalidValue, "MaxConcurrency must be 1 in a group for telephony")
	}
	s.changing.Lock()
	defer s.changing.Unlock()
	for _, g := range s.config.Seats.Groups() {
		if g.Name == q.SkillGroupName {
			return a, errorf(codeInvalidValue, "there is a group %q already", q.SkillGroupName)
		}
	}
	g, err := s.config.Seats.AddGroup(ctx, seat.Group{Name: q.SkillGroupName})
	return createGroupAnswer{g.ID}, err
}

type groupListRequest struct {
	application
	PageSize, PageNumber int
	SkillGroupId         int64
	ModifiedTime         *int64
	SkillGroupName       string
}

type groupListAnswer struct {
	TotalCount     int
	SkillGroupList []groupInfo
}

type groupInfo struct {
	SkillGroupId   int64
	SkillGroupName string
	Type           string // deprecated
	RoutePolicy    string
	UsingLastSeat  int
	MaxConcurrency int
	SkillGroupType int
	RingAll        bool
}

// describeSkillGroupInfoList lists the groups, by id.
func (s *Server) describeSkillGroupInfoList(_ context.Context, _ request, q groupListRequest,
) (a groupListAnswer, err error) {
	if q.ModifiedTime != nil {
		return a, errorf(codeUnsupported, "when groups were changed is not known: leave ModifiedTime out")
	}
	if err := checkPage(q.PageNumber, q.PageSize, 100); err != nil {
		return a, err
	}
	all := []groupInfo{}
	for _, g := range s.config.Seats.Groups() {
		if q.SkillGroupId != 0 && q.SkillGroupId != g.ID || q.SkillGroupName != "" && q.SkillGroupName != g.Name {
			continue
		}
		info := groupInfo{
			SkillGroupId: g.ID, SkillGroupName: g.Name, Type: "TEL", RoutePolicy: string(g.Strategy),
			MaxConcurrency: 1, RingAll: g.Strategy == seat.RingAll,
		}
		if g.LastAgentFirst {
			info.UsingLastSeat = 1
		}
		all = append(all, info)
	}
	return groupListAnswer{len(all), page(all, q.PageNumber, q.PageSize)}, nil
}

type bindRequest struct {
	application
	StaffEmail          string
	StaffSkillGroupList []membership
	SkillGroupList      []int64 // deprecated: without levels
}

type membership struct {
	SkillGroupId int64
	Priority     int
}

// bindStaffSkillGroupList makes a staff member a member of groups, or changes its level there.
func (s *Server) bindStaffSkillGroupList(ctx context.Context, _ request, q bindRequest) (nothing, error) {
	staff, err := s.staff(q.StaffEmail)
	if err != nil {
		return nothing{}, err
	}
	wanted := slices.Clone(q.StaffSkillGroupList)
	for _, id := range q.SkillGroupList {
		wanted = append(wanted, membership{SkillGroupId: id})
	}
	if len(wanted) == 0 {
		return nothing{}, errorf(codeInvalidValue, "StaffSkillGroupList is empty")
	}
	for _, m := range wanted { // all or none
		if m.Priority < 0 || m.Priority > 5 {
			return nothing{}, errorf(codeInvalidValue, "Priority must be 1 to 5")
		}
		if err := s.knownGroup(m.SkillGroupId); err != nil {
			return nothing{}, err
		}
	}
	for _, m := range wanted {
		if err := s.bind(ctx, staff.User, m.SkillGroupId, m.Priority); err != nil {
			return nothing{}, err
		}
	}
	return nothing{}, nil
}

type unbindRequest struct {
	application
	StaffEmail     string
	SkillGroupList []int64
}

// unbindStaffSkillGroupList takes a staff member out of groups.
func (s *Server) unbindStaffSkillGroupList(ctx context.Context, _ request, q unbindRequest) (nothing, error) {
	staff, err := s.staff(q.StaffEmail)
	if err != nil {
		return nothing{}, err
	}
	for _, id := range q.SkillGroupList { // all or none
		if err := s.knownGroup(id); err != nil {
			return nothing{}, err
		}
	}
	for _, id := range q.SkillGroupList {
		err := s.changeGroup(ctx, id, func(g *seat.Group) {
			g.Members = slices.DeleteFunc(g.Members, func(m seat.Member) bool { return m.User == staff.User })
		})
		if err != nil {
			return nothing{}, err
		}
	}
	return nothing{}, nil
}

// bind makes a user a member of a group; a level of 0 is the one that it has, or the default.
func (s *Server) bind(ctx context.Context, user string, group int64, level int) error {
	return s.changeGroup(ctx, group, func(g *seat.Group) {
		i := slices.IndexFunc(g.Members, func(m seat.Member) bool { return m.User == user })
		if i < 0 {
			g.Members = append(g.Members, seat.Member{User: user, Level: level})
		} else if level != 0 {
			g.Members[i].Level = level
		}
	})
}

// changeGroup changes a group, again where somebody else was quicker.
func (s *Server) changeGroup(ctx context.Context, id int64, change func(g *seat.Group)) error {
	for try := 1; ; try++ {
		g, ok := s.config.Seats.Group(id)
		if !ok {
			return s.knownGroup(id)
		}
		g.Members = slices.Clone(g.Members)
		change(&g)
		_, err := s.config.Seats.ChangeGroup(ctx, g)
		if !errors.Is(err, seat.ErrConflict) || try == 3 {
			return err
		}
	}
}

func (s *Server) knownGroup(id int64) error {
	if _, ok := s.config.Seats.Group(id); !ok {
		return errorf(codeNotFound, "there is no group %d", id)
	}
	return nil
}

// groupsNamed are the ids of groups by their names.
func (s *Server) groupsNamed(names []string) ([]int64, error) {
	var ids []int64
	groups := s.config.Seats.Groups()
	for _, name := range names {
		i := slices.IndexFunc(groups, func(g seat.Group) bool { return g.Name == name })
		if i < 0 {
			return nil, errorf(codeNotFound, "there is no group %q", cut(name))
		}
		ids = append(ids, groups[i].ID)
	}
	return ids, nil
}
