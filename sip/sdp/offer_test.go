package sdp

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"seatbridge/codec"
	"seatbridge/media"
)

func TestOfferText(t *testing.T) {
	s := New(testConfig())
	s.id = 7
	const want = "v=0\r\no=- 7 1 IN IP4 203.0.113.1\r\ns=-\r\nc=IN IP4 203.0.113.1\r\nt=0 0\r\n" +
		"m=audio 30000 RTP/AVP 111 8 0 110 101\r\na=rtpmap:111 opus/48000/2\r\n" +
		"a=fmtp:111 minptime=10;useinbandfec=1\r\na=rtpmap:8 PCMA/8000\r\na=rtpmap:0 PCMU/8000\r\n" +
		"a=rtpmap:110 telephone-event/48000\r\na=fmtp:110 0-15\r\n" +
		"a=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\na=ptime:20\r\na=sendrecv\r\n"
	if got := string(s.Offer()); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if got := string(s.Offer()); got != want {
		t.Errorf("the same offer again:\n%s", got)
	}
	s.SetDirection(Inactive)
	if got := string(s.Offer()); !strings.Contains(got, "o=- 7 2 IN") || !strings.Contains(got, "a=inactive") {
		t.Errorf("a changed offer:\n%s", got)
	}
}

func TestAcceptRenumbers(t *testing.T) {
	s := New(testConfig())
	s.Offer()
	n, err := s.Accept([]byte(simple("c=IN IP4 198.51.100.9\r\n", "m=audio 4000 RTP/AVP 96 0 97\r\n"+
		"a=rtpmap:96 opus/48000/2\r\na=rtpmap:97 telephone-event/8000\r\na=maxptime:40\r\n")))
	if err != nil {
		t.Fatal(err)
	}
	send := media.Formats{
		Audio: []media.AudioFormat{{PT: 96, Codec: codec.Opus}, {PT: 0, Codec: codec.PCMU}},
		Event: []media.EventFormat{{PT: 97, Clock: 8000}}, Ptime: 20 * time.Millisecond,
	}
	receive := media.Formats{
		Audio: []media.AudioFormat{{PT: 111, Codec: codec.Opus}, {PT: 0, Codec: codec.PCMU}, {PT: 96, Codec: codec.Opus}},
		Event: []media.EventFormat{{PT: 101, Clock: 8000}, {PT: 97, Clock: 8000}}, Ptime: 20 * time.Millisecond,
	}
	if !reflect.DeepEqual(n.Send, send) || !reflect.DeepEqual(n.Receive, receive) {
		t.Errorf("send %+v\nreceive %+v", n.Send, n.Receive)
	}
	if n.MaxPtime != 40*time.Millisecond || n.Ptime != 0 {
		t.Errorf("ptime %v, maxptime %v", n.Ptime, n.MaxPtime)
	}
}

// TestAcceptEventOfTheCodec sends digits by the event of the codec's clock, whatever the answer's order.
func TestAcceptEventOfTheCodec(t *testing.T) {
	s := New(testConfig())
	s.Offer()
	n, err := s.Accept([]byte(simple("c=IN IP4 198.51.100.9\r\n", "m=audio 4000 RTP/AVP 0 110 101\r\n"+
		"a=rtpmap:110 telephone-event/48000\r\na=rtpmap:101 telephone-event/8000\r\n")))
	want := []media.EventFormat{{PT: 101, Clock: 8000}, {PT: 110, Clock: 48000}}
	if err != nil || !reflect.DeepEqual(n.Send.Event, want) {
		t.Errorf("error %v, %+v", err, n.Send)
	}
}

