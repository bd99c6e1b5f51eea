package media

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/pion/rtp"

	"seatbridge/codec"
	"seatbridge/dtmf"
)

// toneLine decodes what an ear is sent and notes the digits heard in it.
type toneLine struct {
	decoder  codec.Decoder
	detector *dtmf.Detector
	heard    []byte
	lengths  []time.Duration
	seqs     []uint16
	stamps   []uint32
}

func newToneLine(t *testing.T) *toneLine {
	t.Helper()
	l := &toneLine{}
	var err error
	if l.decoder, err = codec.NewDecoder(codec.PCMA, 8000); err != nil {
		t.Fatal(err)
	}
	l.detector = dtmf.NewDetector(func(d dtmf.Detection) {
		if d.End {
			l.heard = append(l.heard, d.Event.Digit())
			l.lengths = append(l.lengths, d.Length)
		}
	})
	return l
}

func (l *toneLine) WriteRTP(h *rtp.Header, payload []byte) (int, error) {
	var pcm [960]int16
	n, err := l.decoder.Decode(pcm[:], payload)
	if err != nil {
		return 0, err
	}
	if k := len(l.stamps); k > 0 { // a pause is silence to the ear
		for gap := int(h.Timestamp-l.stamps[k-1]) - toneFrame; gap > 0; gap -= toneFrame {
			l.detector.Push(make([]int16, min(gap, toneFrame)))
		}
	}
	l.detector.Push(pcm[:n])
	l.seqs, l.stamps = append(l.seqs, h.SequenceNumber), append(l.stamps, h.Timestamp)
	return len(payload), nil
}

func TestPlayTones(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		line := newToneLine(t)
		s := NewSender(SenderConfig{Writer: line})
		s.SetFormats(Formats{Audio: []AudioFormat{{PT: 8, Codec: codec.PCMA}}})
		var digits []dtmf.Event
		for e := range dtmf.Event(16) {
			digits = append(digits, e)
		}
		sent := make(chan bool, 1)
		s.PlayTones(digits, 100*time.Millisecond, 80*time.Millisecond, func(ok bool) { sent <- ok })
		s.Send(&Frame{Stream: 1, Codec: codec.PCMA, Payload: make([]byte, 160)})
		if !<-sent {
			t.Fatal("not sent")
		}
		line.detector.Push(make([]int16, 800))
		line.detector.Flush()
		if got := string(line.heard); got != "0123456789*#ABCD" {
			t.Errorf("heard %q", got)
		}
		for i, length := range line.lengths {
			if length < 80*time.Millisecond || length > 120*time.Millisecond {
				t.Errorf("digit %d lasted %v", i, length)
			}
		}
		for i := 1; i < len(line.seqs); i++ {
			if line.seqs[i] != line.seqs[i-1]+1 || int32(line.stamps[i]-line.stamps[i-1]) < toneFrame {
				t.Fatalf("packet %d: sequence %d after %d, timestamp %d after %d", i, line.seqs[i], line.seqs[i-1],
					line.stamps[i], line.stamps[i-1])
			}
		}
		s.Close()
	})
}

// TestTonesHoldAudioBack wants no other sound while a digit sounds, and the sound back after it.
func TestTonesHoldAudioBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := NewSender(SenderConfig{Writer: newToneLine(t)})
		s.SetFormats(Formats{Audio: []AudioFormat{{PT: 8, Codec: codec.PCMA}}})
		s.PlayTones([]dtmf.Event{5}, 100*time.Millisecond, 0, nil)
		synctest.Wait()
		before := s.Stats()
		s.Send(&Frame{Stream: 1, Codec: codec.PCMA, Payload: make([]byte, 160)})
		if after := s.Stats(); after.Packets != before.Packets || after.Dropped != before.Dropped+1 {
			t.Errorf("audio went out while a digit sounded: %+v", after)
		}
		time.Sleep(200 * time.Millisecond)
		before = s.Stats()
		s.Send(&Frame{Stream: 1, Seq: 9, Timestamp: 9 * 160, Codec: codec.PCMA, Payload: make([]byte, 160)})
		if after := s.Stats(); after.Packets != before.Packets+1 {
			t.Errorf("audio did not come back: %+v", after)
		}
		s.Close()
	})
}

func TestTonesNeedG711(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := NewSender(SenderConfig{Writer: newToneLine(t)})
		s.SetFormats(Formats{Audio: []AudioFormat{{PT: 111, Codec: codec.Opus}}})
		sent := make(chan bool, 1)
		s.PlayTones([]dtmf.Event{5}, 100*time.Millisecond, 0, func(ok bool) { sent <- ok })
		if <-sent {
			t.Error("tones through Opus")
		}
		s.Close()
	})
}
