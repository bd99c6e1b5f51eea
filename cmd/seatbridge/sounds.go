package main

import (
	"fmt"
	"log/slog"
	"os"
	"sync"

	"seatbridge/configs"
	"seatbridge/media"
)

// holdMusic is what a party on hold hears.
func holdMusic(c *configs.Config) (*media.Clip, error) {
	if c.Sounds.Hold == "" {
		return media.Music(), nil
	}
	clip, err := loadSound(c.Sounds.Hold)
	if err != nil {
		return nil, fmt.Errorf("sounds.hold: %s: %w", c.Sounds.Hold, err)
	}
	return clip, nil
}

// sounds are those of groups and menus, by file name. A file that can't be read is silence, and is said once.
type sounds struct {
	log *slog.Logger

	mu    sync.Mutex
	clips map[string]*media.Clip
}

// file is a sound, read when it is first wanted.
func (s *sounds) file(name string) *media.Clip {
	s.mu.Lock()
	defer s.mu.Unlock()
	if clip, ok := s.clips[name]; ok {
		return clip
	}
	clip, err := loadSound(name)
	if err != nil {
		s.log.Warn("a sound can't be played", "file", name, "error", err.Error())
	}
	s.clips[name] = clip
	return clip
}

func loadSound(name string) (*media.Clip, error) {
	file, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	return media.LoadWAV(file)
}
