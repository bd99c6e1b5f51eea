package dialog

// Flow is the way to a peer: one UDP address pair or one stream connection (RFC 5626 section 2).
type Flow struct {
	// Transport is "udp", "tcp" or "tls".
	Transport string
	// Remote is host:port; the host is an address, or a name which is looked up.
	Remote string
	// Existing forbids to open a connection: a registered phone behind a NAT can only be reached over its own.
	Existing bool
	// ServerName is the name to check in the peer's TLS certificate; it defaults to the host of Remote.
	ServerName string
}
