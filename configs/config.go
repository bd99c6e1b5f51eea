// Package configs owns the configuration file: its shape, its embedded default, and what is said about a bad one.
package configs

import (
	"net/netip"
	"time"

	"seatbridge/codec"
)

// Config is the whole YAML file.
type Config struct {
	SIP        SIP        `yaml:"sip"`
	RTP        RTP        `yaml:"rtp"`
	WebRTC     WebRTC     `yaml:"webrtc"`
	HTTP       HTTP       `yaml:"http"`
	Opus       Opus       `yaml:"opus"`
	Calls      Calls      `yaml:"calls"`
	Sounds     Sounds     `yaml:"sounds"`
	Store      Store      `yaml:"store"`
	Recordings Recordings `yaml:"recordings"`
	CDR        CDR        `yaml:"cdr"`
	API        API        `yaml:"api"`
	Staff      []Staff    `yaml:"staff"`
	Groups     []Group    `yaml:"groups"`
	Menus      []Menu     `yaml:"menus"`
	Phones     []Phone    `yaml:"phones"`
	Trunks     []Trunk    `yaml:"trunks"`
	Inbound    []Inbound  `yaml:"inbound"`
	Outbound   []Outbound `yaml:"outbound"`
	// NumberGroups are choices of numbers to show that a call may ask for by name.
	NumberGroups []NumberGroup `yaml:"number_groups"`
	Locations    []Location    `yaml:"locations"`
	Demo         Demo          `yaml:"demo"`
	Log          Log           `yaml:"log"`
}

// SIP says where the gateway speaks SIP.
type SIP struct {
	Listen []Listener `yaml:"listen"`
	// Realm is the realm of our digest challenges (RFC 7616).
	Realm string `yaml:"realm"`
	// Advertise is the host that phones and carriers reach us by; empty means the listener's own address.
	Advertise string `yaml:"advertise"`
	// Algorithm is the digest of accounts that name none: md5 or sha256.
	Algorithm string `yaml:"algorithm"`
	// SessionExpires is the session interval of RFC 4028; 0 turns session timers off.
	SessionExpires time.Duration `yaml:"session_expires"`
	// MinExpires and MaxExpires bound a registration's life (RFC 3261 section 10.3).
	MinExpires time.Duration `yaml:"min_expires"`
	MaxExpires time.Duration `yaml:"max_expires"`
	// KeepAlive is how often a registered phone is asked by OPTIONS whether it is there; 0 means never.
	KeepAlive time.Duration `yaml:"keep_alive"`
	// RequestsPerSecond bounds what one source may send.
	RequestsPerSecond int `yaml:"requests_per_second"`
}

// Listener is one SIP socket.
type Listener struct {
	Transport   string         `yaml:"transport"` // udp, tcp, tls
	Address     netip.AddrPort `yaml:"address"`
	Certificate string         `yaml:"certificate"` // PEM file, for tls
	Key         string         `yaml:"key"`         // PEM file, for tls
}

// RTP says where media of SIP legs flows.
type RTP struct {
	Address   netip.Addr `yaml:"address"`   // to bind
	Advertise string     `yaml:"advertise"` // put into SDP; empty means the address
	MinPort   int        `yaml:"min_port"`
	MaxPort   int        `yaml:"max_port"`
	// Address6 is bound besides Address, for phones and trunks that speak IPv6; absent means that none does.
	Address6 netip.Addr `yaml:"address6"`
	// Networks are the only ones that RTP is sent to; empty means all.
	Networks []netip.Prefix `yaml:"networks"`
	// Silence is how long an answered leg may send nothing before it is ended; 0 means for ever.
	Silence time.Duration `yaml:"silence"`
}

// WebRTC says where browsers' media flows.
type WebRTC struct {
	Listen    netip.AddrPort `yaml:"listen"`    // one UDP port for all
	Advertise []netip.Addr   `yaml:"advertise"` // addresses in front of a NAT
	// Bandwidth is what browsers may send: narrow (8 kHz), wide (16 kHz) or full (48 kHz).
	Bandwidth string `yaml:"bandwidth"`
	// Bitrate is what browsers are told to send, bit/s.
	Bitrate int `yaml:"bitrate"`
}

