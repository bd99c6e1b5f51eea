package main

import (
	"log/slog"
	"strings"

	"github.com/prometheus/client_golang/prometheus"

	"seatbridge/api/cdr"
	"seatbridge/call"
	"seatbridge/configs"
	"seatbridge/seat"
	"seatbridge/store"
)

// newRecorder makes what keeps the sessions' records and sends them.
func newRecorder(c *configs.Config, s *store.Store, seats *seat.Directory, reg prometheus.Registerer,
	log *slog.Logger,
) (*cdr.Recorder, error) {
	config := cdr.Config{
		Store: s, Staff: seats, App: int64(c.CDR.SdkAppID), Volatile: c.Store.Path == "", Metrics: cdr.NewMetrics(reg),
		Log: log, Recordings: recordingsURL(c),
	}
	if c.CDR.URL != "" {
		var err error
		if config.Receiver, err = cdr.NewReceiver(c.CDR.URL, c.CDR.Secret); err != nil {
			return nil, err
		}
		if config.Volatile {
			log.Warn("store.path is not set: records are sent from memory, " +
				"and lost where cdr.url does not take them before the end")
		}
		if c.CDR.Secret == "" {
			log.Warn("cdr.secret is not set: records are sent without a signature")
		}
	}
	return cdr.New(config)
}

// progress is what is told how far sessions are: nobody where that would not outlive the process.
func progress(c *configs.Config, r *cdr.Recorder) func(call.Record) {
	if c.Store.Path == "" {
		return nil
	}
	return r.Progress
}

// recordingsURL is what stands before a recording's id: where servers reach the gateway, as far as the file says it.
func recordingsURL(c *configs.Config) string {
	base := strings.TrimSuffix(c.API.URL, "/")
	if base == "" {
		scheme := "http"
		if c.HTTP.Certificate != "" {
			scheme = "https"
		}
		base = scheme + "://" + c.HTTP.Listen.String()
	}
	return base + "/api/v1/recordings/"
}
