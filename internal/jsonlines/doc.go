// Package jsonlines reads and writes rows and definitions as JSON Lines, the format
// of widerow's load and dump commands. docs/jsonlines.md describes the format for
// users.
//
// A [Family] knows the types of one column family. [Family.AppendRow] writes a row
// as a line, [Decoder.Decode] reads a line, and [Reader] cuts a stream into lines
// of limited length.
//
// # Nothing is lost
//
// A value is written in the readable form of its type only if reading that form
// returns exactly the same bytes. Any other value is written as {"hex": "…"}, which every
// type accepts. So these values are kept unchanged: bytes that are not valid for their
// type, most NaNs, varints with leading zeros, and values of unknown classes. Reading is
// strict for the same reason. An unexpected field or element, a repeated field, and an
// escape of half a surrogate pair are errors.
package jsonlines
