package seat

import (
	"errors"
	"fmt"
	"strings"
)

func (s Staff) withDefaults() Staff {
	if s.Device == "" {
		s.Device = DeviceBrowser
	}
	if s.MaxCalls == 0 {
		s.MaxCalls = 1
	}
	s.Version = max(s.Version, 1)
	return s
}

// check says what is wrong with one staff member for itself.
func (s Staff) check() error {
	switch {
	case s.User == "":
		return errors.New("a user id is missing")
	case s.Role < RoleAdministrator || s.Role > RoleAgent:
		return fmt.Errorf("role %d is none of 1, 2, 3", s.Role)
	case s.MaxCalls < 0:
		return fmt.Errorf("max calls %d is negative", s.MaxCalls)
	case s.Extension != "" && !IsExtension(s.Extension):
		return fmt.Errorf("extension %q is not 4 to 6 digits, the first 1 to 8", s.Extension)
	case s.UseMobile < MobileNever || s.UseMobile > MobileAlways:
		return fmt.Errorf("use mobile %d is none of 0, 1, 2", s.UseMobile)
	}
	switch s.Device {
	case DeviceBrowser, DeviceMiniProgram:
	case DevicePhone:
		if s.Extension == "" {
			return fmt.Errorf("device %s needs an extension", s.Device)
		}
	case DeviceMobile:
		if s.Mobile == "" {
			return fmt.Errorf("device %s needs a mobile number", s.Device)
		}
	default:
		return fmt.Errorf("device %q is not known", s.Device)
	}
	return nil
}

// checkNew says that a user id is taken.
func (d *Directory) checkNew(user string) error {
	if d.byUser[user] != nil {
		return fmt.Errorf("%w: %w: user %q", ErrConfig, ErrExists, user)
	}
	return nil
}

// checkStaff says what is wrong with a staff member beside the others.
func (d *Directory) checkStaff(s Staff) error {
	if err := s.check(); err != nil {
		return fmt.Errorf("%w: %q: %w", ErrConfig, s.User, err)
	}
	if other := d.byExtension[s.Extension]; other != nil && other.staff.User != s.User {
		return fmt.Errorf("%w: %w: %q: extension %s is %q's", ErrConfig, ErrExists, s.User, s.Extension, other.staff.User)
	}
	return nil
}

// IsExtension says that a number has the shape of an extension: 4 to 6 digits, the first 1 to 8.
func IsExtension(number string) bool {
	return len(number) >= 4 && len(number) <= 6 && number[0] >= '1' && number[0] <= '8' &&
		strings.Trim(number, "0123456789") == ""
}
