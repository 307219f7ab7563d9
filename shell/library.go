package shell

import (
	"embed"
	"fmt"
	"strings"

	"go.starlark.net/starlark"
)

// library holds the modules that are written in the dialect itself.
//
//go:embed library/*.py
var library embed.FS

// libraryNames returns the names of the modules of library.
func libraryNames() []string {
	files, err := library.ReadDir("library")
	if err != nil {
		panic(err) // cannot happen: the files are embedded in the program
	}
	var names []string
	for _, f := range files {
		names = append(names, strings.TrimSuffix(f.Name(), ".py"))
	}
	return names
}

// libraryModule runs a module's text in a frame of its own. It returns nil if there is no such module.
func (s *Session) libraryModule(name string) (*module, error) {
	file := "library/" + name + ".py"
	src, err := library.ReadFile(file)
	if err != nil {
		return nil, nil
	}
	f := &frame{s: s, vars: map[string]Value{"__name__": str(name), "__doc__": none}}
	if err := s.include(f, file, string(src)); err != nil {
		return nil, err
	}
	m := &module{}
	for _, n := range f.AttrNames() {
		m.attrs.set(n, f.vars[n])
	}
	return m, nil
}

// runList runs statements inside of the running text, with the names of a frame.
func (s *Session) runList(f *frame, name string, list []stmt) error {
	file, consts := lower(name, list, false)
	if len(file.Stmts) == 0 {
		return nil
	}
	names := starlark.StringDict{"f": f}
	for _, d := range []starlark.StringDict{s.runtime, consts} {
		for k, v := range d {
			names[k] = v
		}
	}
	program, err := starlark.FileProgram(file, names.Has)
	if err != nil {
		return fmt.Errorf("compile %s: %w", name, err)
	}
	outer := s.frame
	s.frame = f
	defer func() { s.frame = outer }()
	if err := s.enter(); err != nil {
		return err
	}
	defer s.leave()
	_, err = program.Init(s.thread, names)
	return err
}
