package main

import (
	"slices"
	"sync"
	"time"
)

// slack is how much too early packets are sent, so that one wake-up sends several.
const slack = 500 * time.Microsecond

// talk has both sides of every call speak until stop is closed, and then tells how late it was itself with each packet.
func talk(stop <-chan struct{}, calls []*carrierCall, browsers []*browser, sound *speech) <-chan []time.Duration {
	var late [2][]time.Duration
	var both sync.WaitGroup
	both.Go(func() { late[0] = pace(stop, len(calls), func(i int) { calls[i].say(sound) }) })
	both.Go(func() { late[1] = pace(stop, len(browsers), func(i int) { browsers[i].say(sound) }) })
	result := make(chan []time.Duration, 1)
	go func() {
		both.Wait()
		result <- slices.Concat(late[:]...)
	}()
	return result
}

// pace calls send for each of n every interval, spread over it, until stop is closed. It returns how late it was with
// each packet.
func pace(stop <-chan struct{}, n int, send func(i int)) []time.Duration {
	if n == 0 {
		return nil
	}
	var late []time.Duration
	start := time.Now()
	for count := 0; ; count++ {
		due := start.Add(interval * time.Duration(count) / time.Duration(n))
		if wait := time.Until(due); wait > slack {
			time.Sleep(wait)
		}
		select {
		case <-stop:
			return late
		default:
		}
		late = append(late, time.Since(due))
		send(count % n)
	}
}
