package test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"seatbridge/test/peers"
)

// crmPage is a page of a business: on load it puts the SDK's URL of its own into a script tag, as the reference's
// sample does, and keeps all that it is told.
const crmPage = `<!doctype html><title>CRM</title><body><h1>CRM</h1><script>
window.told = []; // every event: its name, and its payload's members
window.wrong = []; // answers and payloads whose fields are not both in data and beside it
function shape(what, { data, ...beside }) {
  const text = (fields) => JSON.stringify(Object.entries(fields ?? {}).sort());
  if (!data || text(data) !== text(beside)) wrong.push(what + ' ' + JSON.stringify({ data, ...beside }));
}
function inject(url, dataset = {}) {
  return new Promise((resolve, reject) => {
    const script = document.createElement('script');
    script.setAttribute('crossorigin', 'anonymous');
    script.src = url;
    Object.assign(script.dataset, { loopback: '', processing: 'off', enableShared: window.shared ?? 'true' }, dataset);
    const began = performance.now();
    script.addEventListener('error', () => reject(new Error('the script does not load')));
    script.addEventListener('load', () => {
      const { events } = window.tccc;
      window.loaded?.();
      for (const name of Object.values(events)) {
        window.tccc.on(name, (payload) => {
          window.told.push({ name, ...payload });
          shape(name, payload);
        });
      }
      window.tccc.on(events.ready, ({ tabUUID }) => {
        window.tab = tabUUID;
        window.readyAfter = performance.now() - began;
        resolve(tabUUID);
      });
      window.tccc.on(events.tokenExpired, ({ message }) => reject(new Error(message)));
    });
    document.body.appendChild(script);
  });
}
// Calls a function of the SDK; what it is rejected with is thrown as text.
function ask(space, name, options) {
  return window.tccc[space][name](options).then((answer) => {
    const { status, ...fields } = answer;
    shape(space + '.' + name + ' ' + status, fields);
    if (status !== 'success') throw new Error(JSON.stringify(answer));
    return answer;
  }, (e) => { throw new Error(e.status + ': ' + e.errorMsg); });
}
</script>`

// crm is a business's page, from a server of its own, with an agent's SDK in it.
type crm struct {
	*peers.Page
	t   testing.TB
	api *peers.ServerAPI
}

// sdkGateway is a gateway behind a carrier, and a business's server that may ask it for URLs.
func sdkGateway(t testing.TB) (*peers.Gateway, *peers.Carrier, *peers.ServerAPI) {
	t.Helper()
	return sdkGatewayWith(t, apiYAML)
}

func sdkGatewayWith(t testing.TB, yaml string) (*peers.Gateway, *peers.Carrier, *peers.ServerAPI) {
	t.Helper()
	k := peers.Kamailio(t)
	g := suite.Gateway(t, peers.Config{Carrier: k, YAML: yaml, Env: []string{"API_KEY=" + apiKey}})
	return g, k, peers.NewServerAPI(t, g, apiID, apiKey, apiApp)
}

// newCRM opens the page; the SDK is not loaded yet.
func newCRM(t testing.TB, api *peers.ServerAPI, user string, options ...peers.Option) *crm {
	t.Helper()
	return &crm{suite.Browser(t).Open(t, user, crmServer(t), options...), t, api}
}

// crmServer is where the page comes from.
func crmServer(t testing.TB) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprint(w, crmPage)
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// in is the page for a subtest, with nothing told so far.
func (c *crm) in(t *testing.T) *crm {
	t.Helper()
	in := &crm{c.Page.In(t), t, c.api}
	in.Eval("told.length = 0; window.session = undefined", nil)
	return in
}

// url asks the gateway, signed, for an SDK's URL.
func (c *crm) url(user string) string {
	c.t.Helper()
	var login struct{ SdkURL string }
	c.api.Do("CreateSDKLoginToken", fields{"SeatUserId": user, "OnlyOnce": true}, &login)
	return login.SdkURL
}

// load puts the SDK into the page and waits until it is ready.
func (c *crm) load(user string) { c.t.Helper(); c.loadFrom(c.url(user), "{}") }

// loadFrom is load by a URL, with further members of the script tag's dataset.
func (c *crm) loadFrom(url, dataset string) {
	c.t.Helper()
	var tab string
	c.Eval(fmt.Sprintf("inject(%q, %s)", url, dataset), &tab)
	c.WaitFor(fmt.Sprintf("told.some((e) => e.name === 'ready' && e.tabUUID === %q && e.data.tabUUID === %[1]q)", tab))
}

