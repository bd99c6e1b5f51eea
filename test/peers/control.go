package peers

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

// event is what baresip tells on its control connection: an event, or the answer to a command.
type event struct {
	Response bool
	OK       bool
	Data     string
	Token    string

	Event     bool
	Class     string
	Type      string // such as CALL_ESTABLISHED
	Direction string
	PeerURI   string
	ID        string // Call-ID
	Param     string
}

// control is the connection to baresip's module ctrl_tcp: JSON in netstrings.
type control struct {
	conn    net.Conn
	events  *journal[event]
	answers *journal[event]
	tokens  atomic.Uint64
	done    chan struct{}
}

// dialControl connects as soon as baresip listens; ended tells that it never will.
func dialControl(addr string, ended <-chan struct{}) (*control, error) {
	deadline := time.NewTimer(patience)
	defer deadline.Stop()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		conn, err := net.Dial("tcp", addr)
		if err == nil {
			c := &control{conn: conn, events: newJournal[event](), answers: newJournal[event](), done: make(chan struct{})}
			go c.read()
			return c, nil
		}
		select {
		case <-tick.C:
		case <-ended:
			return nil, fmt.Errorf("baresip has ended")
		case <-deadline.C:
			return nil, err
		}
	}
}

// read takes everything apart until the connection ends.
func (c *control) read() {
	defer close(c.done)
	defer c.answers.end()
	defer c.events.end()
	for r := bufio.NewReader(c.conn); ; {
		message, err := readNetstring(r)
		if err != nil {
			return
		}
		var e event
		if err := json.Unmarshal(message, &e); err != nil {
			continue
		}
		if e.Response {
			c.answers.add(e)
		} else {
			c.events.add(e)
		}
	}
}

// do gives a command and returns what baresip prints for it.
func (c *control) do(command, params string) (string, error) {
	token := strconv.FormatUint(c.tokens.Add(1), 10)
	message, err := json.Marshal(map[string]string{"command": command, "params": params, "token": token})
	if err != nil {
		return "", err
	}
	if _, err := fmt.Fprintf(c.conn, "%d:%s,", len(message), message); err != nil {
		return "", err
	}
	e, _, err := c.answers.wait(0, patience, func(e event) bool { return e.Token == token })
	if err == nil && !e.OK {
		err = fmt.Errorf("refused: %s", strings.TrimSpace(e.Data))
	}
	return e.Data, err
}

// close ends the connection and waits for its reader.
func (c *control) close() {
	c.conn.Close()
	<-c.done
}

// readNetstring reads "LENGTH:BYTES,".
func readNetstring(r *bufio.Reader) ([]byte, error) {
	length, err := r.ReadString(':')
	if err != nil {
		return nil, err
	}
	n, err := strconv.Atoi(strings.TrimSuffix(length, ":"))
	if err != nil || n < 0 || n > 1<<20 {
		return nil, fmt.Errorf("peers: bad netstring %q", length)
	}
	b := make([]byte, n+1)
	if _, err := io.ReadFull(r, b); err != nil {
		return nil, err
	}
	return b[:n], nil
}
