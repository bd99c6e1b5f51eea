package recording

import (
	"bufio"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	"seatbridge/codec"
	"seatbridge/media"
)

// side is a channel of the file.
type side int

const (
	left  side = iota // the customer
	right             // the agent
)

const (
	// workEvery is how often what has come is written.
	workEvery = 200 * time.Millisecond
	// lag is how far the recording stays behind the present: a frame that takes longer from its socket to the queue than
	// that, and its share of the jitter buffer's delay, is lost.
	lag = 400 * time.Millisecond
	// tail is written at the end for what the jitter buffers hold.
	tail = 40 * time.Millisecond
	// bufferSize is a second of sound: what a crash costs, and what is written at once.
	bufferSize = rate * channels
)

// Recording is one recording that goes on. Its time begins with Start; what nobody says is silence.
type Recording struct {
	id      string
	config  Config
	log     *slog.Logger
	failed  func(error)
	started time.Time
	taps    [channels]tap
	queue   queue

	once  sync.Once
	until time.Time     // set before stop is closed
	stop  chan struct{} // asks run to end
	done  chan struct{} // run has ended
	err   error         // why it is not whole; to be read after done

	// of run
	part    string // the file's path
	file    File
	writer  *bufio.Writer
	encoder codec.Encoder
	mix     mix
	payload [maxPayload]byte
	law     [channels][blockSize]byte
	out     [channels * blockSize]byte
}

func newRecording(id string, c Config, failed func(error)) *Recording {
	r := &Recording{
		id: id, config: c, log: c.Log.With("recording", id), failed: failed, started: time.Now(),
		stop: make(chan struct{}), done: make(chan struct{}),
	}
	for s := range r.taps {
		r.taps[s] = tap{r, side(s)}
	}
	r.mix.at = r.started
	return r
}

// Customer takes what is said on the left channel.
func (r *Recording) Customer() media.Tap { return &r.taps[left] }

// Agent takes what is said on the right channel.
func (r *Recording) Agent() media.Tap { return &r.taps[right] }

// tap gives what it gets to one side of a recording. Several speakers may share it.
type tap struct {
	recording *Recording
	side      side
}

// Frame queues a frame. Where the queue is full, as the disk does not keep up, there will be silence in its place.
func (t *tap) Frame(f *media.Frame) {
	if !t.recording.queue.put(t.side, f) {
		t.recording.config.Metrics.lost.Inc()
	}
}

// Close ends the recording with this moment and waits until its file is finished. The error is why it is not whole; what
// could be written is kept also then. It may be called more than once.
func (r *Recording) Close() error {
	r.once.Do(func() {
		r.until = time.Now()
		close(r.stop)
	})
	<-r.done
	return r.err
}

// run writes the file until Close, or until that fails.
func (r *Recording) run() {
	r.config.Metrics.now.Inc()
	defer r.config.Metrics.now.Dec()
	defer close(r.done)
	r.err = r.record()
	r.queue.close()
	r.mix.close()
	if r.file != nil {
		r.err = errors.Join(r.err, r.end())
	}
	if r.err != nil {
		r.config.Metrics.ended.WithLabelValues(resultFailed).Inc()
		r.log.Error("recording failed; the call goes on", "error", r.err.Error())
		r.failed(r.err)
		return
	}
	r.config.Metrics.ended.WithLabelValues(resultComplete).Inc()
	r.log.Info("recording finished", "seconds", int(r.until.Sub(r.started).Seconds()))
}

// record opens the file and writes what comes.
func (r *Recording) record() error {
	if err := r.open(); err != nil {
		return err
	}
	r.log.Info("recording started")
	tick := time.NewTicker(workEvery)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			if err := r.work(time.Now().Add(-lag)); err != nil {
				return err
			}
		case <-r.stop:
			if err := r.work(r.until.Add(tail)); err != nil {
				return err
			}
			return r.writer.Flush()
		}
	}
}

func (r *Recording) open() (err error) {
	if !validID(r.id) {
		return fmt.Errorf("recording: %q is not fit for a file's name", r.id)
	}
	if r.encoder, err = codec.NewEncoder(codec.PCMU, rate, codec.Options{}); err != nil {
		return err
	}
	r.part = filepath.Join(r.config.Dir, r.id+suffix+unfinish)
	if r.file, err = r.config.Create(r.part); err != nil {
		return err
	}
	r.writer = bufio.NewWriterSize(r.file, bufferSize)
	_, err = r.writer.Write(header(0))
	return err
}

// work writes all that has come, up to a time.
func (r *Recording) work(to time.Time) error {
	for {
		f, side, ok := r.queue.take(&r.payload)
		if !ok {
			return r.advance(to)
		}
		if err := r.advance(f.Arrived.Add(-lag)); err != nil {
			return err
		}
		if !r.mix.hear(side, &f) {
			r.config.Metrics.broken.Inc()
		}
	}
}

// advance writes the blocks that end before a time.
func (r *Recording) advance(to time.Time) error {
	for !r.mix.at.Add(media.Tick).After(to) {
		block := r.mix.next()
		for c := range block {
			if _, err := r.encoder.Encode(r.law[c][:], block[c][:]); err != nil {
				return err
			}
			for i, b := range r.law[c] {
				r.out[i*channels+c] = b
			}
		}
		n, err := r.writer.Write(r.out[:])
		r.config.Metrics.bytes.Add(float64(n))
		if err != nil {
			return err
		}
	}
	return nil
}

// end closes the file and makes it a recording, also of what was written before an error.
func (r *Recording) end() error {
	r.encoder.Close()
	if err := r.file.Close(); err != nil {
		return err
	}
	err := finish(r.part)
	if errors.Is(err, errEmpty) {
		err = errors.Join(err, os.Remove(r.part))
	}
	return err
}
