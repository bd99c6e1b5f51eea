package bridge

import (
	"seatbridge/codec"
	"seatbridge/media"
)

// outputs are the encodings of one source, each made once for all listeners that need it. They belong to their
// owner's lock.
type outputs struct {
	options codec.Options
	metrics *media.Metrics
	list    []*output
}

type output struct {
	*media.Encoder
	to []*media.Sender // of the sound at hand
}

// add has an ear get the sound at hand in a packing.
func (o *outputs) add(p media.Packing, to *media.Sender) {
	out := o.find(p)
	if out == nil {
		out = &output{Encoder: media.NewEncoder(p, o.options)}
		o.metrics.Track(out.Encoder)
		o.list = append(o.list, out)
	}
	out.to = append(out.to, to)
}

func (o *outputs) find(p media.Packing) *output {
	for _, out := range o.list {
		if out.Packing() == p {
			return out
		}
	}
	return nil
}

// encode sends the sound at hand to the ears that were added; nil sends nothing.
func (o *outputs) encode(p *media.PCM) {
	for _, out := range o.list {
		if p != nil && len(out.to) > 0 {
			out.Encode(p, out.to)
		}
		out.to = out.to[:0]
	}
}

// keep closes what is needed no more.
func (o *outputs) keep(needed func(media.Packing) bool) {
	kept := o.list[:0]
	for _, out := range o.list {
		if needed(out.Packing()) {
			kept = append(kept, out)
			continue
		}
		o.metrics.Untrack(out.Encoder)
		out.Close()
	}
	clear(o.list[len(kept):])
	o.list = kept
}

// close closes all.
func (o *outputs) close() { o.keep(func(media.Packing) bool { return false }) }
