package api

import (
	"context"
	"io"
	"io/fs"
	"net/http"
	"time"

	"seatbridge/call"
)

// Recordings are recordings of sessions that are over.
type Recordings interface {
	// Open opens one by the session's id. Any error is taken for there being none.
	Open(id string) (Recording, error)
}

// Recording is a WAV file that is being read; *os.File is one.
type Recording interface {
	io.ReadSeekCloser
	Stat() (fs.FileInfo, error)
}

// fetchTime is how long a client may take to fetch a recording.
const fetchTime = 30 * time.Minute

// handleRecording answers with a recording, or the part of it that the Range header asks for. Who listens to customers
// stands in the log.
func (s *Server) handleRecording(w http.ResponseWriter, r *http.Request, user string) {
	id := r.PathValue("id")
	var file Recording
	err := fs.ErrNotExist
	if s.config.Recordings != nil {
		file, err = s.config.Recordings.Open(id)
	}
	if err != nil {
		fail(w, http.StatusNotFound, call.Errorf(call.CodeNotFound, "there is no recording %q, or it goes on", id))
		return
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		fail(w, http.StatusInternalServerError, call.Errorf(codeInternal, "the recording can't be read"))
		return
	}
	s.log.Info("recording", "audit", "fetch", "user", user, "recording", id, "range", r.Header.Get("Range"))
	// The server's own limit is for small answers. Without a connection to set it on, as in tests, there is none.
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(fetchTime))
	w.Header().Set("Content-Type", "audio/wav")
	w.Header().Set("Content-Disposition", `attachment; filename="`+id+`.wav"`)
	http.ServeContent(w, r, "", info.ModTime(), file)
}

// pauseRecording has the session's recording pause, or go on.
func (s *Server) pauseRecording(paused bool) command {
	return func(ctx context.Context, l *login, message []byte) (any, error) {
		m, err := decodeSession(message)
		if err != nil {
			return nil, err
		}
		return nil, s.config.Commands.SetRecordingPaused(ctx, l.user, m.SessionID, paused)
	}
}
