// Package seat owns the staff: who works here, which device each uses now, and whether the seat is taken.
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

// Staff is one staff member as configured.
type Staff struct {
	User      string // user id, unique; an e-mail address in most installations
	Name      string // shown to others
	Role      Role
	Device    Device
	Extension string // 4 to 6 digits, the first 1 to 8; empty where the seat has none
	Mobile    string // E.164, for DeviceMobile
	MaxCalls  int    // sessions at the same time; 0 means 1
}
