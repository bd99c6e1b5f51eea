package guard

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/emiago/sipgo/sip"
)

// options is a request that is as short as it may be.
const options = "OPTIONS sip:gw@127.0.0.1 SIP/2.0\r\n" +
	"Via: SIP/2.0/UDP 127.0.0.1:5070;branch=z9hG4bK1\r\n" +
	"From: <sip:a@127.0.0.1>;tag=1\r\nTo: <sip:gw@127.0.0.1>\r\nCall-ID: 1\r\nCSeq: 1 OPTIONS\r\n"

func TestCheckDatagram(t *testing.T) {
	with := func(old, new string) string { return strings.Replace(options+"\r\n", old, new, 1) }
	for _, ca := range []struct {
		name string
		data string
		want reason
	}{
		{"request", options + "\r\n", fine},
		{"response", with("OPTIONS sip:gw@127.0.0.1 SIP/2.0", "SIP/2.0 200 OK"), fine},
		{"response without reason", with("OPTIONS sip:gw@127.0.0.1 SIP/2.0", "SIP/2.0 200 "), fine},
		{"compact", "BYE sip:a SIP/2.0\r\nv: x\r\nF: x\r\nt: x\r\ni: 1\r\nCSeq: 1 BYE\r\nl: 0\r\n\r\n", fine},
		{"body", options + "Content-Length: 3\r\n\r\nabc", fine},
		{"body and more", options + "Content-Length: 3\r\n\r\nabcdef", fine},
		{"blank before the colon", options + "Content-Length : 0\r\n\r\n", fine},
		{"folded", with("CSeq: 1 OPTIONS", "CSeq:\r\n 1\r\n\tOPTIONS"), fine},
		{"crlf", "\r\n\r\n", keepAlive},
		{"nul", "\x00\x00", keepAlive},
		{"nothing", "", keepAlive},
		{"five blank bytes", "\r\n\r\n\r", malformed},
		{"too large", options + "\r\n" + strings.Repeat("x", 16384), tooLarge},
		{"no empty line", options, incomplete},
		{"body cut off", options + "Content-Length: 4\r\n\r\nabc", incomplete},
		{"stun", "\x00\x01\x00\x00\x21\x12\xa4\x42aaaabbbbcccc", incomplete},
		{"http", "GET / HTTP/1.1\r\nHost: x\r\n\r\n", malformed},
		{"version", with("SIP/2.0", "SIP/7.0"), malformed},
		{"lower case method", with("OPTIONS", "options"), malformed},
		{"unknown method", with("OPTIONS", "FETCH"), fine},
		{"method of strange characters", with("OPTIONS", "F-.!%*_+`'~9"), fine},
		{"no method", with("OPTIONS", ""), malformed},
		{"no token", with("OPTIONS", "FE(TCH"), malformed},
		{"long method", with("OPTIONS", strings.Repeat("F", maxMethod+1)), malformed},
		{"no uri", with(" sip:gw@127.0.0.1", ""), malformed},
		{"two blanks", with(" sip:gw", "  sip:gw"), malformed},
		{"no via", with("Via", "Vie"), incomplete},
		{"no call-id", with("Call-ID", "Call-IP"), incomplete},
		{"bare line feed", with("To: ", "To: \"a\nX: b\" "), malformed},
		{"bare carriage return", with("To: ", "To: \"a\rX: b\" "), malformed},
		{"nul in a header", with("To: ", "To: \x00"), malformed},
		{"header without colon", options + "nonsense\r\n\r\n", malformed},
		{"header without name", options + ": x\r\n\r\n", malformed},
		{"starts with a fold", with("Via", " Via"), malformed},
		{"code 700", with("OPTIONS sip:gw@127.0.0.1 SIP/2.0", "SIP/2.0 700 x"), malformed},
		{"code of four digits", with("OPTIONS sip:gw@127.0.0.1 SIP/2.0", "SIP/2.0 2000 x"), malformed},
		{"code cut", with("OPTIONS sip:gw@127.0.0.1 SIP/2.0", "SIP/2.0 20"), malformed},
		{"two lengths", options + "Content-Length: 0\r\nl: 0\r\n\r\n", malformed},
		{"folded length", options + "Content-Length:\r\n 0\r\n\r\n", malformed},
		{"negative length", options + "Content-Length: -1\r\n\r\n", malformed},
		{"huge length", options + "Content-Length: 4294967296\r\n\r\n", malformed},
		{"empty length", options + "Content-Length:\r\n\r\n", malformed},
		{"endless headers", options + strings.Repeat("X: y\r\n", 300) + "\r\n", malformed},
	} {
		t.Run(ca.name, func(t *testing.T) {
			if got := checkDatagram([]byte(ca.data), 16384); got != ca.want {
				t.Errorf("%v, want %v", got, ca.want)
			}
		})
	}
}

func TestCheckDatagramDoesNotAllocate(t *testing.T) {
	data := []byte(options + "Content-Length: 3\r\n\r\nabc")
	if n := testing.AllocsPerRun(100, func() { checkDatagram(data, 16384) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// torture reads the messages of RFC 4475 that ship with sipgo.
func torture(t testing.TB) map[string]string {
	dir, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/emiago/sipgo").Output()
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(strings.TrimSpace(string(dir)), "sip/testdata/torture/*/*.dat"))
	if err != nil || len(files) < 40 {
		t.Fatalf("%d torture messages, %v", len(files), err)
	}
	messages := make(map[string]string)
	for _, f := range files {
		data, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		messages[filepath.Base(filepath.Dir(f))+"/"+strings.TrimSuffix(filepath.Base(f), ".dat")] = string(data)
	}
	return messages
}

func TestTorture(t *testing.T) {
	// Valid ones pass, but for NUL. Of the others the guard stops those that are
	// wrong in what it looks at; the rest is for the parser and the stack.
	want := map[string]reason{
		"valid/intmeth":    malformed,
		"invalid/baddn":    incomplete,
		"invalid/badvers":  malformed,
		"invalid/bigcode":  malformed,
		"invalid/clerr":    incomplete,
		"invalid/insuf":    incomplete,
		"invalid/lwsruri":  malformed,
		"invalid/lwsstart": malformed,
		"invalid/mcl01":    malformed,
		"invalid/ncl":      malformed,
		"invalid/test":     malformed,
		"invalid/trws":     malformed,
	}
	for name, data := range torture(t) {
		if got := checkDatagram([]byte(data), 16384); got != want[name] {
			t.Errorf("%s: %q, want %q", name, got, want[name])
		}
	}
}

// FuzzDatagram: what passes, sipgo parses without panic; and where it parses it as a stream, it ends where we say.
func FuzzDatagram(f *testing.F) {
	for _, data := range torture(f) {
		f.Add([]byte(data))
	}
	f.Add([]byte(options + "Content-Length: 3\r\n\r\nabc"))
	f.Add([]byte(options + "content-length\t: 3\r\n\r\nabcOPTIONS"))
	parser := sip.NewParser()
	f.Fuzz(func(t *testing.T, data []byte) {
		if checkDatagram(data, 16384) != fine {
			return
		}
		_, _ = parser.ParseSIP(data)
		h, _ := readHead(data)
		if h.body < 0 {
			return
		}
		_, n, err := parser.Parse(data, true)
		if err == nil && n != h.length+h.body {
			t.Fatalf("the parser takes %d bytes, the guard %d+%d", n, h.length, h.body)
		}
	})
}
