package metrics_test

import (
	"fmt"
	"log"
	"net/http/httptest"
	"strings"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/widerow/widerow/embedded"
	"github.com/widerow/widerow/metrics"
	"github.com/widerow/widerow/thriftserver"
)

// printMetric prints the lines of a scrape that begin with name.
func printMetric(text, name string) {
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, name) {
			fmt.Print(line)
		}
	}
}

// A program that serves a store shows the server's calls and the engine.
func ExampleHandler() {
	store, err := embedded.OpenMemory(nil)
	if err != nil {
		log.Fatal(err)
	}
	defer store.Close()
	calls := metrics.Server()
	server, err := thriftserver.New(store, &thriftserver.Options{Events: calls.Events()})
	if err != nil {
		log.Fatal(err)
	}
	defer server.Close()
	calls.Watch(server)

	handler := metrics.Handler(calls, metrics.Store(store)) // http.Handle("/metrics", handler)
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
	printMetric(w.Body.String(), "widerow_thrift_connections ")
	printMetric(w.Body.String(), "widerow_store_takes_writes ")
	// Output:
	// widerow_thrift_connections 0
	// widerow_store_takes_writes 1
}

// A program with a registry of its own registers the collectors with it.
func ExampleStore() {
	store, err := embedded.OpenMemory(nil)
	if err != nil {
		log.Fatal(err)
	}
	defer store.Close()

	registry := prometheus.NewRegistry()
	registry.MustRegister(metrics.Store(store))
	families, err := registry.Gather()
	if err != nil {
		log.Fatal(err)
	}
	for _, f := range families {
		if f.GetName() == "widerow_store_takes_writes" {
			fmt.Println(f.GetHelp())
		}
	}
	// Output: 1 if the store takes writes, 0 while its disk is full or fails.
}
