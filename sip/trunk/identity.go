package trunk

import (
	"cmp"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/emiago/sipgo/sip"

	"seatbridge/leg"
)

// Outbound is how an INVITE into a trunk looks.
type Outbound struct {
	RequestURI sip.Uri
	From       sip.FromHeader // without a tag
	To         sip.ToHeader
	Headers    []sip.Header // P-Asserted-Identity where due
}

// Outbound builds the identities of a call to number (our form) through g, one of the trunk's gateways. An empty caller
// number means the trunk's default; ErrCallerID refuses one that is not the trunk's, ErrNumber what cannot be dialled.
func (t *Trunk) Outbound(g Gateway, number string, caller leg.Identity) (Outbound, error) {
	if !isNumber(number) {
		return Outbound{}, ErrNumber
	}
	dialled := rewrite(t.out, number)
	if !isNumber(dialled) {
		return Outbound{}, fmt.Errorf("%w: a rule of trunk %s made %q of %q", ErrNumber, t.Name, dialled, number)
	}
	id := cmp.Or(caller.Number, t.DefaultCallerID)
	if id != "" && !slices.Contains(t.CallerIDs, id) {
		return Outbound{}, ErrCallerID
	}
	shown := rewrite(t.out, id)
	from := t.uri(g, cmp.Or(t.FromUser, shown, t.Username, "anonymous"))
	from.Port = 0 // neither From nor To has one (RFC 3261 section 19.1.1)
	to := t.uri(g, dialled)
	out := Outbound{RequestURI: to, From: sip.FromHeader{DisplayName: QuoteName(caller.Name), Address: from}}
	to.Port = 0
	out.To = sip.ToHeader{Address: to}
	if t.Trusted && shown != "" {
		from.User = escapeUser(shown)
		asserted := sip.FromHeader{DisplayName: out.From.DisplayName, Address: from}
		out.Headers = append(out.Headers, sip.NewHeader("P-Asserted-Identity", asserted.Value()))
	}
	return out, nil
}

// uri is the address of user at the trunk.
func (t *Trunk) uri(g Gateway, user string) sip.Uri {
	u := sip.Uri{Scheme: "sip", User: escapeUser(user), Host: t.Domain}
	if u.Host == "" {
		u.Host = g.Host
		if g.Port != defaultPort(g.Transport) {
			u.Port = g.Port
		}
	}
	return u
}

// escapeUser escapes the one character of a number that may not stand in a URI as it is.
func escapeUser(user string) string { return strings.ReplaceAll(user, "#", "%23") }

// Inbound reads who calls whom from an INVITE of the trunk, in our form. The caller's number is empty where it is
// withheld or makes no sense, and the name is free of control characters.
func (t *Trunk) Inbound(req *sip.Request) (from leg.Identity, to string) {
	to = userOf(&req.Recipient)
	if t.isOurs(&req.Recipient) && req.To() != nil {
		to = userOf(&req.To().Address) // to the Contact that we registered: the number is in To
	}
	return t.caller(req), rewrite(t.in, to)
}

// isOurs says whether a URI is the Contact of our own registration.
func (t *Trunk) isOurs(u *sip.Uri) bool { return t.Register && u.User == t.Username }

// caller reads P-Asserted-Identity from a trusted trunk (RFC 3325), else From.
func (t *Trunk) caller(req *sip.Request) leg.Identity {
	var who leg.Identity
	if h := req.From(); h != nil {
		who = leg.Identity{Number: userOf(&h.Address), Name: PlainName(h.DisplayName)}
	}
	if t.Trusted {
		for _, h := range req.GetHeaders("P-Asserted-Identity") {
			// There may be two, a sip and a tel URI of the same caller: the first one does.
			uri, name, err := parseAddress(h.Value())
			if number := userOf(&uri); err == nil && number != "" {
				who = leg.Identity{Number: number, Name: cmp.Or(PlainName(name), who.Name)}
				break
			}
		}
	}
	who.Number = rewrite(t.in, who.Number)
	return who
}

// parseAddress parses the first name-addr or addr-spec of a header's value.
func parseAddress(value string) (uri sip.Uri, name string, err error) {
	quoted, bracketed := false, false
	for i := 0; i < len(value); i++ {
		switch c := value[i]; {
		case c == '\\' && quoted:
			i++
		case c == '"':
			quoted = !quoted
		case c == '<' && !quoted:
			bracketed = true
		case c == '>' && !quoted:
			bracketed = false
		case c == ',' && !quoted && !bracketed:
			value = value[:i]
		}
	}
	var params sip.HeaderParams
	name, err = sip.ParseAddressValue(strings.TrimSpace(value), &uri, &params)
	return uri, name, err
}

// userOf is the number, or the name, in a sip, sips or tel URI: without parameters and visual separators (RFC 3966
// section 3). It is empty where there is none that could stand in a URI again.
func userOf(u *sip.Uri) string {
	text := u.User
	if u.Scheme == "tel" {
		text = u.Raw()
	}
	text, _, _ = strings.Cut(text, ";")
	text, err := url.PathUnescape(text)
	if err != nil || strings.EqualFold(text, "anonymous") {
		return ""
	}
	bare := strings.Map(func(c rune) rune {
		if strings.ContainsRune("-.() ", c) {
			return -1
		}
		return c
	}, text)
	if isNumber(bare) {
		return bare
	}
	if !isToken(text) {
		return ""
	}
	return text
}

// maxName is the number of characters that are kept of a display name.
const maxName = 64

// PlainName turns the display name of a parsed header into what can be shown: unescaped, without control characters,
// and cut to 64 characters. sipgo leaves names as they stand between the quotes.
func PlainName(raw string) string {
	var b strings.Builder
	for i := 0; i < len(raw); i++ {
		if raw[i] == '\\' && i+1 < len(raw) {
			i++
		}
		b.WriteByte(raw[i])
	}
	return clean(b.String())
}

// QuoteName turns any text into a display name that cannot break its header: the reverse of PlainName.
func QuoteName(name string) string {
	return strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(clean(name))
}

func clean(name string) string {
	n := 0
	return strings.TrimSpace(strings.Map(func(c rune) rune {
		if n++; c < ' ' || c == 0x7f || c == '\uFFFD' || n > maxName {
			return -1
		}
		return c
	}, name))
}
