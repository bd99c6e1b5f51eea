package ccc

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"seatbridge/api/cdr"
	"seatbridge/call"
	"seatbridge/leg"
	"seatbridge/seat"
)

type fields = map[string]any

// TestRefused is what no action is asked.
func TestRefused(t *testing.T) {
	set := func(name, value string) func(*http.Request) {
		return func(r *http.Request) { r.Header.Set(name, value) }
	}
	for _, ca := range []struct {
		name, action, body string
		change             func(*http.Request)
		want               code
	}{
		{"wrong signature", "DescribeCallInMetrics", with(nil), set("Content-Type", "text/plain"), codeSignatureFailure},
		{"unknown action", "DescribeNothing", with(nil), nil, codeInvalidAction},
		{"unknown action, unknown key", "DescribeNothing", with(nil),
			func(r *http.Request) { signer{id: "AKID2"}.sign(r, "", time.Now()) }, codeSecretIDNotFound},
		{"no action", "", with(nil), nil, codeMissingParameter},
		{"another version", "DescribeCallInMetrics", with(nil), set("X-TC-Version", "2017-03-12"), codeNoSuchVersion},
		{"too large", "DescribeCallInMetrics", strings.Repeat(" ", maxBody+1), nil, codeRequestTooLarge},
		{"no JSON", "DescribeCallInMetrics", "{", nil, codeInvalidParameter},
		{"no object", "DescribeCallInMetrics", "[]", nil, codeInvalidParameter},
		{"no application", "DescribeCallInMetrics", "{}", nil, codeMissingParameter},
		{"application null", "DescribeCallInMetrics", `{"SdkAppId": null}`, nil, codeMissingParameter},
		{"application as text", "DescribeCallInMetrics", `{"SdkAppId": "1400000001"}`, nil, codeInvalidParameter},
		{"another application", "DescribeCallInMetrics", `{"SdkAppId": 1}`, nil, codeNoInstance},
		{"missing parameter", "HangUpCall", with(nil), nil, codeMissingParameter},
		{"unknown parameter", "HangUpCall", with(fields{"SessionId": "1", "Why": 1}), nil, codeUnknownParameter},
		{"number for text", "HangUpCall", with(fields{"SessionId": 1}), nil, codeInvalidParameter},
		{"more behind it", "HangUpCall", with(fields{"SessionId": "1"}) + "{}", nil, codeInvalidParameter},
	} {
		t.Run(ca.name, func(t *testing.T) {
			h := newHouse(t)
			change := ca.change
			if change == nil {
				change = func(*http.Request) {}
			}
			if got := errorCode(h.post(ca.action, ca.body, change)); got != ca.want {
				t.Errorf("%q, want %s", got, ca.want)
			}
			guess := ca.want == codeSignatureFailure || ca.want == codeSecretIDNotFound
			line := "level=WARN msg=security event=auth_failed service=api source="
			if strings.Contains(h.log.String(), line) != guess {
				t.Errorf("a line for a firewall is there or not there: %s", h.log.String())
			}
		})
	}
}

// TestReplayedRequest sends requests again as they were: a list may come twice in a second, a change may not.
func TestReplayedRequest(t *testing.T) {
	h := newHouse(t)
	again := func(address string) func(*http.Request) {
		var first http.Header
		return func(r *http.Request) {
			if first != nil {
				r.Header, r.RemoteAddr = first, address
			}
			first = r.Header
		}
	}
	staff := with(fields{"Staffs": []fields{{"Name": "Nora", "Mail": "nora@example.com"}}})
	for _, ca := range []struct {
		action, body, address string
		want                  code
	}{
		{"DescribeCallInMetrics", with(nil), "192.0.2.1:2", ""},
		{"DescribeCallInMetrics", with(nil), "192.0.2.2:1", codeSignatureExpire},
		{"CreateStaff", staff, "192.0.2.1:1", codeSignatureExpire},
	} {
		change := again(ca.address)
		if got := errorCode(h.post(ca.action, ca.body, change)); got != "" {
			t.Errorf("%s: %s", ca.action, got)
		}
		if got := errorCode(h.post(ca.action, ca.body, change)); got != ca.want {
			t.Errorf("%s again from %s: %q, want %q", ca.action, ca.address, got, ca.want)
		}
	}
}

