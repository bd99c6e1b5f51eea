package configs

import (
	"net/netip"
	"time"
)

// base is what holds where the file says nothing.
func base() *Config {
	return &Config{
		SIP: SIP{
			Realm: "seatbridge", Algorithm: "md5",
			SessionExpires: 30 * time.Minute, MinExpires: time.Minute, MaxExpires: time.Hour,
			KeepAlive: 30 * time.Second, RequestsPerSecond: 100,
		},
		RTP:    RTP{Address: netip.AddrFrom4([4]byte{127, 0, 0, 1}), MinPort: 20000, MaxPort: 29999, Silence: 30 * time.Second},
		WebRTC: WebRTC{Bandwidth: "wide", Bitrate: 24000},
		Opus:   Opus{Complexity: 5, Bitrate: 24000},
		Calls: Calls{
			RingTimeout: 30 * time.Second, MaxDuration: 4 * time.Hour, MaxSessions: 1000, DrainTimeout: 30 * time.Minute,
			DigitLength: 100 * time.Millisecond, DigitGap: 70 * time.Millisecond,
			EmergencyNumbers: []string{"112", "911"}, SeatCallsPerMinute: 60, SeatCallsAtOnce: 10,
		},
		Store:      Store{Records: 90 * 24 * time.Hour},
		Recordings: Recordings{Keep: 90 * 24 * time.Hour},
		Log:        Log{Level: "info", Format: "text"},
	}
}
