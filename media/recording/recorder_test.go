package recording

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"seatbridge/codec"
	"seatbridge/media"
)

func newRecorder(t *testing.T, c Config) *Recorder {
	t.Helper()
	if c.Dir == "" {
		c.Dir = filepath.Join(t.TempDir(), "recordings")
	}
	c.Log = slog.New(slog.DiscardHandler)
	r, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.Close)
	return r
}

// speech is a speaker of µ-law.
type speech struct {
	frame media.Frame
}

func newSpeech(stream uint64) *speech {
	return &speech{media.Frame{Stream: stream, Codec: codec.PCMU, Payload: bytes.Repeat([]byte{0x20, 0xa0}, 80)}}
}

// say gives a tap the next 20 ms.
func (s *speech) say(to media.Tap) {
	s.frame.Arrived = time.Now()
	to.Frame(&s.frame)
	s.frame.Seq++
	s.frame.Timestamp += 160
}

// read is a finished recording's sound, after its header was found to be right.
func read(t *testing.T, r *Recorder, id string) []byte {
	t.Helper()
	f, err := r.Open(id)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	b, err := io.ReadAll(f)
	if err != nil || len(b) < headerSize {
		t.Fatalf("%d bytes, %v", len(b), err)
	}
	le := binary.LittleEndian
	size := len(b) - headerSize
	if riff, data := le.Uint32(b[4:]), le.Uint32(b[54:]); int(riff) != len(b)-8 || int(data) != size || size%2 != 0 {
		t.Errorf("%d bytes, but RIFF has %d and data %d", len(b), riff, data)
	}
	if !bytes.Equal(b[:headerSize], header(uint32(size))) {
		t.Errorf("header % x", b[:headerSize])
	}
	return b[headerSize:]
}

func none(t *testing.T) func(error) { return func(err error) { t.Errorf("failed: %v", err) } }

func TestRecordingIsWritten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := NewMetrics(prometheus.NewRegistry())
		r := newRecorder(t, Config{Metrics: m})
		rec := r.Start("s1", none(t))
		customer := newSpeech(1)
		for range 100 {
			customer.say(rec.Customer())
			time.Sleep(20 * time.Millisecond)
		}
		if _, err := r.Open("s1"); !errors.Is(err, ErrNotFound) {
			t.Errorf("an unfinished recording is opened: %v", err)
		}
		for range 2 {
			if err := rec.Close(); err != nil {
				t.Fatal(err)
			}
		}
		customer.say(rec.Customer()) // too late
		sound := read(t, r, "s1")
		if loud := 2*2*8000 - bytes.Count(sound, []byte{0xff}); loud < 7500 || len(sound) < 2*2*8000 {
			t.Errorf("%d bytes, of which %d are no silence", len(sound), loud)
		}
		for i := 1; i < len(sound); i += 2 {
			if sound[i] != 0xff {
				t.Fatalf("the agent, who said nothing, is heard at %d", i)
			}
		}
		synctest.Wait()
		if n := testutil.ToFloat64(m.ended.WithLabelValues(resultComplete)); n != 1 || testutil.ToFloat64(m.now) != 0 {
			t.Errorf("%v complete, %v go on", n, testutil.ToFloat64(m.now))
		}
	})
}

// TestRecordingSkips wants a long pause to be there in its length.
func TestRecordingSkips(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRecorder(t, Config{})
		rec := r.Start("s1", none(t))
		agent := newSpeech(1)
		agent.say(rec.Agent())
		time.Sleep(10 * time.Minute)
		agent.say(rec.Agent())
		if err := rec.Close(); err != nil {
			t.Fatal(err)
		}
		if n := len(read(t, r, "s1")) / 2 / 8000; n != 600 {
			t.Errorf("%d seconds, want 600", n)
		}
	})
}

// TestRecordingOverflow wants frames that nobody writes to be counted and to have silence in their place.
func TestRecordingOverflow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := NewMetrics(nil)
		opened, release := make(chan struct{}), make(chan struct{})
		r := newRecorder(t, Config{Metrics: m, Create: func(path string) (File, error) {
			close(opened)
			<-release // a disk that hangs
			return create(path)
		}})
		rec := r.Start("s1", none(t))
		<-opened
		customer := newSpeech(1)
		for range 500 { // 10 s, of which the queue holds 4
			customer.say(rec.Customer())
			time.Sleep(20 * time.Millisecond)
		}
		lost := testutil.ToFloat64(m.lost)
		close(release)
		time.Sleep(time.Second)
		for range 50 {
			customer.say(rec.Customer())
			time.Sleep(20 * time.Millisecond)
		}
		if err := rec.Close(); err != nil {
			t.Fatal(err)
		}
		if lost < 200 || lost != testutil.ToFloat64(m.lost) {
			t.Errorf("%v frames lost, then %v", lost, testutil.ToFloat64(m.lost))
		}
		sound := read(t, r, "s1")
		if n := len(sound) / 2 / 8000; n != 12 {
			t.Fatalf("%d seconds, want 12", n)
		}
		loud := func(second int) int { return 16000 - bytes.Count(sound[second*16000:][:16000], []byte{0xff}) }
		if loud(0) < 7000 || loud(7) != 0 || loud(11) < 6000 {
			t.Errorf("loud: %d at the beginning, %d in what was lost, %d at the end", loud(0), loud(7), loud(11))
		}
	})
}

// full is a file on a disk that is full after some bytes.
type full struct {
	File
	room int
}

func (f *full) Write(b []byte) (int, error) {
	n, err := f.File.Write(b[:min(len(b), f.room)])
	f.room -= n
	if err == nil && n < len(b) {
		err = syscall.ENOSPC
	}
	return n, err
}

