package configs

import (
	"crypto/tls"
	"fmt"
	"net"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"time"

	"seatbridge/codec"
)

// checker asks whether values fit each other, and names line and key of one that does not.
type checker struct {
	*decoder
	c *Config
}

func check(c *Config, d *decoder) {
	k := &checker{d, c}
	k.sip()
	k.rtp()
	k.web()
	k.limits()
	k.cdr()
	k.staff()
	k.groups()
	k.menus()
	k.phones()
	k.trunks()
	k.routes()
	k.recordings()
	k.demo()
	k.serverAPI()
	slices.SortStableFunc(d.problems, func(a, b Problem) int { return a.Line - b.Line })
}

// wrong records a problem at the line of key, or of the nearest key above it that the file has.
func (k *checker) wrong(key, format string, args ...any) {
	at := key
	for {
		if line, ok := k.lines[at]; ok {
			k.problem(line, key, format, args...)
			return
		}
		cut := strings.LastIndexAny(at, ".[")
		if cut < 0 {
			k.problem(1, key, format, args...)
			return
		}
		at = at[:cut]
	}
}

// oneOf checks a value against the words that are known; an empty one becomes the first.
func (k *checker) oneOf(key string, value *string, words ...string) {
	if *value == "" {
		*value = words[0]
	}
	if !slices.Contains(words, *value) {
		k.wrong(key, "%q must be one of: %s", *value, strings.Join(words, ", "))
	}
}

func (k *checker) between(key string, value, low, high int) {
	if value < low || value > high {
		k.wrong(key, "%d must be from %d to %d", value, low, high)
	}
}

func (k *checker) sip() {
	s := &k.c.SIP
	if len(s.Listen) == 0 {
		k.wrong("sip.listen", "needs at least one listener, such as {transport: udp, address: \"0.0.0.0:5060\"}")
	}
	seen := map[string]bool{}
	for i := range s.Listen {
		l, key := &s.Listen[i], fmt.Sprintf("sip.listen[%d]", i)
		k.oneOf(key+".transport", &l.Transport, "udp", "tcp", "tls")
		if !l.Address.IsValid() {
			k.wrong(key+".address", "needs an address and port, such as 127.0.0.1:5060 or [::1]:5060")
		}
		id := l.Transport + " " + l.Address.String()
		if seen[id] && l.Address.Port() != 0 {
			k.wrong(key+".address", "%s stands twice", id)
		}
		seen[id] = true
		if l.Transport == "tls" {
			k.keyPair(key, l.Certificate, l.Key)
		}
		if l.Address.Addr().IsUnspecified() && s.Advertise == "" {
			k.wrong(key+".address", "%s listens everywhere, so sip.advertise must name the host that others reach us by",
				l.Address)
		}
	}
	if s.Advertise != "" && !isHost(s.Advertise) {
		k.wrong("sip.advertise", "%q must be a host name or an IP address, without a port", s.Advertise)
	}
	k.oneOf("sip.algorithm", &s.Algorithm, "md5", "sha256")
	if s.Realm == "" || strings.ContainsAny(s.Realm, "\"\r\n:") {
		k.wrong("sip.realm", "%q must be a name without quotes and colons", s.Realm)
	}
	if s.MinExpires < time.Second {
		k.wrong("sip.min_expires", "%v must be at least 1s", s.MinExpires)
	}
	if s.MinExpires > s.MaxExpires {
		k.wrong("sip.min_expires", "%v is more than sip.max_expires (%v)", s.MinExpires, s.MaxExpires)
	}
	if s.SessionExpires != 0 && s.SessionExpires.Seconds() < 90 {
		k.wrong("sip.session_expires", "%v must be 0 (off) or at least 90s (RFC 4028 section 4)", s.SessionExpires)
	}
	k.between("sip.requests_per_second", s.RequestsPerSecond, 1, 100000)
}

func (k *checker) keyPair(key, certificate, private string) {
	if certificate == "" || private == "" {
		k.wrong(key, "TLS needs certificate and key, both PEM files")
		return
	}
	if _, err := tls.LoadX509KeyPair(certificate, private); err != nil {
		k.wrong(key+".certificate", "%v", err)
	}
}

func (k *checker) rtp() {
	r := &k.c.RTP
	k.between("rtp.min_port", r.MinPort, 1024, 65534)
	k.between("rtp.max_port", r.MaxPort, 1025, 65535)
	if r.MinPort%2 != 0 {
		k.wrong("rtp.min_port", "%d must be even: RTP takes even ports, RTCP the odd one above (RFC 3550 section 11)", r.MinPort)
	}
	if r.MaxPort <= r.MinPort {
		k.wrong("rtp.max_port", "%d must be more than rtp.min_port (%d)", r.MaxPort, r.MinPort)
	}
	if r.Address6.IsValid() && (!r.Address6.Is6() || r.Address6.Is4In6() || r.Address6.IsUnspecified() || !r.Address.Is4()) {
		k.wrong("rtp.address6", "%s must be an IPv6 address of this machine, beside an IPv4 one in rtp.address", r.Address6)
	}
	if r.Advertise != "" && net.ParseIP(r.Advertise) == nil {
		k.wrong("rtp.advertise", "%q must be an IP address", r.Advertise)
	}
	if r.Address.IsUnspecified() && r.Advertise == "" {
		k.wrong("rtp.address", "%s binds everywhere, so rtp.advertise must name the address to put into SDP", r.Address)
	}
}

