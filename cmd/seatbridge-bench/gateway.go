package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// gateway is the process that is measured.
type gateway struct {
	cmd       *exec.Cmd
	dir       string
	http, sip string // host:port
	exited    chan error
}

// startGateway starts a gateway with the seats and the carrier as its trunk.
func startGateway(ctx context.Context, o options, n seats, carrier string) (*gateway, error) {
	g := &gateway{exited: make(chan error, 1)}
	var err error
	if g.dir, err = os.MkdirTemp("", "seatbridge-bench"); err != nil {
		return nil, err
	}
	ports, err := freePorts(3)
	if err != nil {
		return nil, err
	}
	g.sip, g.http = "127.0.0.1:"+ports[0], "127.0.0.1:"+ports[1]
	file := filepath.Join(g.dir, "bench.yaml")
	text := configuration(n, g.sip, g.http, "127.0.0.1:"+ports[2], carrier) + o.config + "\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		return nil, err
	}
	g.cmd = exec.Command(o.gateway, "serve", file)
	log, err := os.Create(filepath.Join(g.dir, "log"))
	if err != nil {
		return nil, err
	}
	defer log.Close()
	g.cmd.Stderr, g.cmd.Stdout = log, log
	if o.core >= 0 {
		g.cmd.Env = append(os.Environ(), "GOMAXPROCS=1")
	}
	if err := g.cmd.Start(); err != nil {
		return nil, err
	}
	go func() { g.exited <- g.cmd.Wait() }()
	if o.core >= 0 {
		err = bind(g.cmd.Process.Pid, func(p int) bool { return p == o.core })
	}
	if err := errors.Join(err, g.ready(ctx)); err != nil {
		g.stop()
		return nil, err
	}
	return g, nil
}

// bind keeps every thread of a process on the processors for which on is true; those that it starts later inherit that.
func bind(pid int, on func(processor int) bool) error {
	var set unix.CPUSet
	for p := range runtime.NumCPU() {
		if on(p) {
			set.Set(p)
		}
	}
	tasks, err := os.ReadDir(fmt.Sprintf("/proc/%d/task", pid))
	if err != nil {
		return err
	}
	for _, t := range tasks {
		tid, err := strconv.Atoi(t.Name())
		if err != nil {
			return err
		}
		if err := unix.SchedSetaffinity(tid, &set); err != nil {
			return fmt.Errorf("binding process %d: %w", pid, err)
		}
	}
	return nil
}

// leave keeps the generator off the gateway's processor, where there is another.
func leave(core int) error {
	if core >= runtime.NumCPU() {
		return fmt.Errorf("-core: there are %d processors", runtime.NumCPU())
	}
	if core < 0 || runtime.NumCPU() == 1 {
		return nil
	}
	return bind(os.Getpid(), func(p int) bool { return p != core })
}

// seats says how many seats there are, all of which may supervise: u0, u1, ... at a browser, p0, p1, ... at the desk
// phone of extension.
type seats struct{ browsers, phones int }

// extension is that of desk phone i, and password the one of all.
func extension(i int) string { return strconv.Itoa(20000 + i) }

const password = "bench"

func configuration(n seats, sip, http, webrtc, carrier string) string {
	var b strings.Builder
	fmt.Fprintf(&b, `sip:
  listen: [{transport: udp, address: "%s"}]
rtp: {address: 127.0.0.1, min_port: 30000, max_port: 39999, networks: [127.0.0.0/8]}
webrtc: {listen: "%s"}
http: {listen: "%s", demo_login: true}
trunks: [{name: bench, gateways: [{address: "%s", transport: udp}], caller_ids: ["+15550100"], codecs: [pcmu]}]
outbound: [{prefix: "+1555", trunks: [bench]}]
log: {level: warn}
staff:
`, sip, webrtc, http, carrier)
	for i := range n.browsers {
		fmt.Fprintf(&b, "  - {user: u%d, name: User %[1]d, role: administrator, device: staffSeat}\n", i)
	}
	for i := range n.phones {
		fmt.Fprintf(&b, "  - {user: p%d, name: Phone %[1]d, role: administrator, device: staffExtensionSeat, "+
			"extension: %q}\n", i, extension(i))
	}
	fmt.Fprintln(&b, "phones:")
	for i := range n.phones {
		fmt.Fprintf(&b, "  - {extension: %q, password: %s, codecs: [pcmu]}\n", extension(i), password)
	}
	return b.String()
}

// freePorts asks the kernel for ports that are free now.
func freePorts(n int) ([]string, error) {
	var ports []string
	for range n {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return nil, err
		}
		defer l.Close()
		_, port, err := net.SplitHostPort(l.Addr().String())
		if err != nil {
			return nil, err
		}
		ports = append(ports, port)
	}
	return ports, nil
}

// ready waits until the gateway answers.
func (g *gateway) ready(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	for {
		if _, err := g.get(ctx, "/readyz"); err == nil {
			return nil
		}
		select {
		case err := <-g.exited:
			g.exited <- err
			log, _ := os.ReadFile(filepath.Join(g.dir, "log"))
			return fmt.Errorf("the gateway ended: %w\n%s", err, log)
		case <-ctx.Done():
			return fmt.Errorf("the gateway is not ready: %w", ctx.Err())
		case <-time.After(20 * time.Millisecond):
		}
	}
}

func (g *gateway) get(ctx context.Context, path string) (string, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+g.http+path, nil)
	if err != nil {
		return "", err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return "", err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err == nil && res.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %s", path, res.Status)
	}
	return string(body), err
}

// cpu is the processor time that the gateway has used so far (proc(5): utime and stime in ticks of 10 ms).
func (g *gateway) cpu() (time.Duration, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", g.cmd.Process.Pid))
	if err != nil {
		return 0, err
	}
	_, rest, _ := strings.Cut(string(text), ") ")
	fields := strings.Fields(rest)
	if len(fields) < 13 {
		return 0, fmt.Errorf("/proc/stat: %q", text)
	}
	user, err1 := strconv.Atoi(fields[11])
	system, err2 := strconv.Atoi(fields[12])
	return time.Duration(user+system) * 10 * time.Millisecond, errors.Join(err1, err2)
}

// memory is the anonymous part of the gateway's resident set in KiB: what is its own, without pages of its binary.
func (g *gateway) memory() (int, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", g.cmd.Process.Pid))
	if err != nil {
		return 0, err
	}
	_, rest, ok := strings.Cut(string(text), "RssAnon:")
	if !ok {
		return 0, fmt.Errorf("no RssAnon in %q", text)
	}
	return strconv.Atoi(strings.Fields(rest)[0])
}

// stop ends the gateway: asks, asks again at once (calls are hung up), kills.
func (g *gateway) stop() {
	defer os.RemoveAll(g.dir)
	for i, s := range []os.Signal{syscall.SIGTERM, syscall.SIGTERM, syscall.SIGKILL} {
		g.cmd.Process.Signal(s)
		select {
		case <-g.exited:
			return
		case <-time.After([]time.Duration{100 * time.Millisecond, 5 * time.Second, 0}[i]):
		}
	}
	<-g.exited
}
