package sip

import (
	"strings"
	"testing"
	"time"

	"seatbridge/codec"
	"seatbridge/dtmf"
	"seatbridge/leg"
	"seatbridge/sip/trunk"
)

const (
	digitLength = 60 * time.Millisecond
	digitGap    = 60 * time.Millisecond
)

func events(t *testing.T, digits string) []dtmf.Event {
	t.Helper()
	steps, err := dtmf.ParseString(digits)
	if err != nil {
		t.Fatal(err)
	}
	var all []dtmf.Event
	for _, s := range steps {
		all = append(all, s.Event)
	}
	return all
}

func TestDigitsByInfo(t *testing.T) {
	g := newGateway(t)
	p := newPeer(t, "1001", g.udp)
	c, a := g.talking(p, "0")
	p.put = nil // the INVITE's answers
	for _, ca := range []struct {
		kind, body, status string
		want               leg.Digit
	}{
		{"application/dtmf-relay", "Signal=5\r\nDuration=160\r\n", "200", leg.Digit{Event: 5, Duration: 160 * time.Millisecond}},
		{"application/dtmf", "#", "200", leg.Digit{Event: 11, Duration: dtmf.DefaultLength}},
		{"application/dtmf-relay", "Signal=x\r\n", "400", leg.Digit{}},
		{"application/dtmf", "123", "400", leg.Digit{}},
		{"application/media_control+xml", "<x/>", "415", leg.Digit{}},
	} {
		c.send("INFO", ca.body, "Content-Type: "+ca.kind)
		res := c.find("SIP/2.0 " + ca.status)
		if ca.status == "415" && res.get("Accept") != "application/dtmf-relay, application/dtmf" {
			t.Error(res)
		}
		if ca.status == "200" {
			if e := want[leg.Digit](a.w); e != ca.want {
				t.Errorf("%+v, want %+v", e, ca.want)
			}
		}
	}
	c.send("INFO", "") // asks whether we are there
	c.find("SIP/2.0 200")
	c.send("MESSAGE", "hello", "Content-Type: text/plain")
	c.find("SIP/2.0 415")
	c.send("NOTIFY", "", "Event: check-sync", "Subscription-State: active")
	c.find("SIP/2.0 489")
	c.send("OPTIONS", "")
	c.find("SIP/2.0 200")
	c.send("BYE", "")
	a.w.ended(leg.Normal)
}

func TestDigitsByTelephoneEvent(t *testing.T) {
	g := newGateway(t)
	p := g.phone("1001")
	_, l, w := g.connected(p, to("1001"), "0 101")
	l.SendDigits(events(t, "7#"), digitLength, digitGap)
	var got []byte
	for ends := 0; ends < 6; {
		packet := p.heard()
		if packet.PayloadType != 101 {
			t.Fatalf("payload type %d", packet.PayloadType)
		}
		if packet.Payload[1]&0x80 != 0 {
			if ends%3 == 0 {
				got = append(got, packet.Payload[0])
			}
			ends++
		}
	}
	if string(got) != "\x07\x0b" || !want[leg.DigitsSent](w).OK {
		t.Errorf("%v", got)
	}
}

// A call that is not answered yet takes digits as its early media does.
func TestDigitsBeforeTheAnswer(t *testing.T) {
	g := newGateway(t)
	p := g.phone("1001")
	l, w := g.dial(to("1001"))
	l.SendDigits(events(t, "1"), digitLength, digitGap)
	if want[leg.DigitsSent](w).OK {
		t.Error("sent before anything was negotiated")
	}
	invite := p.find("INVITE")
	p.reply(invite, "183 Session Progress", "t", p.sdp("0 101"))
	want[leg.EarlyMedia](w)
	l.SendDigits(events(t, "1"), digitLength, digitGap)
	if packet := p.heard(); packet.PayloadType != 101 || !want[leg.DigitsSent](w).OK {
		t.Errorf("%v", packet)
	}
}

func TestDigitsAsTones(t *testing.T) {
	g := newGateway(t)
	p := g.phone("1001")
	_, l, w := g.connected(p, to("1001"), "0")
	l.SendDigits(events(t, "4"), 100*time.Millisecond, digitGap)
	decoder, err := codec.NewDecoder(codec.PCMU, 8000)
	if err != nil {
		t.Fatal(err)
	}
	defer decoder.Close()
	var found []dtmf.Detection
	detector := dtmf.NewDetector(func(d dtmf.Detection) { found = append(found, d) })
	for range 5 {
		pcm := make([]int16, 960)
		n, err := decoder.Decode(pcm, p.heard().Payload)
		if err != nil {
			t.Fatal(err)
		}
		detector.Push(pcm[:n])
	}
	detector.Flush()
	if len(found) != 2 || found[0].Event != 4 || !want[leg.DigitsSent](w).OK {
		t.Errorf("%+v", found)
	}
}

