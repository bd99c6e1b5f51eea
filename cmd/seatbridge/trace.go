package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
)

// trace prints the ladder of a session that goes on or ended lately; the beginning of its id is enough where it is the
// only one with it.
func trace(args []string, out, errs io.Writer) error {
	set := flag.NewFlagSet("trace", flag.ContinueOnError)
	set.SetOutput(errs)
	set.Usage = func() {} // ours follows
	var f operatorFlags
	f.register(set)
	if err := set.Parse(args); err != nil || set.NArg() != 1 {
		return errUsage
	}
	o, err := f.operator()
	if err != nil {
		return err
	}
	defer o.http.CloseIdleConnections()
	ctx := context.Background()
	ladder, err := o.ladder(ctx, set.Arg(0))
	var answer *answerError
	if errors.As(err, &answer) && answer.status == http.StatusNotFound {
		var id string
		if id, err = o.sessionLike(ctx, set.Arg(0)); err != nil {
			return err
		}
		ladder, err = o.ladder(ctx, id)
	}
	if err != nil {
		return err
	}
	_, err = io.WriteString(out, printable(string(ladder)))
	return err
}

func (o *operator) ladder(ctx context.Context, id string) ([]byte, error) {
	ladder, _, err := o.get(ctx, "/api/v1/sessions/"+url.PathEscape(id)+"/ladder")
	return ladder, err
}

// sessionLike is the one session whose id begins so.
func (o *operator) sessionLike(ctx context.Context, begin string) (string, error) {
	body, _, err := o.get(ctx, "/api/v1/sessions")
	if err != nil {
		return "", err
	}
	var all struct{ Sessions, Recent []session }
	if err := json.Unmarshal(body, &all); err != nil {
		return "", err
	}
	var found []string
	for _, s := range append(all.Sessions, all.Recent...) {
		if strings.HasPrefix(strings.ToLower(s.ID), strings.ToLower(begin)) {
			found = append(found, s.ID)
		}
	}
	switch len(found) {
	case 1:
		return found[0], nil
	case 0:
		return "", fmt.Errorf("there is no session %q, neither now nor among the recent ones", begin)
	}
	return "", fmt.Errorf("%d sessions begin with %q: %s", len(found), begin, strings.Join(found, " "))
}
