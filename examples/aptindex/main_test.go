package main

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const index = `Package: apt
Binary: apt, apt-doc,
 libapt-pkg-dev
Version: 2.6.1
Maintainer: Someone <someone@example.org>
Build-Depends: cmake (>= 3.4), debhelper-compat (= 12), cmake (<< 4) <!x>
Files:
 8d3b2b 2803 apt_2.6.1.dsc
 a2e0a1 2194 apt_2.6.1.tar.xz

Package: apt
Binary: apt
Version: 2.7.0
Description: line one
 line <two>

Package: zsh
Version: 5.9
`

func TestConvert(t *testing.T) {
	var out bytes.Buffer
	if err := convert(strings.NewReader(index), 7, &out); err != nil {
		t.Fatal(err)
	}
	want := schema +
		`{"family":"Sources","key":"apt","columns":[` +
		`[["2.6.1","Binary","apt"],"",7],[["2.6.1","Binary","apt-doc"],"",7],[["2.6.1","Binary","libapt-pkg-dev"],"",7],` +
		`[["2.6.1","Build-Depends","cmake"],"(>= 3.4), (<< 4) <!x>",7],[["2.6.1","Build-Depends","debhelper-compat"],"(= 12)",7],` +
		`[["2.6.1","Files","apt_2.6.1.dsc"],"8d3b2b 2803",7],[["2.6.1","Files","apt_2.6.1.tar.xz"],"a2e0a1 2194",7],` +
		`[["2.6.1","Maintainer",""],"Someone <someone@example.org>",7],` +
		`[["2.7.0","Binary","apt"],"",7],[["2.7.0","Description",""],"line one\nline <two>",7]]}` + "\n"
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestConvertRefuses(t *testing.T) {
	for _, tt := range []struct{ in, want string }{
		{"Package apt\n", "line 1: no colon"},
		{" more\n", "line 1: a continuation line"},
		{"Version: 1\n\n", "no field Package"},
	} {
		err := convert(strings.NewReader(tt.in), 7, new(bytes.Buffer))
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("convert(%q): %v, want %q", tt.in, err, tt.want)
		}
	}
}
