package media

// report is what RTCP reception reports are made from (RFC 3550 appendix A.3).
type report struct {
	base     uint32 // extended sequence number of the SSRC's first packet
	received uint32
	clock    uint32 // Hz
}
