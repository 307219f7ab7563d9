// Package browser tests examples/twissandra in a real browser: Chromium, without a window.
//
//	WIDEROW_TEST_BROWSER=1 go test .                                     on the embedded engine
//	WIDEROW_TEST_BROWSER=1 WIDEROW_TEST_CASSANDRA=1.2.19 go test .       also on a real Cassandra, which the test starts
//	WIDEROW_TEST_BROWSER=thrift://127.0.0.1:9160 go test .               on the store of that URL
//	WIDEROW_TEST_BROWSER=1 WIDEROW_TEST_SCREENSHOTS=/tmp/pages go test . keep a picture of each page
//
// A store must not have the keyspace Twissandra. Chromium is the first of chromium,
// chromium-browser and google-chrome that is installed. Without the variable, all tests are
// skipped.
//
// The package is a module of its own, so that the library and its users do not depend on chromedp.
// testdata has axe-core 4.14.1 (Mozilla Public License 2.0), which finds obstacles for people who
// use a screen reader or a keyboard, or who have weak eyes.
package browser
