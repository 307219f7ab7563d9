// Package jsonlines reads and writes rows and definitions as JSON Lines: the form
// of widerow's load and dump commands. docs/jsonlines.md describes the form for
// users.
//
// A [Family] knows the types of one column family. [Family.AppendRow] writes a row
// as a line, [Decoder.Decode] reads a line, and [Reader] cuts a stream into lines
// of limited length.
//
// # Nothing is lost
//
// A value is written in its type's readable form only where reading that form
// gives back the very same bytes; all else is written as {"hex": "…"}, which every
// type accepts. So bytes that do not fit their type, most NaNs, varints with leading
// zeros and classes that we do not know survive. Reading is strict for the
// same reason: a field or an element that is not expected, a field given twice, an
// escape that stands for half a character are errors, not guesses.
package jsonlines