// TestRequestLimit wants a flood of one action to leave the others alone.
func TestRequestLimit(t *testing.T) {
	h := newHouse(t)
	limited := false
	for range 3 * perSecond {
		limited = limited || errorCode(h.post("DescribeCallInMetrics", with(nil))) == codeRequestLimit
	}
	if !limited {
		t.Error("nothing was limited")
	}
	h.do("DescribeStaffStatusMetrics", nil, nil)
}

// TestInternalError keeps what went wrong for the log.
func TestInternalError(t *testing.T) {
	h := newHouse(t)
	h.noRecord = errors.New("disk of glass")
	answer := h.post("DescribeTelCdr", with(fields{"StartTimeStamp": 1, "EndTimeStamp": 2, "PageSize": 1,
		"PageNumber": 0}))
	if errorCode(answer) != codeInternal || strings.Contains(fmt.Sprint(answer), "glass") {
		t.Errorf("answered %v", answer)
	}
	if !strings.Contains(h.log.String(), "glass") || !strings.Contains(h.log.String(), answer["RequestId"].(string)) {
		t.Errorf("logged %s", h.log.String())
	}
}

func TestLoginToken(t *testing.T) {
	h := newHouse(t)
	var a loginTokenAnswer
	h.do("CreateSDKLoginToken", fields{"SeatUserId": "alice@example.com"}, &a)
	if a != (loginTokenAnswer{"ticket of alice", 1, "http://ccc.example.com/sdk/v1?ticket=ticket+of+alice"}) {
		t.Errorf("%+v", a)
	}
	h.config.URL = "https://phone.example.com"
	h.do("CreateSDKLoginToken", fields{"SeatUserId": "bob"}, &a)
	if a.SdkURL != "https://phone.example.com/sdk/v1?ticket=ticket+of+bob" {
		t.Error(a.SdkURL)
	}
	h.refused(codeNoAccount, "CreateSDKLoginToken", fields{"SeatUserId": ""})
}

func TestForceOffline(t *testing.T) {
	h := newHouse(t)
	if err := h.config.Seats.LoggedIn("alice"); err != nil {
		t.Fatal(err)
	}
	h.do("ForceMemberOffline", fields{"UserId": "alice"}, nil)
	if s, _ := h.config.Seats.Status("alice"); s != seat.StatusOffline || len(h.kicked) != 1 {
		t.Errorf("alice is %s, kicked out: %v", s, h.kicked)
	}
	if err := h.config.Seats.ClaimToRing("bob", "1"); err == nil {
		t.Fatal("bob is not there")
	}
	if err := h.config.Seats.LoggedIn("bob"); err != nil {
		t.Fatal(err)
	}
	if err := h.config.Seats.ClaimToRing("bob", "1"); err != nil {
		t.Fatal(err)
	}
	h.refused(codeSeatBusy, "ForceMemberOffline", fields{"UserId": "bob"})
}

// TestSessions pages, leaves internal sessions out, and shows no protected number.
func TestSessions(t *testing.T) {
	h := newHouse(t)
	at := time.Unix(1795363200, 0)
	h.calls.sessions = []call.Info{
		{ID: "1", Direction: call.DirectionInbound, Status: call.StatusRinging, Started: at,
			Caller: leg.Identity{Number: "+1"}, ProtectedCaller: "+*", Callee: leg.Identity{Number: "+2"},
			Parties: []call.PartyInfo{{Role: call.RoleAgent, User: "bob", Left: true}, {Role: call.RoleAgent, User: "alice"}}},
		{ID: "2", Direction: call.DirectionInternal},
		{ID: "3", Direction: call.DirectionOutbound, User: "bob", Answered: at.Add(time.Second)},
	}
	var list activeSessionsAnswer
	h.do("DescribePSTNActiveSessionList", fields{"Offset": 0, "Limit": 1}, &list)
	want := activeSession{
		SessionID: "1", RoomID: "1", Callee: "+2", ProtectedCaller: "+*", StartTimestamp: "1795363200", AcceptTimestamp: "0",
		StaffEmail: "alice@example.com", StaffNumber: "77", SessionStatus: "ringing",
	}
	if list.Total != 2 || len(list.Sessions) != 1 || list.Sessions[0] != want {
		t.Errorf("%+v", list)
	}
	h.do("DescribePSTNActiveSessionList", fields{"Offset": 1, "Limit": 25}, &list)
	if len(list.Sessions) != 1 || list.Sessions[0].SessionID != "3" || list.Sessions[0].StaffEmail != "bob" {
		t.Errorf("%+v", list)
	}
	var one sessionAnswer
	h.do("DescribeTelSession", fields{"SessionId": "3"}, &one)
	if one.Session.AcceptTimestamp != 1795363201 || one.Session.Direction != 1 {
		t.Errorf("%+v", one)
	}
	h.refused(codeNotFound, "DescribeTelSession", fields{"SessionId": "4"})
	h.refused(codeFailed, "HangUpCall", fields{"SessionId": "3"})
}

