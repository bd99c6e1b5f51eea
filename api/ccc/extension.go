package ccc

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"seatbridge/call"
	"seatbridge/leg"
	"seatbridge/seat"
)

// What Extensions refuses.
var (
	// ErrNoExtension indicates an extension that is not there.
	ErrNoExtension = errors.New("ccc: no such extension")
	// ErrExtensionExists indicates an extension that is there already.
	ErrExtensionExists = errors.New("ccc: the extension is there already")
	// ErrFixedExtension indicates an extension that only the configuration file changes.
	ErrFixedExtension = errors.New("ccc: the extension is one of the configuration file's, which alone can change it")
)

// Extensions are the desk phones' accounts. What is changed is stored when the method returns.
type Extensions interface {
	// Extensions are all, by number.
	Extensions() []Extension
	// Create makes an account with a password of its own. The error may be ErrExtensionExists.
	Create(ctx context.Context, number, name string) error
	// Password is the generated password: once, and only in the process that generated it; then it is empty.
	Password(number string) string
	// Reset gives it another password; what was registered by the old one is gone. The error may be ErrNoExtension or
	// ErrFixedExtension.
	Reset(ctx context.Context, number string) (password string, err error)
	// Delete ends the account and its registrations. The error may be ErrNoExtension or ErrFixedExtension.
	Delete(ctx context.Context, number string) error
}

// Extension is one desk phone's account.
type Extension struct {
	Number           string
	Name             string
	Created, Changed time.Time // zero for one of the configuration file's
	Registered       bool
}

type createExtensionRequest struct {
	application
	ExtensionId, ExtensionName string
	SkillGroupIds              []int64
	Relation                   string
}

// createExtension makes a desk phone's account, and where Relation names a seat, makes it the seat's device.
func (s *Server) createExtension(ctx context.Context, _ request, q createExtensionRequest) (none nothing, err error) {
	switch {
	case !seat.IsExtension(q.ExtensionId):
		return none, errorf(codeInvalidValue, "ExtensionId must be 4 to 6 digits, the first 1 to 8")
	case len(q.ExtensionName) > 200:
		return none, errorf(codeInvalidValue, "ExtensionName is too long")
	case len(q.SkillGroupIds) > 0 && q.Relation == "":
		return none, errorf(codeUnsupported, "members of groups are seats: name one in Relation")
	}
	for _, id := range q.SkillGroupIds {
		if err := s.knownGroup(id); err != nil {
			return none, err
		}
	}
	s.changing.Lock()
	defer s.changing.Unlock()
	if q.Relation == "" {
		return none, s.config.Extensions.Create(ctx, q.ExtensionId, q.ExtensionName)
	}
	staff, err := s.staff(q.Relation)
	if err != nil {
		return none, err
	}
	if err := s.config.Extensions.Create(ctx, q.ExtensionId, q.ExtensionName); err != nil {
		return none, err
	}
	staff.Extension, staff.Device = q.ExtensionId, seat.DevicePhone
	if _, err := s.config.Seats.Change(ctx, staff); err != nil {
		return none, errors.Join(err, s.config.Extensions.Delete(ctx, q.ExtensionId))
	}
	for _, id := range q.SkillGroupIds {
		if err := s.bind(ctx, staff.User, id, 0); err != nil {
			return none, err
		}
	}
	return none, nil
}

type extensionRequest struct {
	application
	ExtensionId string
}

type extensionAnswer struct{ ExtensionId, ExtensionDomain, Password, OutboundProxy, Transport string }

// describeExtension is what a desk phone has to be told. The password is shown once.
func (s *Server) describeExtension(_ context.Context, _ request, q extensionRequest) (a extensionAnswer, err error) {
	if !slices.ContainsFunc(s.config.Extensions.Extensions(),
		func(e Extension) bool { return e.Number == q.ExtensionId }) {
		return a, noExtension(q.ExtensionId)
	}
	sip := s.config.SIP
	return extensionAnswer{
		q.ExtensionId, sip.Domain, s.config.Extensions.Password(q.ExtensionId), sip.Proxy, sip.Transport,
	}, nil
}

func noExtension(number string) *Error {
	return errorf(codeNotFound, "there is no extension %q", cut(number))
}

