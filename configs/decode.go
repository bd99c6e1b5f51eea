package configs

import (
	"encoding"
	"fmt"
	"net/netip"
	"os"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// Problem is one thing wrong with a file, where it stands and what would be right.
type Problem struct {
	File string
	Line int
	Key  string // dotted path, such as trunks[0].gateways[1].transport
	Text string
}

// String is "file:line: key: text".
func (p Problem) String() string {
	if p.Key == "" {
		return fmt.Sprintf("%s:%d: %s", p.File, p.Line, p.Text)
	}
	return fmt.Sprintf("%s:%d: %s: %s", p.File, p.Line, p.Key, p.Text)
}

// Problems is everything wrong with a file, in the file's order.
type Problems []Problem

// Error lists the problems, one a line.
func (ps Problems) Error() string {
	lines := make([]string, len(ps))
	for i, p := range ps {
		lines[i] = p.String()
	}
	return strings.Join(lines, "\n")
}

// decoder walks the YAML tree beside the Go value, so that every complaint can name line and key, and so that later
// checks of the values can name them too.
type decoder struct {
	file     string
	lines    map[string]int // of each key that the file has
	problems Problems
}

func (d *decoder) problem(line int, key, format string, args ...any) {
	d.problems = append(d.problems, Problem{d.file, line, key, fmt.Sprintf(format, args...)})
}

// decode fills v from the node at the dotted path key.
func (d *decoder) decode(n *yaml.Node, v reflect.Value, key string) {
	if n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	d.lines[key] = n.Line
	if n.Tag == "!!null" {
		return
	}
	if u, ok := v.Addr().Interface().(encoding.TextUnmarshaler); ok {
		d.text(n, u, key)
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		d.mapping(n, v, key)
	case reflect.Slice:
		d.sequence(n, v, key)
	default:
		d.scalar(n, v, key)
	}
}

func (d *decoder) mapping(n *yaml.Node, v reflect.Value, key string) {
	if n.Kind != yaml.MappingNode {
		d.problem(n.Line, key, "must be a list of keys and values")
		return
	}
	fields := map[string]int{}
	var known []string
	for i := range v.NumField() {
		name := v.Type().Field(i).Tag.Get("yaml")
		fields[name] = i
		known = append(known, name)
	}
	seen := map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		k := n.Content[i]
		path := join(key, k.Value)
		index, ok := fields[k.Value]
		switch {
		case !ok:
			slices.Sort(known)
			d.problem(k.Line, path, "unknown key; known here: %s", strings.Join(known, ", "))
		case seen[k.Value]:
			d.problem(k.Line, path, "stands twice")
		default:
			seen[k.Value] = true
			d.decode(n.Content[i+1], v.Field(index), path)
		}
	}
}

func (d *decoder) sequence(n *yaml.Node, v reflect.Value, key string) {
	if n.Kind != yaml.SequenceNode {
		d.problem(n.Line, key, "must be a list")
		return
	}
	v.Set(reflect.MakeSlice(v.Type(), len(n.Content), len(n.Content)))
	for i, item := range n.Content {
		d.decode(item, v.Index(i), fmt.Sprintf("%s[%d]", key, i))
	}
}

func (d *decoder) text(n *yaml.Node, u encoding.TextUnmarshaler, key string) {
	s, ok := d.value(n, key)
	if !ok {
		return
	}
	err := u.UnmarshalText([]byte(s))
	if err == nil {
		return
	}
	switch u.(type) {
	case *netip.AddrPort:
		d.problem(n.Line, key, "%q must be an address and port, such as 127.0.0.1:5060 or [::1]:5060", s)
	case *netip.Addr:
		d.problem(n.Line, key, "%q must be an IP address", s)
	case *netip.Prefix:
		d.problem(n.Line, key, "%q must be a network, such as 192.0.2.0/24", s)
	default:
		d.problem(n.Line, key, "%v", err)
	}
}

func (d *decoder) scalar(n *yaml.Node, v reflect.Value, key string) {
	s, ok := d.value(n, key)
	if !ok {
		return
	}
	switch v.Interface().(type) {
	case string:
		v.SetString(s)
	case bool:
		b, err := strconv.ParseBool(s)
		if err != nil {
			d.problem(n.Line, key, "%q must be true or false", s)
		}
		v.SetBool(b)
	case int:
		i, err := strconv.Atoi(s)
		if err != nil {
			d.problem(n.Line, key, "%q must be a whole number", s)
		}
		v.SetInt(int64(i))
	case time.Duration:
		t, err := time.ParseDuration(s)
		if err != nil || t < 0 {
			d.problem(n.Line, key, "%q must be a length of time, such as 30s, 5m or 4h", s)
		}
		v.SetInt(int64(t))
	default:
		d.problem(n.Line, key, "has a shape that no value fits")
	}
}

// value is a scalar's text, with a whole "${NAME}" replaced by that environment variable.
func (d *decoder) value(n *yaml.Node, key string) (string, bool) {
	if n.Kind != yaml.ScalarNode {
		d.problem(n.Line, key, "must be a single value")
		return "", false
	}
	name, reference := strings.CutPrefix(n.Value, "${")
	name, closed := strings.CutSuffix(name, "}")
	if !reference || !closed {
		return n.Value, true
	}
	s, ok := os.LookupEnv(name)
	if !ok {
		d.problem(n.Line, key, "the environment variable %s is not set", name)
	}
	return s, ok
}

func join(key, name string) string {
	if key == "" {
		return name
	}
	return key + "." + name
}
