package ccc

import (
	"context"
	"errors"
	"fmt"

	"seatbridge/call"
	"seatbridge/seat"
)

// code is an error code of the vendor's.
type code string

// The codes, each with the meaning that the vendor gives it.
const (
	codeInvalidAuthorization code = "AuthFailure.InvalidAuthorization" // no Authorization, or one of another shape
	codeSecretIDNotFound     code = "AuthFailure.SecretIdNotFound"
	codeSignatureFailure     code = "AuthFailure.SignatureFailure"
	codeSignatureExpire      code = "AuthFailure.SignatureExpire" // the time is off, or it was used before
	codeInvalidAction        code = "InvalidAction"
	codeNoSuchVersion        code = "NoSuchVersion"
	codeRequestTooLarge      code = "RequestSizeLimitExceeded"
	codeRequestLimit         code = "RequestLimitExceeded"
	codeMissingParameter     code = "MissingParameter"
	codeUnknownParameter     code = "UnknownParameter"
	codeInvalidParameter     code = "InvalidParameter" // not the type that it should have
	codeInvalidValue         code = "InvalidParameterValue"
	codeNoInstance           code = "InvalidParameter.InstanceNotExist" // another SdkAppId
	codeNoAccount            code = "InvalidParameterValue.AccountNotExist"
	codeNotFound             code = "ResourceNotFound"
	codeUnsupported          code = "UnsupportedOperation"
	codeDuplicatedAccount    code = "FailedOperation.DuplicatedAccount"
	codeSeatBusy             code = "FailedOperation.SeatStatusBusy"
	codePermissionDenied     code = "FailedOperation.PermissionDenied"
	codeCallOutFailed        code = "FailedOperation.CallOutFailed"
	codeFailed               code = "FailedOperation"
	codeInternal             code = "InternalError"
)

// Error is what a request is answered with that can't be served.
type Error struct {
	Code    code
	Message string
}

// Error is the code and the sentence.
func (e *Error) Error() string { return string(e.Code) + ": " + e.Message }

func errorf(c code, format string, args ...any) *Error {
	return &Error{Code: c, Message: fmt.Sprintf(format, args...)}
}

// asError says an error of the packages below in the vendor's words. What is nobody's mistake is an internal error,
// whose text is for the log alone.
func asError(err error) *Error {
	var own *Error
	var refused *call.Error
	switch {
	case errors.As(err, &own):
		return own
	case errors.As(err, &refused):
		return errorf(callCode(refused.Code), "%s", refused.Message)
	case errors.Is(err, seat.ErrUnknown):
		return errorf(codeNoAccount, "%v", err)
	case errors.Is(err, seat.ErrExists):
		return errorf(codeDuplicatedAccount, "%v", err)
	case errors.Is(err, seat.ErrUnknownGroup), errors.Is(err, ErrNoExtension):
		return errorf(codeNotFound, "%v", err)
	case errors.Is(err, ErrExtensionExists):
		return errorf(codeInvalidValue, "%v", err)
	case errors.Is(err, ErrFixedExtension):
		return errorf(codeUnsupported, "%v", err)
	case errors.Is(err, seat.ErrConfig):
		return errorf(codeInvalidValue, "%v", err)
	case errors.Is(err, seat.ErrConflict):
		return errorf(codeFailed, "somebody else changed it at the same time: try again")
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return errorf(codeInternal, "it took too long")
	}
	return errorf(codeInternal, "a fault of the gateway: its log says more")
}

func callCode(c call.Code) code {
	switch c {
	case call.CodeNotFound:
		return codeNotFound
	case call.CodeWrongState:
		return codeFailed
	case call.CodeBusy:
		return codeSeatBusy
	case call.CodeForbidden:
		return codePermissionDenied
	case call.CodeBadRequest:
		return codeInvalidValue
	}
	return codeCallOutFailed
}
