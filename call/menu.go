package call

import (
	"time"

	"seatbridge/leg"
)

// Menu asks a caller to press a key: an IVR of one level.
type Menu struct {
	Name    string
	Prompt  string        // a sound, by file name
	Timeout time.Duration // from the prompt's end; 0 means 5 s
	Repeats int           // how often the prompt is played again where no key, or a wrong one, was pressed
	Choices []Choice
	// Otherwise is where a caller goes who pressed nothing of use; the zero value ends the call.
	Otherwise InboundRule
}

// Choice is one key of a Menu, and where it leads: To's number and trunk say nothing.
type Choice struct {
	Key   byte
	Label string
	To    InboundRule
}

// PathStep is a key that a caller pressed in a menu.
type PathStep struct {
	Key   string `json:"key"`
	Label string `json:"label"`
}

const menuTimeout = 5 * time.Second

// menuing is a caller in a menu.
type menuing struct {
	menu    *Menu
	program program
	since   time.Time
	until   time.Time // when it has pressed nothing
	played  int       // times
}

// openMenu accepts the caller and asks it for a key.
func (s *session) openMenu(m *Menu) {
	s.log.Info("menu", "name", m.Name)
	s.menu = &menuing{menu: m, since: time.Now()}
	s.prompt()
}

func (s *session) prompt() {
	now, m := time.Now(), s.menu
	prompt := s.file(m.menu.Prompt)
	m.played++
	m.program = newProgram(now, prompt, s.config.Sounds.Silence)
	timeout := m.menu.Timeout
	if timeout == 0 {
		timeout = menuTimeout
	}
	m.until = now.Add(length(prompt) + timeout)
}

// pressed takes a key of the caller's.
func (s *session) pressed(key byte) {
	for _, c := range s.menu.menu.Choices {
		if c.Key == key {
			s.path = append(s.path, PathStep{Key: string(key), Label: c.Label})
			s.leaveMenu(c.To)
			return
		}
	}
	s.log.Info("no such key", "menu", s.menu.menu.Name)
	s.askAgain()
}

// askAgain plays the prompt once more, or goes where one goes who presses nothing of use.
func (s *session) askAgain() {
	if s.menu.played <= s.menu.menu.Repeats {
		s.prompt()
		return
	}
	s.leaveMenu(s.menu.menu.Otherwise)
}

// closeMenu has the caller be in no menu any more.
func (s *session) closeMenu() {
	if s.menu != nil {
		s.inMenu += time.Since(s.menu.since)
		s.menu = nil
	}
}

func (s *session) leaveMenu(to InboundRule) {
	s.closeMenu()
	if to.ways() == 0 {
		s.unserved = whyNothingPressed
		s.end(leg.Cause{Reason: leg.NoAnswer, Text: "nothing of use was pressed"}, closedByTimer)
		return
	}
	t, cause := s.manager.router.inboundTarget(&to)
	if cause != nil {
		s.manager.denied(cause, "", to.Outside+to.User, s.id)
		s.end(*cause, closedByAdmin)
		return
	}
	s.reach(t)
}
