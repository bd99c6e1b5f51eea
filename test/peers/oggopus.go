package peers

import (
	"github.com/pion/rtp"
	"github.com/pion/webrtc/v3/pkg/media/oggwriter"

	"seatbridge/codec"
)

// WriteOggOpus writes the sound as an Ogg Opus file of packets of 20 ms.
func WriteOggOpus(path string, s Sound) error {
	w, err := oggwriter.New(path, 48000, 1)
	if err != nil {
		return err
	}
	encoder, err := codec.NewEncoder(codec.Opus, s.Rate, codec.Options{})
	if err != nil {
		return err
	}
	defer encoder.Close()
	p := rtp.Packet{Header: rtp.Header{Version: 2}}
	for samples := s.Samples; len(samples) >= s.Rate/50; samples = samples[s.Rate/50:] {
		payload := make([]byte, 1500)
		n, err := encoder.Encode(payload, samples[:s.Rate/50])
		if err != nil {
			return err
		}
		p.Payload = payload[:n]
		if err := w.WriteRTP(&p); err != nil {
			return err
		}
		p.SequenceNumber++
		p.Timestamp += 960
	}
	return w.Close()
}
