package peers

import (
	_ "embed"
	"net"
	"net/netip"
	"strings"
	"testing"
	"text/template"
	"time"
)

//go:embed templates/kamailio.cfg
var kamailioConfig string

// The carrier's one customer and its password; subscribers have the same password.
const (
	carrierRealm    = "carrier.test"
	carrierCustomer = "gw"
	carrierPassword = "gwpass"
)

// Carrier is a Kamailio that plays a carrier: it challenges its customer's INVITEs with 407, record-routes every call,
// has subscribers of its own, and sends numbers that no subscriber has to the customer.
type Carrier struct {
	// Addr is where it listens, UDP and TCP.
	Addr netip.AddrPort
	// Customer is where it sends calls to: the SIP address of the gateway that is started with this carrier.
	Customer netip.AddrPort
	proc     *process
}

// Kamailio starts a carrier and waits until it answers.
func Kamailio(t testing.TB) *Carrier {
	t.Helper()
	ports := Ports(t)
	return kamailioFor(t, ports.Addr(), ports.Addr())
}

// kamailioFor starts a carrier on addr for a customer that will listen on customer.
func kamailioFor(t testing.TB, addr, customer netip.AddrPort) *Carrier {
	t.Helper()
	c := &Carrier{Addr: addr, Customer: customer}
	dir := Dir(t, "kamailio")
	var config strings.Builder
	err := template.Must(template.New("").Parse(kamailioConfig)).Execute(&config, map[string]any{
		"Carrier": c.Addr, "Gateway": c.Customer, "Realm": carrierRealm, "Customer": carrierCustomer,
		"Password": carrierPassword,
	})
	if err != nil {
		t.Fatal(err)
	}
	file := write(t, dir, "kamailio.cfg", config.String())
	// -DD stays in the foreground but forks its workers; -Y keeps its run-time files here.
	c.proc = startProcess(t, command{name: "kamailio", dir: dir, path: "kamailio", args: []string{
		"-f", file, "-DD", "-E", "-Y", dir, "-w", dir, "-m", "32", "-M", "4",
	}})
	c.waitReady(t)
	return c
}

// waitReady asks by OPTIONS until the carrier answers.
func (c *Carrier) waitReady(t testing.TB) {
	t.Helper()
	conn, err := net.Dial("udp", c.Addr.String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	ask := strings.ReplaceAll("OPTIONS sip:ping@HOST SIP/2.0\nVia: SIP/2.0/UDP "+conn.LocalAddr().String()+
		";branch=z9hG4bKready;rport\nMax-Forwards: 70\nFrom: <sip:ping@HOST>;tag=1\nTo: <sip:ping@HOST>\n"+
		"Call-ID: ready@HOST\nCSeq: 1 OPTIONS\nContent-Length: 0\n\n", "\n", "\r\n")
	ask = strings.ReplaceAll(ask, "HOST", c.Addr.String())
	answer := make([]byte, 2000)
	for end := time.Now().Add(patience); time.Now().Before(end); {
		conn.Write([]byte(ask)) // refused while nobody listens; the read tells
		conn.SetReadDeadline(time.Now().Add(100 * time.Millisecond))
		if n, err := conn.Read(answer); err == nil && strings.HasPrefix(string(answer[:n]), "SIP/2.0 200") {
			return
		}
		select {
		case <-c.proc.done:
			t.Fatal("kamailio has ended")
		case <-time.After(20 * time.Millisecond):
		}
	}
	t.Fatal("kamailio answers no OPTIONS")
}

// Subscriber is the account of one of the carrier's own numbers, such as +15550199.
func (c *Carrier) Subscriber(number string) Account {
	return Account{User: number, Password: carrierPassword, Realm: carrierRealm, UDP: c.Addr, TCP: c.Addr}
}
