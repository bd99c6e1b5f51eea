package registrar

import (
	"errors"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/emiago/sipgo/sip"

	"seatbridge/sip/digest"
)

// Answer is what is to be done with a request.
type Answer struct {
	Code    int // 0: drop the request in silence
	Reason  string
	Headers []sip.Header
	// Stateless says that nobody has proved who he is: the answer is to be sent without a transaction, once
	// (RFC 3261 section 26.3.2.4).
	Stateless bool
}

// Register handles a REGISTER (RFC 3261 section 10.3); its source and transport must be set as sipgo does.
func (r *Registrar) Register(req *sip.Request) Answer {
	a := r.register(req)
	r.cfg.Metrics.answered(a.Code)
	return a
}

func (r *Registrar) register(req *sip.Request) Answer {
	source, err := netip.ParseAddrPort(req.Source())
	if err != nil || req.To() == nil || req.CallID() == nil || req.CSeq() == nil {
		return Answer{Code: sip.StatusBadRequest, Reason: "Bad Request", Stateless: true}
	}
	extension := req.To().Address.User
	user, err := r.cfg.Auth.Verify(req, r.cfg.Accounts)
	if errors.Is(err, digest.ErrBanned) {
		return Answer{Stateless: true}
	}
	if err != nil {
		return r.challenge(req, extension, errors.Is(err, digest.ErrStale))
	}
	if user != extension { // whoever else that is, and whether he exists or not
		return Answer{Code: sip.StatusForbidden, Reason: "Forbidden"}
	}
	if h := req.GetHeaders("Require"); len(h) > 0 {
		return Answer{
			Code: sip.StatusBadExtension, Reason: "Bad Extension",
			Headers: []sip.Header{sip.NewHeader("Unsupported", values(h))},
		}
	}
	contacts, err := parseContacts(req)
	if err != nil {
		return Answer{Code: sip.StatusBadRequest, Reason: "Bad Contact"}
	}
	return r.update(extension, contacts, record{
		Binding: Binding{
			Extension: extension,
			Source:    netip.AddrPortFrom(source.Addr().Unmap(), source.Port()),
			Transport: sip.NetworkToLower(req.Transport()),
			UserAgent: userAgent(req),
			Reachable: true,
		},
		CallID: req.CallID().Value(),
		CSeq:   req.CSeq().SeqNo,
	})
}

// challenge answers alike for extensions that exist and that don't, as long as they use the same algorithm.
func (r *Registrar) challenge(req *sip.Request, extension string, stale bool) Answer {
	alg := r.cfg.Algorithm
	if secret, ok := r.cfg.Accounts(extension); ok {
		alg = secret.Algorithm
	}
	return Answer{
		Code: sip.StatusUnauthorized, Reason: "Unauthorized", Stateless: true,
		Headers: []sip.Header{r.cfg.Auth.Challenge(req, sip.StatusUnauthorized, alg, stale)},
	}
}

// update applies the contacts to the extension's bindings, all or none. from is what the bindings have in common.
func (r *Registrar) update(extension string, contacts []contact, from record) Answer {
	now := time.Now()
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.ctx.Err() != nil { // it would not be kept
		return Answer{Code: sip.StatusServiceUnavailable, Reason: "Service Unavailable"}
	}
	if _, known := r.cfg.Accounts(extension); !known { // removed since Verify; see Forget
		return Answer{Code: sip.StatusForbidden, Reason: "Forbidden"}
	}
	old := r.records[extension]
	records, events, err := r.cfg.apply(live(old, now), contacts, from, now)
	switch {
	case errors.Is(err, errTooBrief):
		minimum := strconv.Itoa(int(r.cfg.MinExpires / time.Second))
		return Answer{
			Code: sip.StatusIntervalToBrief, Reason: "Interval Too Brief",
			Headers: []sip.Header{sip.NewHeader("Min-Expires", minimum)},
		}
	case errors.Is(err, errOutOfOrder):
		return Answer{Code: sip.StatusBadRequest, Reason: "CSeq Out of Order"}
	case errors.Is(err, errTooMany):
		return Answer{Code: sip.StatusForbidden, Reason: "Too Many Contacts"}
	case err != nil:
		return Answer{Code: sip.StatusInternalServerError, Reason: "Server Internal Error"}
	}
	for _, rec := range old {
		if !now.Before(rec.Expires) { // between two ticks of the loop
			r.event(Expired, rec.Binding)
		}
	}
	r.put(extension, records)
	for _, e := range events {
		r.event(e.Kind, e.Binding)
	}
	return Answer{Code: sip.StatusOK, Reason: "OK", Headers: contactHeaders(records, now)}
}

// contactHeaders lists the bindings as they stand (RFC 3261 section 10.3 item 8).
func contactHeaders(records []record, now time.Time) []sip.Header {
	headers := make([]sip.Header, len(records))
	for i, rec := range records {
		params := rec.Params.Clone()
		params.Add("expires", strconv.Itoa(int(rec.Expires.Sub(now).Round(time.Second)/time.Second)))
		headers[i] = &sip.ContactHeader{Address: rec.Contact, Params: params}
	}
	return headers
}

// userAgent is the User-Agent header, cut and without what does not belong into a log.
func userAgent(req *sip.Request) string {
	h := req.GetHeader("User-Agent")
	if h == nil {
		return ""
	}
	text := strings.Map(func(c rune) rune {
		if c < ' ' || c > '~' {
			return -1
		}
		return c
	}, h.Value())
	return text[:min(len(text), 128)]
}

// values joins the values of headers of one name.
func values(headers []sip.Header) string {
	all := make([]string, len(headers))
	for i, h := range headers {
		all[i] = h.Value()
	}
	return strings.Join(all, ", ")
}
