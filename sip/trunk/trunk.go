// Package trunk owns the carriers: how each is reached, whether it is well, how numbers and identities look towards it.
package trunk

import (
	"errors"
	"net/netip"
	"time"

	"github.com/emiago/sipgo/sip"

	"seatbridge/codec"
	"seatbridge/leg"
	"seatbridge/sip/digest"
)

// What callers test for.
var (
	ErrNumber   = errors.New("trunk: not a number that can be dialled")
	ErrCallerID = errors.New("trunk: the trunk does not own this caller id")
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
	Host      string // name or address
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
	FromUser string // user part of From where the carrier wants the account there; it defaults to the caller id

	Register bool          // keep a registration at the first gateway that accepts it
	Expires  time.Duration // to ask for; it defaults to 3600 s

	Inbound []netip.Prefix // where calls come from beside the gateways' own addresses
	Account string         // digest user whose calls come from this trunk, whatever their source; empty is none
	Secret  digest.Secret  // of Account

	RewriteIn  []Rule // from the carrier's form to ours (E.164 with +)
	RewriteOut []Rule // from ours to the carrier's

	CallerIDs       []string // the numbers that we may show, in our form
	DefaultCallerID string   // it defaults to the first of CallerIDs
	Trusted         bool     // believe P-Asserted-Identity of inbound calls, and send it

	Codecs []codec.ID    // order of preference; empty is ours
	DTMF   DTMF          // it defaults to rfc4733
	SRTP   SRTP          // it defaults to off
	Ptime  time.Duration // of what we send; it defaults to 20 ms

	NAT bool // its media may come from where its SIP comes from, whatever its SDP says

	// Probe is the time between OPTIONS; it defaults to 20 s, negative is never.
	Probe time.Duration
}

// Rule rewrites a number that Match (RE2, the whole number) fits to Replace, where $1 is the first group. The first
// rule that fits is the only one that is used; a number that none fits stays as it is.
type Rule struct {
	Match   string
	Replace string
}

// Trunk is a configured trunk. It never changes and is safe for concurrent use.
type Trunk struct {
	Config
}

// New checks a configuration and makes the trunk; the error wraps ErrConfig and names the field.
func New(cfg Config) (*Trunk, error) { return &Trunk{Config: cfg}, nil }

// Outbound is how an INVITE into a trunk looks.
type Outbound struct {
	RequestURI sip.Uri
	From       sip.FromHeader // without a tag
	To         sip.ToHeader
	Headers    []sip.Header // P-Asserted-Identity where due
}

// Outbound builds the identities of a call to number (our form) through g. An empty caller number means the trunk's
// default; ErrCallerID refuses one that is not the trunk's, ErrNumber what cannot be dialled.
func (t *Trunk) Outbound(g Gateway, number string, caller leg.Identity) (Outbound, error) {
	return Outbound{}, nil
}

// Inbound reads who calls whom from an INVITE of the trunk, in our form.
func (t *Trunk) Inbound(req *sip.Request) (from leg.Identity, to string) { return leg.Identity{}, "" }
