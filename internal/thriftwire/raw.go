package thriftwire

// RawArgs are the arguments of any method, as a struct in the binary protocol. If Struct
// contains anything else, the message is malformed.
type RawArgs struct {
	Name   string
	Struct []byte
}

// Method returns the name.
func (x *RawArgs) Method() string { return x.Name }

// Family returns an empty string: the arguments are not decoded.
func (x *RawArgs) Family() string { return "" }

// Traits returns 0: nothing is known of the method.
func (x *RawArgs) Traits() Traits { return 0 }

// NewResult returns a new [RawResult].
func (x *RawArgs) NewResult() Result { return new(RawResult) }

func (x *RawArgs) append(b []byte) []byte { return append(b, x.Struct...) }

func (x *RawArgs) decode(d *decoder) { x.Struct = d.rawStruct() }

// RawResult is the result of any method, as a struct in the binary protocol. An exception
// of the method is a field of it.
type RawResult struct{ Struct []byte }

// Err returns nil, because only the caller knows which field is an exception.
func (x *RawResult) Err() error { return nil }

// Throw returns false.
func (x *RawResult) Throw(error) bool { return false }

func (x *RawResult) append(b []byte) []byte { return append(b, x.Struct...) }

func (x *RawResult) decode(d *decoder) { x.Struct = d.rawStruct() }

// rawStruct returns the bytes of a struct, parts of the message.
func (d *decoder) rawStruct() []byte {
	start := d.off
	d.skip(typeStruct << 16)
	return d.b[start:d.off:d.off]
}

// CheckStruct reports an error that matches ErrMalformed if b is not one whole struct.
func CheckStruct(b []byte) error {
	d := decoder{b: b}
	d.rawStruct()
	return d.end()
}
