package guard

import (
	"net/netip"
	"testing"
	"time"
)

func TestTable(t *testing.T) {
	tab := newTable[int, string](ways) // one set
	for i := range ways {
		v, fresh := tab.get(i, time.Duration(i))
		if !fresh {
			t.Fatalf("%d is not fresh", i)
		}
		*v = "x"
	}
	if v, fresh := tab.get(0, 100); fresh || *v != "x" {
		t.Fatal("0 was forgotten")
	}
	if v, fresh := tab.get(1000, 101); !fresh || *v != "" {
		t.Fatal("1000 got another's value")
	}
	if tab.find(1) != nil {
		t.Error("1, the oldest, is still there")
	}
	if tab.find(0) == nil || tab.find(2) == nil || tab.find(1000) == nil {
		t.Error("a newer one gave way")
	}
	tab.clear()
	if tab.find(0) != nil {
		t.Error("0 survived clear")
	}
}

func TestSourceOf(t *testing.T) {
	of := func(s string) source { return sourceOf(netip.MustParseAddr(s)) }
	if of("192.0.2.1") != of("::ffff:192.0.2.1") {
		t.Error("an IPv4 address is not the same when mapped")
	}
	if of("192.0.2.1") == of("192.0.2.2") {
		t.Error("two IPv4 addresses are one source")
	}
	if of("2001:db8::1") != of("2001:db8::ffff:1") || of("2001:db8::1") == of("2001:db8:0:1::1") {
		t.Error("an IPv6 source is not its /64")
	}
}

func TestBucket(t *testing.T) {
	r := Rate{PerSecond: 10, Burst: 3}
	var b bucket
	b.fill(r, 0)
	for _, step := range []struct {
		now  time.Duration
		want bool
	}{
		{0, true}, {0, true}, {0, true}, {0, false}, {99 * time.Millisecond, false}, {101 * time.Millisecond, true},
		{101 * time.Millisecond, false}, {time.Hour, true}, {time.Hour, true}, {time.Hour, true}, {time.Hour, false},
	} {
		if got := b.take(r, step.now); got != step.want {
			t.Fatalf("at %v: %v", step.now, got)
		}
	}
}
