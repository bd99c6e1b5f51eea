package sdp

// Direction is a stream's direction (RFC 8866 section 6.7).
type Direction uint8

// The directions; the zero value is the default of RFC 8866.
const (
	SendRecv Direction = iota
	SendOnly
	RecvOnly
	Inactive
)

// String is the attribute's name.
func (d Direction) String() string {
	return [...]string{"sendrecv", "sendonly", "recvonly", "inactive"}[d&3]
}

// Sends says that whose direction it is sends.
func (d Direction) Sends() bool { return d == SendRecv || d == SendOnly }

// Receives says that whose direction it is receives.
func (d Direction) Receives() bool { return d == SendRecv || d == RecvOnly }

func directionOf(sends, receives bool) Direction {
	switch {
	case sends && receives:
		return SendRecv
	case sends:
		return SendOnly
	case receives:
		return RecvOnly
	}
	return Inactive
}

// agree is what is left of what we want when the far end wants its own part (RFC 3264 section 6.1).
func agree(ours, theirs Direction) Direction {
	return directionOf(ours.Sends() && theirs.Receives(), ours.Receives() && theirs.Sends())
}
