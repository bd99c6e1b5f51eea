package main

import (
	"fmt"
	"log/slog"
	"os"
	"strings"
	"sync"

	"seatbridge/call"
	"seatbridge/configs"
	"seatbridge/media"
)

// sounds are what is played to who has nobody to hear.
func sounds(c *configs.Config, log *slog.Logger) (call.Sounds, error) {
	files := &soundFiles{log: log, clips: map[string]*media.Clip{}}
	s := call.Sounds{
		Ringback: media.Ringback(), Silence: media.NewClip(nil), Trunks: map[string]*media.Clip{}, File: files.clip,
	}
	var err error
	if c.Sounds.Hold == "" {
		s.Hold = media.Music()
	} else if s.Hold, err = files.load("sounds.hold", c.Sounds.Hold); err != nil {
		return s, err
	}
	for i, t := range c.Trunks {
		if t.HoldMusic == "" {
			continue
		}
		if s.Trunks[t.Name], err = files.load(fmt.Sprintf("trunks[%d].hold_music", i), t.HoldMusic); err != nil {
			return s, err
		}
	}
	return s, files.loadAll(c)
}

// soundFiles are sounds by their files' names. Those that name the same file share it.
type soundFiles struct {
	log *slog.Logger

	mu    sync.Mutex
	clips map[string]*media.Clip // nil for a file that can't be read
}

// loadAll reads what groups and menus of the file play, so that a bad one is told at the start.
func (f *soundFiles) loadAll(c *configs.Config) error {
	named := map[string]string{}
	for i, g := range c.Groups {
		key := fmt.Sprintf("groups[%d].", i)
		named[key+"music"], named[key+"waiting"] = g.Music, g.Waiting
		named[key+"position"] = strings.ReplaceAll(g.Position, "%d", "1")
	}
	for i, m := range c.Menus {
		named[fmt.Sprintf("menus[%d].prompt", i)] = m.Prompt
	}
	for key, name := range named {
		if name == "" {
			continue
		}
		if _, err := f.load(key, name); err != nil {
			return err
		}
	}
	return nil
}

// load reads the file of a key of the configuration.
func (f *soundFiles) load(key, name string) (*media.Clip, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if clip := f.clips[name]; clip != nil {
		return clip, nil
	}
	content, err := os.ReadFile(name)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", key, err)
	}
	if f.clips[name], err = media.Load(content); err != nil {
		return nil, fmt.Errorf("%s: %s: %w", key, name, err)
	}
	return f.clips[name], nil
}

// clip is a sound that may have been named later, by the API; one that can't be read is silence, and is said once.
func (f *soundFiles) clip(name string) *media.Clip {
	f.mu.Lock()
	clip, known := f.clips[name]
	f.mu.Unlock()
	if known {
		return clip
	}
	clip, err := f.load("sound", name)
	if err != nil {
		f.log.Warn("a sound can't be played", "error", err.Error())
		f.mu.Lock()
		f.clips[name] = nil
		f.mu.Unlock()
	}
	return clip
}