// ask calls a function of the SDK, such as "Call.hold", about the present session; more are further members.
func (c *crm) ask(function, more string) {
	c.t.Helper()
	space, name, _ := strings.Cut(function, ".")
	c.Eval(fmt.Sprintf("ask(%q, %q, {sessionId: window.session, %s}).then(() => null)", space, name, more), nil)
}

// refused wants a function to be rejected, with a sentence.
func (c *crm) refused(function, options, sentence string) {
	c.t.Helper()
	if said := c.said(fmt.Sprintf("tccc.%s(%s)", function, options)); !strings.HasPrefix(said, "error: ") ||
		!strings.Contains(said, sentence) {
		c.t.Errorf("%s(%s): %q, want %q", function, options, said, sentence)
	}
}

// said is what a promise of the SDK's is rejected with, "done" where it is not.
func (c *crm) said(promise string) string {
	c.t.Helper()
	var said string
	c.Eval(promise+".then(() => 'done', (e) => `${e.status}: ${e.errorMsg}`)", &said)
	return said
}

// waitTold waits for an event, by a condition on e, of the present session where it has one.
func (c *crm) waitTold(name, condition string) {
	c.t.Helper()
	c.WaitFor(fmt.Sprintf(`told.some((e) => e.name === %q && (!e.sessionId || e.sessionId === window.session) && (%s))`,
		name, condition))
}

// toldInOrder wants the present session's events of these names to be just these, in this order.
func (c *crm) toldInOrder(names ...string) {
	c.t.Helper()
	list, err := json.Marshal(names)
	if err != nil {
		c.t.Fatal(err)
	}
	var got []string
	c.Eval(fmt.Sprintf(`told.filter((e) => e.sessionId === session && %s.includes(e.name))
		.map((e) => e.name)`, list), &got)
	if strings.Join(got, " ") != strings.Join(names, " ") {
		c.t.Errorf("told %q, want %q", got, names)
	}
}

// never wants no such event to have come.
func (c *crm) never(name, condition string) {
	c.t.Helper()
	var got []any
	c.Eval(fmt.Sprintf("told.filter((e) => e.name === %q && (%s))", name, condition), &got)
	if len(got) > 0 {
		c.t.Errorf("told %v", got)
	}
}

// called waits for a call, which becomes the present session.
func (c *crm) called() {
	c.t.Helper()
	c.WaitFor("window.session = told.findLast((e) => e.name === 'callIn')?.sessionId")
}

// calls places a call by a function of the SDK, which becomes the present session; want is a condition on its answer.
func (c *crm) calls(function, options, want string) {
	c.t.Helper()
	c.Eval(fmt.Sprintf(`ask('Call', %q, %s).then((res) => {
		window.session = res.data.sessionId;
		if (!(%s)) throw new Error(JSON.stringify(res));
	})`, function, options, want), nil)
}

// talks wants the page and a party to hear each other alone.
func (c *crm) talks(with peers.Party) {
	c.t.Helper()
	peers.WantAllHear(c.t, hearing{c: {with.Tone()}, with: {c.Tone()}})
}

// leaves hangs up, and waits until the customer and the page know.
func (c *crm) leaves(with peers.Party) {
	c.t.Helper()
	c.ask("Call.hungUp", "")
	with.WaitClosed()
	c.waitTold("sessionEnded", "e.closeBy === 'seat'")
}

// clean wants no error to be logged on the page, and shapes.
func (c *crm) clean() {
	c.t.Helper()
	if errs := c.Errors(); len(errs) > 0 {
		c.t.Errorf("%s logged %q", c, errs)
	}
	c.shapes()
}

// shapes wants every answer and payload to have had its fields both in data and beside it.
func (c *crm) shapes() {
	c.t.Helper()
	var wrong []string
	c.Eval("wrong", &wrong)
	if len(wrong) > 0 {
		c.t.Errorf("%s got %q", c, wrong)
	}
}

// stage is where the SDK's functions are tried: the page of an agent, and customers behind a carrier.
type stage struct {
	g     *peers.Gateway
	k     *peers.Carrier
	api   *peers.ServerAPI
	agent *crm
	t     *testing.T
	n     int // customers so far
}

