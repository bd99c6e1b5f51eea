package peers

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// process is a program that runs beside the test. What it prints goes to a log file and, by lines, to a journal.
type process struct {
	name  string
	log   string // path
	lines *journal[string]
	in    io.WriteCloser
	cmd   *exec.Cmd
	done  chan struct{} // closed after the program has ended and its output was read
	err   error         // of Wait; read it after done
}

// command says how a process is started.
type command struct {
	name string // for logs
	dir  string // working directory and place of the log
	path string
	args []string
	env  []string // beside the test's own
	// take, if set, gets each line first; one that it keeps goes neither to the log nor to the journal.
	take func(line string) (kept bool)
	// grace is how long the program gets after SIGTERM before it is killed.
	grace time.Duration
}

// startProcess starts a program that is stopped when the test ends.
func startProcess(t testing.TB, c command) *process {
	t.Helper()
	p, err := launch(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		p.stop(c.grace)
		showOnFailure(t, p.name, p.log)
	})
	return p
}

// launch starts a program; its owner calls stop.
func launch(c command) (*process, error) {
	p := &process{
		name: c.name, log: filepath.Join(c.dir, c.name+".log"), lines: newJournal[string](), done: make(chan struct{}),
	}
	p.cmd = exec.Command(c.path, c.args...)
	p.cmd.Dir = c.dir
	p.cmd.Env = append(os.Environ(), c.env...)
	// A group of its own, so that its children can be ended with it; and it dies with the test binary, whatever ends that.
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	log, err := os.Create(p.log)
	if err != nil {
		return nil, err
	}
	if p.in, err = p.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	out, w, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	p.cmd.Stdout, p.cmd.Stderr = w, w
	err = p.cmd.Start()
	w.Close()
	if err != nil {
		out.Close()
		log.Close()
		return nil, fmt.Errorf("%s (is it installed? test/need.sh test): %w", c.name, err)
	}
	go p.read(out, log, c.take)
	return p, nil
}

// read owns the output; it ends when the program has ended.
func (p *process) read(out, log *os.File, take func(string) bool) {
	defer close(p.done)
	defer log.Close()
	var reading sync.WaitGroup
	reading.Go(func() {
		for r := bufio.NewReader(out); ; {
			line, err := r.ReadString('\n')
			if line != "" && (take == nil || !take(line)) {
				log.WriteString(line) // a full disk shows in the tests that read the log
				p.lines.add(strings.TrimRight(line, "\r\n"))
			}
			if err != nil {
				return
			}
		}
	})
	p.err = p.cmd.Wait()
	// A grandchild may hold the pipe; the program's own words have arrived by then.
	out.SetReadDeadline(time.Now().Add(time.Second))
	reading.Wait()
	out.Close()
	p.lines.end()
}

// say writes one line to the program's standard input.
func (p *process) say(line string) error {
	_, err := io.WriteString(p.in, line+"\n")
	return err
}

// wait gives the program time to end by itself and returns its exit status.
func (p *process) wait(timeout time.Duration) (int, error) {
	select {
	case <-p.done:
		return p.cmd.ProcessState.ExitCode(), nil
	case <-time.After(timeout):
		return 0, fmt.Errorf("%s runs on after %v", p.name, timeout)
	}
}

// stop ends the program, first politely, and waits for it.
func (p *process) stop(grace time.Duration) {
	p.in.Close()
	if grace == 0 {
		grace = 3 * time.Second
	}
	select {
	case <-p.done:
		return
	default:
	}
	p.cmd.Process.Signal(syscall.SIGTERM)
	if _, err := p.wait(grace); err != nil {
		syscall.Kill(-p.cmd.Process.Pid, syscall.SIGKILL)
		<-p.done
	}
}
