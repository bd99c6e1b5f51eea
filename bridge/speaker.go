package bridge

import (
	"sync"
	"sync/atomic"

	"seatbridge/codec"
	"seatbridge/media"
)

// speaker carries what one party says to whoever hears it: passed on as it came where the listener takes that, and
// otherwise encoded once for all listeners that need the same. It runs on the party's reader goroutine.
type speaker struct {
	routes  *atomic.Pointer[routes]
	options codec.Options
	metrics *media.Metrics

	mu      sync.Mutex // held while a packet is carried, so that routes can be waited out
	closed  bool
	codec   codec.ID       // of the last frame
	decoder *media.Decoder // nil while nothing is transcoded
	outputs []*output
}

// output is one encoding of the speaker.
type output struct {
	*media.Encoder
	to []*media.Sender // of the frame being carried
}

func newSpeaker(r *atomic.Pointer[routes], c Config) *speaker {
	return &speaker{routes: r, options: c.Codec, metrics: c.Metrics}
}

// Frame carries one frame.
func (s *speaker) Frame(f *media.Frame) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return
	}
	s.codec = f.Codec
	transcode := false
	for _, r := range s.routes.Load().from[s] {
		p := r.packing(f.Codec)
		switch {
		case p.Codec == codec.None: // nothing negotiated yet
		case p.Fits(f):
			r.to.Send(f)
		default:
			o := s.output(p)
			o.to = append(o.to, r.to)
			transcode = true
		}
	}
	if transcode {
		s.transcode(f)
	}
}

// transcode decodes a frame and encodes it for the listeners that were gathered.
func (s *speaker) transcode(f *media.Frame) {
	if s.decoder == nil {
		s.decoder = media.NewDecoder()
		s.metrics.Track(s.decoder)
	}
	pcm := s.decoder.Decode(f)
	for _, o := range s.outputs {
		if pcm != nil && len(o.to) > 0 {
			o.Encode(pcm, o.to)
		}
		o.to = o.to[:0]
	}
}

// output finds or makes the output of a packing.
func (s *speaker) output(p media.Packing) *output {
	for _, o := range s.outputs {
		if o.Packing() == p {
			return o
		}
	}
	o := &output{Encoder: media.NewEncoder(p, s.options)}
	s.metrics.Track(o.Encoder)
	s.outputs = append(s.outputs, o)
	return o
}

// Event passes a telephone-event packet on to every listener that takes such.
func (s *speaker) Event(e *media.Event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return
	}
	for _, r := range s.routes.Load().from[s] {
		r.to.SendEvent(e)
	}
}

// settle waits until nothing is carried by older routes than r, and closes what r needs no more.
func (s *speaker) settle(r *routes) {
	s.mu.Lock()
	defer s.mu.Unlock()
	kept := s.outputs[:0]
	for _, o := range s.outputs {
		if s.needs(r.from[s], o.Packing()) {
			kept = append(kept, o)
			continue
		}
		s.end(o)
	}
	clear(s.outputs[len(kept):])
	s.outputs = kept
	if len(kept) == 0 {
		s.endDecoder()
	}
}

// needs says that some listener is fed by a packing.
func (s *speaker) needs(to []route, p media.Packing) bool {
	for _, r := range to {
		if r.packing(s.codec) == p {
			return true
		}
	}
	return false
}

// close frees the codecs; nothing is carried any more.
func (s *speaker) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	for _, o := range s.outputs {
		s.end(o)
	}
	s.outputs = nil
	s.endDecoder()
}

func (s *speaker) end(o *output) {
	s.metrics.Untrack(o.Encoder)
	o.Close()
}

func (s *speaker) endDecoder() {
	if s.decoder != nil {
		s.metrics.Untrack(s.decoder)
		s.decoder.Close()
		s.decoder = nil
	}
}
