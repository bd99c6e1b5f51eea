package peers

import (
	"net/http"
	"net/http/httptest"
	"os"
	"testing"
)

// twoEnds is a page with a call to itself: two connections, one sends the microphone to the other.
const twoEnds = `<!doctype html><title>x</title><script type="module">
const mic = await navigator.mediaDevices.getUserMedia({audio: true});
const [a, b] = [new RTCPeerConnection(), new RTCPeerConnection()];
const loopback = (to) => ({candidate}) => {
  if (candidate?.address === '127.0.0.1') to.addIceCandidate(candidate);
};
a.onicecandidate = loopback(b); b.onicecandidate = loopback(a);
a.addTrack(mic.getAudioTracks()[0], mic);
const strip = ({type, sdp}) => ({type, sdp: sdp.replace(/^a=candidate:.*\r\n/gm, '')});
await a.setLocalDescription(); await b.setRemoteDescription(strip(a.localDescription));
await b.setLocalDescription(); await a.setRemoteDescription(strip(b.localDescription));
window.state = () => a.connectionState;
window.mute = (on) => { mic.getAudioTracks()[0].enabled = !on; };
</script>`

// TestPagesHearTheirOwnTones has two pages at once, each in a call with itself.
func TestPagesHearTheirOwnTones(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		w.Write([]byte(twoEnds))
	}))
	defer server.Close()
	suite := NewSuite()
	suite.dir = t.TempDir()
	chrome := suite.Browser(t)
	t.Cleanup(chrome.close)
	t.Cleanup(func() { showOnFailure(t, "browser", chrome.proc.log) })
	alice := chrome.Open(t, "alice", server.URL, Tone(580))
	bob := chrome.Open(t, "bob", server.URL, Tone(1050))
	alice.WaitFor("state() === 'connected'")
	bob.WaitFor("state() === 'connected'")
	WantAllHear(t, map[Ear][]float64{alice: {580}, bob: {1050}, bob.Ear(0): {1050}})
	for _, pair := range alice.Stats("local-candidate") {
		if a := pair["address"]; a != "127.0.0.1" && pair["networkType"] != nil && a != nil {
			t.Logf("candidate %v", a)
		}
	}
	alice.Eval("mute(true)", nil)
	WantSilence(t, alice)
	alice.Reload()
	alice.WaitFor("state() === 'connected'")
	WantHears(t, alice, 580)
	picture := t.TempDir() + "/page.png"
	alice.Screenshot(picture)
	if _, err := os.Stat(picture); err != nil {
		t.Error(err)
	}
	alice.Eval("console.error('oops')", nil)
	alice.WaitFor("true")
	if got := alice.Errors(); len(got) != 1 || got[0] != "error: oops" {
		t.Errorf("errors %q", got)
	}
}
