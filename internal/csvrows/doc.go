// Package csvrows reads and writes rows as CSV (RFC 4180), with a header. docs/loading.md describes the two forms for
// users.
//
// A [Reader] cuts a file into records. A [Table] decodes the records according to the header and the types of a column
// family. [AppendRow] writes rows, one record for each column. Values are written as on the command line
// (jsonlines.Format.AppendArg), so that nothing is lost.
package csvrows
