package dialog

import (
	"context"
	crand "crypto/rand"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/emiago/sipgo/sip"
)

// maxChallenges is how often one request may be challenged.
const maxChallenges = 4

// challenges remembers how often one request was challenged.
type challenges struct {
	seen  []int
	total int
}

// meet answers a challenge: it returns whether req, which it changes, is worth another try.
func (c *challenges) meet(auth Authorizer, req *sip.Request, res *sip.Response) bool {
	if auth == nil || res.StatusCode != 401 && res.StatusCode != 407 {
		return false
	}
	name := "WWW-Authenticate"
	if res.StatusCode == 407 {
		name = "Proxy-Authenticate"
	}
	stale := strings.Contains(strings.ToLower(strings.ReplaceAll(headerValue(res, name), " ", "")), "stale=true")
	if c.total++; c.total > maxChallenges || slices.Contains(c.seen, res.StatusCode) && !stale {
		return false
	}
	c.seen = append(c.seen, res.StatusCode)
	return auth.Authorize(req, res) == nil
}

// RequestConfig describes a request of ours outside dialogs, such as OPTIONS or REGISTER.
type RequestConfig struct {
	Method sip.RequestMethod
	URI    sip.Uri
	Flow   Flow
	From   sip.FromHeader // a tag is added where it has none
	To     sip.ToHeader
	// CallID defaults to a random one.
	CallID string
	// CSeq defaults to a random one. Where Auth is called the request is sent again with the next one.
	CSeq uint32
	// ContactUser is the user part of our Contact, which is added where this is not empty.
	ContactUser string
	Headers     []sip.Header
	Body        []byte
	Auth        Authorizer
}

// Do sends a request outside dialogs and waits for its final response, of whatever status. The response's CSeq is
// that of the request sent last. Errors: ErrTimeout, ErrUnreachable, ErrClosed, or the context's.
func (s *Stack) Do(ctx context.Context, c RequestConfig) (*sip.Response, error) {
	if !s.enter() {
		return nil, ErrClosed
	}
	defer s.leave()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(s.ctx, cancel)()
	addr, err := s.reach(ctx, c.Flow)
	if err != nil {
		return nil, err
	}
	to, err := s.target(c.Flow.Transport, addr)
	if err != nil {
		return nil, err
	}
	req := s.outside(c, to)
	var met challenges
	for {
		res, err := s.exchange(ctx, req)
		if err != nil {
			return nil, err
		}
		next := again(req, to, req.CSeq().SeqNo+1)
		if !met.meet(c.Auth, next, res) {
			return res, nil
		}
		req = next
	}
}

// outside builds the request that c describes.
func (s *Stack) outside(c RequestConfig, to target) *sip.Request {
	if c.CallID == "" {
		c.CallID = crand.Text()
	}
	if c.CSeq == 0 {
		c.CSeq = newSeq()
	}
	c.From.Params = c.From.Params.Clone()
	if !c.From.Params.Has("tag") {
		c.From.Params.Add("tag", newTag())
	}
	req := s.newRequest(c.Method, c.URI, to, c.From, c.To, c.CallID, c.CSeq)
	if c.ContactUser != "" {
		req.AppendHeader(to.l.contact(c.ContactUser))
	}
	for _, h := range c.Headers {
		req.AppendHeader(sip.HeaderClone(h))
	}
	if c.Body != nil {
		req.SetBody(c.Body)
	}
	return req
}

// exchange sends a request and waits for its final response.
func (s *Stack) exchange(ctx context.Context, req *sip.Request) (*sip.Response, error) {
	final := make(chan *sip.Response, 1)
	failed := make(chan error, 1)
	c := s.send(req, func(res *sip.Response) {
		if res.IsProvisional() {
			return
		}
		select {
		case final <- res:
		default: // a retransmission
		}
	}, func(err error) { failed <- err })
	defer c.terminate()
	select {
	case res := <-final:
		return res, nil
	case err := <-failed:
		select {
		case res := <-final: // both at once
			return res, nil
		default:
		}
		return nil, err
	case <-ctx.Done():
		if s.ctx.Err() != nil {
			return nil, ErrClosed
		}
		return nil, ctx.Err()
	}
}

// newSeq returns a first CSeq: any below 2^31 will do, a small one is easier on the eye.
func newSeq() uint32 { return 1 + rand.Uint32N(10000) }
