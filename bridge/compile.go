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
		k.tap(p)
		for i, e := range p.ears {
			if e.mixed() {
				k.mix(e, p.port.Ears[i])
			} else if len(e.speakers) == 1 {
				preferred := i == 0 && len(p.ears) > 1
				k.direct(e.speakers[0], route{to: p.port.Ears[i], preferred: preferred})
			}
		}
	}
	return k.next
}

// tap has a party's tap get what it says, unless that may have secret digits in it.
func (k *compiler) tap(p *party) {
	if p.tap == nil || p.secret {
		return
	}
	from := k.next.from[p.speaker]
	from.tap = p.tap
	k.next.from[p.speaker] = from
}

// direct passes a speaker through to an ear.
func (k *compiler) direct(id PartyID, r route) {
	from := k.heardOn(k.parties[id], r.to)
	from.direct = append(from.direct, r)
	k.next.from[k.parties[id].speaker] = from
}

// heardOn is where a speaker's sound goes, with its telephone-events to one ear more unless they are secret.
func (k *compiler) heardOn(p *party, ear *media.Sender) fromSpeaker {
	from := k.next.from[p.speaker]
	if from.secret = p.secret; !p.secret {
		from.ears = append(from.ears, ear)
	}
	return from
}

// mix gives an ear the mix of its speakers.
func (k *compiler) mix(e ear, to *media.Sender) {
	var inputs []*input
	for _, id := range slices.Sorted(slices.Values(e.speakers)) {
		inputs = append(inputs, k.input(k.parties[id], to))
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

// input is a speaker's way into the mixes; its telephone-events go to the ear directly.
func (k *compiler) input(p *party, to *media.Sender) *input {
	from := k.heardOn(p, to)
	if from.mixed == nil {
		from.mixed = k.before.from[p.speaker].mixed
		if from.mixed == nil {
			from.mixed = &input{JitterBuffer: media.NewJitterBuffer()}
			k.config.Metrics.Track(from.mixed.JitterBuffer)
		}
		k.next.inputs = append(k.next.inputs, from.mixed)
	}
	k.next.from[p.speaker] = from
	return from.mixed
}
