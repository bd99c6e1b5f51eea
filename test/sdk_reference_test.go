package test

import (
	"go/ast"
	"go/parser"
	gotoken "go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// TestSDKReference wants docs/sdk-reference.md to have a line for each function, parameter, result, event and field
// that tccc.d.ts has, and each test that it names to be there.
func TestSDKReference(t *testing.T) {
	t.Parallel()
	lines := referenceLines(t)
	for _, name := range surface(t) {
		if _, ok := lines[name]; !ok {
			t.Errorf("docs/sdk-reference.md has no line for %s", name)
		}
	}
	tests := testNames(t)
	for name, shownBy := range lines {
		for _, test := range shownBy {
			if !tests[test] {
				t.Errorf("%s is shown by %q, which is no test", name, test)
			}
		}
	}
}

// referenceLines are the tests of each line of the tables.
func referenceLines(t *testing.T) map[string][]string {
	t.Helper()
	text, err := os.ReadFile("../docs/sdk-reference.md")
	if err != nil {
		t.Fatal(err)
	}
	lines, code := map[string][]string{}, regexp.MustCompile("`([^`]+)`")
	for line := range strings.Lines(string(text)) {
		cells := strings.Split(line, "|")
		if len(cells) != 5 || strings.Contains(cells[2], "shown by") || strings.HasPrefix(cells[1], "---") {
			continue
		}
		var tests []string
		for _, m := range code.FindAllStringSubmatch(cells[2], -1) {
			tests = append(tests, m[1])
		}
		if len(tests) == 0 && !strings.HasPrefix(strings.TrimSpace(cells[3]), "never") {
			t.Errorf("no test: %s", line)
		}
		lines[strings.TrimSpace(cells[1])] = tests
		for _, m := range code.FindAllStringSubmatch(cells[1], -1) {
			lines[m[1]] = tests
		}
	}
	return lines
}

// testNames are all tests of this package, with their subtests whose names stand as literals in them, and those of the
// package api as "api: TestName".
func testNames(t *testing.T) map[string]bool {
	t.Helper()
	names := map[string]bool{}
	for dir, prefix := range map[string]string{".": "", "../api": "api: "} {
		files, err := filepath.Glob(filepath.Join(dir, "*_test.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			parsed, err := parser.ParseFile(gotoken.NewFileSet(), file, nil, 0)
			if err != nil {
				t.Fatal(err)
			}
			for _, d := range parsed.Decls {
				if f, ok := d.(*ast.FuncDecl); ok && strings.HasPrefix(f.Name.Name, "Test") {
					names[prefix+f.Name.Name] = true
					addSubtests(names, prefix+f.Name.Name, f.Body)
				}
			}
		}
	}
	return names
}

// addSubtests adds those that are run as t.Run("name", ...).
func addSubtests(names map[string]bool, test string, body *ast.BlockStmt) {
	ast.Inspect(body, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok || len(call.Args) != 2 {
			return true
		}
		run, isMethod := call.Fun.(*ast.SelectorExpr)
		name, isLiteral := call.Args[0].(*ast.BasicLit)
		if isMethod && isLiteral && run.Sel.Name == "Run" {
			if text, err := strconv.Unquote(name.Value); err == nil {
				names[test+"/"+text] = true
			}
		}
		return true
	})
}

// declarations are the interfaces of tccc.d.ts by name, each as a type: what it extends, and its members in braces.
type declarations map[string]string

// surface names all that pages can use: `Call.hold`, `Call.hold(sessionId)`, `Call.startOutboundCall: sessionId`,
// `callIn` and `callIn.timeout`.
func surface(t *testing.T) []string {
	t.Helper()
	text, err := os.ReadFile("../web/sdk/tccc.d.ts")
	if err != nil {
		t.Fatal(err)
	}
	plain := regexp.MustCompile(`(?s)/\*.*?\*/|//[^\n]*`).ReplaceAllString(string(text), "")
	d := declarations{}
	declared := regexp.MustCompile(`(?s)export interface (\w+)([^{]*)(\{.*?)\n?\}\n`)
	for _, m := range declared.FindAllStringSubmatch(plain, -1) {
		d[m[1]] = m[2] + m[3] + "}"
	}
	names := []string{"tccc.on", "tccc.off", "tccc.overrideButtonConfig"}
	for _, space := range []string{"Call", "Chat", "Video", "Agent", "Devices", "UI"} {
		for _, m := range d.members(space) {
			name, signature, _ := strings.Cut(m, "(")
			names = append(names, space+"."+name)
			given, gets, _ := strings.Cut(signature, "): ")
			_, given, _ = strings.Cut(given, ": ")
			for _, parameter := range d.names(given) {
				names = append(names, space+"."+name+"("+parameter+")")
			}
			for _, result := range d.names(strings.TrimPrefix(gets, "Answer")) {
				if !strings.Contains(gets, "MediaDeviceInfo") {
					names = append(names, space+"."+name+": "+result)
				}
			}
		}
	}
	for _, m := range d.members("EventMap") {
		event, fields, _ := strings.Cut(m, ": ")
		names = append(names, event)
		for _, field := range d.names(fields) {
			names = append(names, event+"."+field)
		}
	}
	return names
}

// names are those of a type's members.
func (d declarations) names(typ string) []string {
	var all []string
	for _, m := range d.members(typ) {
		name, _, _ := strings.Cut(m, ":")
		all = append(all, strings.TrimSuffix(name, "?"))
	}
	return all
}

// members are those of a type: of the interfaces that it names, and those that it has in braces.
func (d declarations) members(typ string) []string {
	var all []string
	depth, start := 0, 0
	for i, c := range typ {
		switch {
		case c == '{' || c == '(':
			if depth++; depth == 1 {
				all = append(all, d.named(typ[start:i])...)
				start = i + 1
			}
		case c == '}' || c == ')':
			if depth--; depth == 0 {
				all = append(all, member(typ[start:i])...)
				start = i + 1
			}
		case c == ';' && depth == 1:
			all = append(all, member(typ[start:i])...)
			start = i + 1
		}
	}
	return append(all, d.named(typ[start:])...)
}

// named are the members of the interfaces that a part of a type names.
func (d declarations) named(part string) []string {
	var all []string
	for _, name := range regexp.MustCompile(`\b[A-Z]\w+`).FindAllString(part, -1) {
		if inside, ok := d[name]; ok {
			all = append(all, d.members(inside)...)
		}
	}
	return all
}

// member is one, without the space around it; none where there is nothing.
func member(text string) []string {
	text = strings.Join(strings.Fields(text), " ")
	return slices.DeleteFunc([]string{text}, func(m string) bool { return m == "" })
}
