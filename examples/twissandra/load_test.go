package main

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/crypto/bcrypt"

	"github.com/widerow/widerow/connect"
	"github.com/widerow/widerow/examples/twissandra/internal/model"
)

const (
	loadUsers   = 1000
	loadFollows = 30 // follows of each user; popular users have hundreds of followers
	loadTweets  = 100_000
	loadReaders = 50
	loadWriters = 5
	loadTime    = 20 * time.Second
)

// TestLoad fills a store on disk and measures home lines while users read and write. It
// prints the times and asserts nothing about them.
func TestLoad(t *testing.T) {
	if os.Getenv("WIDEROW_TWISSANDRA_LOAD") == "" {
		t.Skip("not run: set WIDEROW_TWISSANDRA_LOAD=1 to measure for some minutes")
	}
	dir := filepath.Join(t.TempDir(), "data")
	db, err := connect.Open(t.Context(), "embedded:"+dir)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	m, err := model.Open(t.Context(), db, time.Now, bcrypt.MinCost)
	if err != nil {
		t.Fatal(err)
	}
	begin := time.Now()
	fillStore(t, m)
	t.Logf("%d users with %d follows each and %d tweets written in %v", loadUsers, loadFollows, loadTweets, time.Since(begin).Round(time.Second))
	sizes(t, dir)

	// The home line itself.
	read := func(ctx context.Context, user string) error {
		page, err := m.Home(user).Page(ctx, user, "")
		if err == nil && len(page.Items) != model.PageSize {
			err = fmt.Errorf("the page of %s has %d tweets", user, len(page.Items))
		}
		return err
	}
	measure(t, m, "home line, a reader reads 5 a second", 200*time.Millisecond, read)

	// The page: session, line and HTML, over HTTP on the loopback.
	server := httptest.NewServer((&site{model: m, log: slog.New(slog.DiscardHandler), poll: time.Second}).handler())
	defer server.Close()
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: loadReaders}}
	var sessions sync.Map
	get := func(ctx context.Context, user string) error {
		token, ok := sessions.Load(user)
		if !ok {
			fresh, err := m.StartSession(ctx, user)
			if err != nil {
				return err
			}
			token = fresh
			sessions.Store(user, fresh)
		}
		r, err := http.NewRequestWithContext(ctx, "GET", server.URL+"/", nil)
		if err != nil {
			return err
		}
		r.AddCookie(&http.Cookie{Name: cookieName, Value: token.(string)})
		res, err := client.Do(r)
		if err != nil {
			return err
		}
		defer res.Body.Close()
		if n, err := io.Copy(io.Discard, res.Body); err != nil || res.StatusCode != 200 || n < 10_000 {
			return fmt.Errorf("%s: %s, %d bytes, %v", user, res.Status, n, err)
		}
		return nil
	}
	measure(t, m, "home page over HTTP, a reader reads 5 a second", 200*time.Millisecond, get)

	// Without a pause: as fast as all readers together can read.
	measure(t, m, "home line, no pause", 0, read)
	measure(t, m, "home page over HTTP, no pause", 0, get)
	sizes(t, dir)
}

func loadUser(i int) string { return fmt.Sprint("user", i) }

func fillStore(t *testing.T, m *model.Model) {
	// Users with low numbers are followed more often.
	popular := func(random *rand.Rand) int {
		return min(random.IntN(loadUsers), random.IntN(loadUsers), random.IntN(loadUsers))
	}
	spread(t, loadUsers, func(i int, _ *rand.Rand) error {
		return m.SignUp(t.Context(), model.User{Username: loadUser(i), Name: "User " + fmt.Sprint(i), Town: "Oslo"}, "long enough")
	})
	spread(t, loadUsers*loadFollows, func(i int, random *rand.Rand) error {
		who, whom := i%loadUsers, popular(random)
		if who == whom {
			return nil
		}
		return m.Follow(t.Context(), loadUser(who), loadUser(whom))
	})
	spread(t, loadTweets, func(i int, random *rand.Rand) error {
		tweet, err := m.NewTweet(t.Context(), loadUser(random.IntN(loadUsers)), fmt.Sprintf("Tweet number %d says that all is well here, and asks how @%s is.", i, loadUser(i%loadUsers)))
		if err != nil {
			return err
		}
		if err := m.Publish(t.Context(), tweet); err != nil || i%5 != 0 {
			return err
		}
		return m.Like(t.Context(), loadUser(popular(random)), tweet)
	})
}

