package sdp

import (
	"bytes"
	"errors"
	"fmt"
	"net/netip"
	"reflect"
	"strings"
	"testing"
	"time"

	"seatbridge/codec"
	"seatbridge/media"
)

// testConfig takes everything, by our default order.
func testConfig() Config {
	return Config{
		Address: netip.MustParseAddr("203.0.113.1"), Port: 30000,
		Codecs: []codec.ID{codec.Opus, codec.PCMA, codec.PCMU}, Events: true,
	}
}

func TestAnswerPhones(t *testing.T) {
	for _, ca := range []struct {
		name, offer string
		srtp        SRTPPolicy
		prefer      codec.ID
		remote      string
		rtcp        string
		audio       media.AudioFormat
		event       []media.EventFormat
		ptime       time.Duration
		suite       Suite
		media       []string // the start of each m= line of the answer
	}{
		{
			name: "yealink", offer: yealinkOffer, remote: "192.168.1.20:11784", rtcp: "192.168.1.20:11785",
			audio: media.AudioFormat{PT: 8, Codec: codec.PCMA}, event: []media.EventFormat{{PT: 101, Clock: 8000}},
			ptime: 20 * time.Millisecond, media: []string{"m=audio 30000 RTP/AVP 8 101"},
		},
		{
			name: "yealink, PCMU saves transcoding", offer: yealinkOffer, prefer: codec.PCMU,
			remote: "192.168.1.20:11784", rtcp: "192.168.1.20:11785",
			audio: media.AudioFormat{PT: 0, Codec: codec.PCMU}, event: []media.EventFormat{{PT: 101, Clock: 8000}},
			ptime: 20 * time.Millisecond, media: []string{"m=audio 30000 RTP/AVP 0 101"},
		},
		{
			name: "yealink, preferred codec not offered", offer: yealinkOffer, prefer: codec.Opus,
			remote: "192.168.1.20:11784", rtcp: "192.168.1.20:11785",
			audio: media.AudioFormat{PT: 8, Codec: codec.PCMA}, event: []media.EventFormat{{PT: 101, Clock: 8000}},
			ptime: 20 * time.Millisecond, media: []string{"m=audio 30000 RTP/AVP 8 101"},
		},
		{
			name: "polycom, plain", offer: polycomOffer, remote: "10.1.1.5:2226", rtcp: "10.1.1.5:2227",
			audio: media.AudioFormat{PT: 8, Codec: codec.PCMA}, event: []media.EventFormat{{PT: 127, Clock: 8000}},
			media: []string{"m=audio 0 RTP/SAVP 9 0 8 127", "m=audio 30000 RTP/AVP 8 127"},
		},
		{
			name: "polycom, SRTP first where optional", offer: polycomOffer, srtp: SRTPOptional, suite: AES80,
			remote: "10.1.1.5:2224", rtcp: "10.1.1.5:2225",
			audio: media.AudioFormat{PT: 8, Codec: codec.PCMA}, event: []media.EventFormat{{PT: 127, Clock: 8000}},
			media: []string{"m=audio 30000 RTP/SAVP 8 127", "m=audio 0 RTP/AVP 9 0 8 127"},
		},
		{
			name: "polycom, SRTP required", offer: polycomOffer, srtp: SRTPRequired, suite: AES80,
			remote: "10.1.1.5:2224", rtcp: "10.1.1.5:2225",
			audio: media.AudioFormat{PT: 8, Codec: codec.PCMA}, event: []media.EventFormat{{PT: 127, Clock: 8000}},
			media: []string{"m=audio 30000 RTP/SAVP 8 127", "m=audio 0 RTP/AVP 9 0 8 127"},
		},
		{
			name: "cisco", offer: ciscoOffer, remote: "10.9.8.7:28652", rtcp: "10.9.8.7:28653",
			audio: media.AudioFormat{PT: 8, Codec: codec.PCMA}, event: []media.EventFormat{{PT: 101, Clock: 8000}},
			media: []string{"m=audio 30000 RTP/AVP 8 101"},
		},
		{
			name: "grandstream, keys ignored", offer: grandstreamOffer,
			remote: "192.168.0.160:5004", rtcp: "192.168.0.160:5005",
			audio: media.AudioFormat{PT: 123, Codec: codec.Opus}, event: []media.EventFormat{{PT: 121, Clock: 48000}},
			ptime: 20 * time.Millisecond, media: []string{"m=audio 30000 RTP/AVP 123 121", "m=video 0 RTP/AVP 99"},
		},
		{
			name: "grandstream, keys under RTP/AVP", offer: grandstreamOffer, srtp: SRTPRequired, suite: GCM,
			remote: "192.168.0.160:5004", rtcp: "192.168.0.160:5005", prefer: codec.PCMU,
			audio: media.AudioFormat{PT: 0, Codec: codec.PCMU}, event: []media.EventFormat{{PT: 101, Clock: 8000}},
			ptime: 20 * time.Millisecond, media: []string{"m=audio 30000 RTP/AVP 0 101", "m=video 0 RTP/AVP 99"},
		},
		{
			name: "snom", offer: snomOffer, remote: "172.16.3.4:59244", rtcp: "172.16.3.4:59245",
			audio: media.AudioFormat{PT: 8, Codec: codec.PCMA}, event: []media.EventFormat{{PT: 101, Clock: 8000}},
			ptime: 30 * time.Millisecond, media: []string{"m=audio 30000 RTP/AVP 8 101", "m=image 0 udptl t38"},
		},
		{
			name: "softphone", offer: softphoneOffer, remote: "[2001:db8::7]:7078", rtcp: "[2001:db8::7]:7078",
			audio: media.AudioFormat{PT: 96, Codec: codec.Opus}, event: []media.EventFormat{{PT: 97, Clock: 48000}},
			media: []string{"m=audio 30000 RTP/AVPF 96 97"},
		},
	} {
		t.Run(ca.name, func(t *testing.T) {
			c := testConfig()
			c.SRTP = ca.srtp
			answer, n, err := New(c).Answer([]byte(ca.offer), ca.prefer)
			if err != nil {
				t.Fatal(err)
			}
			if n.Remote.String() != ca.remote || n.RemoteRTCP.String() != ca.rtcp || !n.AddressChanged {
				t.Errorf("remote %v, RTCP %v, changed %v", n.Remote, n.RemoteRTCP, n.AddressChanged)
			}
			want := media.Formats{Audio: []media.AudioFormat{ca.audio}, Event: ca.event, Ptime: ca.ptime}
			if !reflect.DeepEqual(n.Send, want) {
				t.Errorf("send %+v, want %+v", n.Send, want)
			}
			want.Ptime = 20 * time.Millisecond
			if !reflect.DeepEqual(n.Receive, want) {
				t.Errorf("receive %+v, want %+v", n.Receive, want)
			}
			if n.Direction != SendRecv || n.Held {
				t.Errorf("direction %v, held %v", n.Direction, n.Held)
			}
			checkSuite(t, n.SRTP, ca.suite)
			checkMedia(t, answer, ca.media)
		})
	}
}

