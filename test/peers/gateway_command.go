package peers

import (
	"context"
	"os"
	"os/exec"
	"strings"
)

// Command runs the gateway's program with other arguments, as an operator would beside it, who is sam. It returns what
// that printed, and whether it went well.
func (g *Gateway) Command(args ...string) (out string, ok bool) {
	g.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, g.proc.cmd.Path, args...)
	cmd.Env = append(os.Environ(), "SEATBRIDGE_URL="+strings.TrimSuffix(g.URL("/"), "/"), "SEATBRIDGE_USER=sam")
	b, err := cmd.CombinedOutput()
	return string(b), err == nil
}
