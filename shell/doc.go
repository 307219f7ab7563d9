// Package shell is pycassaShell's successor as a library: the language of its prompt, Python 2, with pycassa's classes,
// over any store. Command widerow shell is its terminal.
//
// A [Session] runs texts one after the other, as a prompt does. It prints to the writers of its [Options] and returns
// errors with the place in the text. It has no globals: a program may run many sessions.
//
//	s, err := shell.New(ctx, &shell.Options{Store: store, Keyspace: "Keyspace1", Out: os.Stdout, Echo: true})
//	err = s.Run(ctx, "<stdin>", "USERS.get('thobbs')\n")
//
// [NeedsMore] tells a prompt whether a statement goes on, [Session.Banner] what to print first, and [Transcript] runs a
// file of what a user types and writes what the screen would show.
//
// # How it works
//
// The text is read by a tokenizer and a parser for Python 2 (token.go, parse.go, parseexpr.go) and turned into the syntax
// tree of Starlark (lower.go, lowerexpr.go), which go.starlark.net compiles and runs. Control flow, calls and
// functions are Starlark's own. What Starlark does not have, or decides otherwise, is done by the functions that the
// lowered program calls (runtime.go): classes, exceptions, str and unicode, int and long, hash order.
//
// pycassa's classes are written in Go on the seam between front and stores, package backend, since pycassa packs names and
// values itself and lets its user change how.
package shell
