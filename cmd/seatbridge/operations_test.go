package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"seatbridge/configs"
	"seatbridge/sip/guard"
)

// described are the labels of all metrics of a gateway, by name.
func described(t *testing.T, g *gateway) map[string][]string {
	t.Helper()
	all := map[string][]string{}
	descs := make(chan *prometheus.Desc, 10_000)
	g.registry.Describe(descs)
	close(descs)
	shape := regexp.MustCompile(`fqName: "([^"]+)".*variableLabels: \{([^}]*)\}`)
	for d := range descs {
		m := shape.FindStringSubmatch(d.String())
		if m == nil {
			t.Fatalf("%s", d)
		}
		all[m[1]] = append(all[m[1]], strings.FieldsFunc(m[2], func(r rune) bool { return r == ',' || r == ' ' })...)
	}
	families, err := g.registry.Gather() // some are not described
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		for _, m := range f.GetMetric() {
			for _, l := range m.GetLabel() {
				all[f.GetName()] = append(all[f.GetName()], l.GetName())
			}
		}
		all[f.GetName()] = append(all[f.GetName()], "instance", "job", "le")
	}
	return all
}

// TestDashboard wants each metric of the dashboard and of the alerts to be one of ours, with the labels that are asked for.
func TestDashboard(t *testing.T) {
	g := built(t, stored(t, ""))
	defer g.close()
	known := described(t, g)
	dashboard, err := os.ReadFile("../../docs/grafana.json")
	if err != nil {
		t.Fatal(err)
	}
	var shape struct {
		Panels []struct {
			Title   string
			GridPos struct{ X, Y, W, H int }
			Targets []struct{ Expr string }
		}
	}
	if err := json.Unmarshal(dashboard, &shape); err != nil {
		t.Fatal(err)
	}
	var expressions []string
	for _, p := range shape.Panels {
		if p.Title == "" || p.GridPos.X+p.GridPos.W > 24 {
			t.Errorf("%+v", p)
		}
		for _, q := range p.Targets {
			expressions = append(expressions, q.Expr)
		}
	}
	if len(expressions) < 40 {
		t.Errorf("only %d expressions", len(expressions))
	}
	operations, err := os.ReadFile("../../docs/operations.md")
	if err != nil {
		t.Fatal(err)
	}
	_, alerts, _ := strings.Cut(string(operations), "Worth an alert:")
	rows := regexp.MustCompile("(?m)^\\| `([^`]+)`").FindAllStringSubmatch(alerts, -1)
	if len(rows) < 10 {
		t.Errorf("only %d alerts", len(rows))
	}
	for _, row := range rows {
		expressions = append(expressions, row[1])
	}
	for _, e := range expressions {
		checkExpression(t, e, known)
	}
	// What stands elsewhere in the file: queries of variables.
	for _, name := range regexp.MustCompile(`seatbridge_\w+`).FindAllString(string(dashboard), -1) {
		if _, ok := known[family(name, known)]; !ok {
			t.Errorf("no metric %s", name)
		}
	}
}

// family is a metric's name without the suffixes of a histogram.
func family(name string, known map[string][]string) string {
	for _, suffix := range []string{"_bucket", "_count", "_sum"} {
		if f, ok := strings.CutSuffix(name, suffix); ok && known[f] != nil {
			return f
		}
	}
	return name
}

func checkExpression(t *testing.T, e string, known map[string][]string) {
	t.Helper()
	labels := []string{"instance", "job", "le"}
	for _, m := range regexp.MustCompile(`seatbridge_\w+`).FindAllString(e, -1) {
		of, ok := known[family(m, known)]
		if !ok {
			t.Errorf("no metric %s, in %s", m, e)
		}
		labels = append(labels, of...)
	}
	var asked []string
	for _, m := range regexp.MustCompile(`(\w+)(?:=~|!=|!~|=)"`).FindAllStringSubmatch(e, -1) {
		asked = append(asked, m[1])
	}
	for _, m := range regexp.MustCompile(`\bby \(([^)]*)\)`).FindAllStringSubmatch(e, -1) {
		asked = append(asked, strings.Split(m[1], ", ")...)
	}
	for _, l := range asked {
		if !slices.Contains(labels, l) {
			t.Errorf("no label %s, in %s", l, e)
		}
	}
}

