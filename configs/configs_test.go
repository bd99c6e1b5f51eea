package configs

import (
	"errors"
	"strings"
	"testing"
	"time"

	"seatbridge/codec"
)

func TestDefaultIsRight(t *testing.T) {
	c, err := Load("")
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Staff) == 0 || len(c.Trunks) == 0 || c.Opus.Complexity != 5 || c.Calls.RingTimeout != 30*time.Second {
		t.Fatalf("the default says too little: %+v", c)
	}
	if got := c.Trunks[0].Codecs; len(got) != 2 || got[0] != codec.PCMU {
		t.Fatalf("codecs of the trunk: %v", got)
	}
}

// TestBadFiles changes the default in one place and wants to be told where and what.
func TestBadFiles(t *testing.T) {
	for _, ca := range []struct{ name, old, new, want string }{
		{"unknown key", "  realm: seatbridge", "  relm: seatbridge", "f.yaml:9: sip.relm: unknown key; known here: advertise"},
		{"duplicate key", "  realm: seatbridge", "  realm: a\n  realm: b", "stands twice"},
		{"transport", "{transport: tcp, address", "{transport: sctp, address", `f.yaml:8: sip.listen[1].transport: "sctp" must be one of: udp, tcp, tls`},
		{"address", `"127.0.0.1:5060"`, `"127.0.0.1"`, "f.yaml:7: sip.listen[0].address: \"127.0.0.1\" must be an address and port, such as 127.0.0.1:5060"},
		{"tls without certificate", "{transport: tcp,", "{transport: tls,", "TLS needs certificate and key"},
		{"everywhere without advertise", `"127.0.0.1:5060"`, `"0.0.0.0:5060"`, "sip.advertise must name"},
		{"odd port", "min_port: 20000", "min_port: 20001", "must be even"},
		{"not a number", "min_port: 20000", "min_port: many", `f.yaml:21: rtp.min_port: "many" must be a whole number`},
		{"not IPv6", "min_port: 20000", "min_port: 20000\n  address6: 127.0.0.1", "must be an IPv6 address"},
		{"range turned round", "max_port: 29999", "max_port: 1999", "must be more than rtp.min_port"},
		{"demo login in the open", "listen: 127.0.0.1:8080", "listen: 192.0.2.1:8080", "http.listen must be a loopback address"},
		{"role", "role: agent", "role: boss", `"boss" must be one of: agent, inspector, administrator`},
		{"extension", `extension: "1001"`, `extension: "911"`, "must be 4 to 6 digits"},
		{"desk phone without account", `device: staffSeat, extension: "1001"`, `device: staffExtensionSeat, extension: "1001"`, "no entry under phones"},
		{"codec", "codecs: [pcmu, pcma]", "codecs: [pcmu, g729]", `unknown codec "g729"`},
		{"half an account", "caller_ids:", "inbound_username: x\n    caller_ids:", "go together"},
		{"unknown trunk", "trunks: [carrier]", "trunks: [other]", `there is no trunk "other"`},
		{"unknown user", `"+15550100", user: alice`, `"+15550100", user: zoe`, `there is no staff member "zoe"`},
		{"environment", "name: Alice", `name: "${SEATBRIDGE_NOT_SET}"`, "the environment variable SEATBRIDGE_NOT_SET is not set"},
		{"gateway transport", `"127.0.0.1:5090", transport: udp`, `"127.0.0.1:5090", transport: tls`, "no listener under sip.listen speaks tls"},
		{"gateway's port", `"127.0.0.1:5090", transport`, `"127.0.0.1:sip", transport`, `"127.0.0.1:sip" must have a port from 1 to 65535`},
		{"gateway's port out of range", `"127.0.0.1:5090", transport`, `"127.0.0.1:70000", transport`, "trunks[0].gateways[0].address"},
		{"gateway's weight", `"127.0.0.1:5090", transport: udp`, `"127.0.0.1:5090", transport: udp, weight: -1`, "weight: -1 must be from 0"},
		{"advertised host", "  realm: seatbridge", "  advertise: \"sip.example.com:5060\"\n  realm: seatbridge", "sip.advertise: \"sip.example.com:5060\" must be a host name"},
		{"password hash", "role: administrator", "role: administrator, password_hash: secret", "staff[3].password_hash: must be a bcrypt hash"},
		{"long password", "role: administrator", "role: administrator, password: " + strings.Repeat("a", 73), "staff[3].password: is 73 bytes long; bcrypt takes 72"},
		{"inbound number", `"+15550110"`, `"front desk"`, `inbound[1].number: "front desk" must be a number`},
		{"inbound number twice", `"+15550110"`, `"+15550100"`, `inbound[1].number: "+15550100" stands twice`},
		{"outbound without a trunk", `trunks: [carrier]}`, `trunks: []}`, "outbound[0].trunks: needs at least one trunk"},
		{"blocked by a trunk", `{prefix: "+1555", `, `{prefix: "+1555", block: true, `, "outbound[0].block: forbids the numbers"},
		{"risky", `trunks: [carrier]}`, `trunks: [carrier], risky: [satellites]}`, `outbound[0].risky[0]: "satellites" must be the beginning`},
		{"outbound hours", `trunks: [carrier]}`, `trunks: [carrier], hours: [{from: "9", to: "10:00"}]}`, `outbound[0].hours[0].from: "9" must be a time`},
		{"number group", "\n\ndemo:", "\nnumber_groups: [{name: a, numbers: [\"+15550101\"]}]\ndemo:", `number_groups[0].numbers[0]: no trunk has "+15550101"`},
		{"number group twice", "\n\ndemo:", "\nnumber_groups: [{name: a, numbers: [\"+15550100\"]}, {name: a}]\ndemo:", `number_groups[1].name: "a" is missing or stands twice`},
		{"emergency number", "\nstaff:", "\ncalls: {emergency_numbers: [\"+49112\"]}\nstaff:", `calls.emergency_numbers[0]: "+49112" must be the digits`},
		{"less than no calls", "caller_ids:", "max_calls: -1\n    caller_ids:", "trunks[0].max_calls: -1 must be from 0"},
		{"no outbound prefix", `prefix: "+1555"`, `prefix: ""`, "outbound[0].prefix"},
		{"outbound prefix twice", "\n\ndemo:", "\n  - {prefix: \"+1555\", trunks: [carrier]}\n\ndemo:", `outbound[1].prefix: "+1555" stands twice`},
		{"list where a value is wanted", "realm: seatbridge", "realm: [a]", "sip.realm: must be a single value"},
		{"no list", "staff:", "staff: 5\nx:", "must be a list"},
		{"syntax", "realm: seatbridge", "realm: [", "f.yaml:"},
		{"a second document", "rtp:", "---\nrtp:", "a second document begins here"},
		{"an empty second document", "rtp:", "---\n# rtp:", "a second document begins here"},
		{"a second document with a fault", "rtp:", "---\nrtp: [", "f.yaml:"},
		{"registrations of no time", "  realm: seatbridge", "  min_expires: 0s\n  realm: seatbridge", "f.yaml:9: sip.min_expires: 0s must be at least 1s"},
		{"registrations of nearly no time", "  realm: seatbridge", "  min_expires: 999ms\n  realm: seatbridge", "must be at least 1s"},
		{"phone without secret", "demo:\n  enabled: true", "demo:\n  enabled: false", "phones[0].ha1: is missing"},
		{"no music", "caller_ids:", "hold_music: gone.opus\n    caller_ids:", "trunks[0].hold_music: stat gone.opus: no such file"},
		{"digit's length", "\nstaff:", "\ncalls: {digit_length: 30ms}\nstaff:", "calls.digit_length: 30ms must be from 40ms to 5s"},
		{"receiver of records", "\nstaff:", "\ncdr: {url: crm.example.com}\nstaff:", `cdr.url: "crm.example.com" must be like https://`},
		{"secret for nobody", "\nstaff:", "\ncdr: {secret: x}\nstaff:", "cdr.secret: is of no use without cdr.url"},
		{"application id", "\nstaff:", "\ncdr: {sdk_app_id: -1}\nstaff:", "cdr.sdk_app_id: -1 must not be negative"},
		{"id without key", "\nstaff:", "\napi: {secret_id: A, sdk_app_id: 1}\nstaff:", "secret_id and secret_key go together"},
		{"odd id", "\nstaff:", "\napi: {secret_id: A/B, secret_key: K}\nstaff:", "api.secret_id: must be of letters"},
		{"short key", "\nstaff:", "\napi: {secret_id: A, secret_key: K}\nstaff:", "api.secret_key: must have at least 16"},
		{"no application", "\nstaff:", "\napi: {secret_id: A, secret_key: 0123456789abcdef}\nstaff:",
			"api.sdk_app_id: is missing"},
		{"negative application", "\nstaff:", "\napi: {sdk_app_id: -1}\nstaff:", "api.sdk_app_id: -1 must not be negative"},
		{"address with path", "\nstaff:", "\napi: {url: \"https://a.example/b\"}\nstaff:", "api.url: "},
		{"nowhere to record", `0100", user: alice}`, `0100", user: alice, record: true}`, "inbound[0].record: needs recordings.dir"},
		{"location's prefix", `{prefix: "+15550", name: "Demo`, `{prefix: "15550", name: "Demo`, `locations[0].prefix: "15550" must be the beginning`},
		{"location twice", `{prefix: "+155501",`, `{prefix: "+15550",`, `locations[1].prefix: "+15550" stands twice`},
		{"location without a name", `"Demo City, North"`, `""`, `locations[1].name: "" is missing`},
		{"network", "[127.0.0.0/8]", "[loopback]", `rtp.networks[0]: "loopback" must be a network, such as 192.0.2.0/24`},
	} {
		t.Run(ca.name, func(t *testing.T) {
			text := strings.Replace(string(Default()), ca.old, ca.new, 1)
			if text == string(Default()) {
				t.Fatal("the default has no such text any more")
			}
			_, err := Parse("f.yaml", []byte(text))
			var problems Problems
			if !errors.As(err, &problems) || !strings.Contains(err.Error(), ca.want) {
				t.Fatalf("got %v\nwant %s", err, ca.want)
			}
		})
	}
}

