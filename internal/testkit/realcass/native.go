package realcass

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"time"
)

// askOptions asks a node for the options of the native protocol. This is the only request that
// needs no login.
func askOptions(ctx context.Context, addr string, p plan) error {
	ctx, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()
	var d net.Dialer
	conn, err := d.DialContext(ctx, "tcp", addr)
	if err != nil {
		return err
	}
	defer conn.Close()
	stop := context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	if p.TLS != nil {
		if len(p.TLS.ClientCAs) > 0 {
			return nil // there is no certificate to show
		}
		conn = tls.Client(conn, &tls.Config{InsecureSkipVerify: true})
	}
	version, header := byte(4), 9 // version, flags, stream, opcode and length
	switch {
	case !p.atLeast(2, 0):
		version, header = 1, 8
	case !p.atLeast(2, 1):
		version, header = 2, 8
	case !p.atLeast(2, 2):
		version = 3
	}
	const options, supported = 5, 6
	frame := make([]byte, header)
	frame[0], frame[header-5] = version, options
	if _, err := conn.Write(frame); err != nil {
		return err
	}
	if _, err := io.ReadFull(conn, frame); err != nil {
		return fmt.Errorf("options of %s: %w", addr, err)
	}
	if frame[header-5] != supported {
		return fmt.Errorf("options of %s: an answer of kind %d", addr, frame[header-5])
	}
	return nil
}
