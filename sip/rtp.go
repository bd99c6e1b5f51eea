package sip

import (
	"fmt"
	"net/netip"

	"seatbridge/sip/rtpsock"
)

// openPools makes a pool of RTP ports for each address.
func (e *Endpoint) openPools() error {
	metrics := rtpsock.NewMetrics(e.c.Registry)
	for _, address := range e.c.RTP.Addresses {
		if e.advertised(address).IsUnspecified() { // 0.0.0.0 in SDP puts the far end on hold
			return fmt.Errorf("%w: RTP on %s needs an address to advertise", ErrConfig, address)
		}
		pool, err := rtpsock.NewPool(rtpsock.PoolConfig{
			Address: address, MinPort: e.c.RTP.MinPort, MaxPort: e.c.RTP.MaxPort, SendOnlyTo: e.c.RTP.SendOnlyTo,
			Metrics: metrics, Logger: e.log,
		})
		if err != nil {
			return err
		}
		e.pools = append(e.pools, pool)
	}
	if len(e.pools) == 0 {
		return fmt.Errorf("%w: no RTP address", ErrConfig)
	}
	return nil
}

// pool picks the RTP ports of the peer's address family, and the address to advertise in SDP.
func (e *Endpoint) pool(peer netip.Addr) (*rtpsock.Pool, netip.Addr) {
	for i, address := range e.c.RTP.Addresses {
		if address.Is4() == peer.Unmap().Is4() {
			return e.pools[i], e.advertised(address)
		}
	}
	return e.pools[0], e.advertised(e.c.RTP.Addresses[0])
}

func (e *Endpoint) advertised(bound netip.Addr) netip.Addr {
	if a := e.c.RTP.Advertise; a.IsValid() && a.Is4() == bound.Is4() {
		return a
	}
	return bound
}
