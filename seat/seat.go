// Package seat owns the staff and their groups: who works here, which device each uses now, what each does at the
// moment, and who gets the next caller.
package seat

// Role is what a staff member may do, by the numbers of the reference.
type Role int

// The roles.
const (
	RoleAdministrator    Role = 1
	RoleQualityInspector Role = 2
	RoleAgent            Role = 3
)

// Device is where a seat takes its calls, in the words of the reference.
type Device string

// The devices.
const (
	DeviceBrowser     Device = "staffSeat"
	DevicePhone       Device = "staffExtensionSeat"
	DeviceMobile      Device = "staffPhoneSeat"
	DeviceMiniProgram Device = "miniProgramSeat"
)

// MobileUse says when a seat's calls go to its mobile, by the numbers of the reference (UseMobileAccept).
type MobileUse int

// When calls go to the mobile.
const (
	MobileNever   MobileUse = 0
	MobileOffline MobileUse = 1 // while the seat's own device is not there
	MobileAlways  MobileUse = 2
)

// Staff is one staff member as configured.
type Staff struct {
	User         string // user id, unique; an e-mail address in most installations
	Name         string // shown to others
	Nick         string // shown to customers, where anything shows it
	Mail         string // may be empty
	Number       string // of the employee, by which the business knows it; may be empty
	Role         Role
	Device       Device
	Extension    string // 4 to 6 digits, the first 1 to 8; empty where the seat has none
	Mobile       string // E.164, for DeviceMobile and UseMobile
	UseMobile    MobileUse
	MaxCalls     int    // sessions at the same time; 0 means 1
	PasswordHash string // bcrypt; empty where nobody can log in with a password
	// Version counts the changes, from 1. A change names the version that it is about: ErrConflict tells of two at once.
	Version int64
}
