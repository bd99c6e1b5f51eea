package peers

import (
	"fmt"
	"maps"
	"net"
	"strings"
	"testing"
	"text/template"
)

// SippPhone starts a scenario that plays an extension's phone: it proves itself as the account and calls at once. Its
// steps, written with the words of sippWords, wait for Next where the scenario says next.
func SippPhone(t testing.TB, name string, a Account, keys map[string]string) *SippRun {
	t.Helper()
	all := map[string]string{"user": a.User, "password": a.Password, "headers": ""}
	maps.Copy(all, keys)
	return Sipp(t, Scenario{
		Name: name, Keys: all, Remote: a.UDP, AuthURI: fmt.Sprintf("%s@%s", all["number"], a.UDP),
	})
}

// Next lets a scenario go on that waits for it, and must have come to that point.
func (r *SippRun) Next() {
	r.t.Helper()
	r.nexts++
	conn, err := net.Dial("udp", r.Addr.String())
	if err != nil {
		r.t.Fatal(err)
	}
	defer conn.Close()
	m := fmt.Sprintf("MESSAGE sip:test@%[1]s SIP/2.0\r\nVia: SIP/2.0/UDP %[2]s;branch=z9hG4bKnext%[3]d\r\n"+
		"From: <sip:test@%[2]s>;tag=t\r\nTo: <sip:test@%[1]s>\r\nCall-ID: 1-%[4]d\r\nCSeq: %[3]d MESSAGE\r\n"+
		"Content-Length: 0\r\n\r\n", r.Addr, conn.LocalAddr(), r.nexts, r.Addr.Port())
	if _, err := conn.Write([]byte(m)); err != nil {
		r.t.Fatal(err)
	}
}

// sippWords are what the scenarios of phones are written with, besides the templates of parts.tmpl:
//
//	request METHOD CSEQ HEADER... a request in the dialog; where Content-Type is among the headers, SDP follows
//	sent                          ends it
//	answered DIRECTION            takes a 200 with this direction in its SDP
//	notified CODE                 takes a NOTIFY with this status, and answers it
//	told CODE                     takes a NOTIFY with this status; another message may follow at once, for which sipp,
//	                              about to send, would not be ready
//	reply                         answers the NOTIFY that was told
//	hungup                        takes a BYE, and answers it
//	next                          waits for the test
func sippWords(user string) template.FuncMap {
	return template.FuncMap{
		"request": func(method string, cseq int, headers ...string) string {
			return sippRequest(user, method, cseq, headers)
		},
		"sent": func() string { return "\n]]></send>" },
		"answered": func(direction string) string {
			return `<recv response="100" optional="true"/><recv response="200"><action>` +
				`<ereg regexp="a=` + direction + `" search_in="body" check_it="true" assign_to="direction"/></action></recv>` +
				`<Reference variables="direction"/>`
		},
		"notified": func(code string) string {
			return `<recv request="NOTIFY"><action><ereg regexp="SIP/2.0 ` + code +
				` " search_in="body" check_it="true" assign_to="frag"/></action></recv><Reference variables="frag"/>` + sippOK(user)
		},
		"told": func(code string) string {
			keep := ""
			for _, name := range []string{"Via", "From", "To", "CSeq"} {
				keep += `<ereg regexp=".*" search_in="hdr" header="` + name + `:" assign_to="` + name + `"/>`
			}
			return `<recv request="NOTIFY"><action><ereg regexp="SIP/2.0 ` + code +
				` " search_in="body" check_it="true" assign_to="frag"/>` + keep +
				`</action></recv><Reference variables="frag,Via,From,To,CSeq"/>`
		},
		"reply": func() string {
			return "<send><![CDATA[\n\nSIP/2.0 200 OK\nVia:[$Via]\nFrom:[$From]\nTo:[$To]\nCall-ID: [call_id]\nCSeq:[$CSeq]\n" +
				"Content-Length: 0\n\n]]></send>"
		},
		"hungup": func() string { return `<recv request="BYE"/>` + sippOK(user) },
		"next":   func() string { return `<recv request="MESSAGE"/>` },
	}
}

// sippRequest begins a request in the dialog. The far end's tag is kept in a variable: requests of its own that come in
// between have the two tags the other way round.
func sippRequest(user, method string, cseq int, headers []string) string {
	retrans, length := ` retrans="500"`, "0"
	if method == "ACK" {
		retrans = ""
	}
	more := strings.Join(headers, "\n")
	if more != "" {
		more += "\n"
	}
	if strings.Contains(more, "Content-Type") {
		length = "[len]"
	}
	return fmt.Sprintf("<send%s><![CDATA[\n\n%s sip:gateway@[remote_ip]:[remote_port] SIP/2.0\n"+
		"Via: SIP/2.0/UDP [local_ip]:[local_port];branch=[branch]\nMax-Forwards: 70\n"+
		"From: <sip:%s@[remote_ip]>;tag=[pid]p\nTo: <sip:gateway@[remote_ip]>;tag=[$tag]\nCall-ID: [call_id]\n"+
		"CSeq: %d %s\nContact: <sip:%s@[local_ip]:[local_port]>\n%sContent-Length: %s\n\n",
		retrans, method, user, cseq, method, user, more, length)
}

func sippOK(user string) string {
	return "<send><![CDATA[\n\nSIP/2.0 200 OK\n[last_Via:]\n[last_From:]\n[last_To:]\n[last_Call-ID:]\n[last_CSeq:]\n" +
		"Contact: <sip:" + user + "@[local_ip]:[local_port]>\nContent-Length: 0\n\n]]></send>\n"
}
