// Package frontopt has the options of the front that other packages of this
// module need and users do not. The front sets its variables when it is initialised.
package frontopt

// DefaultNames returns a read option of the front, as an any. It selects columns by
// name as widerow.Names does, unless another option of the call selects some. It does
// not select super columns: without widerow.Super it has no effect in a super family.
var DefaultNames func(names []any) any
