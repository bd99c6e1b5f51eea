package main

import (
	"context"
	"fmt"
	"net/netip"

	"github.com/emiago/sipgo/sip"

	"seatbridge/sip/dialog"
	"seatbridge/sip/digest"
)

// startPhones starts n desk phones, registers them at the gateway and logs their users in: supervisors command by page
// and listen by phone. Both must be closed, also where there is an error.
func (g *gateway) startPhones(ctx context.Context, n int) (*carrier, []*page, error) {
	phones, err := startCarrier()
	if err != nil {
		return nil, nil, err
	}
	var pages []*page
	for i := range n {
		if err := register(ctx, phones.stack, g.sip, extension(i)); err != nil {
			return phones, pages, err
		}
		p, err := g.logIn(ctx, fmt.Sprintf("p%d", i))
		pages = append(pages, p)
		if err != nil {
			return phones, pages, err
		}
	}
	return phones, pages, nil
}

// register registers an extension at the gateway, for longer than any measurement lasts.
func register(ctx context.Context, phone *dialog.Stack, gateway, extension string) error {
	at, err := netip.ParseAddrPort(gateway)
	if err != nil {
		return err
	}
	uri := sip.Uri{Scheme: "sip", User: extension, Host: at.Addr().String(), Port: int(at.Port())}
	res, err := phone.Do(ctx, dialog.RequestConfig{
		Method: sip.REGISTER, URI: sip.Uri{Scheme: "sip", Host: uri.Host, Port: uri.Port},
		Flow: dialog.Flow{Transport: "udp", Remote: gateway},
		From: sip.FromHeader{Address: uri}, To: sip.ToHeader{Address: uri}, ContactUser: extension,
		Headers: []sip.Header{sip.NewHeader("Expires", "3600")},
		Auth: &digest.Credentials{
			Username: extension, Password: password, Trusted: func(a netip.Addr) bool { return a == at.Addr() },
		},
	})
	if err == nil && res.StatusCode != 200 {
		err = fmt.Errorf("status %d", res.StatusCode)
	}
	if err != nil {
		return fmt.Errorf("registering %s: %w", extension, err)
	}
	return nil
}