// Tones are digits where the account says so, and sound where it does not.
func TestDigitsFromTones(t *testing.T) {
	encoder, err := codec.NewEncoder(codec.PCMU, 8000, codec.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer encoder.Close()
	tone, err := dtmf.NewTone(6, 8000, 100*time.Millisecond)
	if err != nil {
		t.Fatal(err)
	}
	pcm, sound := make([]int16, 1600), make([]byte, 1600)
	tone.Generate(pcm)
	if _, err := encoder.Encode(sound, pcm); err != nil {
		t.Fatal(err)
	}
	for _, way := range []trunk.DTMF{trunk.DTMFInband, trunk.DTMFRFC4733} {
		g := newGateway(t, func(c *Config) { c.Accounts[0].DTMF = way })
		p := g.phone("1001")
		l, w := g.dial(to("1001"))
		h := hears(t, l)
		invite := p.find("INVITE")
		p.reply(invite, "200 OK", "t", p.sdp("0 101"))
		p.find("ACK")
		want[leg.Answered](w)
		p.say(invite.body(), 0, sound)
		for range len(sound) / 160 {
			h.something()
		}
		l.Hangup(leg.Cause{Reason: leg.Normal})
		if way == trunk.DTMFInband {
			if e := want[leg.Digit](w); e.Event != 6 || !e.Relayed || !e.Inband || (e.Duration-100*time.Millisecond).Abs() > 20*time.Millisecond {
				t.Errorf("%+v", e)
			}
		}
		w.ended(leg.Normal) // and no digit before
	}
}

func TestDigitsAsInfo(t *testing.T) {
	g := newGateway(t, func(c *Config) { c.Accounts[0].DTMF = trunk.DTMFInfo })
	p := g.phone("1001")
	c, l, w := g.connected(p, to("1001"), "0")
	l.SendDigits(events(t, "9*"), digitLength, digitGap)
	begun := time.Now()
	for _, digit := range []string{"9", "*"} {
		info := c.ok("INFO")
		if info.get("Content-Type") != "application/dtmf-relay" || info.body() != "Signal="+digit+"\r\nDuration=60\r\n" {
			t.Error(info)
		}
	}
	if took := time.Since(begun); took < digitLength+digitGap {
		t.Errorf("the second digit came after %v, over the first", took)
	}
	if !want[leg.DigitsSent](w).OK {
		t.Error("not sent")
	}
	l.SendDigits(events(t, "12"), digitLength, digitGap)
	p.reply(c.find("INFO"), "415 Unsupported Media Type", "", "")
	if want[leg.DigitsSent](w).OK {
		t.Error("sent")
	}
	l.SendDigits(events(t, "12"), digitLength, digitGap)
	c.ok("INFO")
	l.Hangup(leg.Cause{Reason: leg.Normal}) // while the second digit waits
	w.ended(leg.Normal)
	c.ok("BYE")
	p.nothing()
}

// Tones do not survive Opus; INFO is what is left.
func TestDigitsBesideOpus(t *testing.T) {
	g := newGateway(t, func(c *Config) { c.Accounts[0].Codecs = []codec.ID{codec.Opus} })
	p := g.phone("1001")
	c, l, w := g.connected(p, to("1001"), "111")
	l.SendDigits(events(t, "1"), digitLength, digitGap)
	if info := c.ok("INFO"); !strings.Contains(info.body(), "Signal=1") || !want[leg.DigitsSent](w).OK {
		t.Error(info)
	}
	l.Hangup(leg.Cause{Reason: leg.Normal})
	w.ended(leg.Normal)
}

func TestTransfer(t *testing.T) {
	g := newGateway(t)
	p := newPeer(t, "1001", g.udp)
	c, a := g.talking(p, "0")
	for _, ca := range []struct{ to, want, replaces string }{
		{"<sip:*1%23@" + g.udp + ">", "*1#", ""},
		{"<tel:+49-30-1;phone-context=x>", "+49-30-1", ""},
		{"<tel:+15550199>;param=x", "+15550199", ""},
		{"tel:+15550199", "+15550199", ""},
		{"sip:1002@x", "1002", ""},
		{"<sip:+15550199@x;user=phone>", "+15550199", ""},
		{"<sip:+15550199;phone-context=a.b@x;user=phone>", "+15550199", ""},
		{"<sip:%2B15550199@x:5060;transport=tcp;user=phone?Subject=hello%20there&Priority=urgent>", "+15550199", ""},
		{`"Two, the other" <sips:1002@x>`, "1002", ""},
		{"<sip:1002@x?Replaces=abc%40x%3Bto-tag%3D1%3Bfrom-tag%3D2>", "1002", "abc@x;to-tag=1;from-tag=2"},
		{"<sip:1002@x?X=1&replaces=a%2Bc%40x%3bfrom-tag%3D2%2e%3bto-tag%3D1%7E&Y=2>", "1002", "a+c@x;to-tag=1~;from-tag=2."},
		{"<sip:1002@x;user=phone?Replaces=abc%3Bto-tag=1%3Bfrom-tag=2%3Bearly-only>", "1002",
			"abc;to-tag=1;from-tag=2;early-only"},
	} {
		c.send("REFER", "", "Refer-To: "+ca.to)
		c.find("SIP/2.0 202")
		e := want[leg.Referred](a.w)
		if e.To != ca.want || e.Replaces != ca.replaces {
			t.Errorf("%+v, want %+v", e, ca)
		}
		if trying := c.ok("NOTIFY"); !strings.HasPrefix(trying.body(), "SIP/2.0 100") {
			t.Error(trying)
		}
		e.Result(180)
		c.ok("NOTIFY")
		e.Result(200)
		if last := c.ok("NOTIFY"); !strings.HasPrefix(last.body(), "SIP/2.0 200") ||
			!strings.HasPrefix(last.get("Subscription-State"), "terminated") {
			t.Error(last)
		}
		e.Result(486) // says nothing any more
	}
	c.send("REFER", "") // to nobody
	c.find("SIP/2.0 400")
	c.send("BYE", "")
	a.w.ended(leg.Normal)
}
