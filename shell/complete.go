package shell

import (
	"slices"
	"strings"
)

// Candidate is a completion of the word before the cursor.
type Candidate struct {
	// Text replaces the word before the cursor.
	Text string
	// Info describes the completion in a word, such as "method". It may be empty.
	Info string
}

// Complete returns the word before the cursor and its completions. The cursor is at the end of text. Outside of quotes the
// completions are names, attributes of objects, and keyword arguments of the call around the word. Inside of
// quotes they are keyspaces, families, and recently used keys. Complete runs no part of the text.
func (s *Session) Complete(text string) (word string, list []Candidate) {
	tokens, err := tokenize(text)
	if err != nil && strings.Contains(err.msg, "scanning") {
		return s.completeString(text, err.pos)
	}
	// The last name that ends at the cursor is the word.
	tokens = slices.DeleteFunc(tokens, func(t token) bool {
		return t.kind == tokEOF || t.kind == tokNewline || t.kind == tokDedent || t.kind == tokIndent
	})
	if n := len(tokens); n > 0 && tokens[n-1].kind == tokName && strings.HasSuffix(text, tokens[n-1].text) {
		word = tokens[n-1].text
		tokens = tokens[:n-1]
	}
	if n := len(tokens); n > 0 && tokens[n-1].kind == tokOp && tokens[n-1].text == "." {
		base := s.resolve(tokens[:n-1])
		if base == nil {
			return word, nil
		}
		for _, name := range s.attrNames(base) {
			list = s.candidate(list, word, name, s.attrInfo(base, name))
		}
		return word, list
	}
	list = s.keywordArguments(tokens, word)
	if word == "" && len(list) > 0 {
		return word, list // the names of all values would hide the arguments
	}
	names := map[string]string{}
	for name := range keywords {
		names[name] = "keyword"
	}
	for name, v := range s.builtins {
		names[name] = s.info(v)
	}
	for name, v := range s.globals.vars {
		names[name] = s.info(v)
	}
	for _, name := range sortedKeys(names) {
		list = s.candidate(list, word, name, names[name])
	}
	return word, list
}

func (s *Session) candidate(list []Candidate, word, text, info string) []Candidate {
	if !strings.HasPrefix(text, word) || strings.HasPrefix(text, "_") && !strings.HasPrefix(word, "_") {
		return list
	}
	return append(list, Candidate{text, info})
}

// completeString completes a word inside of a string that is open at a position.
func (s *Session) completeString(text string, at position) (word string, list []Candidate) {
	lines := strings.Split(text, "\n")
	line := []rune(lines[min(int(at.line)-1, len(lines)-1)])
	rest := strings.TrimLeft(string(line[min(int(at.col)-1, len(line)):]), "uUbBrR")
	word = strings.TrimLeft(rest, `'"`)
	seen := map[string]bool{}
	add := func(text, info string) {
		if !seen[text] && strings.HasPrefix(text, word) {
			seen[text] = true
			list = append(list, Candidate{text, info})
		}
	}
	for _, k := range slices.Backward(s.recent) {
		if i := strings.IndexAny(k, `'"`); i >= 0 && !strings.Contains(k, `\`) {
			add(k[i+1:len(k)-1], "key")
		}
	}
	all, err := s.opts.Store.Keyspaces(s.ctx)
	if err != nil {
		return word, list
	}
	for _, ks := range all {
		add(ks.Name, "keyspace")
		for _, f := range ks.Families {
			add(f.Name, "column family of "+ks.Name)
		}
	}
	return word, list
}

// resolve returns the object that a chain of names at the end of tokens stands for, or nil. It does not read computed
// attributes.
func (s *Session) resolve(tokens []token) Value {
	var names []string
	for i := len(tokens) - 1; i >= 0; i -= 2 {
		switch t := tokens[i]; t.kind {
		case tokName:
			names = append(names, t.text)
		case tokString:
			return s.follow(t.value, names)
		default:
			return nil
		}
		if i == 0 || tokens[i-1].text != "." || tokens[i-1].kind != tokOp {
			break
		}
	}
	if len(names) == 0 {
		return nil
	}
	v, err := s.globals.Attr(names[len(names)-1])
	if err != nil {
		return nil
	}
	return s.follow(v, names[:len(names)-1])
}

// follow reads a chain of attributes. The list is reversed: its last name is the first to look up.
func (s *Session) follow(v Value, names []string) Value {
	for _, n := range slices.Backward(names) {
		if o, ok := v.(*object); ok {
			if a, ok := o.class.lookup(n); ok {
				if _, computed := a.(*property); computed {
					return nil
				}
			}
		}
		next, err := s.findattr(v, n)
		if next == nil || err != nil {
			return nil
		}
		v = next
	}
	return v
}

// keywordArguments returns the parameters of the call that is open at the end of tokens.
func (s *Session) keywordArguments(tokens []token, word string) (list []Candidate) {
	depth := 0
	for i := len(tokens) - 1; i > 0; i-- {
		if tokens[i].kind != tokOp {
			continue
		}
		switch tokens[i].text {
		case ")", "]", "}":
			depth++
		case "[", "{":
			depth--
		case "(":
			if depth--; depth >= 0 {
				continue
			}
			fn := s.resolve(tokens[:i])
			if fn == nil {
				return nil
			}
			used := map[string]bool{}
			for j := i; j < len(tokens)-1; j++ {
				if tokens[j+1].text == "=" {
					used[tokens[j].text] = true
				}
			}
			for _, p := range s.parameters(fn) {
				if !used[p] && word != "" || !used[p] && len(tokens) > 0 {
					list = s.candidate(list, word, p+"=", "argument")
				}
			}
			return list
		}
		if depth < 0 {
			return nil
		}
	}
	return nil
}

// parameters returns the names of a callable's parameters, without self.
func (s *Session) parameters(fn Value) []string {
	switch f := fn.(type) {
	case *native:
		return f.sig.params
	case *function:
		return f.sig.params
	case *method:
		params := s.parameters(f.fn)
		if m, ok := f.fn.(*native); ok && m.sig.double != "" && f.class == s.py.interactive {
			// SYSTEM_MANAGER's method passes its arguments on, and some of pycassa's methods take the fields of a family.
			base, _ := s.py.manager.lookup(m.name)
			if inner, ok := base.(*native); ok && inner != m {
				params = slices.Clone(inner.sig.params)
				if inner.sig.double != "" {
					fields := strings.Fields(familyFields)
					params = append(params, slices.DeleteFunc(fields, func(f string) bool { return slices.Contains(params, f) })...)
				}
			}
		}
		if len(params) > 0 {
			return params[1:]
		}
		return params
	case *class:
		if f.sig != nil {
			return f.sig.params
		}
		if init, ok := f.lookup("__init__"); ok {
			if params := s.parameters(init); len(params) > 0 {
				return params[1:]
			}
		}
	}
	return nil
}

func (s *Session) attrInfo(base Value, name string) string {
	if o, ok := base.(*object); ok {
		if a, ok := o.class.lookup(name); ok {
			if _, computed := a.(*property); computed {
				return ""
			}
		}
	}
	v, err := s.findattr(base, name)
	if v == nil || err != nil {
		return ""
	}
	return s.info(v)
}

// info describes a value in a word.
func (s *Session) info(v Value) string {
	switch v := v.(type) {
	case *class:
		return "class"
	case *method:
		return "method"
	case *native, *function:
		return "function"
	case *module:
		return "module"
	case *object:
		if v.class == s.py.family {
			return "column family"
		}
	}
	return s.typeName(v)
}
