package test

import (
	"io"
	"net/http"
	"slices"
	"testing"

	"seatbridge/test/peers"
)

// BenchmarkSDKReady loads the SDK into a new page: from the script tag to the event ready, and what was loaded.
func BenchmarkSDKReady(b *testing.B) {
	_, _, api := sdkGateway(b)
	size := sdkSize(b, newCRM(b, api, "alice").url("alice"))
	var took []float64
	for b.Loop() {
		c := newCRM(b, api, "alice")
		c.load("alice")
		var ms float64
		c.Eval("readyAfter", &ms)
		took = append(took, ms)
	}
	reportSpread(b, took)
	b.ReportMetric(float64(size)/1024, "KiB")
}

// sdkSize loads the script as browsers do and says how many bytes came, compressed.
func sdkSize(b *testing.B, url string) int64 {
	request, err := http.NewRequest(http.MethodGet, url, nil)
	if err != nil {
		b.Fatal(err)
	}
	request.Header.Set("Accept-Encoding", "gzip") // said by us, so that it stays compressed
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		b.Fatal(err)
	}
	defer response.Body.Close()
	size, err := io.Copy(io.Discard, response.Body)
	if err != nil || response.Header.Get("Content-Encoding") != "gzip" {
		b.Fatalf("not loaded compressed: %v, %v", err, response.Header)
	}
	return size
}

// answerTimer takes the call that rings, and says after how many milliseconds the first sample of the caller's is there.
// The caller sends its tone from the gateway's answer on. The time has the granularity of a block of samples, 3 ms.
const answerTimer = `(async () => {
	const receiver = peers.connections[0].getReceivers()[0];
	const context = window.timer ??= new AudioContext({ sampleRate: 48000 });
	await context.audioWorklet.addModule(URL.createObjectURL(new Blob([
		"try { registerProcessor('onset', class extends AudioWorkletProcessor {" +
		"process([channels]) { const heard = channels.length && channels[0].some((v) => Math.abs(v) > 0.02);" +
		"if (heard) { this.port.postMessage(0); } return !heard; } }); } catch {}",
	], { type: 'text/javascript' })));
	await context.resume();
	const source = context.createMediaStreamSource(new MediaStream([receiver.track]));
	const node = new AudioWorkletNode(context, 'onset');
	source.connect(node).connect(context.destination);
	const heard = new Promise((resolve) => { node.port.onmessage = () => resolve(performance.now()); });
	const clicked = performance.now();
	await tccc.Call.accept({ sessionId: window.session });
	const after = await heard - clicked;
	source.disconnect();
	return after;
})()`

// BenchmarkSDKAnswer takes calls from the carrier, one after the other, in a page that has been ready for a while.
func BenchmarkSDKAnswer(b *testing.B) {
	_, k, api := sdkGateway(b)
	c := newCRM(b, api, "alice", tone(1))
	c.load("alice")
	customer := peers.RTP(b, k.Subscriber("+15550198"), tone(0))
	var took []float64
	for b.Loop() {
		c.Eval("void (told.length = 0)", nil)
		customer.Dial("+15550100")
		c.called()
		var ms float64
		c.Eval(answerTimer, &ms)
		took = append(took, ms)
		customer.WaitEstablished()
		c.ask("Call.hungUp", "")
		customer.WaitClosed()
		c.waitTold("sessionEnded", "true")
	}
	reportSpread(b, took)
}

// reportSpread prints the median and the extremes of times in milliseconds, in place of the time that the loop took.
func reportSpread(b *testing.B, took []float64) {
	slices.Sort(took)
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(took[0], "min-ms")
	b.ReportMetric(took[len(took)/2], "p50-ms")
	b.ReportMetric(took[len(took)-1], "max-ms")
	b.Logf("%d times", len(took))
}
