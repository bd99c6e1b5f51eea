package configs

import (
	"bytes"
	_ "embed"
	"errors"
	"io"
	"os"
	"reflect"
	"strings"

	"go.yaml.in/yaml/v3"
)

// DefaultName is what the embedded default is called in messages.
const DefaultName = "default.yaml (embedded)"

//go:embed default.yaml
var defaultYAML []byte

// Default is the text of the embedded default, with its comments.
func Default() []byte { return defaultYAML }

// Load reads and checks a file; an empty name means the embedded default. The error is Problems where the file can
// be read but is wrong.
func Load(file string) (*Config, error) {
	if file == "" {
		return Parse(DefaultName, defaultYAML)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	return Parse(file, text)
}

// Parse reads and checks the text of a file.
func Parse(file string, text []byte) (*Config, error) {
	d := &decoder{file: file, lines: map[string]int{}}
	c := base()
	var root yaml.Node
	documents := yaml.NewDecoder(bytes.NewReader(text))
	err := documents.Decode(&root)
	switch {
	case errors.Is(err, io.EOF) || (err == nil && len(root.Content) == 0):
		d.problem(1, "", "the file is empty; `seatbridge default-config` prints one to begin with")
	case err != nil:
		d.problem(syntaxLine(err), "", "%s", strings.TrimPrefix(err.Error(), "yaml: "))
	default:
		d.decode(root.Content[0], reflect.ValueOf(c).Elem(), "")
		d.end(documents)
	}
	if len(d.problems) == 0 {
		check(c, d)
	}
	if len(d.problems) > 0 {
		return nil, d.problems
	}
	return c, nil
}

// end complains about what follows the first document: it would not be read.
func (d *decoder) end(documents *yaml.Decoder) {
	var second yaml.Node
	err := documents.Decode(&second)
	switch {
	case errors.Is(err, io.EOF):
	case err != nil:
		d.problem(syntaxLine(err), "", "%s", strings.TrimPrefix(err.Error(), "yaml: "))
	default:
		d.problem(second.Line, "", "a second document begins here; a configuration is one")
	}
}

// syntaxLine finds the line that the YAML library names only in its text.
func syntaxLine(err error) int {
	line := 0
	for _, r := range strings.TrimPrefix(err.Error(), "yaml: line ") {
		if r < '0' || r > '9' {
			break
		}
		line = line*10 + int(r-'0')
	}
	return max(line, 1)
}
