// Package frontopt has the options of the front that other packages of this
// module need and users do not. The front sets its variables when it is initialised.
package frontopt

// Defaults returns a read option of the front, as an any. If no other option of the call
// selects columns, it selects those with the names, or the first limit columns if names is
// nil. Names do not select super columns: in a super family without widerow.Super the limit
// decides.
var Defaults func(names []any, limit int) any

// IgnoreTTL returns a write option of the front, as an any. It lets a removal take the
// options of the insert that it belongs to.
var IgnoreTTL func() any