// HTTP says where pages, the API and the metrics are served.
type HTTP struct {
	Listen      netip.AddrPort `yaml:"listen"`
	Origins     []string       `yaml:"origins"` // pages from elsewhere that may use the API
	Certificate string         `yaml:"certificate"`
	Key         string         `yaml:"key"`
	// DemoLogin lets anybody log in as any staff member without a password; only on loopback.
	DemoLogin bool `yaml:"demo_login"`
}

// Opus is how we encode towards browsers and Opus trunks.
type Opus struct {
	Complexity int  `yaml:"complexity"` // 0 to 10
	Bitrate    int  `yaml:"bitrate"`    // bit/s
	FEC        bool `yaml:"fec"`
}

// Calls bounds sessions.
type Calls struct {
	RingTimeout time.Duration `yaml:"ring_timeout"`
	MaxDuration time.Duration `yaml:"max_duration"`
	MaxSessions int           `yaml:"max_sessions"`
	// DrainTimeout is how long SIGTERM waits for calls.
	DrainTimeout time.Duration `yaml:"drain_timeout"`
	// NationalPrefix is what a dialled number that begins with one 0 has in place of it, such as +49.
	NationalPrefix string `yaml:"national_prefix"`
	// EmergencyNumbers may be called by everybody at any time: no rule and no limit holds for them.
	EmergencyNumbers []string `yaml:"emergency_numbers"`
	// SeatCallsPerMinute and SeatCallsAtOnce bound what one seat calls outside; 0 means no limit.
	SeatCallsPerMinute int `yaml:"seat_calls_per_minute"`
	SeatCallsAtOnce    int `yaml:"seat_calls_at_once"`
	// TransferFailed is what becomes of a call whose blind transfer came to nothing: back (to who transferred it), end.
	TransferFailed string `yaml:"transfer_failed"`
	// DigitLength and DigitGap are of the digits that are sent by command.
	DigitLength time.Duration `yaml:"digit_length"`
	DigitGap    time.Duration `yaml:"digit_gap"`
}

// Store says where what outlives the process is kept.
type Store struct {
	Path    string        `yaml:"path"`    // of the SQLite file; empty means that nothing outlives it
	Records time.Duration `yaml:"records"` // how long records are kept; 0 means for ever
}

// CDR says where the record of each session is sent.
type CDR struct {
	URL    string `yaml:"url"`    // http or https; empty means nowhere
	Secret string `yaml:"secret"` // of the signature; empty means that nothing is signed
	// SdkAppID is put into each record.
	SdkAppID int `yaml:"sdk_app_id"`
}

// Recordings says where recordings are kept: of groups, inbound and outbound lines that have record: true.
type Recordings struct {
	Dir  string        `yaml:"dir"`  // made where it is not there
	Keep time.Duration `yaml:"keep"` // how long; 0 means for ever
}

// Sounds are files: WAV (16 bits, mono or stereo, 8, 16 or 48 kHz) or Ogg Opus (mono or stereo). An empty name means the
// gateway's own sound.
type Sounds struct {
	Hold string `yaml:"hold"` // music for who is on hold
}

// Staff is one staff member.
type Staff struct {
	User      string `yaml:"user"`
	Name      string `yaml:"name"`
	Role      string `yaml:"role"`   // administrator, inspector, agent
	Device    string `yaml:"device"` // staffSeat, staffExtensionSeat, staffPhoneSeat, miniProgramSeat
	Extension string `yaml:"extension"`
	Nick      string `yaml:"nick"` // shown to customers
	Mail      string `yaml:"mail"`
	Number    string `yaml:"number"` // of the employee, by which the business knows it
	Mobile    string `yaml:"mobile"` // a number by the outbound rules
	// UseMobile is when calls go to the mobile: off, offline (while the seat's own device is not there), always.
	UseMobile string `yaml:"use_mobile"`
	// PasswordHash is a bcrypt hash; Password, from the environment, is hashed at the start.
	PasswordHash string `yaml:"password_hash"`
	Password     string `yaml:"password"`
	MaxCalls     int    `yaml:"max_calls"`
}

// Phone is one extension's SIP account.
type Phone struct {
	Extension string `yaml:"extension"`
	// HA1 is hex H(extension:realm:password); Password, from the environment, is hashed at the start.
	HA1       string     `yaml:"ha1"`
	Password  string     `yaml:"password"`
	Algorithm string     `yaml:"algorithm"` // md5, sha256
	SRTP      string     `yaml:"srtp"`      // off, optional, required
	Codecs    []codec.ID `yaml:"codecs"`
	// DTMF is how digits go where no telephone-event was agreed: rfc4733, info, inband. With inband they are found in
	// the phone's G.711 sound too, unless it sends telephone-events.
	DTMF string `yaml:"dtmf"`
}

