package registrar

import (
	"strings"
	"testing"

	"github.com/emiago/sipgo/sip"
)

func TestSameURI(t *testing.T) {
	for _, ca := range []struct {
		a, b string
		want bool
	}{
		// RFC 3261 section 19.1.4
		{"sip:carol@chicago.com", "sip:carol@chicago.com;newparam=5", true},
		{"sip:carol@chicago.com;security=on", "sip:carol@chicago.com;newparam=5", true},
		{"sip:alice@AtLanTa.CoM;Transport=udp", "sip:alice@atlanta.com;transport=UDP", true},
		{"sip:biloxi.com;transport=tcp;method=REGISTER?to=sip:bob%40biloxi.com",
			"sip:biloxi.com;method=REGISTER;transport=tcp?to=sip:bob%40biloxi.com", true},
		{"sip:alice@atlanta.com?subject=project%20x&priority=urgent",
			"sip:alice@atlanta.com?priority=urgent&subject=project%20x", true},
		{"SIP:ALICE@AtLanTa.CoM;Transport=udp", "sip:alice@AtLanTa.CoM;Transport=UDP", false},
		{"sip:bob@biloxi.com", "sip:bob@biloxi.com:5060", false},
		{"sip:bob@biloxi.com", "sip:bob@biloxi.com:6000;transport=tcp", false},
		{"sip:carol@chicago.com", "sip:carol@chicago.com?Subject=next%20meeting", false},
		{"sip:bob@phone21.boxesbybob.com", "sip:bob@192.0.2.4", false},
		{"sip:carol@chicago.com;security=on", "sip:carol@chicago.com;security=off", false},
		{"sip:carol@chicago.com", "sip:carol@chicago.com;user=phone", false},
		{"sip:carol@chicago.com", "sip:carol@chicago.com;maddr=1.2.3.4", false},
		{"sip:carol@chicago.com", "sips:carol@chicago.com", false},
		{"sip:carol@[2001:db8::1]:5060", "sip:carol@[2001:DB8::1]:5060", true},
	} {
		var a, b sip.Uri
		if err := sip.ParseUri(ca.a, &a); err != nil {
			t.Fatal(err)
		}
		if err := sip.ParseUri(ca.b, &b); err != nil {
			t.Fatal(err)
		}
		if sameURI(&a, &b) != ca.want || sameURI(&b, &a) != ca.want {
			t.Errorf("%s and %s: not %v", ca.a, ca.b, ca.want)
		}
	}
}

// FuzzContact: whatever a Contact holds, what is taken can stand in a request line and in our answer.
func FuzzContact(f *testing.F) {
	for _, seed := range []string{
		"<sip:1001@10.0.0.1:5060;transport=udp>;expires=60;q=0.7", "sip:1001@10.0.0.1;expires=0", "*",
		`"a\"b" <sips:x@[2001:db8::1]>;+sip.instance="<urn:uuid:1>"`, "<sip:a@b?x=y>, <sip:c@d>;q=nan", "<sip:a@b;x=\"",
	} {
		f.Add(seed, "60")
	}
	f.Fuzz(func(t *testing.T, value, expires string) {
		text := "REGISTER sip:h SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=z9hG4bK1\r\nCSeq: 1 REGISTER\r\n" +
			"Contact: " + value + "\r\nExpires: " + expires + "\r\n\r\n"
		msg, err := sip.ParseMessage([]byte(text))
		if err != nil {
			return
		}
		req, ok := msg.(*sip.Request)
		if !ok {
			return
		}
		contacts, err := parseContacts(req)
		if err != nil {
			return
		}
		for _, c := range contacts {
			uri := c.uri.String()
			if !c.star && (uri == "" || strings.ContainsAny(uri, " \r\n<>\x00")) {
				t.Fatalf("%q became %q", value, uri)
			}
			if !sameURI(&c.uri, &c.uri) {
				t.Fatalf("%q is not itself", uri)
			}
			if !(c.q >= 0 && c.q <= 1) {
				t.Fatalf("q %v", c.q)
			}
			if strings.ContainsAny(c.params.String(), "\r\n") {
				t.Fatalf("line break in %q", c.params.String())
			}
		}
	})
}
