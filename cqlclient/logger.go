package cqlclient

import (
	"context"
	"log/slog"

	gocql "github.com/apache/cassandra-gocql-driver/v2"
)

// driverLogger implements the driver's logger by a slog.Logger.
type driverLogger struct{ log *slog.Logger }

func (l driverLogger) Error(msg string, fields ...gocql.LogField) {
	l.write(slog.LevelError, msg, fields)
}

func (l driverLogger) Warning(msg string, fields ...gocql.LogField) {
	l.write(slog.LevelWarn, msg, fields)
}

func (l driverLogger) Info(msg string, fields ...gocql.LogField) {
	l.write(slog.LevelInfo, msg, fields)
}

func (l driverLogger) Debug(msg string, fields ...gocql.LogField) {
	l.write(slog.LevelDebug, msg, fields)
}

func (l driverLogger) write(level slog.Level, msg string, fields []gocql.LogField) {
	ctx := context.Background()
	if !l.log.Enabled(ctx, level) {
		return
	}
	attrs := make([]slog.Attr, len(fields))
	for i, f := range fields {
		attrs[i] = slog.String(f.Name, f.Value.String())
	}
	l.log.LogAttrs(ctx, level, msg, attrs...)
}
