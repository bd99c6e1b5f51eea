package rtc

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/pion/sdp/v3"

	"seatbridge/codec"
	"seatbridge/media"
)

// maxEars is the most audio m-lines in an offer.
const maxEars = 3

// maxOffer is the longest offer taken, in bytes. Chromium's with three m-lines is of 5 kB.
const maxOffer = 64 << 10

// offer is a browser's offer that was found usable.
type offer struct {
	sdp  string // without the browser's candidates
	ears int    // audio m-lines
	// connection names the PeerConnection that made the offer: the session id (RFC 9429 section 5.2.1: constant for
	// its life) and the certificate's fingerprint.
	connection string
	ssrc       uint32 // of the browser's microphone; 0 where the first m-line does not send
}

// parseOffer checks an offer: one to maxEars audio m-lines, of which the first may send, and nothing else.
func parseOffer(text string) (offer, error) {
	if len(text) > maxOffer {
		return offer{}, fmt.Errorf("%w: longer than %d bytes", ErrOffer, maxOffer)
	}
	if !utf8.ValidString(text) { // RFC 8866 section 5; pion would cut its lines short
		return offer{}, fmt.Errorf("%w: not UTF-8", ErrOffer)
	}
	var d sdp.SessionDescription
	if err := d.UnmarshalString(text); err != nil {
		return offer{}, fmt.Errorf("%w: %w", ErrOffer, err)
	}
	if n := len(d.MediaDescriptions); n == 0 || n > maxEars {
		return offer{}, fmt.Errorf("%w: %d m-lines, not 1 to %d", ErrOffer, n, maxEars)
	}
	mids := map[string]bool{}
	for i, m := range d.MediaDescriptions {
		if err := checkMedia(m, i == 0); err != nil {
			return offer{}, fmt.Errorf("%w: m-line %d: %w", ErrOffer, i, err)
		}
		mid, _ := m.Attribute(sdp.AttrKeyMID)
		if mids[mid] {
			return offer{}, fmt.Errorf("%w: two m-lines with mid %q", ErrOffer, mid)
		}
		mids[mid] = true
	}
	if !hasOpus(d.MediaDescriptions[0]) {
		return offer{}, fmt.Errorf("%w: no Opus", ErrOffer)
	}
	ssrc, err := microphone(d.MediaDescriptions[0])
	if err != nil {
		return offer{}, err
	}
	// An ICE-lite agent sends to nobody but whoever checks it (RFC 8445 section 2.5), so what the browser's
	// addresses are is of no use, and an invented one must not become a target.
	d.Attributes = without(d.Attributes, "candidate", "end-of-candidates", "remote-candidates")
	for _, m := range d.MediaDescriptions {
		m.Attributes = without(m.Attributes, "candidate", "end-of-candidates", "remote-candidates")
	}
	clean, err := d.Marshal()
	if err != nil {
		return offer{}, fmt.Errorf("%w: %w", ErrOffer, err)
	}
	print, ok := fingerprint(&d)
	if !ok {
		return offer{}, fmt.Errorf("%w: no usable fingerprint", ErrOffer)
	}
	return offer{
		sdp: string(clean), ears: len(d.MediaDescriptions),
		connection: fmt.Sprintf("%d %s", d.Origin.SessionID, print), ssrc: ssrc,
	}, nil
}

// checkMedia checks one m-line.
func checkMedia(m *sdp.MediaDescription, main bool) error {
	if m.MediaName.Media != "audio" {
		return fmt.Errorf("%q, not audio", m.MediaName.Media)
	}
	if m.MediaName.Port.Value == 0 {
		return fmt.Errorf("port 0")
	}
	if mid, _ := m.Attribute(sdp.AttrKeyMID); mid == "" {
		return fmt.Errorf("no mid")
	}
	if _, rid := m.Attribute("rid"); rid {
		return fmt.Errorf("simulcast")
	}
	switch direction(m) {
	case sdp.AttrKeyRecvOnly:
	case sdp.AttrKeySendRecv:
		if !main {
			return fmt.Errorf("only the first m-line may send")
		}
	default:
		return fmt.Errorf("direction %q", direction(m))
	}
	return nil
}

// microphone is the one SSRC of an m-line that sends (RFC 5576 section 4.1). No other is let through to pion.
func microphone(m *sdp.MediaDescription) (uint32, error) {
	if direction(m) != sdp.AttrKeySendRecv {
		return 0, nil
	}
	all := map[uint64]bool{}
	for _, a := range m.Attributes {
		if a.Key != sdp.AttrKeySSRC {
			continue
		}
		number, _, _ := strings.Cut(a.Value, " ")
		n, err := strconv.ParseUint(number, 10, 32)
		if err != nil {
			return 0, fmt.Errorf("%w: SSRC %q", ErrOffer, number)
		}
		all[n] = true
	}
	if len(all) != 1 {
		return 0, fmt.Errorf("%w: %d SSRCs, not 1", ErrOffer, len(all))
	}
	for n := range all {
		return uint32(n), nil
	}
	return 0, nil
}

func hasOpus(m *sdp.MediaDescription) bool {
	return slices.ContainsFunc(audioFormats(m).Audio, func(f media.AudioFormat) bool { return f.Codec == codec.Opus })
}

// direction is an m-line's direction; RFC 8866 section 6.7: sendrecv where nothing is said.
func direction(m *sdp.MediaDescription) string {
	for _, a := range m.Attributes {
		switch a.Key {
		case sdp.AttrKeySendRecv, sdp.AttrKeySendOnly, sdp.AttrKeyRecvOnly, sdp.AttrKeyInactive:
			return a.Key
		}
	}
	return sdp.AttrKeySendRecv
}

// fingerprint is the fingerprint of the certificate (RFC 8122 section 5).
func fingerprint(d *sdp.SessionDescription) (string, bool) {
	f, ok := d.Attribute("fingerprint")
	if !ok {
		f, _ = d.MediaDescriptions[0].Attribute("fingerprint")
	}
	hash, digits, _ := strings.Cut(strings.ToUpper(f), " ")
	return f, hash != "" && digits != "" && strings.Trim(digits, "0123456789ABCDEF:") == ""
}

// without removes the attributes of the given keys.
func without(all []sdp.Attribute, keys ...string) []sdp.Attribute {
	kept := all[:0]
next:
	for _, a := range all {
		for _, k := range keys {
			if a.Key == k {
				continue next
			}
		}
		kept = append(kept, a)
	}
	return kept
}
