// Package shell is pycassaShell's successor as a library: the language of its prompt, Python 2, with pycassa's classes,
// over any store. Command widerow shell is its terminal.
//
// A [Session] runs texts one after the other, as a prompt does. It prints to the writers of its [Options] and returns
// errors with the position in the text. The package has no global state: a program may run many sessions.
//
//	s, err := shell.New(ctx, &shell.Options{Store: store, Keyspace: "Keyspace1", Out: os.Stdout, Echo: true})
//	err = s.Run(ctx, "<stdin>", "USERS.get('thobbs')\n")
//
// [NeedsMore] reports whether a prompt must read another line of a statement. [Session.Banner] returns the text to print
// first. [Transcript] runs a file of lines that a user types and writes what the screen would show.
//
// # How it works
//
// A tokenizer and a parser for Python 2 read the text (token.go, parse.go, parseblock.go, parseexpr.go). The lowerer turns
// it into a syntax tree of Starlark (lower.go, lowerexpr.go), which go.starlark.net compiles and runs. Control flow,
// calls and functions are Starlark's own. Starlark lacks some features of Python 2 or defines them differently: classes,
// exceptions, str and unicode, int and long, hash order. For these the lowered program calls functions of this package
// (runtime.go).
//
// pycassa's classes are written in Go on package backend, the interface between the front and the stores, and not on the
// front: pycassa packs names and values itself, and its users can change how it packs them.
package shell
