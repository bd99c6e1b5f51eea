package main

import (
	"fmt"
	"os"

	"seatbridge/call"
	"seatbridge/configs"
	"seatbridge/media"
)

// sounds are what is played to who has nobody to hear. Trunks that name the same file share it.
func sounds(c *configs.Config) (call.Sounds, error) {
	s := call.Sounds{Ringback: media.Ringback(), Trunks: map[string]*media.Clip{}}
	files := map[string]*media.Clip{}
	load := func(key, file string) (*media.Clip, error) {
		if files[file] != nil {
			return files[file], nil
		}
		content, err := os.ReadFile(file)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", key, err)
		}
		if files[file], err = media.Load(content); err != nil {
			return nil, fmt.Errorf("%s: %s: %w", key, file, err)
		}
		return files[file], nil
	}
	var err error
	if c.Sounds.Hold == "" {
		s.Hold = media.Music()
	} else if s.Hold, err = load("sounds.hold", c.Sounds.Hold); err != nil {
		return s, err
	}
	for i, t := range c.Trunks {
		if t.HoldMusic == "" {
			continue
		}
		if s.Trunks[t.Name], err = load(fmt.Sprintf("trunks[%d].hold_music", i), t.HoldMusic); err != nil {
			return s, err
		}
	}
	return s, nil
}
