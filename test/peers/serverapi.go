package peers

import (
	"encoding/json"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// ServerAPI is a business's server: the vendor's own client for Node.js, by which it asks the gateway.
type ServerAPI struct {
	t     testing.TB
	proc  *process
	seen  int
	appID int64
	last  string          // request
	done  map[string]bool // actions that were
}

// NewServerAPI starts one with a key, for the application appID. It ends with the test.
func NewServerAPI(t testing.TB, g *Gateway, secretID, secretKey string, appID int64) *ServerAPI {
	t.Helper()
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "seatbridge").Output()
	if err != nil {
		t.Fatal(err)
	}
	client := filepath.Join(strings.TrimSpace(string(out)), "test", "ccc", "client.mjs")
	return &ServerAPI{t: t, appID: appID, done: map[string]bool{}, proc: startProcess(t, command{
		name: "serverapi", dir: Dir(t, "serverapi"), path: "node",
		args: []string{client, g.HTTP.String(), secretID, secretKey},
	})}
}

// Do asks for something that must be done, and reads the answer into out unless that is nil.
func (s *ServerAPI) Do(action string, parameters map[string]any, out any) {
	s.t.Helper()
	answer, code, message := s.ask(action, parameters, "")
	if code != "" {
		s.t.Fatalf("%s %v: %s: %s", action, parameters, code, message)
	}
	s.done[action] = true
	if out == nil {
		return
	}
	if err := json.Unmarshal(answer, out); err != nil {
		s.t.Fatalf("%s: %v in %s", action, err, answer)
	}
}

// Done says that an action was asked for, and done.
func (s *ServerAPI) Done(action string) bool { return s.done[action] }

// Refused asks for something that must be refused, and returns the error's code.
func (s *ServerAPI) Refused(action string, parameters map[string]any) string {
	s.t.Helper()
	return s.RefusedTo("", action, parameters)
}

// RefusedTo is Refused with another key.
func (s *ServerAPI) RefusedTo(key, action string, parameters map[string]any) string {
	s.t.Helper()
	answer, code, _ := s.ask(action, parameters, key)
	if code == "" {
		s.t.Fatalf("%s %v was answered %s", action, parameters, answer)
	}
	return code
}

func (s *ServerAPI) ask(action string, parameters map[string]any, key string,
) (answer json.RawMessage, code, message string) {
	s.t.Helper()
	all := map[string]any{"SdkAppId": s.appID}
	for name, value := range parameters {
		all[name] = value
	}
	request := map[string]any{"action": action, "parameters": all}
	if key != "" {
		request["key"] = key
	}
	line, err := json.Marshal(request)
	if string(line) == s.last {
		pause(time.Second) // in the same second it has the same signature, and is taken for a replay
	}
	s.last = string(line)
	if err == nil {
		err = s.proc.say(string(line))
	}
	if err != nil {
		s.t.Fatal(err)
	}
	said, next, err := s.proc.lines.wait(s.seen, patience, func(line string) bool {
		return strings.HasPrefix(line, `{"answer"`) || strings.HasPrefix(line, `{"code"`)
	})
	if err != nil {
		s.t.Fatalf("%s was not answered (npm ci in test/ccc?): %v", action, err)
	}
	s.seen = next
	var reply struct {
		Answer        json.RawMessage
		Code, Message string
	}
	if err := json.Unmarshal([]byte(said), &reply); err != nil {
		s.t.Fatal(err)
	}
	return reply.Answer, reply.Code, reply.Message
}
