package sdp

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"seatbridge/codec"
)

func TestParseCrypto(t *testing.T) {
	for _, ca := range []struct {
		value string
		suite Suite // empty: refused
	}{
		{"1 AES_CM_128_HMAC_SHA1_80 inline:" + key30, AES80},
		{"2 AEAD_AES_128_GCM inline:" + key28, GCM},
		{"2 AEAD_AES_128_GCM inline:" + strings.TrimRight(key28, "="), GCM},
		{"1 aes_cm_128_hmac_sha1_80 INLINE:" + key30, AES80},
		{"1  AES_CM_128_HMAC_SHA1_80\tinline:" + key30 + "|2^20", AES80},
		{"1 AES_CM_128_HMAC_SHA1_80 inline:" + key30 + "|1048576", AES80},
		{"1 AES_CM_128_HMAC_SHA1_80 inline:" + key30 + " KDR=0 WSH=64 -FUTURE=1", AES80},
		{"1 AES_CM_128_HMAC_SHA1_80 inline:" + key30 + "|2^20|1:4", ""},
		{"1 AES_CM_128_HMAC_SHA1_80 inline:" + key30 + "|1:4", ""},
		{"1 AES_CM_128_HMAC_SHA1_80 inline:" + key30 + ";inline:" + key30, ""},
		{"1 AES_CM_128_HMAC_SHA1_80 inline:" + key30 + "|2^20;inline:" + key30 + "|2^20", ""},
		{"1 AES_CM_128_HMAC_SHA1_80 inline:" + key30 + " UNENCRYPTED_SRTP", ""},
		{"1 AES_CM_128_HMAC_SHA1_80 inline:" + key30 + " UNAUTHENTICATED_SRTP", ""},
		{"1 AES_CM_128_HMAC_SHA1_80 inline:" + key30 + " KDR=1", ""},
		{"1 AES_CM_128_HMAC_SHA1_32 inline:" + key30, ""},
		{"1 AES_CM_128_HMAC_SHA1_80 inline:" + key28, ""},
		{"1 AEAD_AES_128_GCM inline:" + key30, ""},
		{"1 AES_CM_128_HMAC_SHA1_80 inline:***", ""},
		{"1 AES_CM_128_HMAC_SHA1_80 prompt:" + key30, ""},
		{"1 AES_CM_128_HMAC_SHA1_80", ""},
		{"x AES_CM_128_HMAC_SHA1_80 inline:" + key30, ""},
		{"1234567890 AES_CM_128_HMAC_SHA1_80 inline:" + key30, ""},
		{"", ""},
	} {
		c, ok := parseCrypto(ca.value)
		if ok != (ca.suite != "") || ok && c.suite != ca.suite {
			t.Errorf("%q: %v, %v", ca.value, c, ok)
		}
		if ok {
			if again, ok := parseCrypto(c.String()); !ok || !bytes.Equal(again.key, c.key) || again.tag != c.tag {
				t.Errorf("%q: written and read again: %v", ca.value, ok)
			}
		}
	}
}

// TestAnswerTakesTheirOrder answers with the tag of the line that it took.
func TestAnswerTakesTheirOrder(t *testing.T) {
	c := testConfig()
	c.SRTP = SRTPRequired
	answer, n, err := New(c).Answer([]byte(simple("c=IN IP4 198.51.100.9\r\n", "m=audio 4000 RTP/SAVP 0\r\n"+
		"a=crypto:3 AES_256_CM_HMAC_SHA1_80 inline:"+key30+"\r\n"+
		"a=crypto:4 AEAD_AES_128_GCM inline:"+key28+"\r\n"+
		"a=crypto:5 AES_CM_128_HMAC_SHA1_80 inline:"+key30+"\r\n")), codec.None)
	if err != nil || n.SRTP.Suite != GCM {
		t.Fatalf("error %v, %+v", err, n.SRTP)
	}
	if !bytes.Contains(answer, []byte("\r\na=crypto:4 AEAD_AES_128_GCM inline:")) ||
		bytes.Count(answer, []byte("a=crypto")) != 1 {
		t.Errorf("answer\n%s", answer)
	}
}

