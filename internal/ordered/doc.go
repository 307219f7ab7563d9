// Package ordered encodes packed values so that plain byte order is the order of
// their type: bytes.Compare of two encodings has the sign of the type's Compare
// of the values, for every comparator that Cassandra 1.2 has.
//
// Encodings delimit themselves: none is a proper prefix of another of the same
// type, so they can be concatenated into keys that sort as tuples. Values that
// compare as equal have the same encoding even if their bytes differ, as the
// decimals 1.0 and 1.00; [Codec.Append] tells when the encoding alone does not
// give back the very same bytes.
//
// The encodings are an on-disk format: they do not change.
package ordered
