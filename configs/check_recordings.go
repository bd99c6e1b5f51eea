package configs

import "fmt"

// recordings checks that there is a place for what is to be recorded.
func (k *checker) recordings() {
	if k.c.Recordings.Dir != "" {
		return
	}
	missing := func(key string, record bool) {
		if record {
			k.wrong(key+".record", "needs recordings.dir, where recordings are kept")
		}
	}
	for i, g := range k.c.Groups {
		missing(fmt.Sprintf("groups[%d]", i), g.Record)
	}
	for i, r := range k.c.Inbound {
		missing(fmt.Sprintf("inbound[%d]", i), r.Record)
	}
	for i, r := range k.c.Outbound {
		missing(fmt.Sprintf("outbound[%d]", i), r.Record)
	}
}
