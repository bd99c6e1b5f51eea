package codec

// The figures of G.711 Appendix I, in samples at 8 kHz.
const (
	plcMinPitch = 40  // 5 ms, a voice of 200 Hz
	plcMaxPitch = 120 // 15 ms, 66 Hz
	plcMatch    = 160 // 20 ms are compared to find the pitch
	plcHold     = 80  // 10 ms at full level, then
	plcSilent   = 480 // fading to silence at 60 ms
	plcOverlap  = 32  // 4 ms of cross-fade back to the real signal
	plcHistory  = plcMatch + plcMaxPitch
)

// concealer fills gaps in 8 kHz PCM by repeating the last pitch period, after the idea of ITU-T G.711 Appendix I.
// It leaves out two things of the appendix: the delay of 3.75 ms, which is there to cross-fade into the gap (here the
// mirrored tail of the signal is the other side of that cross-fade), and the repetition of two and three periods in
// long gaps.
type concealer struct {
	history [plcHistory]int16      // the newest samples given out, newest last
	cycle   [plcMaxPitch]int16     // the period that is repeated, [:pitch]
	tail    [plcMaxPitch / 4]int16 // what came last before the gap, newest first, [:pitch/4]
	pitch   int
	lost    int // samples concealed since the last good one
}

// conceal fills dst.
func (c *concealer) conceal(dst []int16) {
	if c.lost == 0 {
		c.start()
	}
	for i := range dst {
		dst[i] = c.next()
	}
	c.remember(dst)
}

// good takes a frame that did arrive; after a gap its start is cross-faded with the repetition.
func (c *concealer) good(pcm []int16) {
	if c.lost > 0 {
		n := min(plcOverlap, len(pcm))
		for i := range n {
			pcm[i] = fade(c.next(), pcm[i], i, n)
		}
		c.lost = 0
	}
	c.remember(pcm)
}

// start finds the period to repeat. Its end is cross-faded with what came before its beginning, so that it joins onto
// itself without a step.
func (c *concealer) start() {
	c.pitch = findPitch(&c.history)
	first := plcHistory - c.pitch
	copy(c.cycle[:], c.history[first:])
	n := c.pitch / 4
	for i := range n {
		at := c.pitch - n + i
		c.cycle[at] = fade(c.cycle[at], c.history[first-n+i], i, n)
		c.tail[i] = c.history[plcHistory-1-i]
	}
}

// next is the next sample of the repetition, and counts it as lost.
func (c *concealer) next() int16 {
	s := c.cycle[c.lost%c.pitch]
	if n := c.pitch / 4; c.lost < n {
		s = fade(c.tail[c.lost], s, c.lost, n)
	}
	s = level(s, c.lost)
	c.lost = min(c.lost+1, plcSilent+plcMaxPitch) // stays above zero, however long the gap
	return s
}

// level is s at the level that concealment has after lost samples.
func level(s int16, lost int) int16 {
	switch {
	case lost < plcHold:
		return s
	case lost < plcSilent:
		return int16(int(s) * (plcSilent - lost) / (plcSilent - plcHold))
	}
	return 0
}

// fade goes from one sample to the other in n steps; this is step i.
func fade(from, to int16, i, n int) int16 {
	return int16((int(from)*(n-i) + int(to)*i) / n)
}

// remember appends what was given out to the history.
func (c *concealer) remember(pcm []int16) {
	if len(pcm) >= plcHistory {
		copy(c.history[:], pcm[len(pcm)-plcHistory:])
		return
	}
	copy(c.history[:], c.history[len(pcm):])
	copy(c.history[plcHistory-len(pcm):], pcm)
}

// findPitch is the lag, in samples, at which the newest 20 ms differ least from what came before them.
func findPitch(h *[plcHistory]int16) int {
	newest := h[plcMaxPitch:]
	best, least := plcMinPitch, int(^uint(0)>>1)
	for lag := plcMinPitch; lag <= plcMaxPitch; lag++ {
		older := h[plcMaxPitch-lag:]
		sum := 0
		for i, s := range newest {
			d := int(s) - int(older[i])
			sum += max(d, -d)
		}
		if sum < least {
			best, least = lag, sum
		}
	}
	return best
}
