package dialog

import (
	"context"
	"slices"
	"strings"

	"github.com/emiago/sipgo/sip"
)

// record is what RFC 3261 section 12 has a dialog remember: how requests in it are addressed. It is filled once; only
// the remote target, the flow and the sequence numbers change.
type record struct {
	callID       string
	local        sip.FromHeader // us, with our tag
	remote       sip.ToHeader   // the peer, with its tag
	localSeq     uint32
	remoteSeq    uint32
	routes       []sip.Uri
	target       sip.Uri
	flow         Flow // of the first INVITE, or of the peer's last request
	follow       bool
	contactUser  string
	allowsUpdate bool
}

func (r *record) remoteTag() string { return r.remote.Params.GetOr("tag", "") }

// answering makes the record of an INVITE that we received (section 12.1.1).
func answering(req *sip.Request, o Options, flow Flow) record {
	r := record{callID: req.CallID().Value(), local: fromTo(req.To()), remote: toFrom(req.From()), localSeq: newSeq(),
		remoteSeq: req.CSeq().SeqNo, flow: flow, follow: o.FollowFlow, contactUser: o.ContactUser}
	if r.contactUser == "" {
		r.contactUser = req.Recipient.User
	}
	r.routes = routesOf(req)
	r.retarget(req)
	return r
}

// answered completes the record of an INVITE that we sent from the response that makes the dialog (section 12.1.2).
func (r *record) answered(res *sip.Response) {
	r.remote = toFrom(&sip.FromHeader{DisplayName: res.To().DisplayName, Address: res.To().Address,
		Params: res.To().Params})
	r.routes = routesOf(res)
	slices.Reverse(r.routes)
	r.retarget(res)
}

// retarget takes the peer's Contact and abilities (section 12.2).
func (r *record) retarget(msg interface {
	sip.Message
	Contact() *sip.ContactHeader
}) {
	if c := msg.Contact(); c != nil && !c.Address.Wildcard {
		r.target = *c.Address.Clone()
		r.target.Headers = nil
	}
	if allow := tokens(msg, "Allow"); allow != nil {
		r.allowsUpdate = slices.Contains(allow, "update")
	}
}

func fromTo(h *sip.ToHeader) sip.FromHeader {
	return sip.FromHeader{DisplayName: h.DisplayName, Address: *h.Address.Clone(), Params: h.Params.Clone()}
}

func toFrom(h *sip.FromHeader) sip.ToHeader {
	return sip.ToHeader{DisplayName: h.DisplayName, Address: *h.Address.Clone(), Params: h.Params.Clone()}
}

func routesOf(msg sip.Message) []sip.Uri {
	var routes []sip.Uri
	for _, h := range msg.GetHeaders("Record-Route") {
		if rr, ok := h.(*sip.RecordRouteHeader); ok {
			routes = append(routes, *rr.Address.Clone())
		}
	}
	return routes
}

// loose says whether the first hop is a loose router (section 12.2.1.1).
func (r *record) loose() bool {
	return len(r.routes) == 0 || r.routes[0].UriParams.Has("lr")
}

// next returns the way to the next hop.
func (r *record) next(s *Stack) Flow {
	if r.follow {
		return r.flow
	}
	hop := r.target
	if len(r.routes) > 0 {
		hop = r.routes[0]
	}
	if hop.Host == "" {
		return r.flow
	}
	return s.flowTo(hop, r.flow)
}

// flowTo finds the way to a URI (RFC 3263 without NAPTR and SRV). A peer that talks to us over a stream often forgets
// ";transport=tcp" in its Contact: the dialog's own flow is preferred where it leads to the same place, or where we
// could not speak UDP anyway.
func (s *Stack) flowTo(uri sip.Uri, current Flow) Flow {
	network := strings.ToLower(uri.UriParams.GetOr("transport", ""))
	if uri.Scheme == "sips" || network == "tls" {
		network = "tls"
	}
	port := func(network string) int {
		if uri.Port > 0 {
			return uri.Port
		}
		return sip.DefaultPort(network)
	}
	host := strings.Trim(uri.Host, "[]")
	if network == "" {
		same := joinPort(host, port(current.Transport)) == current.Remote
		if network = "udp"; same || !s.serves("udp") {
			network = current.Transport
		}
	}
	f := Flow{Transport: network, Remote: joinPort(host, port(network)), ServerName: current.ServerName}
	if f.Transport == current.Transport && f.Remote == current.Remote {
		return current
	}
	return f
}

// draft is a request in a dialog that is not aimed yet.
type draft struct {
	method sip.RequestMethod
	uri    sip.Uri
	seq    uint32
	routes []sip.Uri
	rec    *record
}

// request drafts the next request in the dialog (section 12.2.1.1).
func (r *record) request(method sip.RequestMethod) draft {
	r.localSeq++
	return r.draft(method, r.localSeq)
}

// draft drafts a request with this CSeq: an ACK has the INVITE's.
func (r *record) draft(method sip.RequestMethod, seq uint32) draft {
	m := draft{method: method, uri: r.target, seq: seq, routes: r.routes, rec: r}
	if !r.loose() { // a strict router: it becomes the Request-URI, and the target goes to the end
		m.uri = r.routes[0]
		m.routes = append(slices.Clone(r.routes[1:]), r.target)
	}
	return m
}

// build aims the draft and makes the request. It may block while a name is looked up or a connection is opened.
func (m draft) build(ctx context.Context, s *Stack) (*sip.Request, target, error) {
	flow := m.rec.next(s)
	addr, err := s.reach(ctx, flow)
	if err != nil {
		return nil, target{}, err
	}
	to, err := s.target(flow.Transport, addr)
	if err != nil {
		return nil, to, err
	}
	return m.aimed(s, to), to, nil
}

func (m draft) aimed(s *Stack, to target) *sip.Request {
	req := s.newRequest(m.method, m.uri, to, m.rec.local, m.rec.remote, m.rec.callID, m.seq)
	for _, uri := range m.routes {
		req.AppendHeader(&sip.RouteHeader{Address: *uri.Clone()})
	}
	if m.method != sip.ACK && m.method != sip.BYE {
		req.AppendHeader(to.l.contact(m.rec.contactUser))
	}
	return req
}
