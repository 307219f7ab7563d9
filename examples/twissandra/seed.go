package main

import (
	"cmp"
	"context"
	_ "embed"
	"encoding/binary"
	"errors"
	"log/slog"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/widerow/widerow/examples/twissandra/internal/model"
	"github.com/widerow/widerow/timeuuid"
)

//go:embed seed/people.txt
var people string

//go:embed seed/tweets.txt
var sayings string

const (
	seedPassword = "twissandra" // of all sample users
	seedTweets   = 300
	seedDays     = 6 // before now, so that the public line still has them
)

// plant fills a store with sample data. The same number gives the same data, at times before now.
// A store that has the first sample user is left as it is.
func plant(ctx context.Context, m *model.Model, number uint64, now time.Time, log *slog.Logger) error {
	random := rand.New(rand.NewPCG(number, 0))
	var names []string
	for line := range strings.Lines(people) {
		f := strings.Split(strings.TrimSpace(line), "|")
		var problem *model.Problem
		err := m.SignUp(ctx, model.User{Username: f[0], Name: f[1], Town: f[2], Bio: f[3]}, seedPassword)
		if len(names) == 0 && errors.As(err, &problem) {
			log.Info("the store has sample data and stays as it is")
			return nil
		} else if err != nil {
			return err
		}
		names = append(names, f[0])
	}
	// popular picks a user; those at the beginning of the list more often.
	popular := func() string { return names[min(random.IntN(len(names)), random.IntN(len(names)))] }
	for _, name := range names {
		for range 4 + random.IntN(12) {
			if whom := popular(); whom != name {
				if err := m.Follow(ctx, name, whom); err != nil {
					return err
				}
			}
		}
	}
	return chatter(ctx, m, random, popular, now)
}

// chatter publishes tweets, oldest first, and lets users like them.
func chatter(ctx context.Context, m *model.Model, random *rand.Rand, popular func() string, now time.Time) error {
	ages := make([]time.Duration, seedTweets)
	for i := range ages {
		ages[i] = time.Duration(random.Float64() * random.Float64() * seedDays * 24 * float64(time.Hour))
	}
	slices.SortFunc(ages, func(a, b time.Duration) int { return cmp.Compare(b, a) })
	texts := strings.Split(strings.TrimSpace(sayings), "\n")
	for i, age := range ages {
		if i%len(texts) == 0 { // every text once before any is repeated
			random.Shuffle(len(texts), func(i, j int) { texts[i], texts[j] = texts[j], texts[i] })
		}
		var node [6]byte
		binary.LittleEndian.PutUint32(node[2:], random.Uint32())
		id, err := timeuuid.FromTime(now.Add(-age), uint16(i), node)
		if err != nil {
			return err
		}
		text := strings.ReplaceAll(texts[i%len(texts)], "{friend}", "@"+popular())
		tweet, err := m.NewTweet(ctx, popular(), text)
		if err != nil {
			return err
		}
		tweet.ID = id
		if err := m.Publish(ctx, tweet); err != nil {
			return err
		}
		for range int(random.ExpFloat64() * 4) {
			if err := m.Like(ctx, popular(), tweet); err != nil {
				return err
			}
		}
	}
	return nil
}