// TestNumbersKeepTheirMeaning takes an offer whose numbers clash with those that we would offer.
func TestNumbersKeepTheirMeaning(t *testing.T) {
	s := New(testConfig())
	_, _, err := s.Answer([]byte(simple("c=IN IP4 198.51.100.9\r\n", "m=audio 4000 RTP/AVP 101 111\r\n"+
		"a=rtpmap:101 opus/48000/2\r\na=rtpmap:111 telephone-event/48000\r\n")), codec.None)
	if err != nil {
		t.Fatal(err)
	}
	offer := s.Offer()
	for _, want := range []string{
		"m=audio 30000 RTP/AVP 101 8 0 111 96\r\n", "a=rtpmap:101 opus/48000/2", "a=rtpmap:111 telephone-event/48000",
		"a=rtpmap:96 telephone-event/8000",
	} {
		if !bytes.Contains(offer, []byte(want)) {
			t.Errorf("no %q in\n%s", want, offer)
		}
	}
}

func TestAcceptRefuses(t *testing.T) {
	const c = "c=IN IP4 198.51.100.9\r\n"
	const crypto = "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:" + key30
	for _, ca := range []struct {
		name, answer string
		srtp         SRTPPolicy
		want         error
	}{
		{"nonsense", "v=0", 0, ErrBadSDP},
		{"refused", simple(c, "m=audio 0 RTP/AVP 0\r\n"), 0, ErrNoAudio},
		{"another medium", simple(c, "m=video 4000 RTP/AVP 0\r\n"), 0, ErrNoAudio},
		{"no address", simple("", "m=audio 4000 RTP/AVP 0\r\n"), 0, ErrBadSDP},
		{"foreign codec", simple(c, "m=audio 4000 RTP/AVP 18\r\n"), 0, ErrNoCodec},
		{"keys never offered", simple(c, "m=audio 4000 RTP/SAVP 0\r\n"+crypto), 0, ErrSRTP},
		{"plain answer to required", simple(c, "m=audio 4000 RTP/AVP 0\r\n"), SRTPRequired, ErrSRTP},
		{"no key", simple(c, "m=audio 4000 RTP/SAVP 0\r\n"), SRTPRequired, ErrSRTP},
		{"MKI", simple(c, "m=audio 4000 RTP/SAVP 0\r\n"+crypto+"|1:1"), SRTPRequired, ErrSRTP},
	} {
		t.Run(ca.name, func(t *testing.T) {
			config := testConfig()
			config.SRTP = ca.srtp
			s := New(config)
			s.Offer()
			if _, err := s.Accept([]byte(ca.answer)); !errors.Is(err, ca.want) {
				t.Errorf("error %v, want %v", err, ca.want)
			}
		})
	}
	s := New(testConfig())
	if _, err := s.Accept([]byte(yealinkOffer)); !errors.Is(err, ErrNoOffer) {
		t.Errorf("no offer: %v", err)
	}
	s.Offer()
	s.Withdraw()
	if _, err := s.Accept([]byte(yealinkOffer)); !errors.Is(err, ErrNoOffer) {
		t.Errorf("withdrawn offer: %v", err)
	}
}

// TestAcceptTwice is the carrier whose 200 has another description than its 183.
func TestAcceptTwice(t *testing.T) {
	s := New(testConfig())
	s.Offer()
	first, err := s.Accept([]byte(simple("c=IN IP4 198.51.100.9\r\n", "m=audio 4000 RTP/AVP 8\r\n")))
	if err != nil {
		t.Fatal(err)
	}
	same, err := s.Accept([]byte(simple("c=IN IP4 198.51.100.9\r\n", "m=audio 4000 RTP/AVP 8\r\n")))
	if err != nil || same.AddressChanged || !first.AddressChanged {
		t.Errorf("error %v, changed %v then %v", err, first.AddressChanged, same.AddressChanged)
	}
	other, err := s.Accept([]byte(simple("c=IN IP4 198.51.100.10\r\n", "m=audio 5000 RTP/AVP 0\r\n")))
	if err != nil || !other.AddressChanged || other.Send.Audio[0].Codec != codec.PCMU {
		t.Errorf("error %v, %+v", err, other)
	}
}

