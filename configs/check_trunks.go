package configs

import (
	"fmt"
	"net"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"seatbridge/codec"
)

func (k *checker) trunks() {
	seen := map[string]bool{}
	for i := range k.c.Trunks {
		t, key := &k.c.Trunks[i], fmt.Sprintf("trunks[%d]", i)
		if t.Name == "" || seen[t.Name] {
			k.wrong(key+".name", "%q must be a name of its own", t.Name)
		}
		seen[t.Name] = true
		if len(t.Gateways) == 0 {
			k.wrong(key+".gateways", "needs at least one, such as {address: sip.carrier.example}")
		}
		for j := range t.Gateways {
			k.gateway(fmt.Sprintf("%s.gateways[%d]", key, j), &t.Gateways[j])
		}
		k.oneOf(key+".dtmf", &t.DTMF, "rfc4733", "info", "inband")
		k.oneOf(key+".srtp", &t.SRTP, "off", "optional", "required")
		if t.Register && (t.Username == "" || t.Password == "") {
			k.wrong(key+".register", "needs username and password")
		}
		if (t.InboundUsername == "") != (t.InboundPassword == "") {
			k.wrong(key+".inbound_username", "inbound_username and inbound_password go together")
		}
		if t.InboundUsername != "" && k.hasPhone(t.InboundUsername) {
			k.wrong(key+".inbound_username", "%q is a phone's extension", t.InboundUsername)
		}
		if ms := t.Ptime.Milliseconds(); t.Ptime != 0 && (ms < 10 || ms > 60 || ms%10 != 0) {
			k.wrong(key+".ptime", "%v must be 10ms, 20ms, 30ms, 40ms, 50ms or 60ms", t.Ptime)
		}
		k.file(key+".hold_music", t.HoldMusic)
		k.between(key+".max_calls", t.MaxCalls, 0, 100000)
		k.between(key+".calls_per_second", t.CallsPerSecond, 0, 10000)
		for j, id := range t.CallerIDs {
			if !regexp.MustCompile(`^\+?[0-9]+$`).MatchString(id) {
				k.wrong(fmt.Sprintf("%s.caller_ids[%d]", key, j), "%q must be a number, such as +4930123456", id)
			}
		}
		if len(t.Codecs) == 0 {
			t.Codecs = []codec.ID{codec.PCMU, codec.PCMA}
		}
	}
}

func (k *checker) gateway(key string, g *Gateway) {
	k.oneOf(key+".transport", &g.Transport, "udp", "tcp", "tls")
	if !slices.ContainsFunc(k.c.SIP.Listen, func(l Listener) bool { return l.Transport == g.Transport }) {
		k.wrong(key+".transport", "no listener under sip.listen speaks %s", g.Transport)
	}
	host := g.Address
	if h, port, err := net.SplitHostPort(g.Address); err == nil {
		host = h
		if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
			k.wrong(key+".address", "%q must have a port from 1 to 65535 behind the colon, or neither", g.Address)
		}
	}
	if !isHost(host) {
		k.wrong(key+".address", "%q must be a host or host:port", g.Address)
	}
	k.between(key+".priority", g.Priority, 0, 65535)
	k.between(key+".weight", g.Weight, 0, 65535)
}

// isHost is true for a name or an IP address, an IPv6 one with or without brackets.
func isHost(host string) bool {
	_, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return err == nil || regexp.MustCompile(`^[A-Za-z0-9.-]+$`).MatchString(host)
}

func (k *checker) routes() {
	trunks := map[string]bool{}
	for _, t := range k.c.Trunks {
		trunks[t.Name] = true
	}
	k.inbound(trunks)
	k.outbound(trunks)
	k.numberGroups()
	k.locations()
}

// inbound checks where the numbers go that trunks bring.
func (k *checker) inbound(trunks map[string]bool) {
	users := map[string]bool{}
	for _, s := range k.c.Staff {
		users[s.User] = true
	}
	seen := map[Inbound]bool{}
	for i, r := range k.c.Inbound {
		key := fmt.Sprintf("inbound[%d]", i)
		if r.Number == "" {
			k.wrong(key+".number", "is missing: the dialled number, or a prefix that ends in *")
		} else if !regexp.MustCompile(`^\+?[0-9*#]+$`).MatchString(r.Number) {
			k.wrong(key+".number", "%q must be a number, such as +4930123456, or a prefix that ends in *", r.Number)
		}
		if id := (Inbound{Number: r.Number, Trunk: r.Trunk}); seen[id] {
			k.wrong(key+".number", "%q stands twice for the same trunk", r.Number)
		} else {
			seen[id] = true
		}
		if r.Trunk != "" && !trunks[r.Trunk] {
			k.wrong(key+".trunk", "there is no trunk %q", r.Trunk)
		}
		ways := 0
		for _, way := range []string{r.User, r.Extension, r.Group, r.Menu} {
			if way != "" {
				ways++
			}
		}
		switch {
		case ways != 1:
			k.wrong(key, "needs either user, extension, group or menu")
		case r.Group != "" && !k.hasGroup(r.Group):
			k.wrong(key+".group", "there is no group %q", r.Group)
		case r.Menu != "" && !k.hasMenu(r.Menu):
			k.wrong(key+".menu", "there is no menu %q", r.Menu)
		case r.User != "" && !users[r.User]:
			k.wrong(key+".user", "there is no staff member %q", r.User)
		case r.Extension != "" && !k.hasPhone(r.Extension):
			k.wrong(key+".extension", "no entry under phones has the extension %q", r.Extension)
		}
	}
}