// Trunk is one carrier.
type Trunk struct {
	Name     string    `yaml:"name"`
	Gateways []Gateway `yaml:"gateways"`
	Username string    `yaml:"username"`
	Password string    `yaml:"password"`
	Realm    string    `yaml:"realm"` // the only realm whose challenges are answered; empty means any of this trunk
	Register bool      `yaml:"register"`
	// From is the user part of our From and To at this trunk's registrar; empty means the username.
	From string `yaml:"from"`
	// Domain is the host part of the Request-URI and From; empty means the gateway's host.
	Domain string `yaml:"domain"`
	// Sources are the networks that calls and their media may come from; empty means the gateways' own addresses.
	Sources []netip.Prefix `yaml:"sources"`
	// InboundUsername and InboundPassword are the digest account of a trunk whose calls come from anywhere.
	InboundUsername string        `yaml:"inbound_username"`
	InboundPassword string        `yaml:"inbound_password"`
	Trusted         bool          `yaml:"trusted"` // its P-Asserted-Identity is believed
	CallerIDs       []string      `yaml:"caller_ids"`
	RewriteIn       []Rewrite     `yaml:"rewrite_in"`
	RewriteOut      []Rewrite     `yaml:"rewrite_out"`
	Codecs          []codec.ID    `yaml:"codecs"`
	DTMF            string        `yaml:"dtmf"` // rfc4733, info, inband; see Phone.DTMF
	SRTP            string        `yaml:"srtp"` // off, optional, required
	Ptime           time.Duration `yaml:"ptime"`
	// NAT says that its media may come from where its SIP comes from, whatever its SDP says.
	NAT bool `yaml:"nat"`
	// HoldReinvite tells the carrier by re-INVITE (sendonly, then sendrecv) that its side is on hold.
	HoldReinvite bool `yaml:"hold_reinvite"`
	// KeepAlive is how often each gateway is asked by OPTIONS; 0 means never.
	KeepAlive time.Duration `yaml:"keep_alive"`
	// HoldMusic is a file as in Sounds, played on hold in calls by this trunk; empty means Sounds.Hold.
	HoldMusic string `yaml:"hold_music"`
	// MaxCalls bounds the calls that this trunk carries at once, both ways, and CallsPerSecond those that we begin by
	// it: where a limit is reached ours go by the next trunk of the rule. 0 means no limit.
	MaxCalls       int `yaml:"max_calls"`
	CallsPerSecond int `yaml:"calls_per_second"`
	// ProtectNumbers masks the numbers of this trunk's customers from agents.
	ProtectNumbers bool `yaml:"protect_numbers"`
}

// Gateway is one address of a trunk.
type Gateway struct {
	Address   string `yaml:"address"`   // host or host:port
	Transport string `yaml:"transport"` // udp, tcp, tls
	Priority  int    `yaml:"priority"`  // lower first
	Weight    int    `yaml:"weight"`
}

// Rewrite changes a number that begins with Prefix: the prefix is taken off and Add put in its place.
type Rewrite struct {
	Prefix string `yaml:"prefix"`
	Add    string `yaml:"add"`
}

// Inbound says where a number that a trunk brings goes: exactly one of the four.
type Inbound struct {
	Number    string `yaml:"number"` // E.164 with +, or a prefix that ends in *
	Trunk     string `yaml:"trunk"`  // empty means any
	User      string `yaml:"user"`
	Extension string `yaml:"extension"`
	Group     string `yaml:"group"`
	Menu      string `yaml:"menu"`
	Record    bool   `yaml:"record"`
}

// Demo starts a simulated carrier and a simulated desk phone beside the gateway.
type Demo struct {
	Enabled bool `yaml:"enabled"`
	// Carrier is the loopback address of the simulated carrier; it is the gateway of the trunk of that name.
	Carrier netip.AddrPort `yaml:"carrier"`
	Trunk   string         `yaml:"trunk"`
	// Phone is the extension that the simulated desk phone registers; its password is made up at the start.
	Phone string `yaml:"phone"`
}

// Log says how much is logged.
type Log struct {
	Level  string `yaml:"level"`  // debug, info, warn, error
	Format string `yaml:"format"` // text, json
}