// spread calls do for each number below n, on many goroutines.
func spread(t *testing.T, n int, do func(i int, random *rand.Rand) error) {
	t.Helper()
	var next atomic.Int64
	var group sync.WaitGroup
	for g := range 32 {
		group.Go(func() {
			random := rand.New(rand.NewPCG(uint64(g), uint64(n)))
			for i := int(next.Add(1)) - 1; i < n && !t.Failed(); i = int(next.Add(1)) - 1 {
				if err := do(i, random); err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
	if t.Failed() {
		t.FailNow()
	}
}

// measure runs readers and writers. Each reader starts to read a page once per pause. Each writer tweets twice a second.
func measure(t *testing.T, m *model.Model, what string, pause time.Duration, read func(ctx context.Context, user string) error) {
	t.Helper()
	end := time.Now().Add(loadTime)
	var writes atomic.Int64
	var group sync.WaitGroup
	for w := range loadWriters {
		group.Go(func() {
			for i := w; time.Now().Before(end); i += loadWriters {
				tweet, err := m.NewTweet(t.Context(), loadUser(i%loadUsers), "written under load")
				if err == nil {
					err = m.Publish(t.Context(), tweet)
				}
				if err != nil {
					t.Error(err)
					return
				}
				writes.Add(1)
				time.Sleep(500 * time.Millisecond)
			}
		})
	}
	times := make([][]time.Duration, loadReaders)
	for r := range loadReaders {
		group.Go(func() {
			random := rand.New(rand.NewPCG(uint64(r), 1))
			time.Sleep(time.Duration(random.Float64() * float64(pause)))
			for next := time.Now(); next.Before(end); next = next.Add(pause) {
				time.Sleep(time.Until(next))
				begin := time.Now()
				if pause == 0 {
					next = begin
				}
				if err := read(t.Context(), loadUser(random.IntN(loadUsers))); err != nil {
					t.Error(err)
					return
				}
				times[r] = append(times[r], time.Since(begin))
			}
		})
	}
	group.Wait()
	all := slices.Sorted(slices.Values(slices.Concat(times...)))
	if len(all) == 0 {
		t.Fatal("nothing was measured")
	}
	at := func(share float64) time.Duration {
		return all[int(share*float64(len(all)-1))].Round(10 * time.Microsecond)
	}
	t.Logf("%s: %.0f a second, p50 %v, p99 %v, max %v; %d tweets written", what,
		float64(len(all))/loadTime.Seconds(), at(0.5), at(0.99), at(1), writes.Load())
}

// sizes prints the memory of the process and the size of the store's directory.
func sizes(t *testing.T, dir string) {
	t.Helper()
	var bytes int64
	err := filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err == nil {
			bytes += info.Size()
		}
		return nil // the store may have removed the file since WalkDir listed it
	})
	if err != nil {
		t.Error(err)
	}
	var mem runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&mem)
	resident := "unknown memory"
	status, _ := os.ReadFile("/proc/self/status") // exists only on Linux
	if m := regexp.MustCompile(`VmRSS:\s*(\d+ kB)`).FindSubmatch(status); m != nil {
		resident = string(m[1])
	}
	t.Logf("store: %d MiB on disk; process: %d MiB Go heap, %s resident", bytes>>20, mem.HeapAlloc>>20, resident)
}
