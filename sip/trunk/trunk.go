// Package trunk owns the carriers: how each is reached, whether it is well, how numbers and identities look towards it.
package trunk

import (
	"cmp"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"seatbridge/codec"
	"seatbridge/sip/digest"
)

// What callers test for.
var (
	ErrNumber   = errors.New("trunk: not a number that can be dialled")
	ErrCallerID = errors.New("trunk: the trunk does not own this caller id")
	ErrCalls    = errors.New("trunk: the trunk carries as many calls as it may")
	ErrRate     = errors.New("trunk: the trunk may not be called that often")
	ErrConfig   = errors.New("trunk: bad configuration")
)

// DTMF is how digits are sent into a trunk that offers no telephone-event.
type DTMF string

// The ways of DTMF.
const (
	DTMFRFC4733 DTMF = "rfc4733"
	DTMFInfo    DTMF = "info"
	DTMFInband  DTMF = "inband"
)

// SRTP is a trunk's policy for media encryption.
type SRTP string

// The policies of SRTP.
const (
	SRTPOff      SRTP = "off"
	SRTPOptional SRTP = "optional"
	SRTPRequired SRTP = "required"
)

// Gateway is one place where a trunk is reached.
type Gateway struct {
	Host      string // name (A and AAAA records; the first address is used until it fails) or address
	Port      int    // it defaults to 5060, or 5061 for tls
	Transport string // udp, tcp or tls; it defaults to udp
	Priority  int    // the lowest is tried first
	Weight    int    // share among those of the same priority; it defaults to 1
}

// Config describes a trunk.
type Config struct {
	Name     string
	Gateways []Gateway

	Username string // digest user for our requests, and of our REGISTER
	Password string
	Realm    string // when set, only this realm's challenges are answered
	Domain   string // host of From, To and the Request-URI; it defaults to the gateway's host
	// FromUser is the user part of From where the carrier wants an account there. It defaults to the caller id in
	// INVITE and to Username in REGISTER.
	FromUser string

	Register bool          // keep a registration at the first gateway that accepts it
	Expires  time.Duration // to ask for; it defaults to 3600 s

	Inbound []netip.Prefix // where calls come from beside the gateways' own addresses
	Account string         // digest user that proves inbound calls instead of their source; empty is none
	Secret  digest.Secret  // of Account

	RewriteIn  []Rule // from the carrier's form to ours (E.164 with +)
	RewriteOut []Rule // from ours to the carrier's

	CallerIDs       []string // the numbers that we may show, in our form
	DefaultCallerID string   // one of CallerIDs; it defaults to the first
	Trusted         bool     // believe P-Asserted-Identity of inbound calls, and send it (RFC 3325)

	Codecs []codec.ID    // order of preference; empty is ours
	DTMF   DTMF          // it defaults to rfc4733
	SRTP   SRTP          // it defaults to off
	Ptime  time.Duration // of what we send; it defaults to 20 ms

	// HoldReinvite tells the carrier by re-INVITE that the far end is on hold.
	HoldReinvite bool
	NAT          bool // its media may come from where its SIP comes from, whatever its SDP says

	MaxCalls       int // at once, both ways; ours beyond it are refused; 0 is no limit
	CallsPerSecond int // that we begin; 0 is no limit

	// Probe is the time between OPTIONS; it defaults to 20 s, negative is never.
	Probe time.Duration
}

// Trunk is a configured trunk. It never changes and is safe for concurrent use.
type Trunk struct {
	Config
	in, out []rule
}

// New checks a configuration and makes the trunk, with the defaults filled in; the error wraps ErrConfig and names the
// field.
func New(cfg Config) (*Trunk, error) {
	t := &Trunk{Config: cfg}
	t.setDefaults()
	if err := t.check(); err != nil {
		return nil, fmt.Errorf("%w: trunk %q: %w", ErrConfig, cfg.Name, err)
	}
	return t, nil
}

func (t *Trunk) setDefaults() {
	t.Gateways = slices.Clone(t.Gateways)
	for i := range t.Gateways {
		g := &t.Gateways[i]
		g.Transport = cmp.Or(strings.ToLower(g.Transport), "udp")
		g.Port = cmp.Or(g.Port, defaultPort(g.Transport))
		g.Weight = cmp.Or(g.Weight, 1)
	}
	t.Expires = cmp.Or(t.Expires, 3600*time.Second)
	if len(t.CallerIDs) > 0 {
		t.DefaultCallerID = cmp.Or(t.DefaultCallerID, t.CallerIDs[0])
	}
	t.DTMF = cmp.Or(t.DTMF, DTMFRFC4733)
	t.SRTP = cmp.Or(t.SRTP, SRTPOff)
	t.Ptime = cmp.Or(t.Ptime, 20*time.Millisecond)
	t.Probe = cmp.Or(t.Probe, 20*time.Second)
}

func defaultPort(transport string) int {
	if transport == "tls" {
		return 5061
	}
	return 5060
}

// check finds what cannot work.
func (t *Trunk) check() error {
	for i, g := range t.Gateways {
		switch {
		case !isHost(g.Host):
			return fmt.Errorf("gateways[%d].host: %q is neither name nor address", i, g.Host)
		case g.Port < 1 || g.Port > 65535:
			return fmt.Errorf("gateways[%d].port: %d is no port", i, g.Port)
		case g.Transport != "udp" && g.Transport != "tcp" && g.Transport != "tls":
			return fmt.Errorf("gateways[%d].transport: %q is none of udp, tcp, tls", i, g.Transport)
		case g.Weight < 0:
			return fmt.Errorf("gateways[%d].weight: %d is negative", i, g.Weight)
		}
	}
	for i, id := range t.CallerIDs {
		if !isNumber(id) {
			return fmt.Errorf("caller_ids[%d]: %q is no number", i, id)
		}
	}
	var err error
	if t.in, err = compile(t.RewriteIn); err != nil {
		return fmt.Errorf("rewrite_in%w", err)
	}
	if t.out, err = compile(t.RewriteOut); err != nil {
		return fmt.Errorf("rewrite_out%w", err)
	}
	switch {
	case t.MaxCalls < 0 || t.CallsPerSecond < 0:
		return errors.New("max_calls, calls_per_second: less than none")
	case t.Name == "":
		return errors.New("name: is missing")
	case len(t.Gateways) == 0 && len(t.Config.Inbound) == 0 && t.Account == "":
		return errors.New("gateways: there is no way in or out")
	case t.Register && (t.Username == "" || len(t.Gateways) == 0):
		return errors.New("register: needs username and gateways")
	case t.Account != "" && t.Secret.HA1 == "":
		return errors.New("account: has no secret")
	case t.Domain != "" && !isHost(t.Domain):
		return fmt.Errorf("domain: %q is neither name nor address", t.Domain)
	case t.FromUser != "" && !isToken(t.FromUser), t.Username != "" && !isToken(t.Username):
		return errors.New("username: has characters that cannot stand in a SIP URI")
	case t.DefaultCallerID != "" && !slices.Contains(t.CallerIDs, t.DefaultCallerID):
		return fmt.Errorf("default_caller_id: %q is none of caller_ids", t.DefaultCallerID)
	case t.DTMF != DTMFRFC4733 && t.DTMF != DTMFInfo && t.DTMF != DTMFInband:
		return fmt.Errorf("dtmf: %q is none of rfc4733, info, inband", t.DTMF)
	case t.SRTP != SRTPOff && t.SRTP != SRTPOptional && t.SRTP != SRTPRequired:
		return fmt.Errorf("srtp: %q is none of off, optional, required", t.SRTP)
	}
	return nil
}
