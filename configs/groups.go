package configs

import "time"

// Group is a skill group: callers wait for one of its members.
type Group struct {
	Name     string   `yaml:"name"`
	Strategy string   `yaml:"strategy"` // longestIdle, roundRobin, leastCalls, byLevel, ringAll
	Members  []Member `yaml:"members"`
	// RingTimeout is how long a seat rings before the caller goes to another; 0 means calls.ring_timeout.
	RingTimeout time.Duration `yaml:"ring_timeout"`
	WrapUp      time.Duration `yaml:"wrap_up"`     // after-call work
	Misses      int           `yaml:"misses"`      // so many missed calls in a row make a seat notReady; 0 means never
	MaxWaiting  int           `yaml:"max_waiting"` // callers; 0 means no limit
	MaxWait     time.Duration `yaml:"max_wait"`    // 0 means no limit
	Overflow    Overflow      `yaml:"overflow"`    // where those go who can't wait; absent means hang up
	Priority    int           `yaml:"priority"`    // the higher is served first by seats of several groups
	LastAgent   bool          `yaml:"last_agent_first"`
	Hours       []Hours       `yaml:"hours"` // opening hours; absent means always
	// Music, Waiting and Position are WAV files: the music, what is said between it, and that a caller is number so and
	// so, with %d in place of the number.
	Music         string   `yaml:"music"`
	Waiting       string   `yaml:"waiting"`
	Position      string   `yaml:"position"`
	ProtectCaller bool     `yaml:"protect_caller"` // agents see a masked number
	ProtectCallee bool     `yaml:"protect_callee"`
	Record        bool     `yaml:"record"`
	CallerIDs     []string `yaml:"caller_ids"`
}

// Member is a seat in a group.
type Member struct {
	User  string `yaml:"user"`
	Level int    `yaml:"level"` // 1 is the best, 5 the least; 0 means 3
}

// Overflow is where callers go who can't wait: one of the two, or neither.
type Overflow struct {
	Group  string `yaml:"group"`
	Number string `yaml:"number"`
}

// Hours are opening hours by the wall clock.
type Hours struct {
	Days []string `yaml:"days"` // mon to sun; absent means every day
	From string   `yaml:"from"` // 09:00
	To   string   `yaml:"to"`
	Zone string   `yaml:"zone"` // such as Europe/Berlin; absent means UTC
}

// Menu asks a caller to press a key.
type Menu struct {
	Name      string        `yaml:"name"`
	Prompt    string        `yaml:"prompt"`  // WAV file
	Timeout   time.Duration `yaml:"timeout"` // from the prompt's end
	Repeats   int           `yaml:"repeats"`
	Choices   []Choice      `yaml:"choices"`
	Otherwise Goal          `yaml:"otherwise"` // for who presses nothing of use; absent means hang up
}

// Choice is a key and where it leads.
type Choice struct {
	Key   string `yaml:"key"`
	Label string `yaml:"label"`
	Goal  Goal   `yaml:"to"`
}

// Goal is exactly one of the four.
type Goal struct {
	User      string `yaml:"user"`
	Extension string `yaml:"extension"`
	Group     string `yaml:"group"`
	Number    string `yaml:"number"`
}

// Clock is a time of day such as 09:00 since midnight; 24:00 is the day's end.
func Clock(text string) (time.Duration, error) {
	if text == "24:00" {
		return 24 * time.Hour, nil
	}
	t, err := time.Parse("15:04", text)
	if err != nil {
		return 0, err
	}
	return time.Duration(t.Hour())*time.Hour + time.Duration(t.Minute())*time.Minute, nil
}
