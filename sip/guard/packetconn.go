package guard

import "net"

// PacketConn is a guarded UDP socket for sipgo's ServeUDP.
type PacketConn struct {
	net.PacketConn
}

// Serve calls serve (sipgo's ServeUDP) again and again until the socket is closed, and returns nil then. sipgo
// remembers every UDP source until its ServeUDP returns: after Config.RecycleAfter new sources ReadFrom makes it return
// with net.ErrClosed while the socket stays open.
func (p *PacketConn) Serve(serve func(net.PacketConn) error) error { return serve(p) }
