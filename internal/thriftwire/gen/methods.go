package main

import (
	"slices"
	"strings"
)

// method writes the types of a method's arguments and result. A result is a
// struct on the wire, with the value as field 0 and the exceptions as others.
func (e *emitter) method(m method) {
	name, family := goName(m.name), familyOf(m.args)
	e.printf("\n// %sArgs are the arguments of %s.\ntype %sArgs struct {\n", name, m.name, name)
	e.goFields(m.args)
	e.printf("}\n\n// Method returns %q.\nfunc (*%sArgs) Method() string { return %q }\n", m.name, name, m.name)
	e.printf("\n// NewResult returns a new [%sResult].\nfunc (*%sArgs) NewResult() Result { return new(%sResult) }\n", name, name, name)
	e.printf("\n// Family returns %s.\nfunc (x *%sArgs) Family() string { return %s }\n", family.doc, name, family.value)
	e.printf("\n// Traits returns %s.\nfunc (*%sArgs) Traits() Traits { return %s }\n", e.traits(m), name, e.traits(m))
	e.codec(name+"Args", m.name+"_args", m.args)

	e.printf("\n// %sResult is the result of %s.\ntype %sResult struct {\n", name, m.name, name)
	if m.result != nil {
		e.printf("Success %s\n", e.goType(*m.result))
	}
	e.printf("failure\n}\n\n// Throw sets the exception, if it is one that %s may throw.\n", m.name)
	e.printf("func (x *%sResult) Throw(err error) bool {\n", name)
	if len(m.throws) == 0 {
		e.printf("return false\n}\n")
	} else {
		e.printf("switch err.(type) {\ncase ")
		for i, f := range m.throws {
			if i > 0 {
				e.printf(", ")
			}
			e.printf("*%s", f.typ.name)
		}
		e.printf(":\nx.err = err\nreturn true\n}\nreturn false\n}\n")
	}

	e.printf("\nfunc (x *%sResult) append(b []byte) []byte {\n", name)
	if len(m.throws) > 0 {
		e.printf("switch err := x.err.(type) {\n")
		for _, f := range m.throws {
			e.printf("case *%s:\nreturn append(err.append(appendField(b, typeStruct, %d)), typeStop)\n", f.typ.name, f.id)
		}
		e.printf("}\n")
	}
	if m.result != nil {
		e.printf("b = appendField(b, %s, 0)\nb = %s\n", e.wire(*m.result), e.appendValue(*m.result, "x.Success"))
	}
	e.printf("return append(b, typeStop)\n}\n")

	e.printf("\nfunc (x *%sResult) decode(d *decoder) {\n", name)
	if m.result != nil {
		e.printf("var seen bool\n")
	}
	e.printf("for k := d.field(); k != fieldStop; k = d.field() {\nswitch k {\n")
	if m.result != nil {
		e.printf("case %s << 16:\n", e.wire(*m.result))
		if e.structs[m.result.name] != nil {
			e.printf("x.Success = %s{}\nx.Success.decode(d)\n", m.result.name)
		} else {
			e.printf("x.Success = %s\n", e.decodeValue(*m.result))
		}
		e.printf("seen = true\n")
	}
	if len(m.throws) == 0 {
		e.printf("default:\nx.unknown(d, k)\n}\n}\n")
	} else {
		e.printf("default:\nx.decodeException(d, k)\n}\n}\n")
	}
	if m.result != nil {
		e.printf("if !seen && x.err == nil {\nd.fail(missingResult(%q))\n}\n", m.name)
	}
	e.printf("}\n")
	if len(m.throws) > 0 {
		e.decodeException(name, m.throws)
	}
}

// decodeException writes the method that decodes an exception field of a result.
func (e *emitter) decodeException(name string, throws []field) {
	e.printf("\nfunc (x *%sResult) decodeException(d *decoder, k uint32) {\nswitch k {\n", name)
	for _, f := range throws {
		e.printf("case typeStruct<<16 | %d:\nerr := one[%s](d)\nerr.decode(d)\nx.err = err\n", f.id, f.typ.name)
	}
	e.printf("default:\nx.unknown(d, k)\n}\n}\n")
}

// traits returns an expression for the traits of a method: its annotations, and Detached if its
// result holds no bytes of the reply.
func (e *emitter) traits(m method) string {
	var traits []string
	for _, t := range m.traits {
		traits = append(traits, goName(t))
	}
	if m.result == nil || !e.holdsBytes(*m.result) {
		traits = append(traits, "Detached")
	}
	if len(traits) == 0 {
		return "0"
	}
	return strings.Join(traits, " | ")
}

// holdsBytes reports whether a decoded value aliases bytes of its message, as binaries do.
func (e *emitter) holdsBytes(t typ) bool {
	switch {
	case t.name == "binary":
		return true
	case t.elem != nil:
		return e.holdsBytes(*t.elem) || t.key != nil && e.holdsBytes(*t.key)
	case e.structs[t.name] != nil:
		return slices.ContainsFunc(e.structs[t.name].fields, func(f field) bool { return e.holdsBytes(f.typ) })
	}
	return false
}

// familyArg says where a method's arguments name the column family of the call.
type familyArg struct{ value, doc string }

func familyOf(args []field) familyArg {
	for _, f := range args {
		name := "x." + goName(f.name)
		switch {
		case f.typ.name == "ColumnParent", f.typ.name == "ColumnPath":
			return familyArg{name + ".ColumnFamily", "the column family that the call is about"}
		case f.typ.name == "string" && (f.name == "column_family" || strings.EqualFold(f.name, "cfname")):
			return familyArg{name, "the column family that the call is about"}
		}
	}
	return familyArg{`""`, "an empty string: the call is about no single column family"}
}

// newArgs writes the function that finds a method by its name.
func (e *emitter) newArgs(methods []method) {
	e.printf("\n// newArgs returns new arguments of the named method, or nil if there is no such method.\n")
	e.printf("func newArgs(method []byte) Args {\nswitch string(method) {\n")
	for _, m := range methods {
		e.printf("case %q:\nreturn new(%sArgs)\n", m.name, goName(m.name))
	}
	e.printf("}\nreturn nil\n}\n")
}
