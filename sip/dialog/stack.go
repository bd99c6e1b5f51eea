package dialog

import (
	"context"
	"errors"

	"github.com/emiago/sipgo/sip"
)

// Errors of requests that got no response.
var (
	// ErrTimeout says that no final response came in time.
	ErrTimeout = errors.New("dialog: no response")
	// ErrUnreachable says that the message could not be sent.
	ErrUnreachable = errors.New("dialog: peer unreachable")
	// ErrClosed says that the Stack is closed.
	ErrClosed = errors.New("dialog: stack closed")
	// ErrConfig says that the configuration cannot work.
	ErrConfig = errors.New("dialog: bad configuration")
)

// Stack serves SIP on its listeners.
type Stack struct{}

// New makes a Stack which does not serve yet.
func New(c Config) (*Stack, error) { return &Stack{}, nil }

// Start begins to serve and returns at once.
func (s *Stack) Start() {}

// Close ends everything at once, without a word to the peers, and waits for it. Hang up the dialogs before.
func (s *Stack) Close() error { return nil }

// InviteConfig says whom to call and how.
type InviteConfig struct {
	RequestURI sip.Uri
	// Flow is where to send the INVITE.
	Flow Flow
	// From is us; a tag is added.
	From sip.FromHeader
	// To is the called party.
	To sip.ToHeader
	// CallID defaults to a random one.
	CallID string
	// Routes are Route headers to begin with, such as an outbound proxy's.
	Routes []sip.Uri
	// Headers are for the first INVITE only, such as Replaces or P-Asserted-Identity.
	Headers []sip.Header
	// SDP is the offer. It must be given.
	SDP []byte
	Options
}

// Invite sends an INVITE. The dialog's events tell what came of it; the last is Ended also where nothing could be sent.
// To ring several phones at once, call it once for each.
func (s *Stack) Invite(c InviteConfig, obs Observer) *Dialog { return nil }

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
func (s *Stack) Do(ctx context.Context, c RequestConfig) (*sip.Response, error) { return nil, nil }

// Lookup finds a dialog by its name, such as that of a Replaces (RFC 3891 section 3); nil if there is none.
func (s *Stack) Lookup(id ID) *Dialog { return nil }

// Allow returns the value of our Allow header.
func (s *Stack) Allow() string { return "" }

// Supported returns the value of our Supported header.
func (s *Stack) Supported() string { return "" }