func checkSuite(t *testing.T, srtp *SRTP, want Suite) {
	t.Helper()
	switch {
	case want == "":
		if srtp != nil {
			t.Errorf("SRTP with %s", srtp.Suite)
		}
	case srtp == nil || srtp.Suite != want:
		t.Errorf("SRTP %v, want %s", srtp, want)
	default:
		for i, b := range srtp.Receive {
			if int(b) != i {
				t.Fatalf("wrong key: %x", []byte(srtp.Receive))
			}
		}
		if len(srtp.Send) != len(srtp.Receive) || bytes.Equal(srtp.Send, srtp.Receive) {
			t.Errorf("our key: %x", []byte(srtp.Send))
		}
	}
}

func checkMedia(t *testing.T, text []byte, want []string) {
	t.Helper()
	var got []string
	for line := range strings.SplitSeq(string(text), "\r\n") {
		if strings.HasPrefix(line, "m=") {
			got = append(got, line)
		}
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("media lines %q, want %q", got, want)
	}
	if !bytes.HasPrefix(text, []byte("v=0\r\no=- ")) || !bytes.HasSuffix(text, []byte("\r\n")) {
		t.Errorf("bad frame: %q", text)
	}
}

// simple is an offer with one audio line; extra lines go to its end.
func simple(session, media string) string {
	return "v=0\r\no=- 1 1 IN IP4 198.51.100.9\r\ns=-\r\n" + session + "t=0 0\r\n" + media
}

