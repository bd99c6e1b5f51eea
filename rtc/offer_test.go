package rtc

import (
	"context"
	"errors"
	"net"
	"os"
	"reflect"
	"strings"
	"testing"

	"seatbridge/codec"
	"seatbridge/media"
)

// chromium is an offer of Chromium 156 with a microphone and two more ears.
func chromium(t testing.TB) string {
	t.Helper()
	b, err := os.ReadFile("testdata/chromium.sdp")
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestParseOffer(t *testing.T) {
	text := strings.Replace(chromium(t), "a=mid:0\r\n",
		"a=mid:0\r\na=candidate:1 1 udp 2122260223 192.0.2.7 50000 typ host\r\na=end-of-candidates\r\n", 1)
	o, err := parseOffer(text)
	if err != nil {
		t.Fatal(err)
	}
	if o.ears != 3 {
		t.Errorf("%d ears", o.ears)
	}
	if strings.Contains(o.sdp, "candidate") {
		t.Errorf("candidate left in\n%s", o.sdp)
	}
	for _, ca := range []struct {
		name, old, new string
		same           bool
	}{
		{"next offer", " 2 IN IP4 127.0.0.1", " 3 IN IP4 127.0.0.1", true},
		{"ICE restart", "a=ice-ufrag:", "a=ice-ufrag:x", true},
		{"other session", "o=- ", "o=- 1", false},
		{"other certificate", "a=fingerprint:sha-256 ", "a=fingerprint:sha-256 00:", false},
	} {
		other, err := parseOffer(strings.ReplaceAll(text, ca.old, ca.new))
		if err != nil {
			t.Fatal(err)
		}
		if got := other.connection == o.connection; got != ca.same {
			t.Errorf("%s: same connection %t", ca.name, got)
		}
	}
}

func TestFinishAnswer(t *testing.T) {
	wishes := Opus{MaxPlaybackRate: 16000, MaxAverageBitrate: 24000}
	text, formats, err := finishAnswer(chromium(t), wishes) // an answer looks the same
	if err != nil {
		t.Fatal(err)
	}
	want := media.Formats{
		Audio: []media.AudioFormat{
			{PT: 111, Codec: codec.Opus}, {PT: 0, Codec: codec.PCMU}, {PT: 8, Codec: codec.PCMA},
		},
		Event: []media.EventFormat{{PT: 110, Clock: 48000}, {PT: 126, Clock: 8000}},
	}
	if !reflect.DeepEqual(formats, want) {
		t.Errorf("%+v", formats)
	}
	line := "a=fmtp:111 minptime=10;useinbandfec=1;maxplaybackrate=16000;maxaveragebitrate=24000;stereo=0\r\n"
	if n := strings.Count(text, line); n != 3 {
		t.Errorf("%d of 3 m-lines have the wishes:\n%s", n, text)
	}
	if strings.Count(text, "a=fmtp:111 ") != 3 || !strings.Contains(text, "a=fmtp:63 111/111") {
		t.Errorf("other fmtp lines are hurt:\n%s", text)
	}
}

// TestStaticTypesWithoutRtpmap: RFC 3551 types need no rtpmap.
func TestStaticTypesWithoutRtpmap(t *testing.T) {
	text := strings.ReplaceAll(chromium(t), "a=rtpmap:8 PCMA/8000\r\n", "")
	_, formats, err := finishAnswer(text, Opus{})
	if err != nil || len(formats.Audio) != 3 || formats.Audio[2].Codec != codec.PCMA {
		t.Errorf("%+v %v", formats, err)
	}
}

// FuzzParseOffer: what is taken can be taken again, has no candidate, and finishAnswer can read it.
func FuzzParseOffer(f *testing.F) {
	f.Add(chromium(f))
	f.Add("v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=fingerprint:sha-256 00\r\n" +
		"m=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:0\r\na=recvonly\r\na=rtpmap:111 opus/48000/2\r\n")
	f.Add("v=0\r\no=- 1 2 IN IP4 127.0.0\xff1\r\ns=-\r\nt=0 0\r\na=fingerprint:sha-256 00\r\n" +
		"m=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:0\r\na=recvonly\r\na=rtpmap:111 opus/48000/2\r\n")
	f.Fuzz(func(t *testing.T, text string) {
		o, err := parseOffer(text)
		if err != nil {
			if !errors.Is(err, ErrOffer) {
				t.Fatal(err)
			}
			return
		}
		again, err := parseOffer(o.sdp)
		if err != nil || again.connection != o.connection || again.ears != o.ears {
			t.Fatalf("%+v became %+v, %v", o, again, err)
		}
		if strings.Contains(o.sdp, "\r\na=candidate:") {
			t.Fatal("candidate left")
		}
		if _, _, err := finishAnswer(o.sdp, Opus{}); err != nil {
			t.Fatal(err)
		}
	})
}

// FuzzConnect: no offer makes pion panic.
func FuzzConnect(f *testing.F) {
	f.Add(chromium(f))
	conn, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		f.Fatal(err)
	}
	s, err := New(Config{Conn: conn})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { s.Close() })
	f.Fuzz(func(t *testing.T, text string) {
		if _, err := s.Connect(context.Background(), "ann", "1", text); err == nil {
			s.Disconnect("ann", "1")
		}
	})
}