// filter is the fail2ban filter of the documentation, as far as Go can say it: fail2ban takes the date out of a line and
// then looks for failregex.
func filter(t *testing.T) func(line string) (address string) {
	t.Helper()
	text, err := os.ReadFile("../../docs/operations.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(text), "failregex = ")
	rest, date, found := strings.Cut(rest, "datepattern = ")
	if !found {
		t.Fatal("no filter")
	}
	var expressions []*regexp.Regexp
	for line := range strings.Lines(rest) {
		line = strings.ReplaceAll(strings.TrimSpace(line), "<ADDR>", `([0-9a-fA-F.:]+)`)
		expressions = append(expressions, regexp.MustCompile(line))
	}
	date, _, _ = strings.Cut(date, "\n")
	for code, digits := range map[string]string{
		"%%Y": `\d{4}`, "%%m": `\d\d`, "%%d": `\d\d`, "%%H": `\d\d`, "%%M": `\d\d`, "%%S": `\d\d`, "%%z": `(?:Z|[+-]\d\d:\d\d)`,
	} {
		date = strings.ReplaceAll(date, code, digits)
	}
	when := regexp.MustCompile(date)
	return func(line string) string {
		at := when.FindStringIndex(line)
		if at == nil {
			t.Fatalf("no date in %s", line)
		}
		line = line[:at[0]] + line[at[1]:]
		for _, e := range expressions {
			if m := e.FindStringSubmatch(line); m != nil {
				return m[1]
			}
		}
		return ""
	}
}

// TestFail2ban has the guard and the API write real lines, in both formats, and wants the documented filter to find the
// addresses in them, and no address that a stranger made up.
func TestFail2ban(t *testing.T) {
	address := filter(t)
	for _, format := range []string{"text", "json"} {
		var out bytes.Buffer
		log := newLogger(configs.Log{Level: "info", Format: format}, &out)
		said := func(want ...string) {
			t.Helper()
			var got []string
			for line := range strings.Lines(out.String()) {
				if a := address(line); a != "" {
					got = append(got, a)
				}
			}
			if !slices.Equal(got, want) {
				t.Errorf("%s: %q, want %q, in\n%s", format, got, want, out.String())
			}
			out.Reset()
		}
		forged := "x\n" + `" event=auth_failed service=sip source=1.2.3.4 {"time":"","level":"WARN","msg":"security",` +
			`"event":"auth_failed","service":"sip","source":"1.2.3.4"`
		g := guard.New(guard.Config{}, log, guard.NewMetrics(prometheus.NewRegistry()))
		g.AuthFailed(netip.MustParseAddr("203.0.113.66"), forged)
		g.AuthFailed(netip.MustParseAddr("2001:db8::1"), "1001")
		said("203.0.113.66", "2001:db8::1")
		for range 4 {
			g.AuthFailed(netip.MustParseAddr("2001:db8::1"), "1001")
		}
		said(slices.Repeat([]string{"2001:db8::1"}, 5)...) // the last is the ban's
		log.Warn(forged, "a", forged)
		said()
		scan(t, g)
		said("127.0.0.1")
		failHTTP(t, log, forged)
		said("127.0.0.1", "127.0.0.1")
	}
}

// scan connects to the guard over TCP and sends what is not SIP.
func scan(t *testing.T, g *guard.Guard) {
	t.Helper()
	plain, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ln := g.Listener(plain, "tcp", nil)
	defer ln.Close()
	scanner, err := net.Dial("tcp", ln.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer scanner.Close()
	if _, err := scanner.Write([]byte("GET / HTTP/1.1\r\nHost: x\r\n\r\n")); err != nil {
		t.Fatal(err)
	}
	c, err := ln.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if n, err := c.Read(make([]byte, 1000)); err == nil {
		t.Errorf("%d bytes passed", n)
	}
}

// failHTTP sends a wrong password, of a user of that name, and a wrong token.
func failHTTP(t *testing.T, log *slog.Logger, user string) {
	t.Helper()
	c := stored(t, "")
	c.HTTP.DemoLogin = false
	g, err := newGateway(c, log)
	if err != nil {
		t.Fatal(err)
	}
	g.start()
	defer g.close()
	body, err := json.Marshal(map[string]string{"user": user, "password": "wrong"})
	if err != nil {
		t.Fatal(err)
	}
	base := fmt.Sprintf("http://%s/api/v1/", g.http.Addr())
	for method, path := range map[string]string{http.MethodPost: "token", http.MethodGet: "seats"} {
		req, err := http.NewRequest(method, base+path, bytes.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set("Authorization", "Bearer wrong")
		req.Close = true
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if res.StatusCode != http.StatusUnauthorized {
			t.Errorf("%s: %s", path, res.Status)
		}
	}
}
