package api

import (
	"encoding/json"
	"errors"

	"seatbridge/call"
)

// The codes that this package adds to those of package call.
const (
	codeUnknownCommand call.Code = "unknownCommand"
	codeUnauthorized   call.Code = "unauthorized" // no token, or one that is wrong, used up or too old
	codeRateLimited    call.Code = "rateLimited"
	codeMediaFailed    call.Code = "mediaFailed" // the offer or candidate was not taken
	codeInternal       call.Code = "internal"    // a fault of ours; the log knows more
)

// header is what every message of a page has.
type header struct {
	ID   string `json:"id"`
	Type string `json:"type"`
}

// replyMessage answers one command.
type replyMessage struct {
	Reply string     `json:"reply"` // the command's id; empty where it could not be read
	OK    bool       `json:"ok"`
	Data  any        `json:"data,omitempty"`
	Error *errorBody `json:"error,omitempty"`
}

// errorBody is an error, in replies and in HTTP answers.
type errorBody struct {
	Code    call.Code `json:"code"`
	Message string    `json:"message"`
}

func newReply(id string, data any) []byte {
	return marshal(replyMessage{Reply: id, OK: true, Data: data})
}

func newErrorReply(id string, e *call.Error) []byte {
	return marshal(replyMessage{Reply: id, Error: &errorBody{e.Code, e.Message}})
}

// decode reads a message's members of interest; others are left alone, so that newer pages can talk to us.
func decode[T any](message []byte) (T, error) {
	var v T
	err := json.Unmarshal(message, &v)
	var wrongType *json.UnmarshalTypeError
	switch {
	case errors.As(err, &wrongType) && wrongType.Field == "":
		return v, call.Errorf(call.CodeBadRequest, "a message is a JSON object, not of the type %s", wrongType.Value)
	case errors.As(err, &wrongType):
		return v, call.Errorf(call.CodeBadRequest, "%q must not be of the type %s", wrongType.Field, wrongType.Value)
	case err != nil:
		return v, call.Errorf(call.CodeBadRequest, "this is not JSON: %v", err)
	}
	return v, nil
}

// errorOf is the error as it may be told; ours are told apart from what only the log should see.
func (s *Server) errorOf(err error) *call.Error {
	var known *call.Error
	if errors.As(err, &known) {
		return known
	}
	s.log.Error("a command failed", "error", err)
	return call.Errorf(codeInternal, "a fault of the gateway; its log knows more")
}
