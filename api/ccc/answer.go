package ccc

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net/http"
)

// respond writes {"Response": {...answer, "RequestId"}}, or the error in place of the answer, which may be nil.
func respond(w http.ResponseWriter, answer any, failed *Error, id string) {
	if failed != nil {
		answer = struct{ Error *Error }{failed}
	}
	fields := map[string]json.RawMessage{}
	if answer != nil {
		text, err := json.Marshal(answer)
		if err == nil {
			err = json.Unmarshal(text, &fields)
		}
		if err != nil {
			panic(err) // the answers are our own structs, which have nothing that JSON cannot say
		}
	}
	fields["RequestId"] = json.RawMessage(`"` + id + `"`)
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]any{"Response": fields}) // a client that is gone gets nothing
}

// newRequestID has the shape of the vendor's: a random UUID (RFC 9562).
func newRequestID() string {
	var b [16]byte
	rand.Read(b[:]) // never fails (crypto/rand)
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}
