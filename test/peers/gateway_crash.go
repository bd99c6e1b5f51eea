package peers

import (
	"fmt"
	"syscall"
)

// Crash ends the gateway as kill -9 does, at once and without a word.
func (g *Gateway) Crash() {
	g.t.Helper()
	if err := syscall.Kill(g.Pid(), syscall.SIGKILL); err != nil {
		g.t.Fatal(err)
	}
	<-g.proc.done
}

// Restart starts the gateway again after Crash or Stop, with the same configuration, and waits until it is ready.
func (g *Gateway) Restart() {
	g.t.Helper()
	g.crashes++
	again := g.command
	again.name = fmt.Sprintf("gateway-%d", g.crashes+1)
	g.proc = startProcess(g.t, again)
	g.waitReady()
}