func TestOutbound(t *testing.T) {
	text := strings.Replace(string(Default()), `{prefix: "+1555", trunks: [carrier]}`, `{prefix: "+1555", trunks: [carrier], `+
		`hours: [{days: [mon], from: "08:00", to: "20:00", zone: Europe/Berlin}], risky: ["+1555", "+"]}
  - {prefix: "+15559", block: true}
number_groups: [{name: sales, numbers: ["+15550100"]}]
calls: {emergency_numbers: ["110"], seat_calls_per_minute: 0}`, 1)
	text = strings.Replace(text, "    caller_ids:", "    max_calls: 30\n    calls_per_second: 5\n    protect_numbers: true\n    caller_ids:", 1)
	c, err := Parse("f.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	trunk, rule := c.Trunks[0], c.Outbound[0]
	if trunk.MaxCalls != 30 || trunk.CallsPerSecond != 5 || !trunk.ProtectNumbers || len(rule.Hours) != 1 ||
		len(rule.Risky) != 2 || !c.Outbound[1].Block || c.NumberGroups[0].Numbers[0] != "+15550100" {
		t.Errorf("%+v %+v %+v", trunk, c.Outbound, c.NumberGroups)
	}
	if calls := c.Calls; calls.SeatCallsPerMinute != 0 || calls.SeatCallsAtOnce != 10 || calls.EmergencyNumbers[0] != "110" {
		t.Errorf("%+v", calls)
	}
}

func TestSecretsFromTheEnvironment(t *testing.T) {
	t.Setenv("SEATBRIDGE_TEST_NAME", "Someone: else")
	c, err := Parse("f.yaml", []byte(strings.Replace(string(Default()), "name: Alice", "name: \"${SEATBRIDGE_TEST_NAME}\"", 1)))
	if err != nil || c.Staff[0].Name != "Someone: else" {
		t.Fatalf("%v, %+v", err, c)
	}
}

func TestEmptyFile(t *testing.T) {
	for _, text := range []string{"", "# nothing\n"} {
		if _, err := Parse("f.yaml", []byte(text)); err == nil || !strings.Contains(err.Error(), "empty") {
			t.Fatalf("%q: %v", text, err)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add(Default())
	f.Add([]byte("sip: {listen: [{transport: udp}]}"))
	f.Add([]byte("a: &a [*a]"))
	f.Fuzz(func(t *testing.T, text []byte) {
		if c, err := Parse("f", text); (c == nil) == (err == nil) {
			t.Fatal("neither a configuration nor an error, or both")
		}
	})
}

func TestGatewayAddresses(t *testing.T) {
	for _, address := range []string{"sip.carrier.example", "sip.carrier.example:5080", "192.0.2.1", "[2001:db8::1]:5080", "2001:db8::1"} {
		text := strings.Replace(string(Default()), `"127.0.0.1:5090", transport`, `"`+address+`", transport`, 1)
		if _, err := Parse("f.yaml", []byte(text)); err != nil {
			t.Errorf("%s: %v", address, err)
		}
	}
}