func TestAnswerRefuses(t *testing.T) {
	const c, m = "c=IN IP4 198.51.100.9\r\n", "m=audio 4000 RTP/AVP 0\r\n"
	const savp = "m=audio 4000 RTP/SAVP 0\r\n"
	const crypto = "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:" + key30
	for _, ca := range []struct {
		name, offer string
		srtp        SRTPPolicy
		want        error
	}{
		{"empty", "", 0, ErrBadSDP},
		{"blank", "\r\n \r\n", 0, ErrBadSDP},
		{"not SDP", "hello\r\nworld\r\n", 0, ErrBadSDP},
		{"JSON", `{"sdp":"v=0"}`, 0, ErrBadSDP},
		{"version 1", strings.Replace(simple(c, m), "v=0", "v=1", 1), 0, ErrBadSDP},
		{"no media", simple(c, ""), 0, ErrBadSDP},
		{"short media line", simple(c, "m=audio 4000\r\n"), 0, ErrBadSDP},
		{"port not a number", simple(c, "m=audio x RTP/AVP 0\r\n"), 0, ErrBadSDP},
		{"port too large", simple(c, "m=audio 65536 RTP/AVP 0\r\n"), 0, ErrBadSDP},
		{"negative port", simple(c, "m=audio -2 RTP/AVP 0\r\n"), 0, ErrBadSDP},
		{"no address", simple("", m), 0, ErrBadSDP},
		{"host name", simple("c=IN IP4 phone.example.com\r\n", m), 0, ErrBadSDP},
		{"address nonsense", simple("c=IN IP4 300.1.1.1\r\n", m), 0, ErrBadSDP},
		{"multicast", simple("c=IN IP4 224.2.1.1/127\r\n", m), 0, ErrBadSDP},
		{"broadcast", simple("c=IN IP4 255.255.255.255\r\n", m), 0, ErrBadSDP},
		{"zone", simple("c=IN IP6 fe80::1%eth0\r\n", m), 0, ErrBadSDP},
		{"huge", simple(c, m+strings.Repeat("a=x\r\n", 4000)), 0, ErrBadSDP},
		{"many media lines", simple(c, strings.Repeat(m, 17)), 0, ErrBadSDP},
		{"port 0", simple(c, "m=audio 0 RTP/AVP 0\r\n"), 0, ErrNoAudio},
		{"video only", simple(c, "m=video 4000 RTP/AVP 31\r\n"), 0, ErrNoAudio},
		{"fax only", simple(c, "m=image 4000 udptl t38\r\n"), 0, ErrNoAudio},
		{"DTLS only", simple(c, "m=audio 4000 UDP/TLS/RTP/SAVPF 0\r\n"), 0, ErrNoAudio},
		{"TCP", simple(c, "m=audio 4000 TCP/RTP/AVP 0\r\n"), 0, ErrNoAudio},
		{"no formats", simple(c, "m=audio 4000 RTP/AVP\r\n"), 0, ErrNoCodec},
		{"foreign codecs", simple(c, "m=audio 4000 RTP/AVP 18 3 101\r\n"+
			"a=rtpmap:101 telephone-event/8000\r\n"), 0, ErrNoCodec},
		{"dynamic type without rtpmap", simple(c, "m=audio 4000 RTP/AVP 111\r\n"), 0, ErrNoCodec},
		{"static type with another meaning", simple(c, "m=audio 4000 RTP/AVP 0\r\na=rtpmap:0 foo/8000\r\n"), 0, ErrNoCodec},
		{"stereo PCMU", simple(c, "m=audio 4000 RTP/AVP 96\r\na=rtpmap:96 PCMU/8000/2\r\n"), 0, ErrNoCodec},
		{"type out of range", simple(c, "m=audio 4000 RTP/AVP 128\r\na=rtpmap:128 PCMU/8000\r\n"), 0, ErrNoCodec},
		{"SAVP while off", simple(c, savp+crypto), SRTPOff, ErrSRTP},
		{"AVP while required", simple(c, m), SRTPRequired, ErrSRTP},
		{"SAVP without keys", simple(c, savp), SRTPRequired, ErrSRTP},
		{"unknown suite", simple(c, savp+"a=crypto:1 F8_128_HMAC_SHA1_80 inline:"+key30), SRTPOptional, ErrSRTP},
		{"MKI", simple(c, savp+crypto+"|2^20|1:4"), SRTPRequired, ErrSRTP},
	} {
		t.Run(ca.name, func(t *testing.T) {
			config := testConfig()
			config.SRTP = ca.srtp
			s := New(config)
			if _, _, err := s.Answer([]byte(ca.offer), codec.None); !errors.Is(err, ca.want) {
				t.Errorf("error %v, want %v", err, ca.want)
			}
			if s.Local() != nil || s.Remote() != nil || s.lines != nil {
				t.Error("a refused offer left a trace")
			}
		})
	}
}

