package peers

import (
	"fmt"
	"math/rand/v2"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// Ports below the range that the kernel gives to sockets without a port of their own (32768 and up) are dealt out in
// blocks of this size. The first is even.
const (
	blockSize  = 60
	firstPort  = 10000
	blockCount = (32000 - firstPort) / blockSize
)

// Block is a range of ports on 127.0.0.1 that belongs to one test.
type Block struct {
	next, end int
}

// Ports takes a block of 60 ports until the test ends. A file lock keeps other test processes away from it, and only a
// block whose ports are all free, for UDP and TCP, is taken.
func Ports(t testing.TB) *Block {
	t.Helper()
	return portBlocks(t, 1)
}

// portBlocks is Ports with n blocks in a row.
func portBlocks(t testing.TB, n int) *Block {
	t.Helper()
	b, release, err := takeBlocks(n)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(release)
	return b
}

// One takes the next port.
func (b *Block) One() int { return b.Run(1) }

// Run takes n neighbouring ports and returns the first; it is even if n is.
func (b *Block) Run(n int) int {
	if n%2 == 0 && b.next%2 == 1 {
		b.next++
	}
	p := b.next
	if b.next += n; b.next > b.end {
		panic("peers: the block of ports is used up")
	}
	return p
}

// rest is how many ports are left, an even number.
func (b *Block) rest() int { return (b.end - b.next) / 2 * 2 }

// Addr takes the next port, as an address on 127.0.0.1.
func (b *Block) Addr() netip.AddrPort { return loopback(b.One()) }

func loopback(port int) netip.AddrPort {
	return netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), uint16(port))
}

// takeBlocks locks n blocks in a row and returns what unlocks them.
func takeBlocks(n int) (*Block, func(), error) {
	dir := filepath.Join(os.TempDir(), "seatbridge-test-ports")
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return nil, nil, err
	}
	for range 200 {
		var locks []*os.File
		release := func() {
			for _, l := range locks {
				l.Close()
			}
		}
		from := rand.IntN(blockCount - n + 1)
		for i := from; i < from+n && len(locks) == i-from; i++ {
			lock, err := lockBlock(dir, i)
			if err != nil {
				release()
				return nil, nil, err
			}
			if lock != nil {
				locks = append(locks, lock)
			}
		}
		if len(locks) == n {
			first := firstPort + from*blockSize
			return &Block{next: first, end: first + n*blockSize}, release, nil
		}
		release()
	}
	return nil, nil, fmt.Errorf("peers: no %d free ports found", n*blockSize)
}

// lockBlock takes the file lock of a block; it is nil where the block or one of its ports is in use.
func lockBlock(dir string, i int) (*os.File, error) {
	lock, err := os.OpenFile(filepath.Join(dir, fmt.Sprint(i)), os.O_CREATE|os.O_RDWR, 0o666)
	if err != nil {
		return nil, err
	}
	if syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) != nil || !free(firstPort+i*blockSize) {
		lock.Close()
		return nil, nil
	}
	return lock, nil
}

// free says that every port of the block can be bound now.
func free(first int) bool {
	for port := first; port < first+blockSize; port++ {
		u, err := net.ListenUDP("udp4", &net.UDPAddr{Port: port})
		if err != nil {
			return false
		}
		u.Close()
		l, err := net.ListenTCP("tcp4", &net.TCPAddr{Port: port})
		if err != nil {
			return false
		}
		l.Close()
	}
	return true
}
