package store

import (
	"path/filepath"
	"reflect"
	"testing"
	"time"
)

func TestExtensions(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.db")
	s := open(t, path)
	desk := Extension{
		Extension: "2001", Name: "Desk", HA1: "aa", Algorithm: "MD5", Created: time.UnixMilli(1795350000123),
		Changed: time.UnixMilli(1795350000124),
	}
	other := Extension{Extension: "2000", Algorithm: "SHA-256"}
	for _, e := range []Extension{{Extension: "2001", Name: "Old"}, desk, other, {Extension: "2002"}} {
		if err := s.PutExtension(t.Context(), e); err != nil {
			t.Fatal(err)
		}
	}
	for _, gone := range []string{"2002", "2003"} {
		if err := s.DeleteExtension(t.Context(), gone); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	all, err := open(t, path).Extensions(t.Context())
	if err != nil || !reflect.DeepEqual(all, []Extension{other, desk}) {
		t.Errorf("%+v, %v", all, err)
	}
}
