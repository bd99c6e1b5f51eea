package call

import (
	"slices"
	"time"
)

// recent remembers the sessions that ended last, up to a number and an age.
type recent struct {
	most  int
	age   time.Duration
	infos []Info // oldest first
}

func (r *recent) add(i Info) {
	r.infos = append(r.infos, i)
	r.prune()
}

func (r *recent) find(id string) (Info, bool) {
	r.prune()
	i := slices.IndexFunc(r.infos, func(i Info) bool { return i.ID == id })
	if i < 0 {
		return Info{}, false
	}
	return r.infos[i], true
}

func (r *recent) all() []Info {
	r.prune()
	return slices.Clone(r.infos)
}

func (r *recent) prune() {
	old := max(len(r.infos)-r.most, 0)
	for old < len(r.infos) && time.Since(r.infos[old].Ended) > r.age {
		old++
	}
	r.infos = slices.Delete(r.infos, 0, old)
}
