package cqlclient

import (
	"context"
	"log/slog"

	gocql "github.com/apache/cassandra-gocql-driver/v2"
)

// driverLogger implements the driver's logger by a slog.Logger. All records of the driver have the level Debug: while a node does not
// answer, the driver writes several of them each second. The client itself logs when such a state begins and ends.
type driverLogger struct{ log *slog.Logger }

func (l driverLogger) Error(msg string, fields ...gocql.LogField)   { l.write(msg, fields) }
func (l driverLogger) Warning(msg string, fields ...gocql.LogField) { l.write(msg, fields) }
func (l driverLogger) Info(msg string, fields ...gocql.LogField)    { l.write(msg, fields) }
func (l driverLogger) Debug(msg string, fields ...gocql.LogField)   { l.write(msg, fields) }

func (l driverLogger) write(msg string, fields []gocql.LogField) {
	ctx := context.Background()
	if !l.log.Enabled(ctx, slog.LevelDebug) {
		return
	}
	attrs := make([]slog.Attr, len(fields))
	for i, f := range fields {
		attrs[i] = slog.String(f.Name, f.Value.String())
	}
	l.log.LogAttrs(ctx, slog.LevelDebug, msg, attrs...)
}
