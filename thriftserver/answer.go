package thriftserver

import (
	"context"
	"errors"
	"fmt"
	"math"
	"runtime/debug"
	"slices"
	"time"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/internal/guard"
	"github.com/widerow/widerow/internal/thriftwire"
)

// unknownMethod replaces the name of an unknown method in events, so that clients cannot put
// names of their own into logs and metrics.
const unknownMethod = "unknown"

// answer appends the reply to the message that frame begins with to out, and returns what follows the message. An
// error ends the connection.
func (c *conn) answer(frame []byte, out *[]byte) (rest []byte, err error) {
	s := c.server
	start := time.Now()
	c.session.memory.begin()
	h, args, err := thriftwire.DecodeHead(frame)
	ctx, cancel := c.session.context(args)
	defer cancel()
	var refused error
	if err == nil {
		refused = c.session.mayCall(args)
	}
	if err == nil && refused == nil {
		rest, err = c.session.decode(ctx, frame, args)
		if _, ok := err.(*thriftwire.ApplicationException); !ok && err != nil { // there was not enough memory
			refused, err = err, nil
		}
	}
	if err != nil || refused != nil { // arguments of a call that is not allowed are not decoded
		rest = thriftwire.After(frame)
	}
	message := frame[:len(frame)-len(rest)]
	info := CallInfo{Method: unknownMethod, Outcome: BadCall, Request: len(message)}
	var body thriftwire.Body
	reply := thriftwire.Header{Method: h.Method, Type: thriftwire.Reply, Seq: h.Seq, Old: h.Old}
	if err != nil {
		e, ok := err.(*thriftwire.ApplicationException)
		if !ok {
			return nil, err
		}
		e.Message = reasonText(e.Message)
		reply.Type, reply.Method, body = thriftwire.Exception, javaText(h.Method), e
	} else {
		info.Method = args.Method()
		if err = refused; err == nil {
			body, err = c.session.call(ctx, args)
		}
		if err == nil {
			err = c.session.memory.take(ctx, sizeOf(body))
		}
		info.Outcome = outcome(err)
		if err != nil {
			reply.Type, body = s.exception(args, err)
		}
	}
	if err := c.append(ctx, out, reply, body); err != nil {
		return nil, err
	}
	c.session.memory.keep(len(*out))
	info.Duration, info.Reply = time.Since(start), len(*out)
	s.answered(&c.session, args, &info)
	return rest, nil
}

// append appends a reply in the connection's framing. The caller has taken the memory that [sizeOf]
// returns.
func (c *conn) append(ctx context.Context, out *[]byte, h thriftwire.Header, body thriftwire.Body) error {
	n := sizeOf(body)
	b, err := c.r.Framing().Append(slices.Grow((*out)[:0], n), h, body, math.MaxInt32)
	if err == nil && len(b) > n {
		err = c.session.memory.take(ctx, len(b)-n)
	}
	if err != nil { // it is too long for a frame, or for the memory that may be held
		h.Type = thriftwire.Exception
		body = &thriftwire.ApplicationException{Type: thriftwire.InternalError, Message: err.Error()}
		b, err = c.r.Framing().Append(b[:0], h, body, math.MaxInt32)
	}
	*out = b
	return err
}

// answered reports a call to Events.
func (s *Server) answered(session *session, args thriftwire.Args, info *CallInfo) {
	if info.Duration >= s.opts.SlowCall {
		family := ""
		if args != nil { // nil if the server does not know the method, or did not decode the arguments
			family = args.Family()
		}
		s.opts.Logger.Warn("slow call", "method", info.Method, "keyspace", session.keyspace, "family", family,
			"took", info.Duration, "outcome", info.Outcome.String(), "request", info.Request, "reply", info.Reply,
			"user", session.user, "remote", session.remote)
	}
	guard.Call(s.opts.Logger, listener, s.opts.Events.Call, *info)
}

// context returns the context of a call, with the call's deadline.
func (s *session) context(args thriftwire.Args) (context.Context, context.CancelFunc) {
	if d := s.timeout(args); d > 0 {
		return context.WithTimeout(s.server.base, d)
	}
	return s.server.base, func() {}
}

// call executes a call. The error is one of package backend's, or that
// of a context.
func (s *session) call(ctx context.Context, args thriftwire.Args) (body thriftwire.Body, err error) {
	if _, ok := args.(*thriftwire.LoginArgs); !ok { // logins wait for slots of their own
		if err := s.server.calls.acquire(ctx); err != nil {
			return nil, &backend.Error{Kind: backend.KindUnavailable, Why: "too many calls run", Err: err}
		}
		defer s.server.calls.release()
	}
	s.server.running.Add(1)
	defer s.server.running.Add(-1)
	defer func() {
		if p := recover(); p != nil {
			s.server.panics.Add(1)
			s.server.opts.Logger.Error("panic", "method", args.Method(), "panic", p, "stack", string(debug.Stack()))
			body, err = nil, errPanic
		}
	}()
	return s.do(ctx, args)
}

