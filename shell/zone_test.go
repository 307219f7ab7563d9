package shell_test

import (
	"bytes"
	"testing"
	"time"

	"github.com/widerow/widerow/shell"
)

// TestZone shows times in the zone of the options and checks that they are stored in UTC.
func TestZone(t *testing.T) {
	berlin := time.FixedZone("CEST", 2*3600)
	for zone, want := range map[*time.Location]string{
		nil: "2012-05-06 07:08:09 2012-05-06 07:08:09 7 1336288089.0 ('UTC', 'UTC')\n" +
			"2012-05-06 07:08:09 UTC 2012-05-06 07:08:09.500000 UTC 2012-05-06 07:08:09 UTC\n" +
			"OrderedDict([('a', ['2012-05-06 07:08:09 UTC', 5]), ('2012-05-06 07:08:09 UTC', 1)])\nSun May  6 07:08:09 2012 07\n",
		berlin: "2012-05-06 09:08:09 2012-05-06 07:08:09 9 1336280889.0 ('CEST', 'CEST')\n" +
			"2012-05-06 09:08:09 CEST 2012-05-06 09:08:09.500000 CEST 2012-05-06 09:08:09 CEST\n" +
			"OrderedDict([('a', ['2012-05-06 09:08:09 CEST', 5]), ('2012-05-06 09:08:09 CEST', 1)])\nSun May  6 09:08:09 2012 09\n",
	} {
		var out bytes.Buffer
		s, err := shell.New(t.Context(), &shell.Options{
			Store: openStore(t, "").b, Out: &out, Zone: zone,
			Now: func() time.Time { return time.Unix(1336288089, 0) },
		})
		if err != nil {
			t.Fatal(err)
		}
		err = s.Run(t.Context(), "<test>", `
import time
t = datetime(2012, 5, 6, 7, 8, 9)
print datetime.now(), datetime.utcnow(), time.localtime().tm_hour if hasattr(time.localtime(), 'tm_hour') else time.localtime()[3], time.mktime((2012, 5, 6, 7, 8, 9, 0, 0, 0)), time.tzname
print local(t), local(1336288089.5), local(1336288089000000)
print local(OrderedDict([('a', [t, 5]), (convert_time_to_uuid(t), 1)]))
print time.ctime(1336288089), time.strftime('%H')
`)
		if err != nil || out.String() != want {
			t.Errorf("%v: %v\n%s\nwant\n%s", zone, err, out.String(), want)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
}
