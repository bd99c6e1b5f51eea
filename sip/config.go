package sip

import (
	"cmp"
	"crypto/tls"
	"log/slog"
	"net/netip"
	"slices"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"seatbridge/codec"
	"seatbridge/leg"
	"seatbridge/media"
	"seatbridge/sip/dialog"
	"seatbridge/sip/digest"
	"seatbridge/sip/guard"
	"seatbridge/sip/registrar"
	"seatbridge/sip/sdp"
	"seatbridge/sip/trunk"
)

// Config is what an Endpoint needs.
type Config struct {
	Listeners []Listener
	// Advertise is the host of Via and Contact; empty means each listener's own address.
	Advertise string
	Realm     string
	// Algorithm is the digest of the challenge to an unknown user.
	Algorithm digest.Algorithm
	Accounts  []Account
	Trunks    []trunk.Config
	RTP       RTP
	Guard     guard.Config

	MinExpires, MaxExpires time.Duration // of registrations
	KeepAlive              time.Duration // OPTIONS to phones; 0 means never
	SessionExpires         time.Duration // RFC 4028; 0 means no session timers

	// Registrations keeps where phones are, so that a restart finds them; nil keeps it in memory only.
	Registrations registrar.Store
	// PhoneChanged is told what happens to registrations, in order, from one goroutine; it must not block. May be nil.
	PhoneChanged func(registrar.Event)
	// Handler takes incoming calls.
	Handler leg.Handler
	// Media takes in what the legs' media counts; may be nil.
	Media *media.Metrics
	// TLS is for connections that we open.
	TLS      *tls.Config
	Log      *slog.Logger
	Registry prometheus.Registerer

	times times
}

// times are what tests shorten. A zero value means the default.
type times struct {
	gateway time.Duration // how long a trunk's gateway may say nothing to an INVITE; it defaults to trunk.SilentAfter
	silence time.Duration // how long an answered party may be silent until call control is told; it defaults to 3 s
	minSE   time.Duration // the dialogs'
	dialogs dialog.Timers
}

// setDefaults fills in what was left open.
func (c *Config) setDefaults() {
	c.Algorithm = cmp.Or(c.Algorithm, digest.MD5)
	c.times.gateway = cmp.Or(c.times.gateway, trunk.SilentAfter)
	c.times.silence = cmp.Or(c.times.silence, 3*time.Second)
}

// Listener is one SIP socket to bind.
type Listener struct {
	Transport string // udp, tcp, tls
	Address   netip.AddrPort
	TLS       *tls.Config // for tls
}

// RTP says where SIP legs send and receive media.
type RTP struct {
	// Addresses to bind, one of a family: legs take the one of their peer's family.
	Addresses []netip.Addr
	// Advertise stands in SDP instead of the bound address; the zero Addr means that address.
	Advertise        netip.Addr
	MinPort, MaxPort uint16
	// SendOnlyTo are the networks that packets may go to; empty means all.
	SendOnlyTo []netip.Prefix
	// Silence is how long an answered party may send nothing before it is asked whether it is there; 0 means never.
	Silence time.Duration
}

// Account is a phone's SIP account.
type Account struct {
	Extension string
	Secret    digest.Secret
	SRTP      sdp.SRTPPolicy
	Codecs    []codec.ID // order of preference; empty is all that we have
	DTMF      trunk.DTMF // where the phone offers no telephone-event
}

// profile is what a leg's far end wants, be it a phone or a trunk.
type profile struct {
	kind       leg.Kind
	remote     string // extension or trunk's name
	codecs     []codec.ID
	dtmf       trunk.DTMF
	srtp       sdp.SRTPPolicy
	ptime      time.Duration
	nat        bool           // media may come from where the SIP comes from
	networks   []netip.Prefix // other networks that media may come from
	followFlow bool
	// holdReinvite tells the far end by re-INVITE that it is on hold.
	holdReinvite bool
}

func phoneProfile(a Account) profile {
	return profile{
		kind: leg.KindPhone, remote: a.Extension, codecs: orAll(a.Codecs), dtmf: a.DTMF, srtp: a.SRTP, nat: true,
		followFlow: true,
	}
}

func trunkProfile(t *trunk.Trunk) profile {
	policies := map[trunk.SRTP]sdp.SRTPPolicy{
		trunk.SRTPOptional: sdp.SRTPOptional, trunk.SRTPRequired: sdp.SRTPRequired,
	}
	return profile{
		kind: leg.KindTrunk, remote: t.Name, codecs: orAll(t.Codecs), dtmf: t.DTMF, srtp: policies[t.SRTP],
		ptime: t.Ptime, nat: t.NAT, networks: t.Config.Inbound, holdReinvite: t.HoldReinvite,
	}
}

// orAll is what was configured, or all that we have: G.711 first, which everybody takes.
func orAll(ids []codec.ID) []codec.ID {
	if len(ids) > 0 {
		return ids
	}
	return []codec.ID{codec.PCMU, codec.PCMA, codec.Opus}
}

// session begins to negotiate for media at the address.
func (p profile) session(at netip.AddrPort) *sdp.Session {
	return sdp.New(sdp.Config{
		Address: at.Addr(), Port: at.Port(), Codecs: p.codecs, Events: true, Ptime: p.ptime, SRTP: p.srtp,
	})
}

// prefer orders what the far end may use by what the other side of the call has.
func (p profile) prefer(wanted []codec.ID) profile {
	ordered := keep(wanted, p.codecs)
	for _, id := range p.codecs {
		if !slices.Contains(ordered, id) {
			ordered = append(ordered, id)
		}
	}
	p.codecs = ordered
	return p
}

// keep is those that are allowed, in their order.
func keep(ids, allowed []codec.ID) []codec.ID {
	return slices.DeleteFunc(slices.Clone(ids), func(id codec.ID) bool { return !slices.Contains(allowed, id) })
}
