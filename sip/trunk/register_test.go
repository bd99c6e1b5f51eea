package trunk

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/emiago/sipgo/sip"

	"seatbridge/sip/dialog"
)

// registrarOf answers REGISTER and writes down what it was asked, with the time.
type registrarOf struct {
	t       *testing.T
	begun   time.Time
	minimum int // seconds
	grant   int // seconds; 0 grants what was asked
	err     error

	mu     sync.Mutex
	refuse *sip.Response
	log    []string
	cseq   uint32
	callID string
}

// took returns what was asked since the last call.
func (r *registrarOf) took() []string {
	synctest.Wait()
	r.mu.Lock()
	defer r.mu.Unlock()
	log := r.log
	r.log = nil
	return log
}

func (r *registrarOf) setRefuse(res *sip.Response) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.refuse = res
}

func (r *registrarOf) answer(c dialog.RequestConfig) (*sip.Response, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	expires := c.Headers[0].Value()
	r.log = append(r.log, fmt.Sprintf("%v %s %s", time.Since(r.begun).Round(time.Second), c.Flow.Remote, expires))
	if r.callID != "" && (c.CallID != r.callID || c.CSeq <= r.cseq) {
		r.t.Errorf("Call-ID %s, CSeq %d after %s, %d", c.CallID, c.CSeq, r.callID, r.cseq)
	}
	r.callID, r.cseq = c.CallID, c.CSeq+1 // as if there had been a challenge
	if r.err != nil {
		return nil, r.err
	}
	res := sip.NewResponse(200, "OK")
	if n, _ := strconv.Atoi(expires); n != 0 && n < r.minimum {
		res = sip.NewResponse(423, "Interval Too Brief")
		res.AppendHeader(sip.NewHeader("Min-Expires", strconv.Itoa(r.minimum)))
	} else if r.refuse != nil {
		res = r.refuse.Clone()
	} else if r.grant != 0 {
		expires = strconv.Itoa(r.grant)
	}
	res.AppendHeader(&sip.CSeqHeader{SeqNo: r.cseq, MethodName: sip.REGISTER})
	res.AppendHeader(&sip.ContactHeader{
		Address: sip.Uri{Scheme: "sip", User: c.ContactUser, Host: "us"},
		Params:  sip.HeaderParams{{K: "expires", V: expires}},
	})
	return res, nil
}

func registering() Config {
	cfg := twoGateways("a")
	cfg.Register, cfg.Username, cfg.Password, cfg.Probe = true, "acc1", "secret", -1
	cfg.Expires = 100 * time.Second
	return cfg
}

func wantLog(t *testing.T, r *registrarOf, want ...string) {
	t.Helper()
	if got := r.took(); !slices.Equal(got, want) {
		t.Errorf("REGISTER %q, want %q", got, want)
	}
}

func registered(m *Manager) bool { return *m.Status()[0].Registered }

func TestRegistration(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &registrarOf{t: t, begun: time.Now()}
		m := newManager(t, &carrier{answer: r.answer}, registering())
		if registered(m) {
			t.Error("registered before it begins")
		}
		m.Start()
		synctest.Wait()
		if !registered(m) {
			t.Error("not registered")
		}
		time.Sleep(170 * time.Second)
		m.Close()
		wantLog(t, r, "0s 198.51.100.1:5060 100", "1m20s 198.51.100.1:5060 100", "2m40s 198.51.100.1:5060 100",
			"2m50s 198.51.100.1:5060 0")
		if registered(m) {
			t.Error("still registered")
		}
	})
}

func TestRegistrationGrantedLess(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &registrarOf{t: t, begun: time.Now(), grant: 50}
		m := newManager(t, &carrier{answer: r.answer}, registering())
		m.Start()
		defer m.Close()
		time.Sleep(45 * time.Second)
		wantLog(t, r, "0s 198.51.100.1:5060 100", "40s 198.51.100.1:5060 100")
	})
}

func TestRegistrationTooBrief(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &registrarOf{t: t, begun: time.Now(), minimum: 200}
		m := newManager(t, &carrier{answer: r.answer}, registering())
		m.Start()
		defer m.Close()
		time.Sleep(161 * time.Second)
		wantLog(t, r, "0s 198.51.100.1:5060 100", "0s 198.51.100.1:5060 200", "2m40s 198.51.100.1:5060 200")
	})
}

func TestRegistrationRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &registrarOf{t: t, begun: time.Now(), refuse: sip.NewResponse(403, "Forbidden")}
		m := newManager(t, &carrier{answer: r.answer}, registering())
		m.Start()
		time.Sleep(time.Hour)
		// Two gateways each time: 2, 4, 8 ... 256, 300 seconds, and every 4 minutes on average.
		if log := r.took(); len(log) < 36 || len(log) > 72 {
			t.Errorf("tried %q", log)
		}
		if registered(m) {
			t.Error("registered")
		}
		r.setRefuse(nil)
		time.Sleep(5 * time.Minute)
		if !registered(m) {
			t.Error("not registered when the carrier lets us")
		}
		m.Close()
	})
}

func TestRegistrationRetryAfter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &registrarOf{t: t, begun: time.Now(), refuse: sip.NewResponse(503, "Service Unavailable")}
		r.refuse.AppendHeader(sip.NewHeader("Retry-After", "1000 (maintenance)"))
		m := newManager(t, &carrier{answer: r.answer}, registering())
		m.Start()
		time.Sleep(999 * time.Second)
		wantLog(t, r, "0s 198.51.100.1:5060 100", "0s 198.51.100.2:5060 100")
		time.Sleep(2 * time.Second)
		if log := r.took(); len(log) != 2 {
			t.Errorf("then %q", log)
		}
		m.Close()
	})
}

func TestRegistrationFailsOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &registrarOf{t: t, begun: time.Now()}
		c := &carrier{answer: r.answer}
		c.hush("198.51.100.1:5060", true)
		m := newManager(t, c, registering())
		m.Start()
		time.Sleep(11 * time.Second)
		wantLog(t, r, "10s 198.51.100.2:5060 100")
		c.hush("198.51.100.2:5060", true)
		time.Sleep(98 * time.Second)
		if !registered(m) {
			t.Error("not registered before it expires")
		}
		time.Sleep(3 * time.Second)
		if registered(m) {
			t.Error("registered though it has expired")
		}
		m.Close()
		wantLog(t, r)
	})
}

func TestCloseWaitsTwoSecondsAtMost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &registrarOf{t: t, begun: time.Now()}
		c := &carrier{answer: r.answer}
		m := newManager(t, c, registering())
		m.Start()
		synctest.Wait()
		c.hush("198.51.100.1:5060", true)
		begun := time.Now()
		m.Close()
		if d := time.Since(begun); d != 2*time.Second {
			t.Errorf("closed after %v", d)
		}
	})
}

func TestRegistrationError(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &registrarOf{t: t, begun: time.Now(), err: errors.New("refused")}
		m := newManager(t, &carrier{answer: r.answer}, registering())
		m.Start()
		time.Sleep(time.Minute)
		m.Close()
		if log := r.took(); len(log) < 6 || len(log) > 16 {
			t.Errorf("tried %q", log)
		}
	})
}

func TestGranted(t *testing.T) {
	tr := &state{Trunk: mustNew(t, registering())}
	for _, ca := range []struct {
		contacts, expires string
		want              time.Duration
	}{
		{"<sip:acc1@us>;expires=60", "", 60 * time.Second},
		{"<sip:acc1@old>;expires=10, <sip:acc1@us>;Expires=60, <sip:other@x>;expires=999", "500", 60 * time.Second},
		{"<sip:rewritten@us>;expires=60", "500", 60 * time.Second},
		{"<sip:acc1@us>", "500", 500 * time.Second},
		{"", "500", 500 * time.Second},
		{"", "", 3600 * time.Second},
		{"<sip:acc1@us>;expires=x", "y", 3600 * time.Second},
		{"<sip:acc1@us>;expires=0", "", 0},
	} {
		text := "SIP/2.0 200 OK\r\nCSeq: 1 REGISTER\r\n"
		if ca.contacts != "" {
			text += "Contact: " + ca.contacts + "\r\n"
		}
		if ca.expires != "" {
			text += "Expires: " + ca.expires + "\r\n"
		}
		msg, err := sip.ParseMessage([]byte(text + "\r\n"))
		if err != nil {
			t.Fatal(err)
		}
		if got := newRegistration(tr).granted(msg.(*sip.Response), 3600*time.Second); got != ca.want {
			t.Errorf("%q, %q: %v, want %v", ca.contacts, ca.expires, got, ca.want)
		}
	}
}
