package shell

import (
	"slices"

	"go.starlark.net/starlark"
)

// frame holds the names of a module, a function, a class body or a generator expression. The lowered program
// reads and assigns a name of the text as an attribute of the frame.
type frame struct {
	plain
	s *Session
	// outer is the frame of the enclosing function, or of the module. It is nil for the module itself.
	outer *frame
	// scope is nil for the module.
	scope   *scope
	isClass bool
	vars    map[string]Value
	order   []string // the names of a class body in the order of assignment
	gen     *generator
	// iterErr is the error that ended a loop of this frame, until check reports it.
	iterErr error
	// handling stores the exceptions that are being handled. A raise without arguments raises the last one again.
	handling []error
}

var (
	_ starlark.HasAttrs    = (*frame)(nil)
	_ starlark.HasSetField = (*frame)(nil)
)

// Attr is the value of a name.
func (f *frame) Attr(name string) (Value, error) {
	if f.scope != nil && f.scope.globals[name] {
		return f.module().global(name, true)
	}
	if v, ok := f.vars[name]; ok {
		return v, nil
	}
	if f.scope == nil {
		return f.global(name, false)
	}
	if f.scope.locals[name] && !f.isClass {
		return nil, f.s.raise(f.s.exc.UnboundLocalError, "local variable '%s' referenced before assignment", name)
	}
	for o := f.outer; o != nil; o = o.outer {
		if o.scope == nil {
			return o.global(name, !f.isClass)
		}
		if v, ok := o.vars[name]; ok {
			return v, nil
		}
		if o.scope.locals[name] {
			return nil, f.s.raise(f.s.exc.NameError, "free variable '%s' referenced before assignment in enclosing scope", name)
		}
	}
	return nil, f.s.raise(f.s.exc.NameError, "name '%s' is not defined", name)
}

func (f *frame) module() *frame {
	for f.outer != nil {
		f = f.outer
	}
	return f
}

// global looks up a name in the module and then among the builtins.
func (f *frame) global(name string, inFunction bool) (Value, error) {
	if v, ok := f.vars[name]; ok {
		return v, nil
	}
	if v, ok := f.s.builtins[name]; ok {
		return v, nil
	}
	if inFunction {
		return nil, f.s.raise(f.s.exc.NameError, "global name '%s' is not defined", name)
	}
	return nil, f.s.raise(f.s.exc.NameError, "name '%s' is not defined", name)
}

// AttrNames returns the names that are set, sorted.
func (f *frame) AttrNames() []string {
	names := make([]string, 0, len(f.vars))
	for n := range f.vars {
		names = append(names, n)
	}
	slices.Sort(names)
	return names
}

// SetField assigns a name.
func (f *frame) SetField(name string, v Value) error {
	if f.scope != nil && f.scope.globals[name] {
		f = f.module()
	}
	if f.isClass {
		if _, ok := f.vars[name]; !ok {
			f.order = append(f.order, name)
		}
	}
	f.vars[name] = v
	return nil
}

// unset is del name.
func (f *frame) unset(name string) error {
	target := f
	if f.scope != nil && f.scope.globals[name] {
		target = f.module()
	}
	if _, ok := target.vars[name]; !ok {
		_, err := f.Attr(name)
		if err == nil {
			err = f.s.raise(f.s.exc.NameError, "name '%s' is not defined", name)
		}
		return err
	}
	delete(target.vars, name)
	return nil
}

// closure returns the frame whose names a function defined in f sees.
func (f *frame) closure() *frame {
	for f.isClass && f.outer != nil {
		f = f.outer
	}
	return f
}
