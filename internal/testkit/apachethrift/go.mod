module github.com/widerow/widerow/internal/testkit/apachethrift

go 1.26.0

replace github.com/widerow/widerow => ../../..

require (
	github.com/apache/thrift v0.25.0
	github.com/google/go-cmp v0.7.0
	github.com/widerow/widerow v0.0.0-00010101000000-000000000000
)

require (
	github.com/gofrs/uuid/v5 v5.5.1 // indirect
	gopkg.in/inf.v0 v0.9.1 // indirect
)
