package connect

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"slices"
	"strings"
)

// Default is the store that the program uses if neither a flag nor the environment names one.
const Default = "embedded:widerow-data"

// Variable is the environment variable with the store's URL.
const Variable = "WIDEROW_STORE"

// FromEnvironment returns the value of [Variable] or, if it is not set, [Default].
func FromEnvironment() string {
	if s := os.Getenv(Variable); s != "" {
		return s
	}
	return Default
}

// Dir returns the directory of the store that a URL names. It returns false if the store has no directory on this machine.
func Dir(url string) (dir string, ok bool) {
	t, err := parse(url)
	return t.path, err == nil && t.scheme == "embedded"
}

// target is a parsed URL.
type target struct {
	url    string // as it was given
	scheme string
	path   string // for embedded, the directory; for clusters, what follows the scheme
	params url.Values
}

// parse takes a URL apart. Errors do not show passwords.
func parse(s string) (target, error) {
	scheme, rest, ok := strings.Cut(s, ":")
	if !ok || scheme == "" || strings.ContainsAny(scheme, `/\. `) {
		return target{}, fmt.Errorf("no scheme: write embedded:DIR for a store in a directory, such as embedded:%s", pathHint(s))
	}
	t := target{url: s, scheme: strings.ToLower(scheme)}
	path, query, _ := strings.Cut(rest, "?")
	var err error
	if t.params, err = url.ParseQuery(query); err != nil {
		return target{}, errors.New("the parameters after ? cannot be read: write name=value, with & between them and % as %25")
	}
	switch t.scheme {
	case "embedded":
		if strings.HasPrefix(path, "//") {
			return target{}, errors.New("embedded: is followed by a directory, not by //")
		}
		if t.path, err = url.PathUnescape(path); err != nil {
			return target{}, fmt.Errorf("the directory cannot be read: %% in it is written %%25")
		}
		if t.path == "" {
			return target{}, errors.New("no directory: write embedded:DIR")
		}
		if strings.ContainsRune(t.path, 0) {
			return target{}, errors.New("the directory has a zero byte in its name")
		}
	case "memory":
		if path != "" {
			return target{}, errors.New("memory: takes no directory: write memory:, or embedded:DIR to keep the data")
		}
	default:
		t.path = path
	}
	return t, nil
}

func pathHint(s string) string {
	if s == "" || strings.ContainsAny(s, "@?") {
		return "data"
	}
	return strings.ReplaceAll(s, "%", "%25")
}

// check reports parameters that are unknown, given more than once, or given without a value.
func (t *target) check(known ...string) error {
	var unknown []string
	for name, values := range t.params {
		switch {
		case !slices.Contains(known, name):
			unknown = append(unknown, fmt.Sprintf("%q", name))
		case len(values) > 1:
			return fmt.Errorf("parameter %s is given %d times", name, len(values))
		case values[0] == "":
			return fmt.Errorf("parameter %s has no value", name)
		}
	}
	if len(unknown) == 0 {
		return nil
	}
	slices.Sort(unknown)
	return fmt.Errorf("unknown parameter %s: %s: takes %s", strings.Join(unknown, ", "), t.scheme, strings.Join(known, ", "))
}

// Redact returns a URL without its password, for messages and logs. It removes everything
// that might be a password.
func Redact(s string) string {
	const hidden = "xxxxx"
	rest, query, hasQuery := strings.Cut(s, "?")
	// The last @ ends the credentials. A password may have an unescaped @, and even an
	// unescaped ? before it. So everything before the last @ of the URL is hidden too.
	if i := strings.LastIndexByte(query, '@'); i >= 0 && !strings.HasPrefix(s, "embedded:") {
		rest, query, hasQuery = s, "", false
	}
	if i := strings.LastIndexByte(rest, '@'); i >= 0 && !strings.HasPrefix(s, "embedded:") {
		from := strings.Index(rest, "://") + len("://")
		if from < len("://") {
			from = strings.IndexByte(rest, ':') + 1
		}
		if colon := strings.IndexByte(rest[min(from, i):i], ':'); colon >= 0 {
			rest = rest[:from+colon+1] + hidden + rest[i:]
		}
	}
	if !hasQuery {
		return rest
	}
	parts := strings.Split(query, "&")
	for i, p := range parts {
		name, _, ok := strings.Cut(p, "=")
		if lower := strings.ToLower(name); ok && (strings.Contains(lower, "pass") || strings.Contains(lower, "secret") || strings.Contains(lower, "token")) {
			parts[i] = name + "=" + hidden
		}
	}
	return rest + "?" + strings.Join(parts, "&")
}
