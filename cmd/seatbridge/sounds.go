package main

import (
	"fmt"
	"os"

	"seatbridge/configs"
	"seatbridge/media"
)

// holdMusic is what a party on hold hears.
func holdMusic(c *configs.Config) (*media.Clip, error) {
	if c.Sounds.Hold == "" {
		return media.Music(), nil
	}
	file, err := os.ReadFile(c.Sounds.Hold)
	if err != nil {
		return nil, fmt.Errorf("sounds.hold: %w", err)
	}
	clip, err := media.LoadWAV(file)
	if err != nil {
		return nil, fmt.Errorf("sounds.hold: %s: %w", c.Sounds.Hold, err)
	}
	return clip, nil
}
