package test

import (
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/coder/websocket/wsjson"

	"seatbridge/test/peers"
)

// The key of a business's server, and its application.
const (
	apiID  = "AKIDseatbridge"
	apiKey = "a key that is only a test's"
	apiApp = 1400000001
)

const apiYAML = `
api: {secret_id: ` + apiID + `, secret_key: "${API_KEY}", sdk_app_id: 1400000001}
groups:
  - {name: support, members: [{user: erin}]}
inbound:
  - {number: "+15550177", group: support}
`

// fields are the parameters of a request.
type fields = map[string]any

// TestServerAPI has the vendor's own client run the gateway: each action that is served, with what comes of it.
func TestServerAPI(t *testing.T) {
	t.Parallel()
	k := peers.Kamailio(t)
	g := suite.Gateway(t, peers.Config{Carrier: k, YAML: apiYAML, Env: []string{"API_KEY=" + apiKey}})
	s := &server{peers.NewServerAPI(t, g, apiID, apiKey, apiApp), t, g, k}
	s.refusals()
	s.staffAndGroups()
	s.logins()
	phone := s.extensions()
	s.outbound(phone)
	s.inbound()
	s.endOfExtension(phone)
	for _, action := range actions(t) {
		if !s.Done(action) {
			t.Errorf("%s was not asked for", action)
		}
	}
}

// actions are those that the documentation says are served.
func actions(t *testing.T) []string {
	t.Helper()
	text, err := os.ReadFile("../docs/server-api.md")
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, heading := range regexp.MustCompile(`(?m)^### (.*)$`).FindAllStringSubmatch(string(text), -1) {
		all = append(all, strings.Split(heading[1], ", ")...)
	}
	if len(all) < 20 {
		t.Fatalf("the documentation has the actions %q", all)
	}
	return all
}

// server is a business's server at work.
type server struct {
	*peers.ServerAPI
	t *testing.T
	g *peers.Gateway
	k *peers.Carrier
}

// want compares what an answer says.
func (s *server) want(what string, got, want any) {
	s.t.Helper()
	if got != want {
		s.t.Fatalf("%s is %v, want %v", what, got, want)
	}
}

// until asks again and again until something is so.
func (s *server) until(what string, so func() bool) {
	s.t.Helper()
	for end := time.Now().Add(10 * time.Second); !so(); {
		if time.Now().After(end) {
			s.t.Fatalf("%s does not come", what)
		}
		<-time.After(300 * time.Millisecond)
	}
}

func (s *server) refusals() {
	s.t.Helper()
	list := fields{"Offset": 0, "Limit": 25}
	s.want("a wrong key", s.RefusedTo("another key", "DescribePSTNActiveSessionList", list),
		"AuthFailure.SignatureFailure")
	s.want("an action not served", s.Refused("DescribeProtectedTelCdr", fields{"StartTimeStamp": 1}), "InvalidAction")
	s.want("a missing parameter", s.Refused("DescribePSTNActiveSessionList", fields{"Offset": 0}), "MissingParameter")
	s.want("too many", s.Refused("DescribePSTNActiveSessionList", fields{"Offset": 0, "Limit": 26}),
		"InvalidParameterValue")
	s.want("another application", s.Refused("DescribePSTNActiveSessionList",
		fields{"SdkAppId": 1, "Offset": 0, "Limit": 25}), "InvalidParameter.InstanceNotExist")
	s.want("no such session", s.Refused("HangUpCall", fields{"SessionId": "none"}), "ResourceNotFound")
	s.want("a phone of the file", s.Refused("ResetExtensionPassword", fields{"ExtensionId": "1011"}),
		"UnsupportedOperation")
}

