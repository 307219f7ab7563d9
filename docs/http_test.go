package docs_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"

	"github.com/widerow/widerow"
	"github.com/widerow/widerow/connect"
)

// Server shows timelines.
type Server struct {
	timeline *widerow.Family
}

func NewServer(ctx context.Context, db *widerow.DB) (*Server, error) {
	timeline, err := db.Keyspace("Demo").Family(ctx, "Timeline")
	return &Server{timeline: timeline}, err
}

func (s *Server) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /posts/{user}", s.posts)
	return mux
}

func (s *Server) posts(w http.ResponseWriter, r *http.Request) {
	page, err := s.timeline.Page(r.Context(), r.PathValue("user"), r.FormValue("page"), widerow.Reversed(), widerow.Limit(2))
	if err != nil {
		http.Error(w, http.StatusText(status(err)), status(err))
		return
	}
	for _, text := range page.All() {
		fmt.Fprintln(w, text)
	}
	if page.Next != "" {
		fmt.Fprintf(w, "older: %s?page=%s\n", r.URL.Path, page.Next)
	}
}

func Example_httpPages() {
	db, done := demoDB()
	defer done()
	s, err := NewServer(ctx, db)
	check(err)
	server := httptest.NewServer(s.Handler()) // http.ListenAndServe in a program
	defer server.Close()

	get := func(path string) string {
		response, err := http.Get(server.URL + path)
		check(err)
		defer response.Body.Close()
		body, err := io.ReadAll(response.Body)
		check(err)
		return string(body)
	}
	first := get("/posts/everyone")
	posts, next, _ := strings.Cut(first, "older: ")
	fmt.Print(posts)
	second, _, _ := strings.Cut(get(strings.TrimSpace(next)), "older: ")
	fmt.Print(second)
	fmt.Println(get("/posts/everyone?page=damaged"))
	// Output:
	// emil: Good night
	// dina: Sorted by time, as wide rows are
	// cleo: Rain again
	// bob: Coffee, then a slice of columns
	// Bad Request
}

func status(err error) int {
	switch {
	case errors.Is(err, widerow.ErrNotFound):
		return http.StatusNotFound
	case errors.Is(err, widerow.ErrInvalidRequest):
		return http.StatusBadRequest
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, widerow.ErrTimedOut):
		return http.StatusGatewayTimeout
	case errors.Is(err, widerow.ErrUnavailable), errors.Is(err, widerow.ErrNoWrites):
		return http.StatusServiceUnavailable
	}
	return http.StatusInternalServerError
}

func Example_httpStop() {
	hosts, done := cluster()
	defer done()
	db, err := connect.Open(ctx, "thrift://"+hosts)
	check(err)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	check(err)
	s, err := NewServer(ctx, db)
	check(err)
	handler := s.Handler()
	stopping, stop := context.WithCancel(ctx)
	stop()
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second}
	go server.Serve(listener)
	<-stopping.Done() // of signal.NotifyContext
	check(server.Shutdown(ctx))
	check(db.Close())
	// Output:
}
