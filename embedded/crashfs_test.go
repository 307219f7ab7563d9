package embedded

import (
	"fmt"
	"io"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"
)

// crashFS is a file system in memory that loses unsynced data at a simulated power loss.
//
// Pebble's MemFS may be cloned only while it is idle. Some of its operations lock, for reading and
// twice, the lock that CrashClone takes for writing. If CrashClone waits between the two, both wait
// forever. In crashFS these operations wait for a running clone, and a clone waits for them.
type crashFS struct {
	*vfs.MemFS
	cloning sync.RWMutex // locked before the lock of MemFS
}

func newCrashFS() *crashFS { return &crashFS{MemFS: vfs.NewCrashableMem()} }

// lose returns the file system that a power failure now would leave.
func (c *crashFS) lose(cfg vfs.CrashCloneCfg) *crashFS {
	c.cloning.Lock()
	defer c.cloning.Unlock()
	return &crashFS{MemFS: c.CrashClone(cfg)}
}

// ReuseForWrite implements vfs.FS.
func (c *crashFS) ReuseForWrite(oldname, newname string, category vfs.DiskWriteCategory) (vfs.File, error) {
	c.cloning.RLock()
	defer c.cloning.RUnlock()
	return c.MemFS.ReuseForWrite(oldname, newname, category)
}

// Link implements vfs.FS.
func (c *crashFS) Link(oldname, newname string) error {
	c.cloning.RLock()
	defer c.cloning.RUnlock()
	return c.MemFS.Link(oldname, newname)
}

// Lock implements vfs.FS.
func (c *crashFS) Lock(name string) (io.Closer, error) {
	c.cloning.RLock()
	defer c.cloning.RUnlock()
	return c.MemFS.Lock(name)
}

// Unwrap implements vfs.FS.
func (c *crashFS) Unwrap() vfs.FS { return c.MemFS }

// TestCrashFS clones a file system while goroutines do everything that a store does to it.
func TestCrashFS(t *testing.T) {
	watchdog := startWatchdog(t)
	fs := newCrashFS()
	turns, stop := make(chan struct{}), make(chan struct{})
	var work sync.WaitGroup
	for w := range 4 {
		name := func(n int) string { return fmt.Sprintf("file%d-%d", w, n) }
		f, err := fs.Create(name(0), vfs.WriteCategoryUnspecified)
		if err != nil {
			t.Fatal(err)
		}
		work.Go(func() {
			for n := 0; ; n++ {
				_, err := f.Write([]byte("written"))
				if err == nil {
					err = f.Sync()
				}
				if err == nil {
					err = f.Close()
				}
				if err == nil {
					err = fs.Link(name(n), "link of "+name(n))
				}
				if err == nil {
					err = fs.Remove("link of " + name(n))
				}
				if err == nil {
					f, err = fs.ReuseForWrite(name(n), name(n+1), vfs.WriteCategoryUnspecified)
				}
				if err != nil {
					t.Error(err)
					return
				}
				select {
				case <-stop:
					_ = f.Close()
					return
				case turns <- struct{}{}:
				}
			}
		})
	}
	random := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		watchdog.Reset(stuck)
		<-turns // the other workers may be at any step
		fs.lose(vfs.CrashCloneCfg{UnsyncedDataPercent: 50, RNG: random})
	}
	close(stop)
	work.Wait()
}
