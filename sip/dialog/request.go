package dialog

import (
	"fmt"
	"strings"

	"github.com/emiago/sipgo/sip"
)

// target is where a request goes: the listener to use and the resolved address.
type target struct {
	l    *listener
	addr string // ip:port
}

// target finds the listener for a network and resolved address.
func (s *Stack) target(network, addr string) (target, error) {
	l, err := s.listener(network, addr)
	return target{l, addr}, err
}

// newRequest makes a request with all that every request has (RFC 3261 section 8.1.1).
func (s *Stack) newRequest(method sip.RequestMethod, uri sip.Uri, to target, from sip.FromHeader, toHeader sip.ToHeader,
	callID string, seq uint32) *sip.Request {
	req := sip.NewRequest(method, uri)
	hops, id := sip.MaxForwardsHeader(70), sip.CallIDHeader(callID)
	from.DisplayName, toHeader.DisplayName = quotable(from.DisplayName), quotable(toHeader.DisplayName)
	req.AppendHeader(to.l.via())
	req.AppendHeader(&hops)
	req.AppendHeader(sip.HeaderClone(&from))
	req.AppendHeader(sip.HeaderClone(&toHeader))
	req.AppendHeader(&id)
	req.AppendHeader(&sip.CSeqHeader{SeqNo: seq, MethodName: method})
	req.AppendHeader(sip.NewHeader("User-Agent", s.c.UserAgent))
	req.SetBody(nil)
	aim(req, to)
	return req
}

// aim sets where a request goes.
func aim(req *sip.Request, to target) {
	req.SetTransport(sip.NetworkToUpper(to.l.network))
	req.SetDestination(to.addr)
	req.Laddr = to.l.laddr()
}

// again makes the same request for another try: a new transaction and the next CSeq.
func again(req *sip.Request, to target, seq uint32) *sip.Request {
	next := req.Clone()
	next.RemoveHeader("Via")
	next.PrependHeader(to.l.via())
	next.ReplaceHeader(&sip.CSeqHeader{SeqNo: seq, MethodName: req.Method})
	aim(next, to)
	return next
}

// cancelOf makes the CANCEL of an INVITE (RFC 3261 section 9.1): the same branch, CSeq number and way.
func cancelOf(invite *sip.Request, to target, headers []sip.Header) *sip.Request {
	req := sip.NewRequest(sip.CANCEL, invite.Recipient)
	req.AppendHeader(sip.HeaderClone(invite.Via()))
	hops := sip.MaxForwardsHeader(70)
	req.AppendHeader(&hops)
	for _, name := range []string{"From", "To", "Call-ID"} {
		req.AppendHeader(sip.HeaderClone(invite.GetHeader(name)))
	}
	req.AppendHeader(&sip.CSeqHeader{SeqNo: invite.CSeq().SeqNo, MethodName: sip.CANCEL})
	for _, h := range invite.GetHeaders("Route") {
		req.AppendHeader(sip.HeaderClone(h))
	}
	for _, h := range headers {
		req.AppendHeader(sip.HeaderClone(h))
	}
	req.SetBody(nil)
	aim(req, to)
	return req
}

// quotable takes away what would end a quoted display name.
func quotable(name string) string {
	return strings.Map(func(r rune) rune {
		if r == '"' || r == '\\' || r < ' ' || r == 0x7f {
			return -1
		}
		return r
	}, name)
}

// sendable refuses a request whose text would break out of its place: a line break in a header, a bracket in a URI.
// Numbers and names come from outside.
func sendable(req *sip.Request) error {
	for _, uri := range []*sip.Uri{&req.Recipient, &req.From().Address, &req.To().Address} {
		if text := uri.String(); strings.ContainsAny(text, "\r\n\x00 <>\"") {
			return fmt.Errorf("%w: URI %q", ErrUnsafe, text)
		}
	}
	for _, h := range req.Headers() {
		if strings.ContainsAny(h.Name()+h.Value(), "\r\n\x00") {
			return fmt.Errorf("%w: header %q", ErrUnsafe, h.Name())
		}
	}
	return nil
}
