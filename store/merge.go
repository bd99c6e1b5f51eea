package store

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// merge puts what the file changed since last time over what holds: a field is the file's where that says something
// else than last time, and stays where it does not. All are JSON objects; last is nil for what is new in the file,
// current for what is not there. changed says that merged is not what holds.
func merge(last, now, current []byte) (merged []byte, changed bool, err error) {
	if current == nil {
		return now, true, nil
	}
	before, err := fields(last)
	if err != nil {
		return nil, false, err
	}
	after, err := fields(now)
	if err != nil {
		return nil, false, err
	}
	held, err := fields(current)
	if err != nil {
		return nil, false, err
	}
	for name, value := range after {
		if !bytes.Equal(value, before[name]) && !bytes.Equal(value, held[name]) {
			held[name] = value
			changed = true
		}
	}
	merged, err = json.Marshal(held)
	return merged, changed, err
}

// fields are a JSON object's; nil has none.
func fields(object []byte) (map[string]json.RawMessage, error) {
	all := map[string]json.RawMessage{}
	if object == nil {
		return all, nil
	}
	if err := json.Unmarshal(object, &all); err != nil {
		return nil, fmt.Errorf("store: no JSON object: %w", err)
	}
	return all, nil
}
