package api

import (
	"encoding/json"
	"net/http"

	"seatbridge/call"
)

// respond answers with JSON.
func respond(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // an error means that the client is gone
}

// fail answers with an error: a code for programs and a sentence for people.
func fail(w http.ResponseWriter, status int, e *call.Error) {
	respond(w, status, map[string]errorBody{"error": {e.Code, e.Message}})
}
