// Package recording owns the recordings of sessions: two channels in a WAV file each, from the first frame that a tap
// gives to the file that is fetched, and what is left of those that a crash cut short.
package recording

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"
)

// ErrNotFound indicates that there is no finished recording of an id.
var ErrNotFound = errors.New("recording: not found")

// ErrLocked indicates that another process records into the directory.
var ErrLocked = errors.New("recording: directory is in use by another process")

// Names of files: a recording is written under both, and loses the second when it is finished.
const (
	suffix   = ".wav"
	unfinish = ".part"
)

// purgeEvery is how often old recordings are looked for.
const purgeEvery = time.Hour

// Config is what a Recorder works with.
type Config struct {
	Dir     string        // made where it is not there; for its owner alone
	Keep    time.Duration // how long recordings are kept; 0 means for ever
	Metrics *Metrics      // nil means that nobody looks
	Log     *slog.Logger
	// Create makes the file of a recording, which must not be there yet; nil means a file for its owner alone.
	Create func(path string) (File, error)
}

// File is what a recording is written to.
type File interface {
	Write(b []byte) (int, error)
	Close() error
}

// Recorder makes recordings in one directory.
type Recorder struct {
	config Config
	lock   *os.File
	stop   chan struct{}
	done   chan struct{}

	running sync.WaitGroup // the recordings' goroutines

	mu   sync.Mutex
	live map[*Recording]struct{}
}

// New makes a Recorder. What a crash left unfinished in the directory is finished first. The error wraps ErrLocked, or is
// the file system's. Close ends it.
func New(c Config) (*Recorder, error) {
	if c.Metrics == nil {
		c.Metrics = NewMetrics(nil)
	}
	if c.Create == nil {
		c.Create = create
	}
	r := &Recorder{config: c, stop: make(chan struct{}), done: make(chan struct{}), live: map[*Recording]struct{}{}}
	if err := os.MkdirAll(c.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("recording: %w", err)
	}
	if err := r.lockDir(); err != nil {
		return nil, err
	}
	if err := r.recover(); err != nil {
		r.lock.Close()
		return nil, err
	}
	go r.run()
	return r, nil
}

// lockDir keeps other processes from taking our unfinished files for what a crash left.
func (r *Recorder) lockDir() error {
	f, err := os.OpenFile(filepath.Join(r.config.Dir, ".lock"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return fmt.Errorf("recording: %w", err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		f.Close()
		return fmt.Errorf("%w: %s", ErrLocked, r.config.Dir)
	}
	r.lock = f
	return nil
}

func create(path string) (File, error) {
	return os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
}

// Start begins a recording under an id, which names its file: letters and digits, at most 64, never used before. It
// returns at once. Where the recording can't be made, or not go on, failed is told once, from another goroutine, and
// must not block.
func (r *Recorder) Start(id string, failed func(error)) *Recording {
	rec := newRecording(id, r.config, failed)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.live[rec] = struct{}{}
	r.running.Go(func() {
		rec.run()
		r.mu.Lock()
		defer r.mu.Unlock()
		delete(r.live, rec)
	})
	return rec
}

// Open opens a finished recording to be read. The error wraps ErrNotFound, or is the file system's.
func (r *Recorder) Open(id string) (*os.File, error) {
	if !validID(id) {
		return nil, fmt.Errorf("%w: %q", ErrNotFound, id)
	}
	f, err := os.Open(filepath.Join(r.config.Dir, id+suffix))
	if errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("%w: %s", ErrNotFound, id)
	}
	return f, err
}

// validID keeps an id from being a path.
func validID(id string) bool {
	return id != "" && len(id) <= 64 && strings.Trim(id, "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ") == ""
}

// Close finishes all recordings and waits for them.
func (r *Recorder) Close() {
	close(r.stop)
	<-r.done
	r.mu.Lock()
	var live []*Recording
	for rec := range r.live {
		live = append(live, rec)
	}
	r.mu.Unlock()
	for _, rec := range live {
		_ = rec.Close() // it was logged and told
	}
	r.running.Wait()
	r.lock.Close()
}

// run deletes recordings that are too old, now and every hour.
func (r *Recorder) run() {
	defer close(r.done)
	tick := time.NewTicker(purgeEvery)
	defer tick.Stop()
	for {
		if r.config.Keep > 0 {
			r.purge(time.Now().Add(-r.config.Keep))
		}
		select {
		case <-tick.C:
		case <-r.stop:
			return
		}
	}
}

// purge deletes the finished recordings that ended before a time.
func (r *Recorder) purge(before time.Time) {
	paths, _ := filepath.Glob(filepath.Join(r.config.Dir, "*"+suffix)) // the pattern is well formed
	for _, path := range paths {
		info, err := os.Stat(path)
		if err == nil && info.ModTime().Before(before) {
			err = os.Remove(path)
		}
		if err != nil {
			r.config.Log.Error("old recording is not deleted", "file", filepath.Base(path), "error", err.Error())
		}
	}
}
