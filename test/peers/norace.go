//go:build !race

package peers

// raceDetector says that the tests run with it.
const raceDetector = false
