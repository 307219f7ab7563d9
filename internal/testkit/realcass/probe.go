package realcass

import (
	"context"
	"fmt"
	"net"
	"slices"
	"time"

	"github.com/widerow/widerow/internal/thriftwire"
)

// probeTimeout bounds one request to a node.
const probeTimeout = 10 * time.Second

// listening returns an error unless the address accepts connections.
func listening(ctx context.Context, addr string) error {
	d := net.Dialer{Timeout: probeTimeout}
	conn, err := d.DialContext(ctx, "tcp", addr)
	if err != nil {
		return err
	}
	return conn.Close()
}

// ask calls a method of the Thrift interface on a new connection.
func ask(ctx context.Context, addr string, args thriftwire.Args) (thriftwire.Result, error) {
	ctx, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()
	var d net.Dialer
	conn, err := d.DialContext(ctx, "tcp", addr)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	stop := context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })
	defer stop()

	message, err := thriftwire.Framed.Append(nil, thriftwire.Header{Method: args.Method(), Type: thriftwire.Call, Seq: 1}, args, 0)
	if err != nil {
		return nil, err
	}
	if _, err := conn.Write(message); err != nil {
		return nil, err
	}
	reply, err := thriftwire.NewReader(conn, thriftwire.Framed, 0).Next(nil)
	if err != nil {
		return nil, fmt.Errorf("%s of %s: %w", args.Method(), addr, err)
	}
	result := args.NewResult()
	if err := thriftwire.DecodeReply(reply, args.Method(), 1, result); err != nil {
		return nil, err
	}
	return result, result.Err()
}

// login returns the call that logs in with a password.
func login(user, password string) *thriftwire.LoginArgs {
	return &thriftwire.LoginArgs{AuthRequest: thriftwire.AuthenticationRequest{
		Credentials: []thriftwire.Entry[string, string]{{Key: "username", Value: user}, {Key: "password", Value: password}},
	}}
}

// ringSeen returns an error unless a node with Thrift sees exactly these hosts alive, agrees with
// them on the schema and, from 1.2 on, knows their parts of the ring.
func ringSeen(ctx context.Context, addr string, hosts []string, r release) error {
	result, err := ask(ctx, addr, &thriftwire.DescribeSchemaVersionsArgs{})
	if err != nil {
		return err
	}
	want := slices.Sorted(slices.Values(hosts))
	versions := result.(*thriftwire.DescribeSchemaVersionsResult).Success
	agreed := slices.ContainsFunc(versions, func(v thriftwire.Entry[string, []string]) bool {
		return v.Key != "UNREACHABLE" && slices.Equal(slices.Sorted(slices.Values(v.Value)), want)
	})
	if !agreed {
		return fmt.Errorf("%s sees the schema versions %v, want one of %v", addr, versions, want)
	}
	if !r.atLeast(1, 2) {
		return nil // no keyspace is spread over the ring
	}
	result, err = ask(ctx, addr, &thriftwire.DescribeRingArgs{Keyspace: "system_traces"})
	if err != nil {
		return err
	}
	var owners []string
	for _, part := range result.(*thriftwire.DescribeRingResult).Success {
		owners = append(owners, part.Endpoints...)
	}
	for _, h := range want {
		if !slices.Contains(owners, h) {
			return fmt.Errorf("%s sees the ring of %v, want %v", addr, slices.Compact(slices.Sorted(slices.Values(owners))), want)
		}
	}
	return nil
}