// TestRefusedReofferChangesNothing offers nonsense within a call and looks at the state after it.
func TestRefusedReofferChangesNothing(t *testing.T) {
	s := New(testConfig())
	first, _, err := s.Answer([]byte(yealinkOffer), codec.None)
	if err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{
		"", simple("", "m=audio 1 RTP/AVP 0\r\n"), simple("c=IN IP4 1.2.3.4\r\n", "m=audio 0 RTP/AVP 0\r\n"),
	} {
		if _, _, err := s.Answer([]byte(bad), codec.None); err == nil {
			t.Fatalf("took %q", bad)
		}
	}
	again, n, err := s.Answer([]byte(yealinkOffer), codec.None)
	if err != nil || !bytes.Equal(again, first) || n.AddressChanged {
		t.Errorf("error %v, changed %v, answer\n%s\nwas\n%s", err, n.AddressChanged, again, first)
	}
}

// TestAnswerKeepsTheLine stays on the media line that is in use when another one is offered too.
func TestAnswerKeepsTheLine(t *testing.T) {
	s := New(testConfig())
	for _, first := range []string{"0", "5000"} {
		answer, n, err := s.Answer([]byte(simple("c=IN IP4 198.51.100.9\r\n",
			"m=audio "+first+" RTP/AVP 0\r\nm=audio 4000 RTP/AVP 0\r\n")), codec.None)
		if err != nil || n.Remote.Port() != 4000 {
			t.Errorf("error %v, %v", err, n.Remote)
		}
		checkMedia(t, answer, []string{"m=audio 0 RTP/AVP 0", "m=audio 30000 RTP/AVP 0"})
	}
}

// TestHoldMatrix holds by every direction, at every place, with and without the address of RFC 2543.
func TestHoldMatrix(t *testing.T) {
	for _, ca := range []struct {
		attribute string
		null      bool
		want      Direction
		held      bool
	}{
		{"", false, SendRecv, false},
		{"sendrecv", false, SendRecv, false},
		{"sendonly", false, RecvOnly, true},
		{"recvonly", false, SendOnly, false},
		{"inactive", false, Inactive, true},
		{"", true, RecvOnly, true},
		{"sendrecv", true, RecvOnly, true},
		{"sendonly", true, RecvOnly, true},
		{"recvonly", true, Inactive, true},
		{"inactive", true, Inactive, true},
	} {
		for _, ipv6 := range []bool{false, true} {
			for _, place := range []string{"session", "media", "both", "last"} {
				t.Run(fmt.Sprintf("%q/null=%v/ipv6=%v/%s", ca.attribute, ca.null, ipv6, place), func(t *testing.T) {
					s := New(testConfig())
					if _, _, err := s.Answer([]byte(holdOffer("", false, ipv6, "media")), codec.None); err != nil {
						t.Fatal(err)
					}
					answer, n, err := s.Answer([]byte(holdOffer(ca.attribute, ca.null, ipv6, place)), codec.None)
					if err != nil {
						t.Fatal(err)
					}
					if n.Direction != ca.want || n.Held != ca.held || n.AddressChanged {
						t.Errorf("direction %v, held %v, changed %v", n.Direction, n.Held, n.AddressChanged)
					}
					if !bytes.Contains(answer, []byte("\r\na="+ca.want.String()+"\r\n")) ||
						bytes.Contains(answer, []byte("0.0.0.0")) || !bytes.Contains(answer, []byte("c=IN IP4 203.0.113.1\r\n")) {
						t.Errorf("answer\n%s", answer)
					}
					answer, n, err = s.Answer([]byte(holdOffer("sendrecv", false, ipv6, "media")), codec.None)
					if err != nil || n.Direction != SendRecv || n.Held || n.AddressChanged ||
						!bytes.Contains(answer, []byte("\r\na=sendrecv\r\n")) {
						t.Errorf("taken back: error %v, %+v\n%s", err, n, answer)
					}
				})
			}
		}
	}
}

