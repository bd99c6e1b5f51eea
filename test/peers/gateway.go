package peers

import (
	"bufio"
	"cmp"
	_ "embed"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// Config says how a gateway of a test differs from templates/gateway.yaml, which has the staff alice (1001), bob (1002)
// and sam (1090, administrator) in browsers, erin (1011) and frank (1012) at desk phones, and the desk phones 1011 to
// 1015, of which 1013 uses SHA-256, 1014 demands SRTP and 1015 prefers Opus.
type Config struct {
	// Carrier becomes the trunk "carrier", to which +1555... goes, and whose calls to +15550100 and +15550102 go to alice
	// and bob, those to +155501NN to the desk phone 10NN.
	Carrier *Carrier
	// YAML is laid over all of that: mappings key by key, members of staff, phones, trunks, inbound and outbound by their
	// user, extension, name, number and prefix; anything else replaces what was there.
	YAML string
	// Env is the gateway's environment, NAME=value, beside the test's own.
	Env []string
	// LogLevel is debug, info, warn or error; empty means info.
	LogLevel string
}

// Gateway is the real gateway, built with the race detector.
type Gateway struct {
	// SIP is where it listens, UDP and TCP.
	SIP netip.AddrPort
	// TLS, HTTP and WebRTC are its other addresses.
	TLS, HTTP, WebRTC netip.AddrPort
	// RTPPorts are the first and the last port of its RTP range.
	RTPPorts [2]int
	// File is its configuration.
	File string

	t       testing.TB
	dir     string
	ca      string
	config  map[string]any
	command command
	proc    *process
	crashes int
}

// gatewayBlocks is how many blocks of ports a gateway takes: nearly 300 legs' worth of RTP, beside its listeners.
const gatewayBlocks = 10

// Gateway builds the gateway, once, starts it with a configuration of its own and waits until it is ready. When the
// test ends it is stopped, and the test fails if the gateway has raced or panicked.
func (s *Suite) Gateway(t testing.TB, c Config) *Gateway {
	t.Helper()
	binary, err := s.binary()
	if err != nil {
		t.Fatal(err)
	}
	g := prepareGateway(t, c)
	g.command = command{
		name: "gateway", dir: g.dir, path: binary, args: []string{"serve", g.File}, env: c.Env, grace: 15 * time.Second,
	}
	g.proc = startProcess(t, g.command)
	t.Cleanup(g.checkStop)
	g.waitReady()
	return g
}

// prepareGateway takes ports and writes the configuration.
func prepareGateway(t testing.TB, c Config) *Gateway {
	t.Helper()
	ports := portBlocks(t, gatewayBlocks)
	g := &Gateway{
		t: t, dir: Dir(t, "gateway"), SIP: ports.Addr(), TLS: ports.Addr(), HTTP: ports.Addr(), WebRTC: ports.Addr(),
	}
	values := map[string]any{}
	if c.Carrier != nil {
		g.SIP = c.Carrier.Customer
		values["Carrier"], values["Realm"] = c.Carrier.Addr, carrierRealm
		values["Customer"], values["Password"] = carrierCustomer, carrierPassword
	}
	certificate, key := selfSigned(t, g.dir)
	g.ca = certificate
	rest := ports.rest()
	g.RTPPorts = [2]int{ports.Run(rest), 0}
	g.RTPPorts[1] = g.RTPPorts[0] + rest - 1
	for k, v := range map[string]any{
		"SIP": g.SIP, "TLS": g.TLS, "HTTP": g.HTTP, "WebRTC": g.WebRTC, "RTP": g.RTPPorts[0], "RTPEnd": g.RTPPorts[1],
		"Certificate": certificate, "Key": key, "LogLevel": cmp.Or(c.LogLevel, "info"),
	} {
		values[k] = v
	}
	var text string
	g.config, text = renderGateway(t, values, c.YAML)
	g.File = write(t, g.dir, "gateway.yaml", text)
	return g
}

// URL is the page's address, or that of another path.
func (g *Gateway) URL(path string) string { return "http://" + g.HTTP.String() + path }

// waitReady asks /readyz.
func (g *Gateway) waitReady() {
	g.t.Helper()
	said := ""
	for end := time.Now().Add(patience); time.Now().Before(end); {
		status, body := g.get("/readyz")
		if status == http.StatusOK {
			return
		}
		said = fmt.Sprint(status, " ", body)
		select {
		case <-g.proc.done:
			g.t.Fatalf("the gateway has ended: %v", g.proc.err)
		case <-time.After(20 * time.Millisecond):
		}
	}
	g.t.Fatalf("the gateway does not become ready: %s", said)
}

func (g *Gateway) get(path string) (status int, body string) {
	client := http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	res, err := client.Get(g.URL(path))
	if err != nil {
		return 0, err.Error()
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		return 0, err.Error()
	}
	return res.StatusCode, string(b)
}

// Get fetches a path of the gateway's HTTP server.
func (g *Gateway) Get(path string) string {
	g.t.Helper()
	status, body := g.get(path)
	if status != http.StatusOK {
		g.t.Fatalf("GET %s: %d %s", path, status, body)
	}
	return body
}

// Metric is the sum of the samples of a metric, of those that have all the labels, each written name="value".
func (g *Gateway) Metric(name string, labels ...string) float64 {
	g.t.Helper()
	sum := 0.0
	for lines := bufio.NewScanner(strings.NewReader(g.Get("/metrics"))); lines.Scan(); {
		line := lines.Text()
		after, ok := strings.CutPrefix(line, name)
		if !ok || after == "" || (after[0] != '{' && after[0] != ' ') {
			continue
		}
		if slices.ContainsFunc(labels, func(l string) bool { return !strings.Contains(after, l) }) {
			continue
		}
		v, err := strconv.ParseFloat(line[strings.LastIndexByte(line, ' ')+1:], 64)
		if err != nil {
			g.t.Fatalf("metric %q: %v", line, err)
		}
		sum += v
	}
	return sum
}

// WaitMetric waits until a metric, as in Metric, has a value.
func (g *Gateway) WaitMetric(want float64, name string, labels ...string) {
	g.t.Helper()
	got := g.Metric(name, labels...)
	for end := time.Now().Add(patience); got != want && time.Now().Before(end); got = g.Metric(name, labels...) {
		pause(50 * time.Millisecond)
	}
	if got != want {
		g.t.Fatalf("%s%v is %g, want %g", name, labels, got, want)
	}
}

// WaitLog waits for a line of the gateway's log that matches the expression, from its start on.
func (g *Gateway) WaitLog(expression string) string {
	g.t.Helper()
	line, _, err := g.proc.lines.wait(0, patience, regexp.MustCompile(expression).MatchString)
	if err != nil {
		g.t.Fatalf("the gateway's log has no %q: %v", expression, err)
	}
	return line
}

// Logged are the lines of the gateway's log so far that match the expression.
func (g *Gateway) Logged(expression string) []string {
	matches := regexp.MustCompile(expression).MatchString
	lines, _, _ := g.proc.lines.after(0)
	return slices.DeleteFunc(slices.Clone(lines), func(line string) bool { return !matches(line) })
}

// Pid is the gateway's process id.
func (g *Gateway) Pid() int { return g.proc.cmd.Process.Pid }

// Sockets is how many file descriptors of the gateway are sockets.
func (g *Gateway) Sockets() int {
	g.t.Helper()
	dir := fmt.Sprintf("/proc/%d/fd/", g.Pid())
	entries, err := os.ReadDir(dir)
	if err != nil {
		g.t.Fatal(err)
	}
	n := 0
	for _, e := range entries {
		if to, err := os.Readlink(dir + e.Name()); err == nil && strings.HasPrefix(to, "socket:") {
			n++
		}
	}
	return n
}

// Stop ends the gateway as an operator would, and waits for it. The end of the test does it otherwise.
func (g *Gateway) Stop() { g.proc.stop(15 * time.Second) }

// checkStop stops the gateway and looks for what must never be in its log.
func (g *Gateway) checkStop() {
	g.Stop()
	b, err := os.ReadFile(g.proc.log)
	if err != nil {
		g.t.Error(err)
	}
	// A race, a crash, or a fault that was caught: those are logged as errors with a stack.
	never := regexp.MustCompile(`(?m)^(WARNING: DATA RACE|panic: |fatal error: ).*$|^.*level=ERROR .*( stack=|panic).*$`)
	if found := never.Find(b); found != nil {
		g.t.Errorf("the gateway's log has %.500q", found)
	}
	if status := g.proc.cmd.ProcessState.ExitCode(); status != 0 {
		g.t.Errorf("the gateway ended with status %d", status)
	}
}
