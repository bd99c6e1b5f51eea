package registrar

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/emiago/sipgo/sip"

	"seatbridge/sip/dialog"
)

// crowd counts who was asked; those that are gone don't answer.
type crowd struct {
	gone func(user string) bool

	mu    sync.Mutex
	asked map[string]int
}

func (c *crowd) Do(ctx context.Context, r dialog.RequestConfig) (*sip.Response, error) {
	c.mu.Lock()
	c.asked[r.URI.User]++
	c.mu.Unlock()
	if c.gone(r.URI.User) {
		<-ctx.Done()
		return nil, errors.New("gone")
	}
	return sip.NewResponse(200, "OK"), nil
}

// TestKeepAliveOfMany: ten thousand phones that are there, and some that are not, are all asked in their time, though
// all are due at once.
func TestKeepAliveOfMany(t *testing.T) {
	const phones, goneEvery = 10000, 20
	synctest.Test(t, func(t *testing.T) {
		users := map[string]bool{}
		c := &crowd{gone: func(user string) bool { return users[user] }, asked: map[string]int{}}
		f := newFixture(t, Config{Requester: c})
		defer f.Close()
		f.Registrar.mu.Lock()
		for i := range phones {
			user := fmt.Sprint(i)
			users[user] = i%goneEvery == 0
			f.records[user] = []record{{
				Binding: Binding{
					Extension: user, Contact: sip.Uri{Scheme: "sip", User: user, Host: "127.0.0.1"}, Transport: "udp",
					Expires: time.Now().Add(time.Hour), Reachable: true,
				},
				NextProbe: time.Now(),
			}}
		}
		f.Registrar.mu.Unlock()
		time.Sleep(33 * time.Second)
		c.mu.Lock()
		defer c.mu.Unlock()
		if len(c.asked) != phones {
			t.Errorf("%d of %d phones were asked in their time", len(c.asked), phones)
		}
	})
}
