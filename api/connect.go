package api

import (
	"net"
	"net/http"
	"runtime/debug"
	"time"

	"github.com/coder/websocket"

	"seatbridge/call"
	"seatbridge/seat"
)

// loginMessage is the first message on a socket.
type loginMessage struct {
	header
	Token  string `json:"token"` // from the token endpoint or, with Resume, from the reply to the login
	Resume *struct {
		Login string  `json:"login"`
		Seq   *uint64 `json:"seq"` // of the latest event seen; missing where the page knows of none
	} `json:"resume"`
}

// loginData answers it.
type loginData struct {
	Login       string    `json:"login"`
	ResumeToken string    `json:"resumeToken,omitempty"` // of a new login
	Resumed     bool      `json:"resumed"`               // events go on from where they were; else a snapshot follows
	Seq         uint64    `json:"seq"`                   // of the latest event so far
	Seat        seatView  `json:"seat"`
	Media       mediaView `json:"media"`
	ServerTime  time.Time `json:"serverTime"`
}

// seatView is a staff member as pages get it.
type seatView struct {
	User      string      `json:"user"`
	Name      string      `json:"name"`
	Role      seat.Role   `json:"role"`
	Device    seat.Device `json:"device"`
	Extension string      `json:"extension,omitempty"`
}

// mediaView is what a page needs to know before it makes its peer connection.
type mediaView struct {
	Ears       int        `json:"ears"`
	ICEServers []struct{} `json:"iceServers"` // always empty: the gateway is ICE-lite, on an address of its own
}

func newSeatView(s seat.Staff) seatView {
	return seatView{User: s.User, Name: s.Name, Role: s.Role, Device: s.Device, Extension: s.Extension}
}

// handleSocket upgrades to a WebSocket.
func (s *Server) handleSocket(w http.ResponseWriter, r *http.Request) {
	page := "" // one of ours, or of those that always may
	stranger := false
	if !s.originAllowed(r) {
		page = r.Header.Get("Origin")
		if page == "" {
			fail(w, http.StatusForbidden, call.Errorf(call.CodeForbidden, "only pages may connect"))
			return
		}
		stranger = !s.isPage(page)
	}
	conn, err := websocket.Accept(w, r, &websocket.AcceptOptions{InsecureSkipVerify: true}) // the Origin was checked
	if err != nil {
		s.log.Debug("not a WebSocket", "error", err, "from", r.RemoteAddr)
		return
	}
	if !s.begin() {
		_ = conn.CloseNow() // an error means that it is closed already
		return
	}
	raw := r.Context().Value(netConnKey{}).(net.Conn)
	sock := newSocket(conn, raw, s.config.Limits)
	if stranger {
		// A page cannot tell a status from a gateway that is out of reach, but a close code it can: one whose login is
		// over, as we were away, then gets another.
		sock.end(closeNoLogin)
	}
	// Not here: net/http holds 20 KiB for a handler that does not return.
	go s.serveSocket(sock, page, r.RemoteAddr)
}

// serveSocket serves a WebSocket of a page until it is closed; begin has counted it.
func (s *Server) serveSocket(sock *socket, page, from string) {
	defer s.serving.Done()
	defer func() {
		if fault := recover(); fault != nil {
			s.log.Error("a socket failed", "fault", fault, "stack", string(debug.Stack()), "from", from)
		}
	}()
	s.add(sock)
	defer s.remove(sock)
	c := &client{server: s, socket: sock, page: page}
	defer c.leave()
	late := time.AfterFunc(s.config.Limits.LoginWait, func() { sock.end(closeNoLogin) })
	defer late.Stop()
	why := sock.run(func(message []byte) {
		if c.login == nil {
			c.logIn(message)
			late.Stop()
			return
		}
		c.command(message)
	})
	s.metrics.closed.WithLabelValues(why.label).Inc()
	s.log.Debug("socket closed", "why", why.label, "from", from)
}

// client is one socket and, once it has said who it is, the login that it speaks for.
type client struct {
	server *Server
	socket *socket
	page   string // the origin of a page elsewhere, which only its own tokens let in; empty where any may
	login  *login
}

// leave lets the login wait for another socket.
func (c *client) leave() {
	if c.login != nil {
		c.login.detach(c.socket, time.Now())
	}
}

// logIn reads the first message. Whatever is wrong with it is told, and the socket closed.
func (c *client) logIn(message []byte) {
	m, err := decode[loginMessage](message)
	setDefault(&m.ID, "login")
	if err == nil {
		err = c.tryLogIn(m)
	}
	if err != nil {
		e := c.server.errorOf(err)
		c.server.countCommand("login", e.Code)
		c.socket.send(newErrorReply(m.ID, e))
		c.socket.end(closeNoLogin)
		return
	}
	c.server.countCommand("login", codeOK)
}

func (c *client) tryLogIn(m loginMessage) error {
	switch {
	case m.Type != "login":
		return call.Errorf(codeUnauthorized, "the first message must be a login")
	case m.Resume != nil:
		l := c.server.logins.id(m.Resume.Login)
		if l == nil || c.page != "" && c.page != l.page || !l.proves(m.Token) || !c.attach(l, m, "") {
			return call.Errorf(codeUnauthorized, "this login is over: log in again")
		}
		return nil
	}
	user, ok := c.server.tokens.useAt(m.Token, forLogin, c.page, time.Now())
	if !ok {
		return call.Errorf(codeUnauthorized, "the token is wrong, used up or too old: get another")
	}
	if _, known := c.server.config.Seats.Lookup(user); !known { // deleted since
		return call.Errorf(codeUnauthorized, "%s is no staff member any more", user)
	}
	l, resumeToken := c.server.logIn(user, c.page)
	if !c.attach(l, m, resumeToken) {
		return call.Errorf(codeUnauthorized, "somebody else logged in as %s at the same time", user)
	}
	return nil
}

// attach makes this socket the login's, and brings the page up to date.
func (c *client) attach(l *login, m loginMessage, resumeToken string) bool {
	s := c.server
	staff, ok := s.config.Seats.Lookup(l.user)
	if !ok {
		s.seatChanged(l.user) // deleted meanwhile
		return false
	}
	var since *uint64
	if m.Resume != nil {
		since = m.Resume.Seq
	}
	view := newSeatView(staff)
	view.Device, _ = s.config.Seats.DeviceOf(l.user)
	snapshot, complete, ok := l.attach(c.socket, since, m.ID, loginData{
		Login: l.id, ResumeToken: resumeToken, Seat: view,
		Media: mediaView{Ears: s.config.Ears, ICEServers: []struct{}{}}, ServerTime: wireTime(time.Now()),
	})
	if !ok {
		return false
	}
	c.login = l
	if !complete {
		// The status first: what changes later is told by events that follow.
		status := s.tellStatus(l)
		sessions := ownSessions(s.config.Commands.Sessions(l.user), staff)
		m := newEvent(call.Event{Type: eventSnapshot, Reason: status.Reason})
		m.Seq, m.Sessions, m.statusView = snapshot, &sessions, &status
		l.release(c.socket, m)
	}
	return true
}