// TestDiskFull wants a recording to stop that can't be written, to say so, and to keep what was written.
func TestDiskFull(t *testing.T) {
	for _, room := range []int{0, 10, 50001} {
		t.Run(strconv.Itoa(room), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m := NewMetrics(nil)
				r := newRecorder(t, Config{Metrics: m, Create: func(path string) (File, error) {
					f, err := create(path)
					return &full{f, room}, err
				}})
				var told atomic.Int32
				rec := r.Start("s1", func(err error) {
					if told.Add(1); !errors.Is(err, syscall.ENOSPC) {
						t.Errorf("told %v", err)
					}
				})
				customer := newSpeech(1)
				for range 1000 {
					customer.say(rec.Customer())
					time.Sleep(20 * time.Millisecond)
				}
				if told.Load() != 1 {
					t.Errorf("told %d times in the call", told.Load())
				}
				if err := rec.Close(); !errors.Is(err, syscall.ENOSPC) {
					t.Errorf("Close: %v", err)
				}
				if n := testutil.ToFloat64(m.ended.WithLabelValues(resultFailed)); n != 1 || testutil.ToFloat64(m.lost) != 0 {
					t.Errorf("%v failed, %v frames lost", n, testutil.ToFloat64(m.lost))
				}
				if room > headerSize {
					if n := len(read(t, r, "s1")); n != room/2*2-headerSize {
						t.Errorf("%d bytes of %d are kept", n, room)
					}
					return
				}
				if left, _ := filepath.Glob(filepath.Join(r.config.Dir, "*.*av*")); len(left) != 0 {
					t.Errorf("left over: %q", left)
				}
			})
		})
	}
}

func TestRecordingCantBeMade(t *testing.T) {
	r := newRecorder(t, Config{})
	if err := os.WriteFile(filepath.Join(r.config.Dir, "twice.wav.part"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{"", "../s1", "a/b", "a.b", "twice", string(bytes.Repeat([]byte("a"), 65))} {
		failed := make(chan error, 1)
		rec := r.Start(id, func(err error) { failed <- err })
		if err := rec.Close(); err == nil || <-failed == nil {
			t.Errorf("%q can be recorded", id)
		}
		if _, err := r.Open(id); !errors.Is(err, ErrNotFound) {
			t.Errorf("%q can be opened: %v", id, err)
		}
	}
}

func TestOldRecordingsAreDeleted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRecorder(t, Config{Keep: 24 * time.Hour})
		put := func(name string, age time.Duration) string {
			path := filepath.Join(r.config.Dir, name)
			if err := os.WriteFile(path, []byte("x"), 0o600); err != nil {
				t.Fatal(err)
			}
			at := time.Now().Add(-age)
			if err := os.Chtimes(path, at, at); err != nil {
				t.Fatal(err)
			}
			return path
		}
		old, young, other := put("old.wav", 24*time.Hour), put("young.wav", 20*time.Hour), put("notes.txt", 99*time.Hour)
		time.Sleep(purgeEvery + time.Second)
		synctest.Wait()
		for path, want := range map[string]bool{old: false, young: true, other: true} {
			if _, err := os.Stat(path); (err == nil) != want {
				t.Errorf("%s: %v", filepath.Base(path), err)
			}
		}
	})
}

// TestCrash wants a recording whose process was killed to be finished at the next start, and the directory to be that
// process's alone until then.
func TestCrash(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "recordings")
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), child+"="+dir)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	part := filepath.Join(dir, "s1.wav.part")
	poll := time.NewTicker(20 * time.Millisecond)
	defer poll.Stop()
	for end := time.Now().Add(20 * time.Second); ; <-poll.C {
		if info, err := os.Stat(part); err == nil && info.Size() > 2*bufferSize {
			break
		}
		if time.Now().After(end) {
			t.Error("nothing is recorded")
			break
		}
	}
	if _, err := New(Config{Dir: dir, Log: slog.New(slog.DiscardHandler)}); !errors.Is(err, ErrLocked) {
		t.Errorf("beside the process: %v", err)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // killed
	if err := os.WriteFile(filepath.Join(dir, "s2.wav.part"), header(0)[:20], 0o600); err != nil {
		t.Fatal(err)
	}
	m := NewMetrics(nil)
	r := newRecorder(t, Config{Dir: dir, Metrics: m})
	if sound := read(t, r, "s1"); len(sound) < bufferSize || bytes.Count(sound, []byte{0xff}) > len(sound)*2/3 {
		t.Errorf("%d bytes", len(sound))
	}
	if n := testutil.ToFloat64(m.ended.WithLabelValues(resultRecovered)); n != 1 {
		t.Errorf("%v recovered", n)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "*.part")); len(left) != 0 {
		t.Errorf("left over: %q", left)
	}
}

// TestStreamsAreBounded wants a far end that begins its stream anew with each packet to cost no more than maxStreams.
func TestStreamsAreBounded(t *testing.T) {
	m := mix{at: time.Now()}
	for i := range uint64(1000) {
		f := newSpeech(i).frame
		f.Arrived = m.at
		if !m.hear(left, &f) || len(m.streams) > maxStreams {
			t.Fatalf("%d streams", len(m.streams))
		}
	}
	m.at = m.at.Add(idle + time.Second)
	if m.next(); len(m.streams) != 0 {
		t.Errorf("%d streams are not forgotten", len(m.streams))
	}
	m.close()
}

func BenchmarkFrame(b *testing.B) {
	q := &queue{}
	var buffer [maxPayload]byte
	f := newSpeech(1).frame
	b.ReportAllocs()
	for b.Loop() {
		q.put(left, &f)
		q.take(&buffer)
	}
}
