package main

import (
	"testing"
	"time"

	"go.yaml.in/yaml/v3"
)

// TestQueueGroup: all seats are in the group, which the number leads to.
func TestQueueGroup(t *testing.T) {
	const at = "127.0.0.1:1"
	var c struct {
		Staff  []struct{ User string }
		Groups []struct {
			Name    string
			Members []struct{ User string }
		}
		Inbound []struct{ Number, Group string }
		Store   struct{ Path string }
	}
	o, remove, err := onFile(options{config: queueGroup(2)})
	if err != nil {
		t.Fatal(err)
	}
	defer remove()
	if err := yaml.Unmarshal([]byte(configuration(seats{phones: 2}, at, at, at, at)+o.config), &c); err != nil {
		t.Fatal(err)
	}
	if len(c.Groups) != 1 || len(c.Groups[0].Members) != 2 || len(c.Inbound) != 1 || c.Store.Path == "" {
		t.Fatalf("%+v", c)
	}
	for i, m := range c.Groups[0].Members {
		if m.User != c.Staff[i].User {
			t.Errorf("member %d is %s", i, m.User)
		}
	}
	if in := c.Inbound[0]; in.Number != queueNumber || in.Group != c.Groups[0].Name {
		t.Errorf("%+v", in)
	}
}

// TestDesks: only who is expected is noted, and only the first time.
func TestDesks(t *testing.T) {
	d := &desks{expected: map[string]*visit{}}
	if d.visited("+1") != nil {
		t.Error("a stranger was expected")
	}
	v := d.expect("+1")
	if d.visited("+1") != v {
		t.Error("another caller came")
	}
	first := v.came
	for time.Now().Equal(first) {
	}
	d.visited("+1")
	if came := d.forget("+1"); !came.Equal(first) || first.IsZero() {
		t.Errorf("came at %v, not %v", came, first)
	}
	if d.visited("+1") != nil {
		t.Error("still expected")
	}
}
