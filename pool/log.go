package pool

import (
	"context"
	"log/slog"
)

// LogEvents returns events that write to a log. Each event is logged at its level, with
// the name of the pool as "pool".
func LogEvents(logger *slog.Logger) Events {
	log := func(i Info, text string, attrs ...slog.Attr) {
		ctx := context.Background()
		if logger.Enabled(ctx, i.Level) {
			logger.LogAttrs(ctx, i.Level, text, append(attrs, slog.String("pool", i.Pool))...)
		}
	}
	// Check before the attributes are built: these two events happen with each call.
	connEvent := func(text string) func(ConnEvent) {
		return func(e ConnEvent) {
			if logger.Enabled(context.Background(), e.Level) {
				log(e.Info, text, e.Conn.attr("conn"))
			}
		}
	}
	return Events{
		CheckedOut: connEvent("connection checked out"),
		CheckedIn:  connEvent("connection checked in"),
		Created:    connEvent("connection opened"),
		Disposed: func(e DisposedEvent) {
			log(e.Info, "connection closed", e.Conn.attr("conn"), slog.String("reason", e.Message), errAttr(e.Err))
		},
		Recycled: func(e RecycledEvent) {
			log(e.Info, "connection replaced", e.Old.attr("old"), e.New.attr("new"))
		},
		Failed: func(e FailedEvent) {
			log(e.Info, "connection failed", slog.String("server", e.Server), e.Conn.attr("conn"), errAttr(e.Err))
		},
		ServerList: func(e ServerListEvent) {
			log(e.Info, "server list obtained", slog.Any("servers", e.Servers))
		},
		PoolDisposed: func(i Info) { log(i, "pool disposed") },
		PoolAtMax: func(e AtMaxEvent) {
			log(e.Info, "pool has no connection left", slog.Int("max", e.Max))
		},
		HostDown: func(e HostEvent) {
			log(e.Info, "host set aside", slog.String("server", e.Server), errAttr(e.Err))
		},
		HostUp: func(e HostEvent) {
			log(e.Info, "host is back", slog.String("server", e.Server))
		},
	}
}

// attr returns the empty attribute, which handlers omit, if there is no connection.
func (c ConnInfo) attr(key string) slog.Attr {
	if c.ID == 0 {
		return slog.Attr{}
	}
	return slog.Group(key, slog.Uint64("id", c.ID), slog.String("server", c.Server))
}

func errAttr(err error) slog.Attr {
	if err == nil {
		return slog.Attr{}
	}
	return slog.String("err", err.Error())
}
