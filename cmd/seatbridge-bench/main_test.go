package main

import (
	"errors"
	"flag"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestParse(t *testing.T) {
	o, err := parse(strings.Fields("-calls 1,500 -time 3s -repeat 2 -core -1 -gateway x -what calls,modes "+
		"-phones 10000 -within 1m"), io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(o.calls, []int{1, 500}) || o.length != 3*time.Second || o.repeat != 2 || o.core != -1 ||
		o.gateway != "x" || o.phones != 10000 || o.within != time.Minute || !slices.Equal(o.what, []string{"calls", "modes"}) {
		t.Errorf("%+v", o)
	}
	if o, err := parse(nil, io.Discard); err != nil || len(o.what) != 1+len(parts) {
		t.Errorf("without flags %v is measured: %v", o.what, err)
	}
	for _, bad := range []string{
		"-what x", "-what calls,,modes",
		"-calls x", "-calls 0", "-calls 501", "-calls 1,,2", "-time 1ms", "-time 11m", "-repeat 0", "-repeat 101",
		"-phones 0", "-phones 20001", "-within 999ms", "-within 61s",
		"-nonsense", "word",
	} {
		if _, err := parse(strings.Fields(bad), io.Discard); err == nil {
			t.Errorf("%s was taken", bad)
		}
	}
}

// TestHelp says what each column means.
func TestHelp(t *testing.T) {
	var help strings.Builder
	if _, err := parse([]string{"-h"}, &help); !errors.Is(err, flag.ErrHelp) {
		t.Error(err)
	}
	for _, word := range []string{"CPU ms/call-s", "core %", "lost>SIP", "added", "through", "KiB/call", "own late p99",
		"Monitor", "share", "Hold", "Barge", "Intercept", "Change of mode", "Queue", "Assign", "Register", "KiB/phone"} {
		if !strings.Contains(help.String(), word) {
			t.Errorf("nothing of %q in:\n%s", word, help.String())
		}
	}
}