func (k *checker) web() {
	w, h := &k.c.WebRTC, &k.c.HTTP
	if !w.Listen.IsValid() {
		k.wrong("webrtc.listen", "needs an address and port, such as 127.0.0.1:8443")
	}
	if w.Listen.Addr().IsUnspecified() && len(w.Advertise) == 0 {
		k.wrong("webrtc.listen", "%s listens everywhere, so webrtc.advertise must list the addresses to tell browsers", w.Listen)
	}
	k.oneOf("webrtc.bandwidth", &w.Bandwidth, "wide", "narrow", "full")
	k.between("webrtc.bitrate", w.Bitrate, 6000, 128000)
	if !h.Listen.IsValid() {
		k.wrong("http.listen", "needs an address and port, such as 127.0.0.1:8080")
	}
	if (h.Certificate == "") != (h.Key == "") {
		k.wrong("http.certificate", "certificate and key go together")
	} else if h.Certificate != "" {
		k.keyPair("http", h.Certificate, h.Key)
	}
	if h.DemoLogin && !h.Listen.Addr().IsLoopback() {
		k.wrong("http.demo_login", "lets anybody in, so http.listen must be a loopback address (it is %s)", h.Listen)
	}
	for i, o := range h.Origins {
		if !regexp.MustCompile(`^https?://[^/]+$`).MatchString(o) {
			k.wrong(fmt.Sprintf("http.origins[%d]", i), "%q must be like https://crm.example.com, without a path", o)
		}
	}
	k.oneOf("log.level", &k.c.Log.Level, "info", "debug", "warn", "error")
	k.oneOf("log.format", &k.c.Log.Format, "text", "json")
}

func (k *checker) limits() {
	k.between("opus.complexity", k.c.Opus.Complexity, 0, 10)
	k.between("opus.bitrate", k.c.Opus.Bitrate, 6000, 128000)
	k.between("calls.max_sessions", k.c.Calls.MaxSessions, 1, 100000)
	if p := k.c.Calls.NationalPrefix; p != "" && !regexp.MustCompile(`^\+[1-9][0-9]*$`).MatchString(p) {
		k.wrong("calls.national_prefix", "%q must be a + and a country code, such as +49", p)
	}
	k.between("calls.seat_calls_per_minute", k.c.Calls.SeatCallsPerMinute, 0, 10000)
	k.between("calls.seat_calls_at_once", k.c.Calls.SeatCallsAtOnce, 0, 10000)
	for i, number := range k.c.Calls.EmergencyNumbers {
		if !regexp.MustCompile(`^[0-9]{2,8}$`).MatchString(number) {
			k.wrong(fmt.Sprintf("calls.emergency_numbers[%d]", i), "%q must be the digits that one dials, such as 112", number)
		}
	}
	k.oneOf("calls.transfer_failed", &k.c.Calls.TransferFailed, "back", "end")
	k.file("sounds.hold", k.c.Sounds.Hold)
	k.digitTime("calls.digit_length", k.c.Calls.DigitLength)
	k.digitTime("calls.digit_gap", k.c.Calls.DigitGap)
	if k.c.Calls.RingTimeout == 0 {
		k.wrong("calls.ring_timeout", "must be more than 0")
	}
}

func (k *checker) cdr() {
	c := &k.c.CDR
	u, err := url.Parse(c.URL)
	if c.URL != "" && (err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.Fragment != "") {
		k.wrong("cdr.url", "%q must be like https://crm.example.com/records", c.URL)
	}
	if c.URL == "" && c.Secret != "" {
		k.wrong("cdr.secret", "is of no use without cdr.url")
	}
	if c.SdkAppID < 0 {
		k.wrong("cdr.sdk_app_id", "%d must not be negative", c.SdkAppID)
	}
}

// file checks that a file is there, where one is named.
func (k *checker) file(key, name string) {
	if name == "" {
		return
	}
	if _, err := os.Stat(name); err != nil {
		k.wrong(key, "%v", err)
	}
}

// digitTime holds a digit, or the pause after one, to what every receiver takes (ITU-T Q.24) and nobody tires of.
func (k *checker) digitTime(key string, d time.Duration) {
	if d < 40*time.Millisecond || d > 5*time.Second {
		k.wrong(key, "%v must be from 40ms to 5s", d)
	}
}