// deleteExtension ends a desk phone's account. Its seat is at the browser from then on, and its number free.
func (s *Server) deleteExtension(ctx context.Context, _ request, q extensionRequest) (none nothing, err error) {
	s.changing.Lock()
	defer s.changing.Unlock()
	if err := s.config.Extensions.Delete(ctx, q.ExtensionId); err != nil {
		return none, err
	}
	staff, ok := s.config.Seats.ByExtension(q.ExtensionId)
	if !ok {
		return none, nil
	}
	staff.Extension = ""
	if staff.Device == seat.DevicePhone {
		staff.Device = seat.DeviceBrowser
	}
	_, err = s.config.Seats.Change(ctx, staff)
	return none, err
}

type passwordAnswer struct{ Password string }

// resetExtensionPassword makes a new password and tells it.
func (s *Server) resetExtensionPassword(ctx context.Context, _ request, q extensionRequest) (passwordAnswer, error) {
	password, err := s.config.Extensions.Reset(ctx, q.ExtensionId)
	return passwordAnswer{password}, err
}

type extensionsRequest struct {
	application
	PageNumber     int
	PageSize       *int
	ExtensionIds   []string
	FuzzingKeyWord string
	IsNeedStatus   bool
}

type extensionsAnswer struct {
	Total         int
	ExtensionList []extensionInfo
}

type extensionInfo struct {
	SdkAppId               int64
	FullExtensionId        string
	ExtensionId            string
	SkillGroupId           string // ids with commas between
	ExtensionName          string
	CreateTime, ModifyTime int64
	Status                 *int `json:",omitempty"`
	Register               bool
	Relation, RelationName string
}

// The statuses of a desk phone, by the reference's numbers.
const (
	phoneOffline = 0
	phoneIdle    = 100
	phoneBusy    = 200
)

// describeExtensions lists the desk phones' accounts, by number.
func (s *Server) describeExtensions(_ context.Context, _ request, q extensionsRequest) (a extensionsAnswer, err error) {
	size := 100
	if q.PageSize != nil {
		size = *q.PageSize
	}
	if err := checkPage(q.PageNumber, size, 100); err != nil {
		return a, err
	}
	busy, groups := s.busyPhones(), s.config.Seats.Groups()
	all := []extensionInfo{}
	for _, e := range s.config.Extensions.Extensions() {
		info := s.extensionInfo(e, groups)
		if len(q.ExtensionIds) > 0 && !slices.Contains(q.ExtensionIds, e.Number) || !info.has(q.FuzzingKeyWord) {
			continue
		}
		if q.IsNeedStatus {
			status := phoneStatus(e.Registered, busy[e.Number])
			info.Status = &status
		}
		all = append(all, info)
	}
	return extensionsAnswer{len(all), page(all, q.PageNumber, size)}, nil
}

func (s *Server) extensionInfo(e Extension, groups []seat.Group) extensionInfo {
	info := extensionInfo{
		SdkAppId: s.config.SDKAppID, FullExtensionId: e.Number + "@" + s.config.SIP.Domain, ExtensionId: e.Number,
		ExtensionName: e.Name, CreateTime: unix(e.Created), ModifyTime: unix(e.Changed), Register: e.Registered,
	}
	staff, ok := s.config.Seats.ByExtension(e.Number)
	if !ok {
		return info
	}
	info.Relation, info.RelationName = mail(staff), staff.Name
	var ids []string
	for _, g := range s.staffInfo(staff, groups).SkillGroupList {
		ids = append(ids, strconv.FormatInt(g.SkillGroupId, 10))
	}
	info.SkillGroupId = strings.Join(ids, ",")
	return info
}

// has looks for a word in what the reference names.
func (i extensionInfo) has(word string) bool {
	return slices.ContainsFunc([]string{i.ExtensionId, i.ExtensionName, i.Relation, i.RelationName},
		func(text string) bool {
			return strings.Contains(strings.ToLower(text), strings.ToLower(word))
		})
}

func phoneStatus(registered, busy bool) int {
	switch {
	case busy:
		return phoneBusy
	case registered:
		return phoneIdle
	}
	return phoneOffline
}

// busyPhones are the extensions that have a leg in a session.
func (s *Server) busyPhones() map[string]bool {
	busy := map[string]bool{}
	for _, info := range s.config.Calls.Sessions("") {
		for _, p := range info.Parties {
			if p.Leg.Kind == leg.KindPhone && !p.Left && info.Status != call.StatusFinished {
				busy[p.Leg.Remote] = true
			}
		}
	}
	return busy
}
