// Package dtmf owns telephone digits: their names, RFC 4733 events, SIP INFO bodies and in-band tones, all as pure
// functions and tables.
package dtmf

// Event is a DTMF event code of RFC 4733 section 3.2: 0 to 9, 10 for *, 11 for #, 12 to 15 for A to D.
type Event uint8

// alphabet has each event's digit at the event's code.
const alphabet = "0123456789*#ABCD"

// Valid says that the event is one of the sixteen digits.
func (e Event) Valid() bool { return int(e) < len(alphabet) }

// Digit is the digit's letter, or '?' where the event is none.
func (e Event) Digit() byte {
	if !e.Valid() {
		return '?'
	}
	return alphabet[e]
}

// Parse finds the event of one digit; small letters a to d count too.
func Parse(digit byte) (Event, bool) {
	if digit >= 'a' && digit <= 'd' {
		digit -= 'a' - 'A'
	}
	for i := 0; i < len(alphabet); i++ {
		if alphabet[i] == digit {
			return Event(i), true
		}
	}
	return 0, false
}
