package ccc

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
)

// action is one thing that can be asked for.
type action struct {
	changes bool // it changes something
	run     func(ctx context.Context, r request) (any, error)
}

// request is one that was signed by who may ask.
type request struct {
	server *Server
	http   *http.Request
	body   []byte
}

// application is what every request names.
type application struct{ SdkAppId int64 }

// table is all actions by name.
func (s *Server) table() map[string]action {
	return map[string]action{
		// It may come twice in a second, with the same signature: somebody opens two pages.
		"CreateSDKLoginToken": reading(s.createSDKLoginToken, "SeatUserId"),
		"ForceMemberOffline":  changing(s.forceMemberOffline, "UserId"),

		"DescribePSTNActiveSessionList": reading(s.describePSTNActiveSessionList, "Offset", "Limit"),
		"DescribeTelSession":            reading(s.describeTelSession, "SessionId"),
		"DescribeTelCdr": reading(s.describeTelCdr,
			"StartTimeStamp", "EndTimeStamp", "PageSize", "PageNumber"),
		"DescribeCallInMetrics": reading(s.describeCallInMetrics),
		"CreateCallOutSession":  changing(s.createCallOutSession, "UserId", "Callee"),
		"HangUpCall":            changing(s.hangUpCall, "SessionId"),

		"CreateExtension":        changing(s.createExtension, "ExtensionId", "ExtensionName"),
		"DescribeExtension":      reading(s.describeExtension, "ExtensionId"),
		"DescribeExtensions":     reading(s.describeExtensions, "PageNumber"),
		"DeleteExtension":        changing(s.deleteExtension, "ExtensionId"),
		"ResetExtensionPassword": changing(s.resetExtensionPassword, "ExtensionId"),

		"CreateStaff":                changing(s.createStaff, "Staffs"),
		"DeleteStaff":                changing(s.deleteStaff, "StaffList"),
		"DescribeStaffInfoList":      reading(s.describeStaffInfoList, "PageSize", "PageNumber"),
		"DescribeStaffStatusMetrics": reading(s.describeStaffStatusMetrics),

		"CreateCCCSkillGroup":        changing(s.createCCCSkillGroup, "SkillGroupName", "SkillGroupType"),
		"DescribeSkillGroupInfoList": reading(s.describeSkillGroupInfoList, "PageSize", "PageNumber"),
		"BindStaffSkillGroupList":    changing(s.bindStaffSkillGroupList, "StaffEmail", "StaffSkillGroupList"),
		"UnbindStaffSkillGroupList":  changing(s.unbindStaffSkillGroupList, "StaffEmail", "SkillGroupList"),
	}
}

func reading[Q, A any](do func(context.Context, request, Q) (A, error), needs ...string) action {
	return action{run: func(ctx context.Context, r request) (any, error) {
		q, err := decode[Q](r, needs)
		if err != nil {
			return nil, err
		}
		return do(ctx, r, q)
	}}
}

func changing[Q, A any](do func(context.Context, request, Q) (A, error), needs ...string) action {
	a := reading(do, needs...)
	a.changes = true
	return a
}

// nothing is the answer of an action that has none but the RequestId.
type nothing struct{}

// decode reads a request's parameters. Those that needs names must be there, and others than Q's must not.
func decode[Q any](r request, needs []string) (q Q, err error) {
	var there map[string]json.RawMessage
	if json.Unmarshal(r.body, &there) != nil {
		return q, errorf(codeInvalidParameter, "the body is no JSON object")
	}
	for _, name := range append([]string{"SdkAppId"}, needs...) {
		if value, ok := there[name]; !ok || bytes.Equal(value, []byte("null")) {
			return q, errorf(codeMissingParameter, "the parameter %s is missing", name)
		}
	}
	var app application
	if json.Unmarshal(there["SdkAppId"], &app.SdkAppId) != nil {
		return q, errorf(codeInvalidParameter, "SdkAppId must be a number")
	}
	if app.SdkAppId != r.server.config.SDKAppID {
		return q, errorf(codeNoInstance, "there is no application %d", app.SdkAppId)
	}
	strict := json.NewDecoder(bytes.NewReader(r.body))
	strict.DisallowUnknownFields()
	return q, badParameter(strict.Decode(&q))
}

// badParameter says what is wrong with a parameter.
func badParameter(err error) error {
	var typed *json.UnmarshalTypeError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &typed):
		return errorf(codeInvalidParameter, "%s can't be a %s", typed.Field, typed.Value)
	}
	if _, name, ok := strings.Cut(err.Error(), "unknown field "); ok { // encoding/json has no type for it
		return errorf(codeUnknownParameter, "there is no parameter %s", name)
	}
	return errorf(codeInvalidParameter, "the parameters can't be read")
}