func (k *checker) staff() {
	users, extensions := map[string]bool{}, map[string]bool{}
	for i := range k.c.Staff {
		s, key := &k.c.Staff[i], fmt.Sprintf("staff[%d]", i)
		if s.User == "" {
			k.wrong(key+".user", "is missing: the user id, such as alice@example.com")
		}
		if users[s.User] {
			k.wrong(key+".user", "%q stands twice", s.User)
		}
		users[s.User] = true
		k.oneOf(key+".role", &s.Role, "agent", "inspector", "administrator")
		k.oneOf(key+".device", &s.Device, "staffSeat", "staffExtensionSeat", "staffPhoneSeat", "miniProgramSeat")
		k.oneOf(key+".use_mobile", &s.UseMobile, "off", "offline", "always")
		if s.Mobile == "" && (s.Device == "staffPhoneSeat" || s.UseMobile != "off") {
			k.wrong(key+".mobile", "is missing: calls of this seat go there")
		}
		if s.Device == "staffExtensionSeat" && s.Extension == "" {
			k.wrong(key+".extension", "is missing: the device staffExtensionSeat is a desk phone")
		}
		if s.Extension != "" {
			k.extension(key+".extension", s.Extension)
			if extensions[s.Extension] {
				k.wrong(key+".extension", "%q stands twice", s.Extension)
			}
			extensions[s.Extension] = true
		}
		if s.Device == "staffExtensionSeat" && s.Extension != "" && !k.hasPhone(s.Extension) {
			k.wrong(key+".extension", "no entry under phones has the extension %q", s.Extension)
		}
		k.between(key+".max_calls", s.MaxCalls, 0, 16)
		if s.Password != "" && s.PasswordHash != "" {
			k.wrong(key+".password", "password and password_hash exclude each other")
		}
		if len(s.Password) > 72 {
			k.wrong(key+".password", "is %d bytes long; bcrypt takes 72", len(s.Password))
		}
		if s.PasswordHash != "" && !regexp.MustCompile(`^\$2[aby]?\$[0-9]{2}\$[./A-Za-z0-9]{53}$`).MatchString(s.PasswordHash) {
			k.wrong(key+".password_hash", "must be a bcrypt hash, which begins with $2a$, $2b$ or $2y$")
		}
	}
}

// extension checks a number by the rule of the reference: 4 to 6 digits, the first 1 to 8.
func (k *checker) extension(key, number string) {
	if !regexp.MustCompile(`^[1-8][0-9]{3,5}$`).MatchString(number) {
		k.wrong(key, "%q must be 4 to 6 digits, the first from 1 to 8", number)
	}
}

func (k *checker) hasPhone(extension string) bool {
	return slices.ContainsFunc(k.c.Phones, func(p Phone) bool { return p.Extension == extension })
}

func (k *checker) phones() {
	seen := map[string]bool{}
	for i := range k.c.Phones {
		p, key := &k.c.Phones[i], fmt.Sprintf("phones[%d]", i)
		k.extension(key+".extension", p.Extension)
		if seen[p.Extension] {
			k.wrong(key+".extension", "%q stands twice", p.Extension)
		}
		seen[p.Extension] = true
		if p.Algorithm == "" {
			p.Algorithm = k.c.SIP.Algorithm
		}
		k.oneOf(key+".algorithm", &p.Algorithm, "md5", "sha256")
		k.oneOf(key+".srtp", &p.SRTP, "off", "optional", "required")
		k.oneOf(key+".dtmf", &p.DTMF, "rfc4733", "info", "inband")
		length := map[string]int{"md5": 32, "sha256": 64}[p.Algorithm]
		demo := k.c.Demo.Enabled && p.Extension == k.c.Demo.Phone
		switch {
		case demo:
		case p.HA1 == "" && p.Password == "":
			k.wrong(key+".ha1", "is missing: `seatbridge ha1 %s` prints one, or give password: ${SOME_VARIABLE}", p.Extension)
		case p.HA1 != "" && p.Password != "":
			k.wrong(key+".ha1", "ha1 and password exclude each other")
		case p.HA1 != "" && !regexp.MustCompile(fmt.Sprintf(`^[0-9a-f]{%d}$`, length)).MatchString(p.HA1):
			k.wrong(key+".ha1", "must be %d small hexadecimal digits for %s", length, p.Algorithm)
		}
		if len(p.Codecs) == 0 {
			p.Codecs = []codec.ID{codec.PCMU, codec.PCMA, codec.Opus}
		}
	}
}

func (k *checker) demo() {
	d := &k.c.Demo
	if !d.Enabled {
		return
	}
	if !d.Carrier.IsValid() || !d.Carrier.Addr().IsLoopback() {
		k.wrong("demo.carrier", "must be a loopback address and port, such as 127.0.0.1:5090")
	}
	if !k.hasPhone(d.Phone) {
		k.wrong("demo.phone", "no entry under phones has the extension %q", d.Phone)
	}
	if !slices.ContainsFunc(k.c.Trunks, func(t Trunk) bool { return t.Name == d.Trunk }) {
		k.wrong("demo.trunk", "there is no trunk %q", d.Trunk)
	}
	if !slices.ContainsFunc(k.c.SIP.Listen, func(l Listener) bool {
		return l.Transport == "udp" && l.Address.Addr().IsLoopback()
	}) {
		k.wrong("demo.enabled", "needs a udp listener on loopback under sip.listen")
	}
}