// TestCallOut takes the first number that may be shown.
func TestCallOut(t *testing.T) {
	h := newHouse(t)
	h.calls.refuse = map[string]error{
		"+1": call.Errorf(call.CodeForbidden, "not ours"), "+3": call.Errorf(call.CodeBusy, "busy"),
	}
	h.do("CreateCallOutSession", fields{"UserId": "alice", "Callee": "00861", "Callers": []string{"001", "002", "003"},
		"Uui": "order"}, nil)
	if o := h.calls.outbound; len(o) != 2 ||
		!reflect.DeepEqual(o[1], call.Outbound{User: "alice", Number: "00861", CallerID: "+2", UUI: "order"}) {
		t.Errorf("%+v", o)
	}
	h.refused(codePermissionDenied, "CreateCallOutSession", fields{"UserId": "bob", "Callee": "1",
		"Callers": []string{"+1"}})
	h.refused(codeSeatBusy, "CreateCallOutSession", fields{"UserId": "bob", "Callee": "1", "Caller": "003"})
	h.refused(codeUnsupported, "CreateCallOutSession", fields{"UserId": "bob", "Callee": "1", "IsForceUseMobile": true})
	h.refused(codeInvalidValue, "CreateCallOutSession",
		fields{"UserId": "bob", "Callee": "1", "UUI": strings.Repeat("u", maxUUI+1)})
	h.refused(codeNoAccount, "CreateCallOutSession", fields{"UserId": "nobody", "Callee": "1"})
}

func TestRecords(t *testing.T) {
	h := newHouse(t)
	h.records = []cdr.Record{{
		SessionId: "1", SkillGroupId: 7, UUI: "order", StartTimestamp: 5,
		SeatUser: &cdr.SeatUser{UserId: "alice", Name: "Alice of then"},
	}, {SessionId: "2", SkillGroupId: 8}}
	var a struct {
		TotalCount int
		TelCdrList []struct {
			SessionId, SkillGroup, Uui string
			Time                       int64
			SeatUser                   *seatUser
		}
		TelCdrs []any
	}
	query := fields{"StartTimeStamp": 10, "EndTimeStamp": 20, "PageSize": 100, "PageNumber": 3,
		"Phones": []string{"00861"}, "SessionIds": []string{"1"}, "InstanceId": 1, "Limit": 1, "Offset": 1}
	h.do("DescribeTelCdr", query, &a)
	if want := (RecordQuery{time.Unix(10, 0), time.Unix(21, 0), []string{"1"},
		[]string{"+861"}, 3, 100}); fmt.Sprint(h.asked) != fmt.Sprint(want) {
		t.Errorf("asked for %v, want %v", h.asked, want)
	}
	first := a.TelCdrList[0]
	if a.TotalCount != 2 || len(a.TelCdrs) != 2 || first.SkillGroup != "support" || first.Uui != "order" ||
		first.Time != 5 ||
		first.SeatUser.Name != "Alice of then" || first.SeatUser.StaffNumber != "77" ||
		first.SeatUser.ExtensionNumber != "1001" ||
		a.TelCdrList[1].SeatUser != nil || a.TelCdrList[1].SkillGroup != "8" {
		t.Errorf("%+v", a)
	}
	for _, bad := range []fields{{"PageSize": 101}, {"PageSize": 0}, {"PageNumber": -1}, {"EndTimeStamp": 9},
		{"EndTimeStamp": 10 + 90*86400}, {"StartTimeStamp": -1}} {
		wrong := fields{}
		for name, value := range query {
			wrong[name] = value
		}
		for name, value := range bad {
			wrong[name] = value
		}
		h.refused(codeInvalidValue, "DescribeTelCdr", wrong)
	}
}

