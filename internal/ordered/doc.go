// Package ordered encodes packed values so that plain byte order is the order of
// their type: bytes.Compare of two encodings has the sign of the type's Compare
// of the values, for every comparator that Cassandra 1.2 has.
//
// Encodings delimit themselves: no encoding is a proper prefix of another encoding of the
// same type. So encodings can be concatenated into keys that sort as tuples. Values that
// compare as equal have the same encoding even if their bytes differ, such as the
// decimals 1.0 and 1.00. [Codec.Append] reports whether the encoding alone is enough to
// decode the same bytes.
//
// The encodings are an on-disk format: they do not change.
package ordered
