package registrar

import (
	"errors"
	"math/rand/v2"
	"slices"
	"time"
)

var (
	errTooBrief   = errors.New("registrar: interval too brief")
	errOutOfOrder = errors.New("registrar: CSeq out of order")
	errTooMany    = errors.New("registrar: too many contacts")
)

// apply makes the new bindings of an extension out of the old ones and a REGISTER's contacts (RFC 3261 section 10.3
// items 6 and 7). old is not changed; nothing is to be changed on an error. from is what the new bindings have in
// common.
func (c *Config) apply(old []record, contacts []contact, from record, now time.Time) ([]record, []Event, error) {
	if len(contacts) > c.MaxBindings {
		return nil, nil, errTooMany
	}
	records := slices.Clone(old)
	var events []Event
	for _, ct := range contacts {
		if ct.star {
			for _, rec := range old {
				if !inOrder(rec, from) {
					return nil, nil, errOutOfOrder
				}
				events = append(events, Event{Unregistered, rec.Binding})
			}
			return nil, events, nil
		}
		i := slices.IndexFunc(records, func(rec record) bool { return sameURI(&rec.Contact, &ct.uri) })
		if i >= 0 && !inOrder(records[i], from) {
			return nil, nil, errOutOfOrder
		}
		if ct.expires == 0 {
			if i >= 0 {
				events = append(events, Event{Unregistered, records[i].Binding})
				records = slices.Delete(records, i, i+1)
			}
			continue
		}
		expires, err := c.grant(ct.expires)
		if err != nil {
			return nil, nil, err
		}
		rec := from
		rec.Contact, rec.Q, rec.Params = ct.uri, ct.q, ct.params
		rec.Expires, rec.Updated, rec.NextProbe = now.Add(expires), now, now.Add(c.nextProbe())
		if i < 0 {
			records = append(records, rec)
			events = append(events, Event{Registered, rec.Binding})
			continue
		}
		rec.NextProbe = records[i].NextProbe
		if events = append(events, Event{Refreshed, rec.Binding}); !records[i].Reachable {
			events = append(events, Event{Reachable, rec.Binding})
		}
		records[i] = rec
	}
	records, replaced := c.limit(records)
	return records, append(events, replaced...), nil
}

// inOrder says whether a request may change a binding: it may not be older than what the same phone sent before.
func inOrder(rec, from record) bool { return rec.CallID != from.CallID || rec.CSeq < from.CSeq }

// grant is the time that a binding gets. It is a little shorter than what was asked for, so that phones which all
// registered at once, after a power cut, don't come back at once for ever.
func (c *Config) grant(asked time.Duration) (time.Duration, error) {
	if asked < 0 {
		asked = c.DefaultExpires
	}
	if asked < c.MinExpires {
		return 0, errTooBrief
	}
	granted := min(asked, c.MaxExpires)
	granted -= time.Duration(rand.Float64() * float64(granted) / 10).Truncate(time.Second)
	return max(granted, c.MinExpires), nil
}

// limit forgets the bindings that were not refreshed for the longest time where there are too many: phones that come
// back under another address each time leave them behind.
func (c *Config) limit(records []record) ([]record, []Event) {
	var events []Event
	for len(records) > c.MaxBindings {
		oldest := 0
		for i, rec := range records {
			if rec.Updated.Before(records[oldest].Updated) {
				oldest = i
			}
		}
		events = append(events, Event{Replaced, records[oldest].Binding})
		records = slices.Delete(records, oldest, oldest+1)
	}
	return records, events
}
