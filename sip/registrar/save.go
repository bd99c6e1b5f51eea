package registrar

import (
	"context"
	"slices"
	"time"
)

const (
	// saveBatch is the number of extensions that one write to the Store takes.
	saveBatch = 500
	// saveRetry is the time until the next try after a write that failed.
	saveRetry = time.Second
	// lastSave bounds the last write, when the Registrar closes.
	lastSave = 5 * time.Second
)

// put replaces the bindings of an extension, here at once and in the Store soon. Called with mu held.
func (r *Registrar) put(extension string, records []record) {
	if len(records) == 0 {
		delete(r.records, extension)
	} else {
		r.records[extension] = slices.Clone(records)
	}
	r.touch(extension)
}

// touch has the Store told what holds for the extension. Called with mu held.
func (r *Registrar) touch(extension string) {
	if r.cfg.Store == nil {
		return
	}
	r.unsaved[extension] = struct{}{}
	select {
	case r.changed <- struct{}{}:
	default: // it is awake
	}
}

// save writes to the Store what changed, until the Registrar closes, and then what is left. Where the Store is slow or
// fails the changes of an extension fall together: never more waits than there are extensions.
func (r *Registrar) save() {
	failing := false
	for {
		select {
		case <-r.changed:
		case <-r.ctx.Done():
			ctx, cancel := context.WithTimeout(context.Background(), lastSave)
			defer cancel()
			if err := r.saveAll(ctx); err != nil {
				r.cfg.Log.Error("registrations are not kept", "error", err.Error())
			}
			return
		}
		err := r.saveAll(r.ctx)
		if failing != (err != nil) && r.ctx.Err() == nil {
			if failing = err != nil; failing {
				r.cfg.Log.Error("registrations are not kept for now", "error", err.Error())
			} else {
				r.cfg.Log.Info("registrations are kept again")
			}
		}
		if err != nil {
			r.waitToRetry()
		}
	}
}

// waitToRetry waits a moment, or until the Registrar closes.
func (r *Registrar) waitToRetry() {
	retry := time.NewTimer(saveRetry)
	defer retry.Stop()
	select {
	case <-retry.C:
	case <-r.ctx.Done():
	}
}

// saveAll writes batches until there is nothing left. After an error what was not written is unsaved again.
func (r *Registrar) saveAll(ctx context.Context) error {
	for {
		batch := r.takeUnsaved()
		if len(batch) == 0 {
			return nil
		}
		if err := r.cfg.Store.PutRegistrations(ctx, batch); err != nil {
			r.mu.Lock()
			for extension := range batch {
				r.touch(extension)
			}
			r.mu.Unlock()
			return err
		}
	}
}

// takeUnsaved takes a batch of what changed, as it is now.
func (r *Registrar) takeUnsaved() map[string][]Registration {
	r.mu.Lock()
	defer r.mu.Unlock()
	batch := map[string][]Registration{}
	for extension := range r.unsaved {
		if len(batch) == saveBatch {
			break
		}
		delete(r.unsaved, extension)
		batch[extension] = nil
		for _, rec := range r.records[extension] {
			if reg, ok := registration(rec); ok {
				batch[extension] = append(batch[extension], reg)
			}
		}
	}
	return batch
}
