package dialog

import "github.com/emiago/sipgo/sip"

// Handler takes the requests outside dialogs, after they were validated. Requests with one Call-ID come one after the
// other, others at the same time; a panic is caught, logged, counted and answered with 500.
type Handler interface {
	// Invite is given an INVITE. Before it returns it calls Open, Respond or RespondStateless; otherwise the INVITE is
	// answered with 500.
	Invite(in *Incoming)
	// Request is given any other request of Config.Methods. Before it returns it calls Respond or RespondStateless;
	// otherwise the request is answered with 500.
	Request(t *Transaction)
}

// Incoming is an INVITE outside dialogs.
type Incoming struct {
	*Transaction
	// Replaces names the dialog that the caller wants to take over (RFC 3891), or is nil.
	Replaces *Replaces

	sdp []byte
}

// SDP returns the offer in the INVITE, or nil if the answerer is to offer (RFC 3264, late offer).
func (in *Incoming) SDP() []byte { return in.sdp }

// Authorizer proves who we are to a peer that asks with 401 or 407.
type Authorizer interface {
	// Authorize adds the Authorization or Proxy-Authorization header that answers the challenge in res to req, and
	// takes away older ones. It is called once for each challenge, and again only where the nonce was stale. An error
	// makes the challenge the request's final answer.
	Authorize(req *sip.Request, res *sip.Response) error
}