// TestCallInMetrics counts sessions where they are.
func TestCallInMetrics(t *testing.T) {
	h := newHouse(t)
	ago := func(seconds int) time.Time {
		return time.Now().Add(-time.Duration(seconds)*time.Second - time.Millisecond)
	}
	to := leg.Identity{Number: "+2"}
	h.calls.sessions = []call.Info{
		{Status: call.StatusRinging, InMenu: true, Callee: to},
		{Status: call.StatusRinging, Waiting: true, Group: 7, Queued: ago(10), Callee: to,
			Transfer: &call.TransferInfo{By: "alice"}}, // to the group
		{Status: call.StatusRinging, Waiting: true, Group: 7, Queued: ago(31), Callee: leg.Identity{Number: "+1"}},
		{Status: call.StatusRinging, Group: 7, Rang: ago(5), Callee: to},
		{Status: call.StatusInProgress, Group: 8, Answered: ago(60), Callee: to,
			Transfer: &call.TransferInfo{To: "+15550100"}},
		{Status: call.StatusInProgress, Direction: call.DirectionOutbound, Answered: ago(60)},
	}
	var a callInAnswer
	h.do("DescribeCallInMetrics", fields{"EnabledNumber": true}, &a)
	want := callIn{IvrCount: 1, QueueCount: 2, RingCount: 1, AcceptCount: 1, TransferOuterCount: 1, MaxQueueDuration: 31,
		AvgQueueDuration: 20, MaxRingDuration: 5, AvgRingDuration: 5, MaxAcceptDuration: 60, AvgAcceptDuration: 60}
	if a.TotalMetrics != want {
		t.Errorf("%+v", a.TotalMetrics)
	}
	if g := a.SkillGroupMetrics; len(g) != 1 || g[0].Name != "support" || g[0].Metrics.QueueCount != 2 ||
		g[0].Metrics.AcceptCount != 0 {
		t.Errorf("%+v", g)
	}
	if n := a.NumberMetrics; len(n) != 2 || n[0].Number != "+1" || n[0].Metrics.QueueCount != 1 ||
		n[1].SkillGroupMetrics[0].Metrics.RingCount != 1 {
		t.Errorf("%+v", n)
	}
	h.do("DescribeCallInMetrics", fields{"EnabledSkillGroup": false, "GroupIdList": []int{8}}, &a)
	if a.TotalMetrics.AcceptCount != 1 || a.TotalMetrics.QueueCount != 0 || len(a.SkillGroupMetrics) != 0 {
		t.Errorf("%+v", a)
	}
}

func TestStatuses(t *testing.T) {
	h := newHouse(t)
	seats := h.config.Seats
	h.calls.sessions = []call.Info{{Direction: call.DirectionInbound, Parties: []call.PartyInfo{{User: "alice"}}}}
	for _, err := range []error{seats.LoggedIn("alice"), seats.ClaimToRing("alice", "1"),
		seats.SetStatus("alice", seat.StatusRest, "lunch"), seats.LoggedIn("bob"),
		seats.SetStatus("bob", seat.StatusArrange, "")} {
		if err != nil {
			t.Fatal(err)
		}
	}
	var a statusAnswer
	h.do("DescribeStaffStatusMetrics", fields{"GroupIdList": []int{7}}, &a)
	if m := a.Metrics; len(m) != 1 || m[0].Email != "alice@example.com" || m[0].Status != "busy" ||
		*m[0].StatusExtra != (statusExtra{"tel", "in"}) ||
		!m[0].ReserveRest || m[0].ReserveNotReady || m[0].Reason != "lunch" || len(m[0].ClientInfo) != 1 {
		t.Errorf("%+v", m)
	}
	a = statusAnswer{}
	h.do("DescribeStaffStatusMetrics", fields{"StatusList": []string{"afterCallWork"}}, &a)
	if m := a.Metrics; len(m) != 1 || m[0].Email != "bob" || m[0].StatusExtra != nil {
		t.Errorf("%+v", m)
	}
}

