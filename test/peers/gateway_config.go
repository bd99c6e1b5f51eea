package peers

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	_ "embed"
	"encoding/pem"
	"math/big"
	"net"
	"slices"
	"strings"
	"testing"
	"text/template"
	"time"

	"go.yaml.in/yaml/v3"
)

//go:embed templates/gateway.yaml
var gatewayYAML string

// renderGateway fills the template and lays the test's own YAML over it.
func renderGateway(t testing.TB, values map[string]any, over string) (map[string]any, string) {
	t.Helper()
	var base strings.Builder
	if err := template.Must(template.New("").Parse(gatewayYAML)).Execute(&base, values); err != nil {
		t.Fatal(err)
	}
	config, changes := map[string]any{}, map[string]any{}
	for text, into := range map[string]map[string]any{base.String(): config, over: changes} {
		if err := yaml.Unmarshal([]byte(text), into); err != nil {
			t.Fatal(err)
		}
	}
	layOver(config, changes)
	text, err := yaml.Marshal(config)
	if err != nil {
		t.Fatal(err)
	}
	return config, string(text)
}

// layOver puts changes into base, mappings key by key.
func layOver(base, changes map[string]any) {
	for k, v := range changes {
		switch own := v.(type) {
		case map[string]any:
			if below, ok := base[k].(map[string]any); ok {
				layOver(below, own)
				continue
			}
		case []any:
			if id := identity(k); id != "" {
				base[k] = layListOver(base[k], own, id)
				continue
			}
		}
		base[k] = v
	}
}

// identity is the key by which the members of one of the configuration's lists are told apart.
func identity(list string) string {
	return map[string]string{
		"staff": "user", "phones": "extension", "trunks": "name", "inbound": "number", "outbound": "prefix",
	}[list]
}

// layListOver changes the members of base that changes has too, and adds the others.
func layListOver(base any, changes []any, id string) []any {
	all, _ := base.([]any)
	for _, c := range changes {
		change, _ := c.(map[string]any)
		i := slices.IndexFunc(all, func(m any) bool {
			member, _ := m.(map[string]any)
			return member[id] == change[id]
		})
		if i < 0 {
			all = append(all, c)
		} else {
			layOver(all[i].(map[string]any), change)
		}
	}
	return all
}

// Phone is the account of a desk phone of the configuration.
func (g *Gateway) Phone(extension string) Account {
	g.t.Helper()
	phones, _ := g.config["phones"].([]any)
	for _, p := range phones {
		phone, _ := p.(map[string]any)
		if phone["extension"] != extension {
			continue
		}
		password, _ := phone["password"].(string)
		sip, _ := g.config["sip"].(map[string]any)
		realm, _ := sip["realm"].(string)
		return Account{
			User: extension, Password: password, Realm: realm, UDP: g.SIP, TCP: g.SIP, TLS: g.TLS, CA: g.ca,
		}
	}
	g.t.Fatalf("the gateway's configuration has no phone %q", extension)
	return Account{}
}

// selfSigned makes a certificate for 127.0.0.1 that is its own authority.
func selfSigned(t testing.TB, dir string) (certificate, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: "127.0.0.1"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
		KeyUsage:    x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, c, c, private.Public(), private)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	certificate = write(t, dir, "certificate.pem", string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})))
	key = write(t, dir, "key.pem", string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret})))
	return certificate, key
}
