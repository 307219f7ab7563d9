package main

import (
	"context"
	_ "embed"
	"errors"
	"math"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/widerow/widerow"
	"github.com/widerow/widerow/examples/twissandra/internal/model"
	"github.com/widerow/widerow/timeuuid"
)

//go:embed seed/people.txt
var people string

//go:embed seed/tweets.txt
var sayings string

const (
	seedPassword = "twissandra" // the password of all sample users
	seedTweets   = 300
	seedSpan     = 6 * 24 * time.Hour // the age of the oldest tweet; less than publicLife, so that the public line has all tweets
)

// plant fills a store with sample data, whose times are before now. The same number gives the same data.
// If the store has the user ada, plant changes nothing.
func plant(ctx context.Context, m *model.Model, number uint64, now time.Time) error {
	if _, err := m.User(ctx, "ada"); !errors.Is(err, widerow.ErrNotFound) {
		return err // nil if ada exists
	}
	var names []string
	for line := range strings.Lines(people) {
		f := strings.Split(strings.TrimSpace(line), "|")
		if err := m.SignUp(ctx, model.User{Username: f[0], Name: f[1], Town: f[2], Bio: f[3]}, seedPassword); err != nil {
			return err
		}
		names = append(names, f[0])
	}
	random := rand.New(rand.NewPCG(number, 0))
	// popular picks a user. It picks users at the beginning of the list more often.
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
	texts := strings.Split(strings.TrimSpace(sayings), "\n")
	for i := range seedTweets {
		if i%len(texts) == 0 { // use every text once before repeating a text
			random.Shuffle(len(texts), func(i, j int) { texts[i], texts[j] = texts[j], texts[i] })
		}
		tweet, err := m.NewTweet(ctx, popular(), strings.ReplaceAll(texts[i%len(texts)], "{friend}", "@"+popular()))
		if err != nil {
			return err
		}
		age := time.Duration(float64(seedSpan) * math.Pow(1-float64(i)/seedTweets, 2)) // more tweets are recent than old
		if tweet.ID, err = timeuuid.FromTime(now.Add(-age), 0, [6]byte{5: byte(i)}); err != nil {
			return err
		}
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