// errPanic is the error of a call that ended in a panic, which is logged.
var errPanic = &backend.Error{Kind: backend.KindInternal, Why: "panic"}

// timeout is how long a call may take, or 0.
func (s *session) timeout(args thriftwire.Args) time.Duration {
	d := s.server.opts.CallTimeout
	if args != nil && args.Traits().Has(thriftwire.Schema) {
		return 0
	}
	if args != nil && args.Traits().Has(thriftwire.Slow) {
		d = 6 * min(d, forever/6)
	}
	if d >= forever/6 {
		return 0
	}
	return d
}

// do dispatches a call. It returns the result's body unless that is empty.
func (s *session) do(ctx context.Context, args thriftwire.Args) (thriftwire.Body, error) {
	switch a := args.(type) {
	// Reads.
	case *thriftwire.GetArgs:
		return s.get(ctx, a)
	case *thriftwire.GetSliceArgs:
		return s.getSlice(ctx, a)
	case *thriftwire.GetCountArgs:
		return s.getCount(ctx, a)
	case *thriftwire.MultigetSliceArgs:
		return s.multigetSlice(ctx, a)
	case *thriftwire.MultigetCountArgs:
		return s.multigetCount(ctx, a)
	case *thriftwire.GetMultiSliceArgs:
		return s.getMultiSlice(ctx, &a.Request)
	case *thriftwire.GetRangeSlicesArgs:
		return s.getRangeSlices(ctx, a)
	case *thriftwire.GetPagedSliceArgs:
		return s.getPagedSlice(ctx, a)
	case *thriftwire.GetIndexedSlicesArgs:
		return s.getIndexedSlices(ctx, a)

	// Writes.
	case *thriftwire.InsertArgs:
		return done(a, s.insert(ctx, a))
	case *thriftwire.AddArgs:
		return done(a, s.add(ctx, a))
	case *thriftwire.RemoveArgs:
		return done(a, s.remove(ctx, a))
	case *thriftwire.RemoveCounterArgs:
		return done(a, s.removeCounter(ctx, a))
	case *thriftwire.BatchMutateArgs:
		return done(a, s.batchMutate(ctx, a.MutationMap, a.ConsistencyLevel, false))
	case *thriftwire.AtomicBatchMutateArgs:
		return done(a, s.batchMutate(ctx, a.MutationMap, a.ConsistencyLevel, true))
	case *thriftwire.CasArgs:
		return s.cas(ctx, a)
	case *thriftwire.TruncateArgs:
		return done(a, s.truncate(ctx, a))

	// The connection.
	case *thriftwire.LoginArgs:
		return done(a, s.login(ctx, a))
	case *thriftwire.SetKeyspaceArgs:
		return done(a, s.setKeyspace(ctx, a))
	case *thriftwire.TraceNextQueryArgs:
		return s.traceNextQuery()

	// The schema.
	case *thriftwire.SystemAddKeyspaceArgs:
		return s.addKeyspace(ctx, &a.KsDef)
	case *thriftwire.SystemUpdateKeyspaceArgs:
		return s.updateKeyspace(ctx, &a.KsDef)
	case *thriftwire.SystemDropKeyspaceArgs:
		return s.dropKeyspace(ctx, a)
	case *thriftwire.SystemAddColumnFamilyArgs:
		return s.addFamily(ctx, &a.CfDef)
	case *thriftwire.SystemUpdateColumnFamilyArgs:
		return s.updateFamily(ctx, &a.CfDef)
	case *thriftwire.SystemDropColumnFamilyArgs:
		return s.dropFamily(ctx, a)
	}
	return s.describe(ctx, args)
}

// done returns the body of a result that is empty.
func done(args thriftwire.Args, err error) (thriftwire.Body, error) { return args.NewResult(), err }

// exception converts the error of a call to an exception: the one that Cassandra throws, if the method
// declares it, or else an application exception.
func (s *Server) exception(args thriftwire.Args, err error) (thriftwire.MessageType, thriftwire.Body) {
	result := args.NewResult()
	o := outcome(err)
	if errors.Is(err, backend.ErrStorage) {
		s.opts.Logger.Error("call failed", "method", args.Method(), "error", err)
	}
	if result.Throw(exceptionOf(o, err)) {
		return thriftwire.Reply, result
	}
	if o != Failed && result.Throw(&thriftwire.InvalidRequestException{Why: reason(err)}) {
		return thriftwire.Reply, result
	}
	e := &thriftwire.ApplicationException{Type: thriftwire.InternalError, Message: "Internal error processing " + args.Method()}
	if o != Failed || errors.Is(err, backend.ErrReplicaFailure) { // other servers cause these failures
		e.Message = fmt.Sprintf("%s: %s", args.Method(), reason(err))
	}
	if o == Failed && err != errPanic {
		s.opts.Logger.Error("call failed", "method", args.Method(), "error", err)
	}
	return thriftwire.Exception, e
}
