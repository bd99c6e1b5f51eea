package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"

	"seatbridge/api/ccc"
	"seatbridge/api/cdr"
	"seatbridge/configs"
	"seatbridge/store"
)

// serverAPI is the endpoint for a business's own servers; nil where nobody has a key.
func (g *gateway) serverAPI(c *configs.Config) http.Handler {
	if c.API.SecretID == "" {
		return nil
	}
	return ccc.New(ccc.Config{
		SecretID: c.API.SecretID, SecretKey: c.API.SecretKey, URL: c.API.URL,
		SDKAppID: int64(cmp.Or(c.API.SDKAppID, c.CDR.SdkAppID)),
		SIP:      g.whereToRegister(c), Calls: g.calls, Seats: g.seats, Logins: logins{g}, Extensions: g.extensions,
		Records: records{g.store}, Log: g.log,
	})
}

// whereToRegister is what a desk phone is told: the first listener.
func (g *gateway) whereToRegister(c *configs.Config) ccc.SIP {
	l := c.SIP.Listen[0]
	port := l.Address.Port()
	if port == 0 {
		port = g.sip.Addr(l.Transport).Port()
	}
	host := cmp.Or(c.SIP.Advertise, l.Address.Addr().String())
	return ccc.SIP{
		Domain: host, Proxy: net.JoinHostPort(host, strconv.Itoa(int(port))), Transport: strings.ToUpper(l.Transport),
	}
}

// logins asks the API, which is built after what asks it.
type logins struct{ g *gateway }

// Ticket implements ccc.Logins.
func (l logins) Ticket(user string, once bool) (string, time.Time) { return l.g.api.Ticket(user, once) }

// KickOut implements ccc.Logins.
func (l logins) KickOut(user string) bool { return l.g.api.KickOut(user) }

// records reads the stored records.
type records struct{ store *store.Store }

// Records implements ccc.Records.
func (r records) Records(ctx context.Context, q ccc.RecordQuery) ([]cdr.Record, int, error) {
	entries, total, err := r.store.Records(ctx, store.Query{
		From: q.From, To: q.To, Sessions: q.Sessions, Phones: q.Phones, Page: q.Page, Size: q.Size,
	})
	if err != nil {
		return nil, 0, err
	}
	all := make([]cdr.Record, len(entries))
	for i, e := range entries {
		if err := json.Unmarshal(e.Body, &all[i]); err != nil {
			return nil, 0, fmt.Errorf("record of session %s: %w", e.SessionID, err)
		}
	}
	return all, total, nil
}
