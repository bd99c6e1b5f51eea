package main

import (
	"bytes"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"seatbridge/configs"
)

func TestCommands(t *testing.T) {
	good := filepath.Join(t.TempDir(), "good.yaml")
	bad := filepath.Join(t.TempDir(), "bad.yaml")
	text := string(configs.Default())
	for file, content := range map[string]string{good: text, bad: strings.Replace(text, "realm:", "relm:", 1)} {
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, ca := range []struct {
		name      string
		args      []string
		in        string
		status    int
		out, errs string // parts
	}{
		{"version", []string{"version"}, "", 0, "unknown\n", ""},
		{"good file", []string{"check-config", good}, "", 0, "good.yaml is fine\n", ""},
		{"bad file", []string{"check-config", bad}, "", 1, "", "bad.yaml:9: sip.relm: unknown key"},
		{"serve with a bad file", []string{"serve", bad}, "", 1, "", "sip.relm: unknown key"},
		{"no file", []string{"check-config", good + "x"}, "", 1, "", "no such file"},
		{"default", []string{"default-config"}, "", 0, "realm: seatbridge", ""},
		// echo -n 1011:seatbridge:secret | md5sum
		{"ha1", []string{"ha1", "1011"}, "secret\n", 0, "2ed0427d4275de39d98477f8c7366ed4", ""},
		{"ha1 without password", []string{"ha1", "1011"}, "\n", 1, "", "no password"},
		{"ha1 by SHA-512", []string{"ha1", "1011", "seatbridge", "sha512"}, "secret\n", 1, "", `"sha512" must be one of: md5, sha256`},
		{"unknown command", []string{"sing"}, "", 2, "", "usage:"},
		{"too many arguments", []string{"serve", "a", "b"}, "", 2, "", "usage:"},
	} {
		t.Run(ca.name, func(t *testing.T) {
			var out, errs bytes.Buffer
			status := run(ca.args, strings.NewReader(ca.in), &out, &errs)
			if status != ca.status || !strings.Contains(out.String(), ca.out) || !strings.Contains(errs.String(), ca.errs) {
				t.Errorf("status %d\nout: %.300s\nerrs: %.300s", status, out.String(), errs.String())
			}
		})
	}
}

// TestTakenPort wants to be told which key asks for a port that somebody else has.
func TestTakenPort(t *testing.T) {
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	c, err := configs.Load("")
	if err != nil {
		t.Fatal(err)
	}
	c.WebRTC.Listen = conn.LocalAddr().(*net.UDPAddr).AddrPort()
	if _, err = newGateway(c, slog.New(slog.DiscardHandler)); err == nil || !strings.HasPrefix(err.Error(), "webrtc.listen: ") {
		t.Fatalf("got %v", err)
	}
}

// TestGreeting wants each of two listeners of one transport at its own address.
func TestGreeting(t *testing.T) {
	c, err := configs.Load("")
	if err != nil {
		t.Fatal(err)
	}
	c.Demo.Enabled, c.Phones, c.Trunks, c.Inbound, c.Outbound = false, nil, nil, nil, nil
	any4 := netip.MustParseAddrPort("127.0.0.1:0")
	c.WebRTC.Listen, c.HTTP.Listen, c.Staff = any4, any4, nil
	c.SIP.Listen = []configs.Listener{{Transport: "udp", Address: any4}, {Transport: "tcp", Address: any4}}
	g, err := newGateway(c, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer g.close()
	c.SIP.Listen = append(c.SIP.Listen, configs.Listener{Transport: "udp", Address: netip.MustParseAddrPort("[::1]:5060")})
	var out bytes.Buffer
	greet(c, g, &out)
	for _, want := range []string{"udp " + g.sip.Addr("udp").String(), "tcp " + g.sip.Addr("tcp").String(), "udp [::1]:5060\n"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in\n%s", want, out.String())
		}
	}
}

// TestSounds wants each trunk to have its own music, files to be shared, and a bad one to be named by its key.
func TestSounds(t *testing.T) {
	file := filepath.Join(t.TempDir(), "music")
	wav := "RIFF\x00\x00\x00\x00WAVEfmt \x10\x00\x00\x00\x01\x00\x01\x00\x40\x1f\x00\x00\x80\x3e\x00\x00\x02\x00\x10\x00" +
		"data\x04\x00\x00\x00\x01\x00\x02\x00"
	if err := os.WriteFile(file, []byte(wav), 0o600); err != nil {
		t.Fatal(err)
	}
	bad := filepath.Join(t.TempDir(), "bad.opus")
	if err := os.WriteFile(bad, []byte("OggS and no more"), 0o600); err != nil {
		t.Fatal(err)
	}
	c := &configs.Config{Trunks: []configs.Trunk{{Name: "a", HoldMusic: file}, {Name: "b"}, {Name: "c", HoldMusic: file}}}
	s, err := sounds(c, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	if s.Trunks["a"] == nil || s.Trunks["a"] != s.Trunks["c"] || s.Trunks["b"] != nil || s.Hold.Len() < 1000 {
		t.Errorf("%+v", s)
	}
	c.Trunks[1].HoldMusic = bad
	if _, err = newGateway(c, slog.New(slog.DiscardHandler)); err == nil ||
		!strings.HasPrefix(err.Error(), "trunks[1].hold_music: "+bad+": media: Ogg Opus file can't be used") {
		t.Errorf("got %v", err)
	}
	c.Trunks, c.Sounds.Hold = nil, file+"x"
	if _, err = sounds(c, slog.New(slog.DiscardHandler)); err == nil || !strings.HasPrefix(err.Error(), "sounds.hold: ") {
		t.Errorf("got %v", err)
	}
}
