package cqlclient

import "strings"

// quoteName quotes an identifier: a keyspace, table, column or index name keeps its case and may hold any character.
func quoteName(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

// quoteText quotes a text literal, such as a comment or the class name of a type.
func quoteText(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }
