package differential_test

import (
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"

	tw "github.com/widerow/widerow/internal/thriftwire"
)

// printRequest prints a request on one line.
func printRequest(r request) string {
	s := r.header.Method
	if r.header.Type != tw.Call {
		s += fmt.Sprintf(" (message type %d)", r.header.Type)
	}
	if r.header.Old {
		s += " (old style)"
	}
	if raw, ok := r.args.(rawCall); ok {
		return s + " " + strconv.Quote(string(raw.Struct))
	}
	return s + printValue(reflect.ValueOf(r.args).Elem())
}

// printAnswer prints a server's answer on one line.
func printAnswer(result tw.Result, err error) string {
	var app *tw.ApplicationException
	switch {
	case errors.As(err, &app):
		return fmt.Sprintf("ApplicationException %d: %s", app.Type, neutral(app.Message))
	case err != nil:
		return "no answer: the connection is closed"
	case result.Err() != nil:
		e := reflect.ValueOf(result.Err()).Elem()
		return e.Type().Name() + printValue(e)
	}
	v := reflect.ValueOf(result).Elem()
	if _, ok := result.(*tw.TraceNextQueryResult); ok {
		return fmt.Sprintf("%d bytes", v.FieldByName("Success").Len())
	}
	if success := v.FieldByName("Success"); success.IsValid() {
		return neutral(printValue(success))
	}
	return "done"
}

// neutral replaces the parts of an answer that differ at each run.
func neutral(s string) string {
	for _, r := range []struct {
		pattern *regexp.Regexp
		with    string
	}{
		{regexp.MustCompile(`[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}`), "UUID"},
		{regexp.MustCompile(`127\.[0-9]+\.[0-9]+\.[0-9]+`), "ADDRESS"},
		{regexp.MustCompile(`(Start|End)Token="[-0-9]+"`), "${1}Token=TOKEN"},
		{regexp.MustCompile(`"[-0-9]+":"ADDRESS"`), "TOKEN:ADDRESS"},
		{regexp.MustCompile(`Timestamp=1[0-9]{15}\b`), "Timestamp=NOW"},
		{regexp.MustCompile(`@[0-9a-f]{6,8}\b`), "@HASH"},
	} {
		s = r.pattern.ReplaceAllString(s, r.with)
	}
	return s
}

// printValue prints a value of the interface: fields that are set, bytes as text, maps in the order
// of their keys.
func printValue(v reflect.Value) string {
	switch v.Kind() {
	case reflect.Pointer:
		return printValue(v.Elem())
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			return printBytes(v.Bytes())
		}
		list := make([]string, v.Len())
		for i := range list {
			list[i] = printValue(v.Index(i))
		}
		if unordered(v.Type().Elem()) {
			slices.Sort(list)
		}
		return "[" + strings.Join(list, " ") + "]"
	case reflect.String:
		return printBytes([]byte(v.String()))
	case reflect.Struct:
		return printStruct(v)
	}
	return fmt.Sprint(v.Interface())
}

// unordered reports whether a list of this type, in an answer or a definition, has no order.
func unordered(t reflect.Type) bool {
	switch reflect.Zero(t).Interface().(type) {
	case tw.CfDef, tw.ColumnDef, tw.TokenRange:
		return true
	}
	return isEntry(t)
}

func isEntry(t reflect.Type) bool { return strings.HasPrefix(t.Name(), "Entry[") }

func printStruct(v reflect.Value) string {
	t := v.Type()
	if strings.HasPrefix(t.Name(), "Optional[") {
		return printValue(v.Field(0))
	}
	if isEntry(t) {
		return printValue(v.Field(0)) + ":" + printValue(v.Field(1))
	}
	var fields []string
	for i := range t.NumField() {
		f := v.Field(i)
		if !t.Field(i).IsExported() || absent(f) {
			continue
		}
		fields = append(fields, t.Field(i).Name+"="+printValue(f))
	}
	return "{" + strings.Join(fields, " ") + "}"
}

func absent(f reflect.Value) bool {
	switch f.Kind() {
	case reflect.Pointer, reflect.Slice:
		return f.IsNil()
	case reflect.Struct:
		set := f.FieldByName("Set")
		return set.IsValid() && set.Kind() == reflect.Bool && !set.Bool()
	}
	return false
}

// printBytes quotes bytes and shortens long ones.
func printBytes(b []byte) string {
	const most = 400
	if len(b) > most {
		return fmt.Sprintf("%q…(%d bytes)", b[:8], len(b))
	}
	return strconv.Quote(string(b))
}
