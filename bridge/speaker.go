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
	in      *media.Receiver
	routes  *atomic.Pointer[routes]
	metrics *media.Metrics

	mu      sync.Mutex // held while a packet is carried, so that older routes can be waited out
	closed  bool
	secret  bool           // digits are taken out of its sound
	codec   codec.ID       // of the last frame
	decoder *media.Decoder // nil while nobody needs the PCM
	outputs outputs
}

func newSpeaker(in *media.Receiver, r *atomic.Pointer[routes], c Config) *speaker {
	return &speaker{in: in, routes: r, metrics: c.Metrics, outputs: outputs{options: c.Codec, metrics: c.Metrics}}
}

// Frame carries one frame.
func (s *speaker) Frame(f *media.Frame) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return
	}
	s.codec = f.Codec
	from := s.routes.Load().from[s]
	s.secret = from.secret && s.in.Tonal()
	if from.tap != nil {
		from.tap.Frame(f)
	}
	decode := from.mixed != nil
	for _, r := range from.direct {
		p := r.packing(f.Codec)
		switch {
		case p.Codec == codec.None: // nothing negotiated yet
		case p.Fits(f) && !s.secret:
			r.to.Send(f)
		default:
			s.outputs.add(p, r.to)
			decode = true
		}
	}
	if !decode {
		return
	}
	pcm := s.decode(f, from.mixed != nil)
	s.outputs.encode(pcm)
	if from.mixed != nil && pcm != nil {
		from.mixed.Write(pcm)
	}
}

// decode gives the PCM of a frame.
func (s *speaker) decode(f *media.Frame, forMix bool) *media.PCM {
	if s.decoder == nil {
		s.decoder = media.NewDecoder()
		s.metrics.Track(s.decoder)
	}
	s.decoder.MendAll, s.decoder.Secret = forMix, s.secret
	return s.decoder.Decode(f)
}

// Event passes a telephone-event packet on to every listener that takes such.
func (s *speaker) Event(e *media.Event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return
	}
	for _, to := range s.routes.Load().from[s].ears {
		to.SendEvent(e)
	}
}

// settle waits until nothing is carried by older routes than r, and closes what r needs no more.
func (s *speaker) settle(r *routes) {
	s.mu.Lock()
	defer s.mu.Unlock()
	from := r.from[s]
	if s.secret && !from.secret {
		s.outputs.close() // what was encoded only for that may be relayed again
	}
	s.outputs.keep(func(p media.Packing) bool { return from.needs(p, s.codec) })
	if len(s.outputs.list) == 0 && from.mixed == nil {
		s.endDecoder()
	}
}

// close frees the codecs; nothing is carried any more.
func (s *speaker) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	s.outputs.close()
	s.endDecoder()
}

func (s *speaker) endDecoder() {
	if s.decoder != nil {
		s.metrics.Untrack(s.decoder)
		s.decoder.Close()
		s.decoder = nil
	}
}
