package bridge

import (
	"slices"

	"seatbridge/media"
)

// compiler makes the routes of the parties as they are assigned to each other. Inputs and mixes of the routes before
// are used on where they fit, so that a table changes nothing for those it does not concern.
type compiler struct {
	config  Config
	parties map[PartyID]*party
	before  *routes
	next    *routes
}

func compile(parties map[PartyID]*party, before *routes, c Config) *routes {
	k := compiler{config: c, parties: parties, before: before, next: &routes{
		from: map[*speaker]fromSpeaker{}, hears: map[PartyID][]PartyID{},
	}}
	for id, p := range parties {
		k.next.hears[id] = p.hears
		for i, e := range p.ears {
			if e.mixed() {
				k.mix(e, p.port.Ears[i], !p.deaf)
			} else if len(e.speakers) == 1 {
				preferred := i == 0 && len(p.ears) > 1
				k.direct(e.speakers[0], route{to: p.port.Ears[i], preferred: preferred}, !p.deaf)
			}
		}
	}
	return k.next
}

// direct passes a speaker through to an ear, its digits only where events says so.
func (k *compiler) direct(id PartyID, r route, events bool) {
	s := k.parties[id].speaker
	from := k.next.from[s]
	from.direct = append(from.direct, r)
	if events {
		from.ears = append(from.ears, r.to)
	}
	k.next.from[s] = from
}

// mix gives an ear the mix of its speakers.
func (k *compiler) mix(e ear, to *media.Sender, events bool) {
	var inputs []*input
	for _, id := range slices.Sorted(slices.Values(e.speakers)) {
		inputs = append(inputs, k.input(k.parties[id].speaker, to, events))
	}
	is := func(r mixRoute) bool { return r.mix.is(inputs, e.sound) }
	if i := slices.IndexFunc(k.next.mixes, is); i >= 0 {
		k.next.mixes[i].to = append(k.next.mixes[i].to, to)
		return
	}
	r := mixRoute{to: []*media.Sender{to}}
	if i := slices.IndexFunc(k.before.mixes, is); i >= 0 {
		r.mix = k.before.mixes[i].mix
	} else {
		r.mix = newMix(inputs, e.sound, k.config)
	}
	k.next.mixes = append(k.next.mixes, r)
}

// input is a speaker's way into the mixes; its digits, where events says so, go to the ear directly.
func (k *compiler) input(s *speaker, to *media.Sender, events bool) *input {
	from := k.next.from[s]
	if from.mixed == nil {
		from.mixed = k.before.from[s].mixed
		if from.mixed == nil {
			from.mixed = &input{JitterBuffer: media.NewJitterBuffer()}
			k.config.Metrics.Track(from.mixed.JitterBuffer)
		}
		k.next.inputs = append(k.next.inputs, from.mixed)
	}
	if events {
		from.ears = append(from.ears, to)
	}
	k.next.from[s] = from
	return from.mixed
}