// TestKeysOverReinvites keeps keys while nothing changes and makes ours fresh with every new key of theirs.
func TestKeysOverReinvites(t *testing.T) {
	c := testConfig()
	c.SRTP = SRTPRequired
	a, b := New(c), New(c)
	first, _ := exchange(t, a, b)
	again, _ := exchange(t, a, b)
	back, _ := exchange(t, b, a)
	if !same(first.SRTP, again.SRTP) || same(back.SRTP, first.SRTP) {
		t.Error("the keys changed, or both sides had the same")
	}
	if !bytes.Equal(first.SRTP.Send, back.SRTP.Receive) || !bytes.Equal(first.SRTP.Receive, back.SRTP.Send) {
		t.Error("an offer from the other side changed the keys")
	}
	other := New(c) // a transfer behind the same dialog: another device, another key
	_, fresh := exchange(t, other, b)
	if bytes.Equal(fresh.SRTP.Send, back.SRTP.Send) {
		t.Error("our key was used for a second device")
	}
	if len(b.keys) != 1 && !bytes.Equal(b.keys[AES80], fresh.SRTP.Send) {
		t.Error("our next offer would bring an old key back")
	}
}

func same(a, b *SRTP) bool {
	send, receive := a.SameKeys(b)
	return send && receive
}

// TestSpentSuite changes the suite and back: an offer of ours must not bring the first key back.
func TestSpentSuite(t *testing.T) {
	c := testConfig()
	c.SRTP = SRTPRequired
	s := New(c)
	offer := func(line string) *SRTP {
		text := simple("c=IN IP4 198.51.100.9\r\n", "m=audio 4000 RTP/SAVP 0\r\na=crypto:1 "+line)
		_, n, err := s.Answer([]byte(text), codec.None)
		if err != nil {
			t.Fatal(err)
		}
		return n.SRTP
	}
	first := offer("AES_CM_128_HMAC_SHA1_80 inline:" + key30)
	second := offer("AEAD_AES_128_GCM inline:" + key28)
	ours, err := parse(s.Offer())
	if err != nil {
		t.Fatal(err)
	}
	st, err := readStream(ours, 0)
	if err != nil || len(st.crypto) != 2 {
		t.Fatalf("error %v, %+v", err, st)
	}
	if bytes.Equal(st.crypto[0].key, first.Send) || !bytes.Equal(st.crypto[1].key, second.Send) {
		t.Error("a spent key is offered, or the one in use is not")
	}
}

// TestSpentKeys takes a session from SRTP to RTP and back: a key out of use must not come back, because its packet
// counters start anew.
func TestSpentKeys(t *testing.T) {
	c := testConfig()
	c.SRTP = SRTPOptional
	s := New(c)
	line := "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:" + key30 + "\r\n"
	secure := simple("c=IN IP4 198.51.100.9\r\n", "m=audio 4000 RTP/SAVP 0\r\n"+line)
	_, first, err := s.Answer([]byte(secure), codec.None)
	if err != nil {
		t.Fatal(err)
	}
	if offer := s.Offer(); !bytes.Contains(offer, []byte("RTP/SAVP")) || bytes.Count(offer, []byte("a=crypto")) != 2 {
		t.Errorf("SRTP is not kept in\n%s", offer)
	}
	plain, _, err := s.Answer([]byte(simple("c=IN IP4 198.51.100.9\r\n", "m=audio 4000 RTP/AVP 0\r\n")), codec.None)
	if err != nil || bytes.Contains(plain, []byte("crypto")) || bytes.Contains(s.Offer(), []byte("crypto")) {
		t.Fatalf("error %v\n%s", err, plain)
	}
	_, second, err := s.Answer([]byte(secure), codec.None)
	if err != nil || bytes.Equal(first.SRTP.Send, second.SRTP.Send) {
		t.Errorf("error %v, or the same key again", err)
	}
}

func TestKeysDoNotShow(t *testing.T) {
	c := testConfig()
	c.SRTP = SRTPRequired
	_, n, err := New(c).Answer([]byte(polycomOffer), codec.None)
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{
		fmt.Sprintf("%v", *n.SRTP), fmt.Sprintf("%+v", *n.SRTP), fmt.Sprintf("%#v", *n.SRTP), fmt.Sprintf("%s", *n.SRTP),
	} {
		if !strings.Contains(text, "[key]") || strings.Contains(text, "0x1") || strings.Contains(text, "1 2 3") {
			t.Errorf("%s", text)
		}
	}
}
