package rtc

import (
	"context"
	"fmt"
	"log/slog"
	"sync/atomic"

	"github.com/pion/logging"
	"golang.org/x/time/rate"
)

// pionLog hands pion's log lines to slog, not more than a few a second: pion writes one for every stray packet.
type pionLog struct {
	log     *slog.Logger
	limit   *rate.Limiter
	skipped atomic.Int64
}

func newPionLog(log *slog.Logger) *pionLog { return &pionLog{log: log, limit: rate.NewLimiter(1, 10)} }

// NewLogger makes the logger of one part of pion.
func (f *pionLog) NewLogger(scope string) logging.LeveledLogger {
	return &scopedLog{pionLog: f, scope: scope}
}

func (f *pionLog) say(level slog.Level, scope, format string, args ...any) {
	if !f.log.Enabled(context.Background(), level) {
		return
	}
	if !f.limit.Allow() {
		f.skipped.Add(1)
		return
	}
	f.log.Log(context.Background(), level, "pion: "+fmt.Sprintf(format, args...),
		"scope", scope, "skipped", f.skipped.Swap(0))
}

// scopedLog is the logger of one part of pion. Traces and debug lines are dropped, there are several a packet;
// warnings are for developers, since pion warns of every connection that closes.
type scopedLog struct {
	*pionLog
	scope string
}

func (l *scopedLog) Trace(string)          {}
func (l *scopedLog) Tracef(string, ...any) {}
func (l *scopedLog) Debug(string)          {}
func (l *scopedLog) Debugf(string, ...any) {}
func (l *scopedLog) Info(string)           {}
func (l *scopedLog) Infof(string, ...any)  {}
func (l *scopedLog) Warn(msg string)       { l.say(slog.LevelDebug, l.scope, "%s", msg) }
func (l *scopedLog) Warnf(format string, args ...any) {
	l.say(slog.LevelDebug, l.scope, format, args...)
}
func (l *scopedLog) Error(msg string) { l.say(slog.LevelWarn, l.scope, "%s", msg) }
func (l *scopedLog) Errorf(format string, args ...any) {
	l.say(slog.LevelWarn, l.scope, format, args...)
}
