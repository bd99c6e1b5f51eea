package metrics

import (
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus/testutil"
)

func TestHandlerServesBuildInfo(t *testing.T) {
	r := New("v9")
	w := httptest.NewRecorder()
	r.Handler().ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
	if !strings.Contains(w.Body.String(), `seatbridge_build_info{goversion="go1.`) ||
		!strings.Contains(w.Body.String(), `version="v9"} 1`) {
		t.Fatalf("no build info in:\n%.500s", w.Body.String())
	}
	if problems, err := testutil.GatherAndLint(r.Registry); err != nil || len(problems) > 0 {
		t.Fatalf("%v %v", problems, err)
	}
}
