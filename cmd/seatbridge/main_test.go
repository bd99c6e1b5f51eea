package main

import (
	"bytes"
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