func (s *server) staffAndGroups() {
	s.t.Helper()
	var group struct{ SkillGroupId int64 }
	s.Do("CreateCCCSkillGroup", fields{"SkillGroupName": "sales", "SkillGroupType": 0}, &group)
	// Not the same parameters, whose signature would be the same in the same second.
	again := fields{"SkillGroupName": "sales", "SkillGroupType": 0, "MaxConcurrency": 1}
	s.want("a group twice", s.Refused("CreateCCCSkillGroup", again), "InvalidParameterValue")
	var created struct {
		ErrorStaffList []struct{ StaffEmail, Code string }
	}
	s.Do("CreateStaff", fields{"Staffs": []fields{
		{"Name": "Nora", "Mail": "nora@example.com", "StaffNumber": "77", "Phone": "0015550123", "Nick": "N",
			"SkillGroupNameList": []string{"sales"}},
		{"Name": "Omar", "Mail": "omar@example.com", "StaffNumber": "78"},
		{"Name": "Alice", "Mail": "alice", "StaffNumber": "79"},
	}}, &created)
	if e := created.ErrorStaffList; len(e) != 1 || e[0].StaffEmail != "alice" ||
		e[0].Code != "FailedOperation.DuplicatedAccount" {
		s.t.Fatalf("staff with errors: %+v", e)
	}
	s.Do("BindStaffSkillGroupList", fields{"StaffEmail": "omar@example.com",
		"StaffSkillGroupList": []fields{{"SkillGroupId": group.SkillGroupId, "Priority": 1}}}, nil)
	var staff struct {
		TotalCount int
		StaffList  []struct {
			Name, Mail, Phone, StaffNumber string
			SkillGroupList                 []struct {
				SkillGroupName string
				Priority       int
			}
		}
	}
	sales := fields{"PageSize": 1, "PageNumber": 1, "SkillGroupId": group.SkillGroupId}
	s.Do("DescribeStaffInfoList", sales, &staff)
	if l := staff.StaffList; staff.TotalCount != 2 || len(l) != 1 || l[0].Mail != "omar@example.com" ||
		l[0].StaffNumber != "78" ||
		len(l[0].SkillGroupList) != 1 || l[0].SkillGroupList[0].Priority != 1 {
		s.t.Fatalf("staff: %+v", staff)
	}
	s.Do("UnbindStaffSkillGroupList",
		fields{"StaffEmail": "omar@example.com", "SkillGroupList": []int64{group.SkillGroupId}}, nil)
	sales["PageNumber"] = 0
	s.Do("DescribeStaffInfoList", sales, &staff)
	if l := staff.StaffList; staff.TotalCount != 1 || len(l) != 1 || l[0].Phone != "+15550123" {
		s.t.Fatalf("staff: %+v", staff)
	}
	var groups struct {
		TotalCount     int
		SkillGroupList []struct {
			SkillGroupId                int64
			SkillGroupName, RoutePolicy string
		}
	}
	s.Do("DescribeSkillGroupInfoList", fields{"PageSize": 10, "PageNumber": 0, "SkillGroupName": "sales"}, &groups)
	if l := groups.SkillGroupList; len(l) != 1 || l[0].SkillGroupId != group.SkillGroupId ||
		l[0].RoutePolicy != "longestIdle" {
		s.t.Fatalf("groups: %+v", groups)
	}
}

// logins logs a staff member in by a token, forces her offline, and deletes her.
func (s *server) logins() {
	s.t.Helper()
	nora := fields{"SeatUserId": "nora@example.com", "OnlyOnce": true}
	var login struct {
		Token, SdkURL string
		ExpiredTime   int64
	}
	s.Do("CreateSDKLoginToken", nora, &login)
	if left := time.Until(time.Unix(login.ExpiredTime, 0)); left < 9*time.Minute || left > 10*time.Minute {
		s.t.Errorf("the token expires in %v", left)
	}
	s.want("the SDK's URL", login.SdkURL, s.g.URL("/sdk/v1?ticket="+login.Token))
	page, _, err := websocket.Dial(s.t.Context(), strings.Replace(s.g.URL("/api/v1/ws"), "http", "ws", 1),
		&websocket.DialOptions{HTTPHeader: map[string][]string{"Origin": {s.g.URL("")}}})
	if err != nil {
		s.t.Fatal(err)
	}
	defer page.CloseNow()
	if err := wsjson.Write(s.t.Context(), page, fields{"type": "login", "token": login.Token}); err != nil {
		s.t.Fatal(err)
	}
	s.until("nora's login", func() bool { return s.status("nora@example.com").Status == "free" })
	if c := s.status("nora@example.com").ClientInfo; len(c) != 1 || c[0].ClientType != "Web" {
		s.t.Errorf("clients: %+v", c)
	}
	var deleted struct{ OnlineStaffList []string }
	list := fields{"StaffList": []string{"nora@example.com"}}
	s.Do("DeleteStaff", list, &deleted)
	s.want("who is online", strings.Join(deleted.OnlineStaffList, " "), "nora@example.com")
	s.Do("ForceMemberOffline", fields{"UserId": "nora@example.com"}, nil)
	for event := (map[string]any{}); event["event"] != "kickedOut"; {
		if err := wsjson.Read(s.t.Context(), page, &event); err != nil {
			s.t.Fatalf("not kicked out: %v", err)
		}
	}
	s.want("nora", s.status("nora@example.com").Status, "offline")
	// Not the same list, whose signature would be the same in the same second.
	s.Do("DeleteStaff", fields{"StaffList": []string{"nora@example.com", "nora@example.com"}}, &deleted)
	s.want("who is online", len(deleted.OnlineStaffList), 0)
	s.want("a token for nobody", s.Refused("CreateSDKLoginToken", nora), "InvalidParameterValue.AccountNotExist")
}

