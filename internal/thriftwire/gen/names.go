package main

import "strings"

// initialisms are the words that Go names write in capitals.
var initialisms = map[string]string{
	"id": "ID", "ttl": "TTL", "rpc": "RPC", "cql": "CQL", "cql3": "CQL3", "itemid": "ItemID",
	"mb": "MB", "ms": "Millis", "fp": "FP", "gc": "GC", "io": "IO", "dclocal": "DCLocal",
	"eq": "EQ", "gte": "GTE", "gt": "GT", "lte": "LTE", "lt": "LT",
}

// goName turns a name such as column_family, cfName or LOCAL_QUORUM into Go's form.
func goName(name string) string {
	var b strings.Builder
	for _, part := range strings.Split(name, "_") {
		if part == "" {
			continue
		}
		lower := strings.ToLower(part)
		switch {
		case initialisms[lower] != "":
			b.WriteString(initialisms[lower])
		case part == strings.ToUpper(part):
			b.WriteString(strings.ToUpper(part[:1]) + lower[1:])
		default:
			b.WriteString(strings.ToUpper(part[:1]) + part[1:])
		}
	}
	return b.String()
}
