package sdp

import (
	"regexp"
	"strings"
	"testing"

	"seatbridge/codec"
)

// TestComfortNoise takes offers and answers that have comfort noise (RFC 3389) among their formats, wherever it
// stands, as if it were not there: it is neither answered nor sent.
func TestComfortNoise(t *testing.T) {
	static := regexp.MustCompile(`(?m)^m=audio .* 13\b`)
	for _, formats := range []string{
		"13 0\r\na=rtpmap:13 CN/8000\r\n", "0 13\r\n", "98 0 13\r\na=rtpmap:98 CN/16000\r\na=rtpmap:13 CN/8000\r\n",
	} {
		description := simple("c=IN IP4 198.51.100.9\r\n", "m=audio 4000 RTP/AVP "+formats)
		answer, n, err := New(testConfig()).Answer([]byte(description), codec.None)
		if err != nil || len(n.Send.Audio) != 1 || n.Send.Audio[0].Codec != codec.PCMU {
			t.Fatalf("%q: %v, %+v", formats, err, n.Send)
		}
		if text := string(answer); !strings.Contains(text, "RTP/AVP 0\r\n") || strings.Contains(text, "CN/") {
			t.Errorf("%q: answered\n%s", formats, text)
		}
		s := New(testConfig())
		if text := string(s.Offer()); strings.Contains(text, "CN/") || strings.Contains(text, "a=rtpmap:13 ") || static.MatchString(text) {
			t.Errorf("offered\n%s", text)
		}
		n, err = s.Accept([]byte(description))
		if err != nil || len(n.Send.Audio) != 1 || n.Send.Audio[0].Codec != codec.PCMU {
			t.Errorf("%q: %v, %+v", formats, err, n.Send)
		}
	}
}
