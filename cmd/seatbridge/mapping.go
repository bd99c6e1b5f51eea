package main

import (
	"crypto/tls"
	"log/slog"
	"net"
	"net/netip"
	"regexp"
	"strconv"
	"strings"

	"github.com/prometheus/client_golang/prometheus"

	"seatbridge/api"
	"seatbridge/call"
	"seatbridge/configs"
	"seatbridge/sip"
	"seatbridge/sip/digest"
	"seatbridge/sip/guard"
	"seatbridge/sip/sdp"
	"seatbridge/sip/trunk"
)

// What the words of the file mean to the packages.

func routes(c *configs.Config, groups map[string]int64) call.Routes {
	r := call.Routes{Numbering: call.Numbering{National: c.Calls.NationalPrefix}, Menus: menus(c, groups)}
	for _, in := range c.Inbound {
		r.Inbound = append(r.Inbound, call.InboundRule{
			Number: in.Number, Trunk: in.Trunk, User: in.User, Extension: in.Extension,
			Group: groups[in.Group], Menu: in.Menu, Record: in.Record,
		})
	}
	outbound(c, &r)
	return r
}

func phoneConfig(c *configs.Config, log *slog.Logger, reg prometheus.Registerer) (sip.Config, error) {
	s := sip.Config{
		Advertise: c.SIP.Advertise, Realm: c.SIP.Realm, Algorithm: algorithm(c.SIP.Algorithm),
		MinExpires: c.SIP.MinExpires, MaxExpires: c.SIP.MaxExpires, KeepAlive: c.SIP.KeepAlive,
		SessionExpires: c.SIP.SessionExpires, Log: log, Registry: reg,
		Guard: guard.Config{Stranger: guard.Rate{
			PerSecond: float64(c.SIP.RequestsPerSecond), Burst: 3 * float64(c.SIP.RequestsPerSecond),
		}},
		RTP: sip.RTP{
			Addresses: []netip.Addr{c.RTP.Address}, MinPort: uint16(c.RTP.MinPort), MaxPort: uint16(c.RTP.MaxPort),
			SendOnlyTo: c.RTP.Networks, Silence: c.RTP.Silence,
		},
	}
	if c.RTP.Address6.IsValid() {
		s.RTP.Addresses = append(s.RTP.Addresses, c.RTP.Address6)
	}
	if c.RTP.Advertise != "" {
		s.RTP.Advertise = netip.MustParseAddr(c.RTP.Advertise) // checked when the file was read
	}
	for _, l := range c.SIP.Listen {
		listener := sip.Listener{Transport: l.Transport, Address: l.Address}
		if l.Transport == "tls" {
			pair, err := tls.LoadX509KeyPair(l.Certificate, l.Key)
			if err != nil {
				return s, err
			}
			listener.TLS = &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12}
		}
		s.Listeners = append(s.Listeners, listener)
	}
	for _, p := range c.Phones {
		s.Accounts = append(s.Accounts, account(c, p))
	}
	for _, t := range c.Trunks {
		s.Trunks = append(s.Trunks, trunkConfig(c, t))
	}
	return s, nil
}

func algorithm(word string) digest.Algorithm {
	if word == "sha256" {
		return digest.SHA256
	}
	return digest.MD5
}

func account(c *configs.Config, p configs.Phone) sip.Account {
	secret := digest.Secret{HA1: p.HA1, Algorithm: algorithm(p.Algorithm)}
	if p.Password != "" {
		secret.HA1 = digest.HA1(secret.Algorithm, p.Extension, c.SIP.Realm, p.Password)
	}
	policies := map[string]sdp.SRTPPolicy{"optional": sdp.SRTPOptional, "required": sdp.SRTPRequired}
	return sip.Account{
		Extension: p.Extension, Secret: secret, SRTP: policies[p.SRTP], Codecs: p.Codecs, DTMF: trunk.DTMF(p.DTMF),
	}
}

func trunkConfig(c *configs.Config, t configs.Trunk) trunk.Config {
	out := trunk.Config{
		Name: t.Name, Username: t.Username, Password: t.Password, Realm: t.Realm, Domain: t.Domain, FromUser: t.From,
		Register: t.Register, Inbound: t.Sources, CallerIDs: t.CallerIDs, Trusted: t.Trusted, Codecs: t.Codecs,
		DTMF: trunk.DTMF(t.DTMF), SRTP: trunk.SRTP(t.SRTP), Ptime: t.Ptime, Probe: t.KeepAlive, NAT: t.NAT,
		HoldReinvite: t.HoldReinvite, MaxCalls: t.MaxCalls, CallsPerSecond: t.CallsPerSecond,
		RewriteIn: rules(t.RewriteIn), RewriteOut: rules(t.RewriteOut),
	}
	if t.InboundUsername != "" {
		a := algorithm(c.SIP.Algorithm)
		out.Account = t.InboundUsername
		out.Secret = digest.Secret{HA1: digest.HA1(a, t.InboundUsername, c.SIP.Realm, t.InboundPassword), Algorithm: a}
	}
	if t.KeepAlive == 0 {
		out.Probe = -1
	}
	for _, g := range t.Gateways {
		host, port := g.Address, 0
		if h, p, err := net.SplitHostPort(g.Address); err == nil {
			host = h
			port, _ = strconv.Atoi(p) // 0, the default, for what is no number
		}
		out.Gateways = append(out.Gateways, trunk.Gateway{
			Host: strings.Trim(host, "[]"), Port: port, Transport: g.Transport, Priority: g.Priority, Weight: g.Weight,
		})
	}
	return out
}

// rules turns prefixes into the one mechanism that trunks have.
func rules(rewrites []configs.Rewrite) []trunk.Rule {
	var all []trunk.Rule
	for _, r := range rewrites {
		all = append(all, trunk.Rule{
			Match: regexp.QuoteMeta(r.Prefix) + "(.*)", Replace: strings.ReplaceAll(r.Add, "$", "$$") + "${1}",
		})
	}
	return all
}

// tracer shows the SIP messages of recent calls to the API.
type tracer struct{ trace *sip.Trace }

// Messages are the messages with one of the Call-IDs, oldest first.
func (t tracer) Messages(callIDs []string) []api.TraceMessage {
	var all []api.TraceMessage
	for _, m := range t.trace.Messages(callIDs) {
		all = append(all, api.TraceMessage{
			At: m.At, CallID: m.CallID, Sent: m.Sent, Transport: m.Transport, Local: m.Local, Remote: m.Remote,
			Text: string(m.Raw),
		})
	}
	return all
}