type staffStatus struct {
	Status       string
	BusyDuration int
	StatusExtra  *struct{ Type, Direct string }
	ClientInfo   []struct{ ClientType string }
}

func (s *server) status(account string) staffStatus {
	s.t.Helper()
	var answer struct{ Metrics []staffStatus }
	s.Do("DescribeStaffStatusMetrics", fields{"StaffList": []string{account}}, &answer)
	if len(answer.Metrics) != 1 {
		s.t.Fatalf("%d statuses of %s", len(answer.Metrics), account)
	}
	return answer.Metrics[0]
}

// extensions makes a desk phone's account for omar, and registers a phone.
func (s *server) extensions() *peers.RTPPhone {
	s.t.Helper()
	s.want("an extension of the file",
		s.Refused("CreateExtension", fields{"ExtensionId": "1011", "ExtensionName": "x"}), "InvalidParameterValue")
	s.Do("CreateExtension",
		fields{"ExtensionId": "2001", "ExtensionName": "Omar's desk", "Relation": "omar@example.com"}, nil)
	first := s.account()
	if first.Password == "" || s.account().Password != "" {
		s.t.Fatal("the password is not shown once")
	}
	old := peers.RTP(s.t, first, peers.Name("old password"))
	s.want("the phone", s.extension().Status, 100)
	var reset struct{ Password string }
	s.Do("ResetExtensionPassword", fields{"ExtensionId": "2001"}, &reset)
	s.want("the phone with the old password", s.extension().Register, false)
	if status := old.Register(time.Minute); status == 200 {
		s.t.Fatal("the old password registers")
	}
	first.Password = reset.Password
	phone := peers.RTP(s.t, first, tone(0))
	if e := s.extension(); !e.Register || e.ExtensionName != "Omar's desk" || e.Relation != "omar@example.com" {
		s.t.Fatalf("the extension: %+v", e)
	}
	return phone
}

// account is what a desk phone has to be told.
func (s *server) account() peers.Account {
	s.t.Helper()
	var e struct{ ExtensionId, Password, OutboundProxy, Transport string }
	s.Do("DescribeExtension", fields{"ExtensionId": "2001"}, &e)
	s.want("the proxy", e.OutboundProxy+" "+e.Transport, s.g.SIP.String()+" UDP")
	account := s.g.Phone("1011")
	account.User, account.Password = e.ExtensionId, e.Password
	return account
}

type extension struct {
	ExtensionName, Relation string
	Status                  int
	Register                bool
}

func (s *server) extension() extension {
	s.t.Helper()
	var list struct {
		Total         int
		ExtensionList []extension
	}
	s.Do("DescribeExtensions",
		fields{"PageNumber": 0, "ExtensionIds": []string{"2001"}, "IsNeedStatus": true}, &list)
	if list.Total != 1 || len(list.ExtensionList) != 1 {
		s.t.Fatalf("extensions: %+v", list)
	}
	return list.ExtensionList[0]
}

// outbound has omar's phone call a customer, hangs up, and reads the record.
func (s *server) outbound(phone *peers.RTPPhone) {
	s.t.Helper()
	customer := peers.RTP(s.t, s.k.Subscriber("+15550199"), tone(1))
	began := time.Now()
	var call struct{ SessionId string }
	s.Do("CreateCallOutSession", fields{"UserId": "omar@example.com", "Callee": "0015550199",
		"Callers": []string{"0015550999", "0015550100"}, "UUI": "order 7"}, &call)
	customer.WaitEstablished()
	phone.WaitEstablished()
	peers.WantAllHear(s.t, map[peers.Ear][]float64{phone: {customer.Tone()}, customer: {phone.Tone()}})
	var active struct {
		Total    int
		Sessions []struct {
			SessionID, Caller, Callee, SessionStatus, StaffEmail, StaffNumber, AcceptTimestamp string
			Direction                                                                          int
		}
	}
	s.Do("DescribePSTNActiveSessionList", fields{"Offset": 0, "Limit": 25}, &active)
	if l := active.Sessions; active.Total != 1 || len(l) != 1 || l[0].SessionID != call.SessionId ||
		l[0].Caller != "+15550100" ||
		l[0].Callee != "+15550199" || l[0].SessionStatus != "inProgress" || l[0].StaffEmail != "omar@example.com" ||
		l[0].StaffNumber != "78" || l[0].Direction != 1 || !now(l[0].AcceptTimestamp) {
		s.t.Fatalf("active: %+v", active)
	}
	s.want("the phone in a call", s.extension().Status, 200)
	status := s.status("omar@example.com")
	if status.Status != "busy" || status.StatusExtra == nil || status.StatusExtra.Direct != "out" {
		s.t.Fatalf("omar: %+v", status)
	}
	s.want("force offline", s.Refused("ForceMemberOffline", fields{"UserId": "omar@example.com"}),
		"FailedOperation.SeatStatusBusy")
	s.Do("HangUpCall", fields{"SessionId": call.SessionId}, nil)
	customer.WaitClosed()
	phone.WaitClosed()
	var one struct {
		Session struct{ SessionStatus string }
	}
	s.Do("DescribeTelSession", fields{"SessionId": call.SessionId}, &one)
	s.want("the session", one.Session.SessionStatus, "finished")
	s.record(call.SessionId, began)
}

