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

// may says that the status can be asked for.
func (s Status) may() bool {
	switch s {
	case StatusOffline, StatusFree, StatusArrange, StatusNotReady, StatusRest:
		return true
	}
	return false
}

// event is what moves a seat from one status to another.
type event string

const (
	eventAsked   event = "asked"   // a status was asked for, by the agent, the API, or too many misses
	eventThere   event = "there"   // its device is there
	eventGone    event = "gone"    // its device is gone
	eventClaimed event = "claimed" // a session took a slot
	eventEnded   event = "ended"   // the last session is over, and no wrap-up is due or the device is gone
	eventWrapUp  event = "wrapUp"  // the last session is over, and a wrap-up is due
	eventWrapped event = "wrapped" // the wrap-up is over
)

// settled stands for the status that is wanted, or offline where the device is not there.
const settled Status = "settled"

// transition is one line of the table.
type transition struct {
	from Status
	on   event
	to   Status
}

// transitions are all that there are; docs/seats.md shows them. What is not here can't happen.
func transitions() []transition {
	return []transition{
		{StatusOffline, eventAsked, settled},
		{StatusOffline, eventThere, settled},
		{StatusOffline, eventGone, StatusOffline},
		{StatusOffline, eventClaimed, StatusBusy},

		{StatusFree, eventAsked, settled},
		{StatusFree, eventThere, StatusFree},
		{StatusFree, eventGone, StatusOffline},
		{StatusFree, eventClaimed, StatusBusy},

		{StatusNotReady, eventAsked, settled},
		{StatusNotReady, eventThere, StatusNotReady},
		{StatusNotReady, eventGone, StatusOffline},
		{StatusNotReady, eventClaimed, StatusBusy},

		{StatusRest, eventAsked, settled},
		{StatusRest, eventThere, StatusRest},
		{StatusRest, eventGone, StatusOffline},
		{StatusRest, eventClaimed, StatusBusy},

		{StatusArrange, eventAsked, settled},
		{StatusArrange, eventThere, StatusArrange},
		{StatusArrange, eventGone, StatusOffline},
		{StatusArrange, eventClaimed, StatusBusy},
		{StatusArrange, eventWrapped, settled},

		{StatusBusy, eventAsked, StatusBusy},
		{StatusBusy, eventThere, StatusBusy},
		{StatusBusy, eventGone, StatusBusy},
		{StatusBusy, eventClaimed, StatusBusy},
		{StatusBusy, eventEnded, settled},
		{StatusBusy, eventWrapUp, StatusArrange},
	}
}

// table is the transitions, to look up.
type table map[Status]map[event]Status

func newTable() table {
	t := table{}
	for _, line := range transitions() {
		if t[line.from] == nil {
			t[line.from] = map[event]Status{}
		}
		t[line.from][line.on] = line.to
	}
	return t
}

// next is the status after an event; settled is already replaced by what it stands for. What is not in the table
// changes nothing.
func (t table) next(from Status, on event, wanted Status, there bool) Status {
	to, ok := t[from][on]
	switch {
	case !ok:
		return from
	case to != settled:
		return to
	case !there:
		return StatusOffline
	}
	return wanted
}