// TestOfferKeepsLines re-offers after a call that began with video and two audio lines: none may disappear.
func TestOfferKeepsLines(t *testing.T) {
	c := testConfig()
	s := New(c)
	for _, ca := range []struct {
		offer string
		want  []string
	}{
		{grandstreamOffer, []string{"m=audio 30000 RTP/AVP 123 8 0 121 101", "m=video 0 RTP/AVP 99"}},
		{polycomOffer, []string{"m=audio 0 RTP/SAVP 9 0 8 127", "m=audio 30000 RTP/AVP 8 123 0 127 121"}},
	} {
		if _, _, err := s.Answer([]byte(ca.offer), codec.None); err != nil {
			t.Fatal(err)
		}
		checkMedia(t, s.Offer(), ca.want)
		s = New(c)
		s.numbers = numbers{{codec: codec.Opus}: 123, {event: 48000}: 121}
	}
}

// TestRefreshKeepsVersion refreshes a session as its timer does, from both sides.
func TestRefreshKeepsVersion(t *testing.T) {
	a, b := New(testConfig()), New(testConfig())
	exchange(t, a, b)
	exchange(t, a, b)
	offer, answer := a.Local(), b.Local()
	exchange(t, a, b)
	if !bytes.Equal(offer, a.Local()) || !bytes.Equal(answer, b.Local()) {
		t.Errorf("a refresh changed\n%s\n%s", a.Local(), b.Local())
	}
	a.SetDirection(SendOnly)
	exchange(t, a, b)
	if bytes.Equal(offer, a.Local()) || a.version <= 1 {
		t.Error("a hold kept the version")
	}
}

// exchange has a offer and b answer.
func exchange(t *testing.T, a, b *Session) (fromA, fromB Negotiated) {
	t.Helper()
	answer, fromB, err := b.Answer(a.Offer(), codec.None)
	if err != nil {
		t.Fatal(err)
	}
	if fromA, err = a.Accept(answer); err != nil {
		t.Fatal(err)
	}
	return fromA, fromB
}

// TestRoundTrip is the property that both sides of any exchange that succeeds believe the same, over random
// configurations and a few exchanges either way.
func TestRoundTrip(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	agreed := 0
	for i := range 2000 {
		a, b := New(randomConfig(random)), New(randomConfig(random))
		for range 4 {
			a.SetDirection(Direction(random.IntN(4)))
			answer, fromB, err := b.Answer(a.Offer(), codec.None)
			if err != nil {
				checkExcuse(t, a.c, b.c, err)
				break
			}
			fromA, err := a.Accept(answer)
			if err != nil {
				t.Fatalf("%d: %v to\n%s", i, err, answer)
			}
			checkMirror(t, fromA, fromB)
			if a.c.SRTP == SRTPRequired && fromA.SRTP == nil {
				t.Fatal("required SRTP, got RTP")
			}
			agreed++
			a, b = b, a
		}
	}
	if agreed < 2000 {
		t.Errorf("only %d exchanges succeeded", agreed)
	}
}

func randomConfig(random *rand.Rand) Config {
	c := testConfig()
	c.Port = uint16(1024 + 2*random.IntN(30000))
	random.Shuffle(3, func(i, j int) { c.Codecs[i], c.Codecs[j] = c.Codecs[j], c.Codecs[i] })
	c.Codecs = c.Codecs[:1+random.IntN(3)]
	c.Events = random.IntN(2) == 0
	c.SRTP = SRTPPolicy(random.IntN(3))
	c.Ptime = time.Duration(1+random.IntN(6)) * 10 * time.Millisecond
	if random.IntN(2) == 0 {
		c.Suites = []Suite{GCM, AES80}[:1+random.IntN(2)]
	}
	return c
}

// checkExcuse fails when an exchange was refused although the two have enough in common.
func checkExcuse(t *testing.T, a, b Config, err error) {
	t.Helper()
	common := slices.ContainsFunc(a.Codecs, func(id codec.ID) bool { return slices.Contains(b.Codecs, id) })
	switch {
	case errors.Is(err, ErrNoCodec) && !common:
	case errors.Is(err, ErrSRTP) && (a.SRTP != b.SRTP || !reflect.DeepEqual(a.Suites, b.Suites)):
	default:
		t.Fatalf("%v between %+v and %+v", err, a, b)
	}
}