// TestStaff adds all of a staff member or nothing.
func TestStaff(t *testing.T) {
	h := newHouse(t)
	var a createStaffAnswer
	h.do("CreateStaff", fields{"SendPassword": false, "Staffs": []fields{
		{"Name": "Nora", "Mail": "nora@example.com", "UserId": "nora", "SkillGroupNameList": []string{"support"}},
		{"Name": "Again", "Mail": "nora@example.com", "UserId": "nora2"},
		{"Name": "No group", "Mail": "x@example.com", "SkillGroupNameList": []string{"none"}},
		{"Name": "No role", "Mail": "y@example.com", "Role": 9},
		{"Name": "Her extension", "Mail": "z@example.com", "ExtensionNumber": "1001"},
		{"Mail": "w@example.com"},
	}}, &a)
	var codes []code
	for _, e := range a.ErrorStaffList {
		codes = append(codes, e.Code)
	}
	want := []code{codeDuplicatedAccount, codeNotFound, codeInvalidValue, codeDuplicatedAccount, codeMissingParameter}
	if fmt.Sprint(codes) != fmt.Sprint(want) {
		t.Errorf("%v, want %v", a.ErrorStaffList, want)
	}
	if users := h.config.Seats.Users(); fmt.Sprint(users) != "[alice bob nora]" {
		t.Errorf("staff: %v", users)
	}
	g, _ := h.config.Seats.Group(7)
	if len(g.Members) != 2 || g.Members[1] != (seat.Member{User: "nora", Level: 3}) {
		t.Errorf("members: %v", g.Members)
	}
	h.refused(codeNoAccount, "DeleteStaff", fields{"StaffList": []string{"bob", "nobody"}})
	h.refused(codeInvalidValue, "DeleteStaff", fields{"StaffList": []string{}})
	h.do("DeleteStaff", fields{"StaffList": []string{"bob"}}, nil)
	h.refused(codeUnsupported, "DescribeStaffInfoList", fields{"PageSize": 1, "PageNumber": 0, "ModifiedTime": 1})
	var list staffListAnswer
	h.do("DescribeStaffInfoList", fields{"PageSize": 1, "PageNumber": 5}, &list)
	if list.TotalCount != 2 || len(list.StaffList) != 0 {
		t.Errorf("%+v", list)
	}
}

func TestGroups(t *testing.T) {
	h := newHouse(t)
	for _, ca := range []struct {
		change fields
		want   code
	}{
		{fields{"SkillGroupType": 1}, codeUnsupported},
		{fields{"SkillGroupName": ""}, codeInvalidValue},
		{fields{"SkillGroupName": "support"}, codeInvalidValue},
		{fields{"MaxConcurrency": 2}, codeInvalidValue},
	} {
		q := fields{"SkillGroupName": "sales", "SkillGroupType": 0}
		for name, value := range ca.change {
			q[name] = value
		}
		h.refused(ca.want, "CreateCCCSkillGroup", q)
	}
	bind := func(groups ...fields) fields {
		return fields{"StaffEmail": "bob", "StaffSkillGroupList": append([]fields{}, groups...)}
	}
	h.refused(codeNotFound, "BindStaffSkillGroupList", bind(fields{"SkillGroupId": 7}, fields{"SkillGroupId": 8}))
	h.refused(codeInvalidValue, "BindStaffSkillGroupList", bind(fields{"SkillGroupId": 7, "Priority": 6}))
	h.refused(codeInvalidValue, "BindStaffSkillGroupList", bind())
	if g, _ := h.config.Seats.Group(7); len(g.Members) != 1 {
		t.Errorf("members: %v", g.Members)
	}
	h.do("BindStaffSkillGroupList", bind(fields{"SkillGroupId": 7, "Priority": 2}), nil)
	h.do("BindStaffSkillGroupList", bind(fields{"SkillGroupId": 7}), nil) // keeps the level
	if g, _ := h.config.Seats.Group(7); len(g.Members) != 2 || g.Members[1].Level != 2 {
		t.Errorf("members: %v", g.Members)
	}
	h.refused(codeNotFound, "UnbindStaffSkillGroupList", fields{"StaffEmail": "bob", "SkillGroupList": []int{8}})
}

