package main

import (
	"fmt"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// TestConfiguration: all seats may supervise, and each desk phone has an account.
func TestConfiguration(t *testing.T) {
	const at = "127.0.0.1:1"
	var c struct {
		Staff  []struct{ User, Role, Device, Extension string }
		Phones []struct{ Extension, Password string }
	}
	for _, n := range []seats{{0, 0}, {2, 0}, {2, 2}} {
		c.Staff, c.Phones = nil, nil
		if err := yaml.Unmarshal([]byte(configuration(n, at, at, at, at)), &c); err != nil {
			t.Fatal(err)
		}
		if len(c.Staff) != n.browsers+n.phones || len(c.Phones) != n.phones {
			t.Errorf("%+v has %+v", n, c)
		}
		for i, s := range c.Staff {
			user, extensions := fmt.Sprintf("u%d", i), ""
			if at := i - n.browsers; at >= 0 {
				user, extensions = fmt.Sprintf("p%d", at), c.Phones[at].Extension
			}
			if s.User != user || s.Extension != extensions || s.Role != "administrator" ||
				strings.HasPrefix(s.User, "p") != (s.Device == "staffExtensionSeat") {
				t.Errorf("%+v", s)
			}
		}
	}
}
