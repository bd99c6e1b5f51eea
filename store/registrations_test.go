package store

import (
	"cmp"
	"fmt"
	"net/netip"
	"path/filepath"
	"reflect"
	"slices"
	"testing"
	"time"

	"seatbridge/sip/registrar"
)

func registration(extension, contact string) registrar.Registration {
	return registrar.Registration{
		Extension: extension, Contact: contact, Source: netip.MustParseAddrPort("[2001:db8::1]:5070"), Transport: "udp",
		UserAgent: "phone/1", Params: []byte(`[{"K":"q","V":"0.5"}]`), Q: 0.5, CallID: "a@b", CSeq: 1<<32 - 1,
		Updated: time.UnixMilli(1795350000123), Expires: time.UnixMilli(1795353600456),
	}
}

func registrations(t *testing.T, s *Store) []registrar.Registration {
	t.Helper()
	all, err := s.Registrations(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	slices.SortFunc(all, func(a, b registrar.Registration) int {
		return cmp.Or(cmp.Compare(a.Extension, b.Extension), cmp.Compare(a.Contact, b.Contact))
	})
	return all
}

func TestRegistrations(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.db")
	s := open(t, path)
	desk, soft := registration("1001", "sip:a@192.0.2.1"), registration("1001", "sip:b@192.0.2.1;transport=udp")
	other := registration("1002", "sip:a@192.0.2.1")
	put := func(changed map[string][]registrar.Registration) {
		t.Helper()
		if err := s.PutRegistrations(t.Context(), changed); err != nil {
			t.Fatal(err)
		}
	}
	put(map[string][]registrar.Registration{"1001": {desk, soft}, "1002": {other}})
	closed(t, s)
	s = open(t, path)
	if got := registrations(t, s); !reflect.DeepEqual(got, []registrar.Registration{desk, soft, other}) {
		t.Fatalf("after a restart: %+v", got)
	}
	soft.CSeq = 7
	put(map[string][]registrar.Registration{"1001": {soft}, "1002": nil, "1003": nil})
	if got := registrations(t, s); !reflect.DeepEqual(got, []registrar.Registration{soft}) {
		t.Fatalf("%+v", got)
	}
}

// BenchmarkPutRegistrations refreshes 10,000 phones in batches as the registrar writes them; an operation is a phone.
func BenchmarkPutRegistrations(b *testing.B) {
	const phones, batch = 10000, 500
	s := open(b, filepath.Join(b.TempDir(), "a.db"))
	for i := 0; i < b.N; i += batch {
		changed := map[string][]registrar.Registration{}
		for j := range min(batch, b.N-i) {
			extension := fmt.Sprint(10000 + (i+j)%phones)
			changed[extension] = []registrar.Registration{registration(extension, "sip:a@192.0.2.1")}
		}
		if err := s.PutRegistrations(b.Context(), changed); err != nil {
			b.Fatal(err)
		}
	}
}