// TestTwoAdministrators has two change the same group at once: both changes are made.
func TestTwoAdministrators(t *testing.T) {
	h := newHouse(t)
	for round := range 50 {
		var both sync.WaitGroup
		for _, user := range []string{"bob", "alice"} {
			both.Go(func() {
				if err := h.bind(t.Context(), user, 7, round%5+1); err != nil {
					t.Errorf("%s: %v", user, err)
				}
			})
		}
		both.Wait()
		g, _ := h.config.Seats.Group(7)
		levels := map[string]int{}
		for _, m := range g.Members {
			levels[m.User] = m.Level
		}
		if levels["bob"] != round%5+1 || levels["alice"] != round%5+1 {
			t.Fatalf("round %d: %v", round, g.Members)
		}
	}
}

// TestExtensions wants a seat and its desk phone to come and go together.
func TestExtensions(t *testing.T) {
	h := newHouse(t)
	create := fields{"ExtensionId": "2001", "ExtensionName": "Desk", "Relation": "bob", "SkillGroupIds": []int{7}}
	h.do("CreateExtension", create, nil)
	if s, _ := h.config.Seats.Lookup("bob"); s.Extension != "2001" || s.Device != seat.DevicePhone {
		t.Errorf("bob: %+v", s)
	}
	h.refused(codeInvalidValue, "CreateExtension", fields{"ExtensionId": "2001", "ExtensionName": "again"})
	h.refused(codeInvalidValue, "CreateExtension", fields{"ExtensionId": "9001", "ExtensionName": "x"})
	h.refused(codeUnsupported, "CreateExtension", fields{"ExtensionId": "2002", "ExtensionName": "x",
		"SkillGroupIds": []int{7}})
	h.refused(codeDuplicatedAccount, "CreateExtension", fields{"ExtensionId": "1001", "ExtensionName": "x",
		"Relation": "bob"})
	if _, left := h.phones["1001"]; left {
		t.Error("an extension is left whose seat was refused")
	}
	h.calls.sessions = []call.Info{{Parties: []call.PartyInfo{{Leg: leg.Info{Kind: leg.KindPhone, Remote: "2001"}}}}}
	h.phones["2002"] = "Nobody's"
	var list extensionsAnswer
	h.do("DescribeExtensions", fields{"PageNumber": 0, "FuzzingKeyWord": "DESK", "IsNeedStatus": true}, &list)
	if l := list.ExtensionList; len(l) != 1 || l[0].FullExtensionId != "2001@sip.example.com" ||
		*l[0].Status != phoneBusy ||
		l[0].SkillGroupId != "7" || l[0].RelationName != "Bob" {
		t.Errorf("%+v", list)
	}
	h.refused(codeUnsupported, "ResetExtensionPassword", fields{"ExtensionId": "2001"})
	h.do("DeleteExtension", fields{"ExtensionId": "2001"}, nil)
	if s, _ := h.config.Seats.Lookup("bob"); s.Extension != "" || s.Device != seat.DeviceBrowser {
		t.Errorf("bob: %+v", s)
	}
	h.refused(codeNotFound, "DeleteExtension", fields{"ExtensionId": "2001"})
	h.refused(codeNotFound, "DescribeExtension", fields{"ExtensionId": "2001"})
}

// TestActionsAreDocumented wants docs/server-api.md to have just the actions that are served.
func TestActionsAreDocumented(t *testing.T) {
	text, err := os.ReadFile("../../docs/server-api.md")
	if err != nil {
		t.Fatal(err)
	}
	var documented []string
	for _, heading := range regexp.MustCompile(`(?m)^### (.*)$`).FindAllStringSubmatch(string(text), -1) {
		documented = append(documented, strings.Split(heading[1], ", ")...)
	}
	slices.Sort(documented)
	if served := slices.Sorted(maps.Keys(newHouse(t).table())); !slices.Equal(documented, served) {
		t.Errorf("documented %q\nserved     %q", documented, served)
	}
}
