package ccc

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"seatbridge/seat"
)

// seatUser is a staff member as CreateStaff takes it and call records show it.
type seatUser struct {
	Name, Mail, StaffNumber string
	Phone, Nick, UserId     string
	SkillGroupNameList      []string
	Role                    int
	ExtensionNumber         string
}

type createStaffRequest struct {
	application
	Staffs       []seatUser
	SendPassword *bool // no mail is sent
}

type createStaffAnswer struct{ ErrorStaffList []staffError }

type staffError struct {
	StaffEmail string
	Code       code
	Message    string
}

// createStaff adds staff members at browsers; those that can't be added are told one by one.
func (s *Server) createStaff(ctx context.Context, _ request, q createStaffRequest) (a createStaffAnswer, err error) {
	if len(q.Staffs) < 1 || len(q.Staffs) > 10 {
		return a, errorf(codeInvalidValue, "Staffs must be 1 to 10")
	}
	a.ErrorStaffList = []staffError{}
	for _, one := range q.Staffs {
		if err := s.addStaff(ctx, one); err != nil {
			e := asError(err)
			if e.Code == codeInternal {
				return a, err
			}
			a.ErrorStaffList = append(a.ErrorStaffList, staffError{one.Mail, e.Code, e.Message})
		}
	}
	return a, nil
}

func (s *Server) addStaff(ctx context.Context, one seatUser) error {
	switch {
	case one.Mail == "" || one.Name == "":
		return errorf(codeMissingParameter, "a staff member needs Mail and Name")
	case len(one.Mail) > 320 || len(one.Name) > 200:
		return errorf(codeInvalidValue, "Mail or Name is too long")
	}
	s.changing.Lock()
	defer s.changing.Unlock()
	if _, err := s.staff(one.Mail); err == nil {
		return errorf(codeDuplicatedAccount, "%s is a staff member already", one.Mail)
	}
	groups, err := s.groupsNamed(one.SkillGroupNameList)
	if err != nil {
		return err
	}
	staff, err := s.config.Seats.Add(ctx, seat.Staff{
		User: cmp.Or(one.UserId, one.Mail), Name: one.Name, Nick: one.Nick, Mail: one.Mail, Number: one.StaffNumber,
		Role: seat.Role(cmp.Or(one.Role, int(seat.RoleAgent))), Device: seat.DeviceBrowser,
		Extension: one.ExtensionNumber, Mobile: international(one.Phone),
	})
	if err != nil {
		return err
	}
	for _, id := range groups {
		if err := s.bind(ctx, staff.User, id, 0); err != nil {
			return errors.Join(err, s.config.Seats.Delete(ctx, staff.User))
		}
	}
	return nil
}

type deleteStaffRequest struct {
	application
	StaffList []string
}

type deleteStaffAnswer struct{ OnlineStaffList []string }

// deleteStaff deletes staff members, but none who is not offline.
func (s *Server) deleteStaff(ctx context.Context, _ request, q deleteStaffRequest) (a deleteStaffAnswer, err error) {
	if len(q.StaffList) < 1 || len(q.StaffList) > 200 {
		return a, errorf(codeInvalidValue, "StaffList must be 1 to 200")
	}
	s.changing.Lock()
	defer s.changing.Unlock()
	var gone []string
	a.OnlineStaffList = []string{}
	for _, account := range q.StaffList {
		staff, err := s.staff(account)
		if err != nil {
			return a, err
		}
		if status, _ := s.config.Seats.Status(staff.User); status != seat.StatusOffline {
			a.OnlineStaffList = append(a.OnlineStaffList, account)
		} else if !slices.Contains(gone, staff.User) {
			gone = append(gone, staff.User)
		}
	}
	for _, user := range gone {
		if err := s.config.Seats.Delete(ctx, user); err != nil {
			return a, err
		}
	}
	return a, nil
}

type staffListRequest struct {
	application
	PageSize, PageNumber int
	StaffMail            string
	ModifiedTime         *int64
	SkillGroupId         int64
}

type staffListAnswer struct {
	TotalCount int
	StaffList  []staffInfo
}

type staffInfo struct {
	Name, Mail, Phone, Nick, StaffNumber string
	RoleId                               int // deprecated, as is RoleIdList
	RoleIdList                           int
	RoleList                             []int
	SkillGroupList                       []staffGroup
	ExtensionNumber                      string
}

type staffGroup struct {
	SkillGroupId   int64
	SkillGroupName string
	Priority       int
	Type           string
}

// describeStaffInfoList lists the staff, in the order in which they were added.
func (s *Server) describeStaffInfoList(_ context.Context, _ request, q staffListRequest,
) (a staffListAnswer, err error) {
	if q.ModifiedTime != nil {
		return a, errorf(codeUnsupported, "when staff was changed is not known: leave ModifiedTime out")
	}
	if err := checkPage(q.PageNumber, q.PageSize, 9999); err != nil {
		return a, err
	}
	groups := s.config.Seats.Groups()
	all := []staffInfo{}
	for _, user := range s.config.Seats.Users() {
		staff, ok := s.config.Seats.Lookup(user)
		info := s.staffInfo(staff, groups)
		if !ok || q.StaffMail != "" && q.StaffMail != staff.User && q.StaffMail != staff.Mail ||
			q.SkillGroupId != 0 && !info.in(q.SkillGroupId) {
			continue
		}
		all = append(all, info)
	}
	return staffListAnswer{len(all), page(all, q.PageNumber, q.PageSize)}, nil
}

func (s *Server) staffInfo(staff seat.Staff, groups []seat.Group) staffInfo {
	info := staffInfo{
		Name: staff.Name, Mail: mail(staff), Phone: staff.Mobile, Nick: staff.Nick, StaffNumber: staff.Number,
		RoleId: int(staff.Role), RoleIdList: int(staff.Role), RoleList: []int{int(staff.Role)},
		SkillGroupList: []staffGroup{}, ExtensionNumber: staff.Extension,
	}
	for _, g := range groups {
		for _, m := range g.Members {
			if m.User == staff.User {
				info.SkillGroupList = append(info.SkillGroupList, staffGroup{g.ID, g.Name, m.Level, "TEL"})
			}
		}
	}
	return info
}

func (i staffInfo) in(group int64) bool {
	return slices.ContainsFunc(i.SkillGroupList, func(g staffGroup) bool { return g.SkillGroupId == group })
}

// staff finds a staff member by its user id, or by its mail address.
func (s *Server) staff(account string) (seat.Staff, error) {
	if staff, ok := s.config.Seats.Lookup(account); ok {
		return staff, nil
	}
	for _, user := range s.config.Seats.Users() {
		if staff, ok := s.config.Seats.Lookup(user); ok && account != "" && staff.Mail == account {
			return staff, nil
		}
	}
	return seat.Staff{}, errorf(codeNoAccount, "there is no staff member %q", cut(account))
}

// mail is what the vendor calls a staff member's account.
func mail(staff seat.Staff) string { return cmp.Or(staff.Mail, staff.User) }

func checkPage(number, size, most int) error {
	if number < 0 || number > 1<<20 || size < 1 || size > most {
		return errorf(codeInvalidValue, "PageNumber must be 0 or more, PageSize from 1 to %d", most)
	}
	return nil
}

// page is one page of a list, from 0.
func page[T any](all []T, number, size int) []T {
	from := min(number*size, len(all))
	return all[from:min(from+size, len(all))]
}
