package coltype

import (
	"bytes"
	"fmt"
	"net"
	"net/netip"
)

// InetAddress is an IPv4 or IPv6 address. It takes netip.Addr, net.IP and text,
// and unpacks to netip.Addr. A net.IP of an IPv4 address is packed in 4 bytes,
// whatever its length; a netip.Addr is packed in its own length. An address with a
// zone, and a zero netip.Addr, are refused.
var InetAddress Type = inetAddressType{}

type inetAddressType struct{}

func (inetAddressType) String() string { return marshal + "InetAddressType" }

func (t inetAddressType) Append(dst []byte, v any) ([]byte, error) {
	var addr netip.Addr
	switch v := v.(type) {
	case netip.Addr:
		addr = v
	case net.IP:
		addr, _ = netip.AddrFromSlice(v)
		addr = addr.Unmap()
	default:
		s, b, ok := text(v)
		if !ok {
			return dst, mismatch(t, v, "an IP address")
		}
		var err error
		if addr, err = netip.ParseAddr(s + string(b)); err != nil {
			return dst, fmt.Errorf("pack %s: %w", shortName(t), err)
		}
	}
	return t.appendAddr(dst, addr)
}

func (t inetAddressType) appendAddr(dst []byte, addr netip.Addr) ([]byte, error) {
	switch {
	case !addr.IsValid():
		return dst, fmt.Errorf("pack %s: no address", shortName(t))
	case addr.Zone() != "":
		return dst, fmt.Errorf("pack %s: %v has a zone", shortName(t), addr)
	case addr.Is4():
		b := addr.As4()
		return append(dst, b[:]...), nil
	}
	b := addr.As16()
	return append(dst, b[:]...), nil
}

func (t inetAddressType) Unpack(b []byte) (any, error) {
	if err := t.Validate(b); err != nil {
		return nil, malformed(t, err)
	}
	addr, _ := netip.AddrFromSlice(b)
	return addr, nil
}

// Validate refuses empty bytes too, unlike other types.
func (inetAddressType) Validate(b []byte) error {
	if len(b) != 4 && len(b) != 16 {
		return inCassandrasWords("Expected 4 or 16 byte inetaddress; got %x", b)
	}
	return nil
}

func (inetAddressType) Compare(a, b []byte) int { return bytes.Compare(a, b) }
