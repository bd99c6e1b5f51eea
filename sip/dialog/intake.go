package dialog

import (
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/emiago/sipgo/sip"
)

const (
	// turnTimeout is how long a request waits for the one before it.
	turnTimeout = 2 * time.Second
	// arrivalTimeout is when a request that never reached its handler is forgotten.
	arrivalTimeout = 5 * time.Second
	// settleTries and settleWait bound the wait for requests to reach their handlers.
	settleTries = 2000
	settleWait  = time.Millisecond
)

// intake sees every message in the order of the wire. sipgo handles each one in a goroutine of its own, so that order is
// lost; here every request gets its place in the line of its Call-ID.
type intake struct {
	mu      sync.Mutex
	waiting map[*sip.Request]*arrival // until sipgo hands them to the handler
	live    map[string]*arrival       // by server transaction, to know a retransmission
	merged  map[string]*arrival       // by From tag, Call-ID and CSeq: RFC 3261 section 8.2.2.2
	last    map[string]*arrival       // by Call-ID: whom the next one waits for
}

// arrival is a request on its way from the wire to its handler.
type arrival struct {
	at     time.Time
	key    string // of the server transaction
	callID string
	merge  string
	tag    string // the To tag that we gave it, or empty in a dialog
	again  bool   // another way brought the same request: 482
	prev   *arrival
	done   chan struct{} // closed when the next one may be handled

	reached chan struct{} // closed when tx is set: the handler has it
	tx      *sip.ServerTx
}

func newIntake() *intake {
	return &intake{waiting: map[*sip.Request]*arrival{}, live: map[string]*arrival{}, merged: map[string]*arrival{},
		last: map[string]*arrival{}}
}

// add gives a request its place. It is called in the read loop, before sipgo starts the request's goroutine, and so may
// still change the request. No place is needed for what no handler will see: a retransmission, for which it is true,
// the ACK of a final response other than 2xx, the CANCEL of a known INVITE, what sipgo refuses by itself.
func (in *intake) add(req *sip.Request) bool {
	tidy(req)
	key, err := sip.ServerTxKeyMake(req)
	if err != nil {
		return false
	}
	in.mu.Lock()
	defer in.mu.Unlock()
	if _, known := in.live[key]; known {
		return req.Method != sip.ACK
	}
	if invite := in.live[inviteKey(req, key)]; invite != nil {
		setToTag(req, invite.tag)
		return false
	}
	in.waiting[req] = in.place(req, key)
	return false
}

// inviteKey is the key of the transaction that a CANCEL is about (RFC 3261 section 9.2), or nothing.
func inviteKey(req *sip.Request, key string) string {
	if req.Method != sip.CANCEL {
		return ""
	}
	return strings.TrimSuffix(key, "CANCEL") + "INVITE"
}

// inviteOf returns the INVITE that a CANCEL is about, if it is there.
func (in *intake) inviteOf(cancel *sip.Request) *arrival {
	key, _ := sip.ServerTxKeyMake(cancel)
	in.mu.Lock()
	defer in.mu.Unlock()
	return in.live[inviteKey(cancel, key)]
}

// place puts a request at the end of its line. mu is held.
func (in *intake) place(req *sip.Request, key string) *arrival {
	a := &arrival{at: time.Now(), key: key, done: make(chan struct{}), reached: make(chan struct{})}
	if id := req.CallID(); id != nil {
		a.callID = id.Value()
	}
	in.name(req, a)
	a.prev = in.last[a.callID]
	in.last[a.callID] = a
	in.live[key] = a
	return a
}

// name gives a request outside dialogs the To tag of all its answers: sipgo answers a CANCEL by itself, and would make
// up another one. mu is held.
func (in *intake) name(req *sip.Request, a *arrival) {
	if req.To() == nil || req.From() == nil || req.CSeq() == nil || toTag(req) != "" || req.Method == sip.ACK {
		return
	}
	a.tag = newTag()
	setToTag(req, a.tag)
	a.merge = strings.Join([]string{a.callID, fromTag(req), strconv.Itoa(int(req.CSeq().SeqNo)),
		string(req.Method)}, "\x00")
	if other, ok := in.merged[a.merge]; ok && other.key != a.key {
		a.again = true
		return
	}
	in.merged[a.merge] = a
}

// take returns the arrival of a request that reached its handler.
func (in *intake) take(req *sip.Request, tx *sip.ServerTx) *arrival {
	in.mu.Lock()
	defer in.mu.Unlock()
	a, ok := in.waiting[req]
	if !ok { // it looked like a retransmission, but the transaction ended meanwhile
		key, _ := sip.ServerTxKeyMake(req)
		a = in.place(req, key)
	}
	delete(in.waiting, req)
	a.tx = tx
	close(a.reached)
	return a
}

// settle waits until no request is on its way from the wire to its handler, but not for long.
func (in *intake) settle() {
	for range settleTries {
		in.mu.Lock()
		n := len(in.waiting)
		in.mu.Unlock()
		if n == 0 {
			return
		}
		<-time.After(settleWait)
	}
}

// turn waits until the request before a was handled. It is false where that took too long.
func (a *arrival) turn() bool {
	if a.prev == nil {
		return true
	}
	t := time.NewTimer(turnTimeout)
	defer t.Stop()
	select {
	case <-a.prev.done:
		a.prev = nil // let it go
		return true
	case <-t.C:
		return false
	}
}

// handled lets the next request of the Call-ID go on.
func (in *intake) handled(a *arrival) {
	in.mu.Lock()
	defer in.mu.Unlock()
	if in.last[a.callID] == a {
		delete(in.last, a.callID)
	}
	close(a.done)
}

// forget is called when the transaction ended.
func (in *intake) forget(a *arrival) {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.drop(a)
}

func (in *intake) drop(a *arrival) {
	if in.live[a.key] == a {
		delete(in.live, a.key)
	}
	if in.merged[a.merge] == a {
		delete(in.merged, a.merge)
	}
}

// sweep forgets the requests that sipgo did not hand over, such as when their connection broke, and returns how many.
func (in *intake) sweep(now time.Time) int {
	in.mu.Lock()
	defer in.mu.Unlock()
	n := 0
	for req, a := range in.waiting {
		if now.Sub(a.at) < arrivalTimeout {
			continue
		}
		n++
		delete(in.waiting, req)
		in.drop(a)
		if in.last[a.callID] == a {
			delete(in.last, a.callID)
		}
		close(a.done)
	}
	return n
}

// tidy makes good what sipgo's parser leaves: blanks around "=" and capitals in the names of the parameters that
// transactions and dialogs are found by. A peer whose Via names another address than the one it sends from is behind
// a NAT and is answered where it sent from, whether it asked for that (RFC 3581) or not.
func tidy(req *sip.Request) {
	if h := req.From(); h != nil {
		tidyParams(h.Params)
	}
	if h := req.To(); h != nil {
		tidyParams(h.Params)
	}
	via := req.Via()
	if via == nil {
		return
	}
	tidyParams(via.Params)
	from, err := netip.ParseAddrPort(req.Source())
	says, errVia := netip.ParseAddr(via.Host)
	if err == nil && errVia == nil && from.Addr().Unmap() != says.Unmap() && !via.Params.Has("rport") {
		via.Params.Add("rport", "")
	}
}

func tidyParams(params sip.HeaderParams) {
	for i, p := range params {
		params[i].V = strings.TrimSpace(p.V)
		switch k := strings.ToLower(strings.TrimSpace(p.K)); k {
		case "tag", "branch", "rport", "received":
			params[i].K = k
		}
	}
}
