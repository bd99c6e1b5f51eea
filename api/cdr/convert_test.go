package cdr

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"seatbridge/call"
	"seatbridge/seat"
)

// full is the record of a call that came by a menu and a queue and was handed over twice.
func full() call.Record {
	at := func(s int) time.Time { return time.Unix(1700000000+int64(s), 999e6) }
	return call.Record{
		SessionID: "S1", Direction: call.DirectionInbound, Caller: "+4940123", Callee: "+4930100",
		CallerLocation: "Hamburg", Trunk: "carrier", User: "alice",
		Started: at(0), Queued: at(5), Rang: at(6), Accepted: at(16), Ended: at(60), InMenu: 4500 * time.Millisecond,
		IVRPath: []call.PathStep{{Key: "1", Label: "Sales"}}, HungUpBy: "client", End: call.EndOK, Group: 7, UUI: "order 7",
		Tracks: []call.Track{
			{User: "gone", Number: "1002", Device: seat.DeviceBrowser, Group: 7, Started: at(5), Rang: at(6), Ended: at(15),
				End: call.EndNotAnswered},
			{User: "alice", Number: "1001", Device: seat.DevicePhone, Group: 7, Started: at(15), Accepted: at(16), Ended: at(30),
				To: call.Handover{Kind: call.HandoverNumber, Who: "+4989555"}, End: call.EndOK},
			{Number: "+4989555", Started: at(20), Accepted: at(30), Ended: at(40),
				From: call.Handover{Kind: call.HandoverUser, Who: "alice"}, End: call.EndOK},
			{Number: "1030", Started: at(40), Accepted: at(41), Ended: at(60), End: call.EndOK},
		},
	}
}

// TestGolden compares the JSON with what the reference asks for, written down by hand.
func TestGolden(t *testing.T) {
	got, err := json.MarshalIndent(From(full(), 1400000000, staff{}), "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	want, err := os.ReadFile(filepath.Join("testdata", "record.json"))
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != strings.TrimSpace(string(want)) {
		t.Errorf("got:\n%s", got)
	}
}

// TestRemark has what the number was called stand in for a remark.
func TestRemark(t *testing.T) {
	for want, r := range map[string]call.Record{
		"renewal": {Remark: "renewal", PhoneDesc: "Carol"}, "Carol": {PhoneDesc: "Carol"}, "": {},
	} {
		if got := From(r, 1, staff{}).Remark; got != want {
			t.Errorf("%+v: %q, want %q", r, got, want)
		}
	}
}

// TestFromNothing wants a refused call to have a record without nulls.
func TestFromNothing(t *testing.T) {
	for direction, want := range map[call.Direction]string{
		call.DirectionInbound:  `"Direction":0,"CallType":2`,
		call.DirectionOutbound: `"Direction":1,"CallType":1`,
		call.DirectionInternal: `"Direction":1,"CallType":6`,
	} {
		body, err := json.Marshal(From(call.Record{Direction: direction, HungUpBy: "timer", End: call.EndBusy}, 1, staff{}))
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range []string{want, `"ServeParticipants":[]`, `"IVRKeyPressed":[]`, `"Duration":0`, `"HungUpSide":"system"`,
			`"EndStatus":206,"EndStatusString":"busy"`, `"StartTimestamp":0`} {
			if !strings.Contains(string(body), want) {
				t.Errorf("no %s in %s", want, body)
			}
		}
		if strings.Contains(string(body), "null") || strings.Contains(string(body), "SeatUser") {
			t.Errorf("%s", body)
		}
	}
}
