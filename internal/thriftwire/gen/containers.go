package main

import "fmt"

// containerName returns the name that the functions of a list or map share, such as ListColumn. It
// adds the type to the containers that the generator must write.
func (e *emitter) containerName(t typ) string {
	name := "List" + e.elemName(*t.elem)
	if t.key != nil {
		name = "Map" + e.elemName(*t.key) + e.elemName(*t.elem)
	}
	e.containers[name] = t
	return name
}

func (e *emitter) elemName(t typ) string {
	if t.elem != nil {
		return e.containerName(t)
	}
	if b, ok := bases[t.name]; ok {
		return b.verb
	}
	return t.name
}

// container writes the functions that append and decode a list or map. A map keeps the order of its
// entries.
func (e *emitter) container(name string, t typ) {
	g := e.goType(t)
	e.printf("\nfunc append%s(b []byte, x %s) []byte {\n", name, g)
	if t.key != nil {
		e.printf("b = appendMap(b, %s, %s, len(x))\nfor i := range x {\n", e.wire(*t.key), e.wire(*t.elem))
		e.printf("b = %s\nb = %s\n", e.appendValue(*t.key, "x[i].Key"), e.appendValue(*t.elem, "x[i].Value"))
	} else {
		e.printf("b = appendList(b, %s, len(x))\nfor i := range x {\nb = %s\n", e.wire(*t.elem), e.appendValue(*t.elem, "x[i]"))
	}
	e.printf("}\nreturn b\n}\n")

	elem := e.goType(*t.elem)
	head := fmt.Sprintf("n := d.list(%s, %d)\n", e.wire(*t.elem), e.size(*t.elem))
	if t.key != nil {
		elem = fmt.Sprintf("Entry[%s, %s]", e.goType(*t.key), elem)
		head = fmt.Sprintf("n := d.dict(%s, %s, %d)\n", e.wire(*t.key), e.wire(*t.elem), e.size(*t.key)+e.size(*t.elem))
	}
	room := fmt.Sprintf("room[%s](d, n)", elem)
	if e.isSlabbed(elem) {
		room = fmt.Sprintf("d.slabs.%s.take(d, n)", slabField(elem))
	}
	e.printf("\nfunc (d *decoder) %s() %s {\n%sx := %s\nfor i := range x {\n", slabField(name), g, head, room)
	value := "x[i]"
	if t.key != nil {
		e.printf("x[i].Key = %s\n", e.decodeValue(*t.key))
		value = "x[i].Value"
	}
	if e.structs[t.elem.name] != nil {
		e.printf("%s.decode(d)\n", value)
	} else {
		e.printf("%s = %s\n", value, e.decodeValue(*t.elem))
	}
	e.printf("if d.err != nil {\nreturn nil\n}\n}\nreturn x\n}\n")
}

func (e *emitter) isSlabbed(goType string) bool {
	for _, s := range slabbed {
		if s == goType {
			return true
		}
	}
	return false
}

// slabs writes the type of the decoder's slabs.
func (e *emitter) slabs() {
	e.printf("\n// slabs are the decoder's stocks of structs.\ntype slabs struct {\n")
	for _, s := range slabbed {
		e.printf("%s slab[%s]\n", slabField(s), s)
	}
	e.printf("}\n")
}
