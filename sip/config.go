package sip

import (
	"crypto/tls"
	"log/slog"
	"net/netip"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"seatbridge/codec"
	"seatbridge/leg"
	"seatbridge/media"
	"seatbridge/sip/digest"
	"seatbridge/sip/guard"
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

	// Handler takes incoming calls.
	Handler leg.Handler
	// Media takes in what the legs' media counts; may be nil.
	Media *media.Metrics
	// TLS is for connections that we open.
	TLS      *tls.Config
	Log      *slog.Logger
	Registry prometheus.Registerer
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
	Codecs    []codec.ID // order of preference
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
}

func phoneProfile(a Account) profile {
	return profile{
		kind: leg.KindPhone, remote: a.Extension, codecs: a.Codecs, dtmf: a.DTMF, srtp: a.SRTP, nat: true,
		followFlow: true,
	}
}

func trunkProfile(t *trunk.Trunk) profile {
	policies := map[trunk.SRTP]sdp.SRTPPolicy{
		trunk.SRTPOptional: sdp.SRTPOptional, trunk.SRTPRequired: sdp.SRTPRequired,
	}
	return profile{
		kind: leg.KindTrunk, remote: t.Name, codecs: t.Codecs, dtmf: t.DTMF, srtp: policies[t.SRTP], ptime: t.Ptime,
		nat: t.NAT, networks: t.Config.Inbound,
	}
}
