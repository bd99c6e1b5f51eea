package api

import "time"

// Limits bound what one client can use up. Zero values mean the defaults.
type Limits struct {
	LoginWait    time.Duration // from the upgrade to the login message; it defaults to 5 s
	Ping         time.Duration // between pings; it defaults to 15 s; two in a row unanswered for a third of it: closed
	WriteStall   time.Duration // for the network to take one message; it defaults to 5 s
	Away         time.Duration // that a login survives without a socket; it defaults to 30 s
	TokenLife    time.Duration // it defaults to 10 minutes
	MessageBytes int64         // of one message from a browser; it defaults to 64 KB
	MessageRate  float64       // messages per second from a browser, sustained; it defaults to 50
	MessageBurst int           // messages at once; it defaults to 100
	QueueLength  int           // messages waiting for a browser; it defaults to 256
	QueueBytes   int           // bytes waiting for a browser; it defaults to 1 MB
	Recent       int           // events kept for a reconnect; it defaults to 256
}

// withDefaults fills in what is zero.
func (l Limits) withDefaults() Limits {
	setDefault(&l.LoginWait, 5*time.Second)
	setDefault(&l.Ping, 15*time.Second)
	setDefault(&l.WriteStall, 5*time.Second)
	setDefault(&l.Away, 30*time.Second)
	setDefault(&l.TokenLife, 10*time.Minute)
	setDefault(&l.MessageBytes, 64<<10)
	setDefault(&l.MessageRate, 50)
	setDefault(&l.MessageBurst, 100)
	setDefault(&l.QueueLength, 256)
	setDefault(&l.QueueBytes, 1<<20)
	setDefault(&l.Recent, 256)
	return l
}

func setDefault[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
	}
}