func checkMirror(t *testing.T, a, b Negotiated) {
	t.Helper()
	fail := func(what string) { t.Fatalf("%s differ: %+v and %+v", what, a, b) }
	if !reflect.DeepEqual(a.Send, b.Receive) || !reflect.DeepEqual(b.Send, a.Receive) {
		fail("formats")
	}
	if len(a.Send.Audio) != 1 {
		fail("codecs")
	}
	if a.Direction.Sends() != b.Direction.Receives() || b.Direction.Sends() != a.Direction.Receives() {
		fail("directions")
	}
	if (a.SRTP == nil) != (b.SRTP == nil) {
		fail("SRTP")
	}
	if a.SRTP != nil && !same(a.SRTP, &SRTP{Suite: b.SRTP.Suite, Send: b.SRTP.Receive, Receive: b.SRTP.Send}) {
		fail("keys")
	}
	if a.SRTP != nil && bytes.Equal(a.SRTP.Send, b.SRTP.Send) {
		fail("own keys do not")
	}
}

// TestNumbersAreNotDoubled takes offers that give one number to two formats, one after the other.
func TestNumbersAreNotDoubled(t *testing.T) {
	s := New(testConfig())
	for _, formats := range []string{
		"96\r\na=rtpmap:96 opus/48000/2\r\n", "0 96\r\na=rtpmap:96 telephone-event/8000\r\n",
	} {
		offer := simple("c=IN IP4 198.51.100.9\r\n", "m=audio 4000 RTP/AVP "+formats)
		if _, _, err := s.Answer([]byte(offer), codec.PCMU); err != nil {
			t.Fatal(err)
		}
	}
	if offer := s.Offer(); !bytes.Contains(offer, []byte("m=audio 30000 RTP/AVP 0 111 8 96 110\r\n")) {
		t.Errorf("%s", offer)
	}
}

func TestAddressFamilies(t *testing.T) {
	c := testConfig()
	c.Address = c.Address.Next()
	for _, ca := range []struct{ address, want string }{
		{"203.0.113.2", "c=IN IP4 203.0.113.2\r\n"},
		{"::ffff:203.0.113.2", "c=IN IP4 203.0.113.2\r\n"},
		{"2001:db8::2", "c=IN IP6 2001:db8::2\r\n"},
	} {
		if err := c.Address.UnmarshalText([]byte(ca.address)); err != nil {
			t.Fatal(err)
		}
		if offer := New(c).Offer(); !bytes.Contains(offer, []byte(ca.want)) {
			t.Errorf("%s\n%s", ca.address, offer)
		}
	}
}

// TestMux shares the RTP port where the far end offers it, goes on doing so, and never because of an answer alone.
func TestMux(t *testing.T) {
	s := New(testConfig())
	answer, n, err := s.Answer([]byte(softphoneOffer), codec.None)
	if err != nil || !n.RTCPMux || !bytes.Contains(answer, []byte("a=rtcp-mux\r\n")) {
		t.Fatalf("error %v, %+v\n%s", err, n, answer)
	}
	if !bytes.Contains(s.Offer(), []byte("a=rtcp-mux\r\n")) {
		t.Error("our next offer took it back")
	}
	s = New(testConfig())
	s.Offer()
	n, err = s.Accept([]byte(softphoneOffer))
	if err != nil || n.RTCPMux || n.RemoteRTCP.String() != "[2001:db8::8]:7099" {
		t.Errorf("error %v, %+v", err, n)
	}
}

func ExampleSession_Offer() {
	c := testConfig()
	c.Codecs, c.Events = []codec.ID{codec.PCMU}, false
	s := New(c)
	s.Offer()
	n, err := s.Accept([]byte("v=0\r\nc=IN IP4 192.0.2.9\r\nm=audio 4000 RTP/AVP 0\r\na=sendonly"))
	fmt.Println(n.Remote, n.Direction, n.Held, err)
	// Output: 192.0.2.9:4000 recvonly true <nil>
}
