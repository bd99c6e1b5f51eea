package trunk

import (
	"net"
	"net/netip"
	"strconv"
	"time"
)

// failuresToDown is the number of failures in a row that mark a gateway as down. One success marks it as up.
const failuresToDown = 2

// gateway is a gateway and its health. Manager.mu guards what changes.
type gateway struct {
	Gateway
	trunk *Trunk
	wake  chan struct{} // probe now

	addrs    []netip.Addr // the one in use first
	down     bool
	since    time.Time // of up or down
	failures int       // in a row
}

func newGateway(t *Trunk, g Gateway) *gateway {
	state := &gateway{Gateway: g, trunk: t, wake: make(chan struct{}, 1), since: time.Now()}
	if a, err := netip.ParseAddr(g.Host); err == nil {
		state.addrs = []netip.Addr{a.Unmap()}
	}
	return state
}

// literal says whether the host is an address, so that nothing is to be looked up.
func (g *gateway) literal() bool {
	_, err := netip.ParseAddr(g.Host)
	return err == nil
}

// address names the gateway in logs, metrics and status.
func (g *gateway) address() string {
	return net.JoinHostPort(g.Host, strconv.Itoa(g.Port)) + ";" + g.Transport
}

// destination is where to send to: address and port.
func (g *gateway) destination() string {
	return netip.AddrPortFrom(g.addrs[0], uint16(g.Port)).String()
}

// answered notes any SIP answer; changed is true where the gateway was down.
func (g *gateway) answered(now time.Time) (changed bool) {
	g.failures = 0
	if !g.down {
		return false
	}
	g.down, g.since = false, now
	return true
}

// failed notes a failure; changed is true where the gateway is down by it. The host's next address has a go.
func (g *gateway) failed(now time.Time) (changed bool) {
	g.failures++
	if len(g.addrs) > 1 {
		g.addrs = append(g.addrs[1:], g.addrs[0])
	}
	if g.down || g.failures < failuresToDown {
		return false
	}
	g.down, g.since = true, now
	return true
}