func holdOffer(attribute string, null, ipv6 bool, place string) string {
	address := map[[2]bool]string{
		{false, false}: "IP4 198.51.100.9", {true, false}: "IP4 0.0.0.0",
		{false, true}: "IP6 2001:db8::9", {true, true}: "IP6 ::",
	}[[2]bool{null, ipv6}]
	line := ""
	if attribute != "" {
		line = "a=" + attribute + "\r\n"
	}
	const formats = "a=rtpmap:0 PCMU/8000\r\n"
	m := "m=audio 4000 RTP/AVP 0\r\n"
	c := "c=IN " + address + "\r\n"
	switch place {
	case "session":
		return simple(c+line, m+formats)
	case "both": // the media line's own wins
		return simple("c=IN IP4 198.51.100.1\r\n"+"a=inactive\r\n", m+c+"a=sendrecv\r\n"+line+formats)
	case "last": // with no end of line
		return simple("", m+formats+c+strings.TrimSuffix(line, "\r\n"))
	}
	return simple(c, m+line+formats)
}

// TestOwnDirection has us want less than both ways.
func TestOwnDirection(t *testing.T) {
	all := []Direction{SendRecv, SendOnly, RecvOnly, Inactive}
	for _, ours := range all {
		for _, theirs := range all {
			s := New(testConfig())
			s.SetDirection(ours)
			_, n, err := s.Answer([]byte(holdOffer(theirs.String(), false, false, "media")), codec.None)
			if err != nil {
				t.Fatal(err)
			}
			if n.Direction.Sends() != (ours.Sends() && theirs.Receives()) ||
				n.Direction.Receives() != (ours.Receives() && theirs.Sends()) ||
				n.Held != (ours.Sends() && !theirs.Receives()) {
				t.Errorf("ours %v, theirs %v: %v, held %v", ours, theirs, n.Direction, n.Held)
			}
		}
	}
}

func TestOfferedCodecs(t *testing.T) {
	for _, ca := range []struct {
		offer string
		want  []codec.ID
		err   error
	}{
		{yealinkOffer, []codec.ID{codec.PCMU, codec.PCMA}, nil},
		{grandstreamOffer, []codec.ID{codec.Opus, codec.PCMU, codec.PCMA}, nil},
		{polycomOffer, []codec.ID{codec.PCMU, codec.PCMA}, nil},
		{simple("c=IN IP4 1.2.3.4\r\n", "m=audio 4000 RTP/AVP 18\r\n"), nil, ErrNoCodec},
		{simple("c=IN IP4 1.2.3.4\r\n", "m=video 4000 RTP/AVP 31\r\n"), nil, ErrNoAudio},
		{simple("", "m=audio 4000 RTP/AVP 0\r\n"), nil, ErrBadSDP},
		{simple("", "m=audio 4000 RTP/AVP 8\r\nm=audio 4000 RTP/AVP 0\r\nc=IN IP4 1.2.3.4\r\n"), []codec.ID{codec.PCMU}, nil},
		{"x", nil, ErrBadSDP},
	} {
		got, err := OfferedCodecs([]byte(ca.offer))
		if !reflect.DeepEqual(got, ca.want) || !errors.Is(err, ca.err) {
			t.Errorf("%.40q: %v, %v", ca.offer, got, err)
		}
	}
}
