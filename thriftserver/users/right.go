package users

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/widerow/widerow/thriftserver"
)

// Right is what a user may do in a place.
type Right struct {
	// Keyspace is empty for everywhere, Family for all of the keyspace.
	Keyspace, Family string
	Read, Write      bool
}

// String returns the right as it is in a file, such as "app.Users=rw".
func (r Right) String() string {
	s := r.Keyspace
	switch {
	case s == "":
		s = "*"
	case r.Family != "":
		s += "." + r.Family
	}
	s += "="
	if r.Read {
		s += "r"
	}
	if r.Write {
		s += "w"
	}
	return s
}

var place = regexp.MustCompile(`^(?:\*|(\w+)(?:\.(\w+))?)$`)

// ParseRight reads a right such as "*=r", "app=rw" or "app.Users=w".
func ParseRight(s string) (Right, error) {
	where, what, ok := strings.Cut(s, "=")
	m := place.FindStringSubmatch(where)
	if !ok || m == nil {
		return Right{}, fmt.Errorf("right %q is not such as *=r, app=rw or app.Users=w", s)
	}
	r := Right{Keyspace: m[1], Family: m[2]}
	switch what {
	case "r":
		r.Read = true
	case "w":
		r.Write = true
	case "rw":
		r.Read, r.Write = true, true
	default:
		return Right{}, fmt.Errorf("right %q is neither r, w nor rw", s)
	}
	return r, nil
}

// ParseRights reads rights with commas between.
func ParseRights(s string) ([]Right, error) {
	var rights []Right
	for part := range strings.SplitSeq(s, ",") {
		if part == "" {
			continue
		}
		r, err := ParseRight(part)
		if err != nil {
			return nil, err
		}
		rights = append(rights, r)
	}
	return rights, nil
}

// FormatRights is the reverse of [ParseRights].
func FormatRights(rights []Right) string {
	list := make([]string, len(rights))
	for i, r := range rights {
		list[i] = r.String()
	}
	return strings.Join(list, ",")
}

// allows reports whether the right is enough for something with a family, or with a
// keyspace if that is empty, or with all of them.
func (r *Right) allows(p thriftserver.Permission, keyspace, family string) bool {
	if r.Keyspace != "" && (r.Keyspace != keyspace || r.Family != "" && r.Family != family) {
		return false
	}
	if p == thriftserver.Select {
		return r.Read
	}
	return r.Write
}
