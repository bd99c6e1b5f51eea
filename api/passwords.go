package api

import (
	"context"
	"fmt"
	"sync"
	"time"

	"golang.org/x/crypto/bcrypt"
	"golang.org/x/time/rate"
)

// What may be tried: a few guesses at one user from one address, and more at all users from one address, as a whole
// contact centre may sit behind it.
const (
	guessesPerUser    = 5 // at once, and then one each
	guessRestPerUser  = 12 * time.Second
	guessesPerAddress = 50 // at once, and then one each
	guessRestPerAddr  = 200 * time.Millisecond
	maxGuessers       = 10_000 // that are remembered
)

// passwords checks passwords, slowly and alike for users who exist and users who don't.
type passwords struct {
	hash  func(user string) string // bcrypt, as it is now; empty where the user has none
	dummy []byte
	// busy has room for one: hashing takes a core for a twentieth of a second, and calls need the other ones.
	busy chan struct{}

	mu       sync.Mutex
	guessers map[guesser]*rate.Limiter
}

// guesser is who tries passwords; user is empty for all that an address does.
type guesser struct{ address, user string }

// newPasswords fails where a hash of one of the users is none of bcrypt's.
func newPasswords(users []string, hash func(user string) string) (*passwords, error) {
	p := &passwords{hash: hash, busy: make(chan struct{}, 1), guessers: make(map[guesser]*rate.Limiter)}
	cost := 0
	for _, user := range users {
		h := hash(user)
		if h == "" {
			continue
		}
		c, err := bcrypt.Cost([]byte(h))
		if err != nil {
			return nil, fmt.Errorf("api: password hash of %q: %w", user, err)
		}
		cost = max(cost, c)
	}
	setDefault(&cost, bcrypt.DefaultCost)
	var err error
	if p.dummy, err = bcrypt.GenerateFromPassword([]byte("nobody's"), cost); err != nil {
		return nil, fmt.Errorf("api: %w", err)
	}
	return p, nil
}

// allow counts one try, and says whether it may be made.
func (p *passwords) allow(address, user string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	all := p.limiter(guesser{address, ""}, guessRestPerAddr, guessesPerAddress)
	one := p.limiter(guesser{address, user}, guessRestPerUser, guessesPerUser)
	return all.Allow() && one.Allow()
}

// limiter is the guesser's; the caller holds mu.
func (p *passwords) limiter(g guesser, rest time.Duration, burst int) *rate.Limiter {
	l := p.guessers[g]
	if l == nil {
		l = rate.NewLimiter(rate.Every(rest), burst)
		if len(p.guessers) >= maxGuessers {
			l.AllowN(time.Now(), burst) // under attack by that many, strangers wait
			return l
		}
		p.guessers[g] = l
	}
	return l
}

// check compares the password; the error is the context's.
func (p *passwords) check(ctx context.Context, address, user, password string) (bool, error) {
	select {
	case p.busy <- struct{}{}:
		defer func() { <-p.busy }()
	case <-ctx.Done():
		return false, ctx.Err()
	}
	hash := []byte(p.hash(user))
	known := len(hash) > 0
	if !known {
		hash = p.dummy
	}
	ok := bcrypt.CompareHashAndPassword(hash, []byte(password)) == nil && known
	if ok {
		p.forgive(address, user)
	}
	return ok, nil
}

// forgive forgets the failures of somebody who knew the password in the end.
func (p *passwords) forgive(address, user string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.guessers, guesser{address, user})
}

// sweep forgets whoever has rested enough.
func (p *passwords) sweep(now time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for g, l := range p.guessers {
		if l.TokensAt(now) >= float64(l.Burst()) {
			delete(p.guessers, g)
		}
	}
}
