package media

// Clip is a sound that goes round and round: music or a tone.
type Clip struct{}

// Ringback is the ringing tone that a caller hears: 425 Hz, one second on and four off (ITU-T E.180).
func Ringback() *Clip { return &Clip{} }
