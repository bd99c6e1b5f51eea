package seat

// Status is what a seat does, in the words of the Web SDK.
type Status string

// The statuses. An agent or the API may ask for all but busy.
const (
	StatusOffline  Status = "offline"  // its device is not there, or it was asked for: gets no calls
	StatusFree     Status = "free"     // gets the callers of its groups
	StatusBusy     Status = "busy"     // it has sessions, or rings
	StatusArrange  Status = "arrange"  // after-call work
	StatusNotReady Status = "notReady" // gets no callers of its groups; dials, and takes calls to itself
	StatusRest     Status = "rest"     // neither dials nor gets any call; there may be a reason
)