// sdkYAML is the configuration of a stage: what is shown to whom, who waits for whom, what is played and recorded.
func sdkYAML(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for name, hz := range map[string]float64{"hold.wav": music(), "menu.wav": menuPrompt()} {
		if err := peers.WriteWAV(filepath.Join(dir, name), peers.Sine(hz, 10*time.Second)); err != nil {
			t.Fatal(err)
		}
	}
	return fmt.Sprintf(`
api: {secret_id: %s, secret_key: "${API_KEY}", sdk_app_id: %d}
sounds: {hold: %q}
recordings: {dir: %q}
trunks: [{name: carrier, caller_ids: ["+15550100", "+15550101", "+15550103"]}]
staff:
  - {user: quinn, name: Quinn, role: inspector, device: staffSeat, extension: "1091"}
  - {user: max, name: Max, role: agent, device: staffPhoneSeat, mobile: "+15550290"}
number_groups: [{name: spare, numbers: ["+15550101"]}]
groups:
  - {name: support, members: [{user: erin}]}
  - {name: sales, members: [{user: alice}], caller_ids: ["+15550103"], wrap_up: 60s}
  - {name: impatient, strategy: byLevel, members: [{user: alice, level: 1}, {user: erin, level: 2}], ring_timeout: 2s}
  - {name: masked, members: [{user: alice}], protect_caller: true, protect_callee: true}
menus: [{name: main, prompt: %q, choices: [{key: "1", label: Orders, to: {group: masked}}]}]
inbound:
  - {number: "+15550170", user: alice, record: true}
  - {number: "+15550171", group: sales}
  - {number: "+15550172", group: impatient}
  - {number: "+15550173", menu: main}
  - {number: "+15550174", user: max}
  - {number: "+15550177", group: support}
`, apiID, apiApp, filepath.Join(dir, "hold.wav"), filepath.Join(dir, "recordings"), filepath.Join(dir, "menu.wav"))
}

// newStage opens the page of an agent, with the SDK in it.
func newStage(t *testing.T, user string, options ...peers.Option) *stage {
	t.Helper()
	s := &stage{t: t}
	s.g, s.k, s.api = sdkGatewayWith(t, sdkYAML(t))
	s.agent = newCRM(t, s.api, user, append([]peers.Option{agentTone()}, options...)...)
	s.agent.load(user)
	return s
}

// begin is the agent's page for a subtest, once the agent is free, and a customer of its own and its number.
func (s *stage) begin(t *testing.T, options ...peers.Option) (c *crm, customer *peers.RTPPhone, number string) {
	t.Helper()
	s.agent.In(t).WaitFor("tccc.Agent.getStatus() === 'free'")
	t.Cleanup(s.tidy(t))
	number = s.number()
	options = append([]peers.Option{customerTone(), peers.Manual}, options...)
	return s.agent.in(t), peers.RTP(t, s.k.Subscriber(number), options...), number
}

// tidy ends a call that a subtest which failed leaves, so that the next can go on.
func (s *stage) tidy(t *testing.T) func() {
	return func() {
		if t.Failed() {
			s.agent.said("tccc.Call.hungUp({sessionId: window.session})")
		}
	}
}

// number is one that no customer had before.
func (s *stage) number() string { s.n++; return fmt.Sprintf("+155502%02d", s.n) }

// outbound has the agent call a customer, who answers.
func (s *stage) outbound(t *testing.T) (c *crm, customer *peers.RTPPhone) {
	t.Helper()
	c, customer, number := s.begin(t)
	c.calls("startOutboundCall", fmt.Sprintf("{phoneNumber: %q}", number), "true")
	customer.WaitRinging()
	customer.Answer()
	customer.WaitEstablished()
	c.waitTold("calloutAccepted", "true")
	return c, customer
}

// inbound has a customer call a number, and the agent take the call.
func (s *stage) inbound(t *testing.T, to string, options ...peers.Option) (c *crm, customer *peers.RTPPhone) {
	t.Helper()
	c, customer, _ = s.begin(t, options...)
	customer.Dial(to)
	c.called()
	c.ask("Call.accept", "")
	customer.WaitEstablished()
	c.waitTold("userAccessed", "true")
	return c, customer
}

// group is the id of a group of the configuration.
func (s *stage) group(name string) string {
	s.t.Helper()
	var groups struct {
		SkillGroupList []struct{ SkillGroupId int64 }
	}
	s.api.Do("DescribeSkillGroupInfoList", fields{"PageSize": 10, "PageNumber": 0, "SkillGroupName": name}, &groups)
	if len(groups.SkillGroupList) != 1 {
		s.t.Fatalf("groups %q: %+v", name, groups)
	}
	return fmt.Sprint(groups.SkillGroupList[0].SkillGroupId)
}

// end wants nothing to be left, and nothing to have gone wrong on the page.
func (s *stage) end() {
	s.t.Helper()
	s.agent.clean()
	empty(s.g)
}