// now says that a time in seconds is not long ago.
func now(seconds string) bool {
	n, err := strconv.ParseInt(seconds, 10, 64)
	return err == nil && time.Since(time.Unix(n, 0)).Abs() < 2*time.Minute
}

func (s *server) record(session string, began time.Time) {
	s.t.Helper()
	type cdr struct {
		SessionId, Caller, Callee, HungUpSide, EndStatusString, UUI string
		Direction, CallType, EndStatus                              int
		AcceptTimestamp                                             int64
		SeatUser                                                    struct{ Mail, StaffNumber string }
		ServeParticipants                                           []struct{ Mail, Type string }
	}
	var list struct {
		TotalCount int
		TelCdrList []cdr
	}
	query := fields{"StartTimeStamp": began.Unix() - 1, "PageSize": 10, "PageNumber": 0, "Phones": []string{"0015550199"}}
	s.until("the record", func() bool {
		query["EndTimeStamp"] = time.Now().Unix()
		s.Do("DescribeTelCdr", query, &list)
		return list.TotalCount > 0
	})
	var r cdr
	for _, one := range list.TelCdrList {
		if one.SessionId == session {
			r = one
		}
	}
	if r.Caller != "+15550100" || r.Callee != "+15550199" || r.HungUpSide != "system" || r.EndStatusString != "ok" ||
		r.UUI != "order 7" ||
		r.Direction != 1 || r.CallType != 1 || r.EndStatus != 1 || r.AcceptTimestamp == 0 ||
		r.SeatUser.Mail != "omar@example.com" ||
		r.SeatUser.StaffNumber != "78" || len(r.ServeParticipants) != 1 ||
		r.ServeParticipants[0].Type != "staffExtensionSeat" {
		s.t.Fatalf("records: %+v", list)
	}
}

// inbound has a customer call a group, and counts.
func (s *server) inbound() {
	s.t.Helper()
	erin := peers.RTP(s.t, s.g.Phone("1011"), tone(2), peers.Manual)
	customer := peers.RTP(s.t, s.k.Subscriber("+15550198"), tone(3))
	customer.Dial("+15550177")
	erin.WaitRinging()
	s.until("a call that rings", func() bool { return s.counts() == [2]int{1, 0} })
	erin.Answer()
	erin.WaitEstablished()
	s.until("a call that goes on", func() bool { return s.counts() == [2]int{0, 1} })
	customer.Hangup()
	erin.WaitClosed()
	s.until("no call", func() bool { return s.counts() == [2]int{0, 0} })
}

// counts are the calls for the group support that ring, and those that go on.
func (s *server) counts() [2]int {
	s.t.Helper()
	type metrics struct{ RingCount, AcceptCount int }
	var answer struct {
		TotalMetrics      metrics
		SkillGroupMetrics []struct {
			Name    string
			Metrics metrics
		}
	}
	s.Do("DescribeCallInMetrics", nil, &answer)
	for _, g := range answer.SkillGroupMetrics {
		if g.Name == "support" {
			s.want("the total", answer.TotalMetrics, g.Metrics)
			return [2]int{g.Metrics.RingCount, g.Metrics.AcceptCount}
		}
	}
	s.t.Fatalf("no group support in %+v", answer)
	return [2]int{}
}

func (s *server) endOfExtension(phone *peers.RTPPhone) {
	s.t.Helper()
	s.Do("DeleteExtension", fields{"ExtensionId": "2001"}, nil)
	if status := phone.Register(time.Minute); status == 200 {
		s.t.Fatal("a deleted extension registers")
	}
	s.want("a deleted extension", s.Refused("DescribeExtension", fields{"ExtensionId": "2001"}), "ResourceNotFound")
	empty(s.g)
}
