package realcass

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// cacheVariable names a directory that replaces the directory in the user's cache.
const cacheVariable = "WIDEROW_CASSANDRA_CACHE"

// A cache is the directory that all test processes share:
//
//	jars/1.2.19   what Maven brought
//	java/8        a JRE
//	net/101       files of the cluster on 127.101.0.0/24
//	logs/TestX    of the last failure of a test
//	download.lock held by the process that fills jars or java
type cache string

// unfinished ends the name of a directory that is being filled.
const unfinished = ".tmp"

func openCache() (cache, error) {
	dir := os.Getenv(cacheVariable)
	if dir == "" {
		user, err := os.UserCacheDir()
		if err != nil {
			return "", fmt.Errorf("no directory for Cassandra's jars: set %s: %w", cacheVariable, err)
		}
		dir = filepath.Join(user, "widerow-cassandra")
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	for _, sub := range []string{"jars", "java", "net", "logs"} {
		if err := os.MkdirAll(filepath.Join(dir, sub), 0o777); err != nil {
			return "", err
		}
	}
	return cache(dir), nil
}

func (c cache) path(elem ...string) string {
	return filepath.Join(append([]string{string(c)}, elem...)...)
}

// provide returns a directory of the cache. If the directory is missing or not usable, fill creates it. The
// directory gets its name after it is complete. Only one process at a time fills a directory.
func (c cache) provide(ctx context.Context, kind, name string, good func(dir string) bool,
	fill func(ctx context.Context, dir string) error,
) (string, error) {
	dir := c.path(kind, name)
	if good(dir) {
		return dir, nil
	}
	lock, err := c.lock(ctx, "download")
	if err != nil {
		return "", err
	}
	defer lock.Close()
	if good(dir) {
		return dir, nil // another process was faster
	}
	work := dir + unfinished
	for _, old := range []string{dir, work} { // work may remain from a process that was killed
		if err := os.RemoveAll(old); err != nil {
			return "", err
		}
	}
	if err := os.Mkdir(work, 0o777); err != nil {
		return "", err
	}
	if err := fill(ctx, work); err != nil {
		return "", errors.Join(err, os.RemoveAll(work))
	}
	return dir, os.Rename(work, dir)
}

// lock waits until this process alone holds the lock with a name. The lock is released when the
// file is closed or the process ends.
func (c cache) lock(ctx context.Context, name string) (*os.File, error) {
	for {
		f, err := tryLock(c.path(name + ".lock"))
		if f != nil || err != nil {
			return f, err
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("waiting for the process that holds %s: %w", c.path(name+".lock"), ctx.Err())
		case <-time.After(100 * time.Millisecond):
		}
	}
}

func exists(name string) bool {
	_, err := os.Stat(name)
	return err == nil
}
