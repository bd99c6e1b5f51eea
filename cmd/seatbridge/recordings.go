package main

import (
	"fmt"
	"log/slog"

	"github.com/prometheus/client_golang/prometheus"

	"seatbridge/api"
	"seatbridge/call"
	"seatbridge/configs"
	"seatbridge/media/recording"
)

// openRecordings opens the place where recordings are kept; nil where there is none.
func openRecordings(c *configs.Config, log *slog.Logger, reg prometheus.Registerer) (*recording.Recorder, error) {
	if c.Recordings.Dir == "" {
		return nil, nil
	}
	r, err := recording.New(recording.Config{
		Dir: c.Recordings.Dir, Keep: c.Recordings.Keep, Metrics: recording.NewMetrics(reg), Log: log,
	})
	if err != nil {
		return nil, fmt.Errorf("recordings.dir: %w", err)
	}
	return r, nil
}

// newRecording shows the recordings to call control.
func newRecording(r *recording.Recorder) func(session string, failed func(error)) call.Recording {
	if r == nil {
		return nil
	}
	return func(session string, failed func(error)) call.Recording { return r.Start(session, failed) }
}

// recordings shows the finished ones to the API.
func recordings(r *recording.Recorder) api.Recordings {
	if r == nil {
		return nil
	}
	return finished{r}
}

type finished struct{ *recording.Recorder }

// Open opens a finished recording.
func (f finished) Open(id string) (api.Recording, error) { return f.Recorder.Open(id) }
