package api

import "github.com/coder/websocket"

// closing is why a socket is closed.
type closing struct {
	code   websocket.StatusCode
	reason string // for people, in the close frame
	label  string // for metrics and logs
	flush  bool   // send what is queued first
}

// The ways in which a socket is closed; docs/protocol.md explains them to pages.
var (
	closeGone       = closing{websocket.StatusNormalClosure, "", "gone", false}
	closeLoggedOut  = closing{websocket.StatusNormalClosure, "logged out", "loggedOut", true}
	closeGoingAway  = closing{websocket.StatusGoingAway, "the gateway stops", "goingAway", true}
	closeTooBig     = closing{websocket.StatusMessageTooBig, "message too big", "tooBig", false}
	closeFault      = closing{websocket.StatusInternalError, "a fault of the gateway", "fault", false}
	closeNoLogin    = closing{4001, "log in first", "noLogin", true}
	closeSlow       = closing{4008, "too slow in reading", "slow", false}
	closeReplaced   = closing{4009, "resumed on another socket", "replaced", true}
	closeKickedOut  = closing{4010, "logged in elsewhere", "kickedOut", true}
	closeUnanswered = closing{4011, "pings were not answered", "unanswered", false}
	closeFlood      = closing{4029, "too many messages", "flood", true}
)
