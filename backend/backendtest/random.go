package backendtest

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/internal/partitioner"
	"github.com/widerow/widerow/internal/testkit/model"
)

// Random runs random histories on the stores that open returns and on a model, which is
// written for clarity alone. After each statement, Random compares the output of the
// statement and the data of its family. A history consists of episodes; an episode is
// about one family, and all data is compared at its end. There is a subtest for each
// partitioner.
//
// If a history fails, Random makes it as short as possible and prints it as a script,
// ready to become a fixed case, with the seed to run it again:
//
//	go test ./yourstore -run TestRandom/random -rapid.seed=6418…
//
// -rapid.checks sets the number of histories.
func Random(t *testing.T, open Opener) {
	for _, p := range partitioners() {
		t.Run(p.Name(), func(t *testing.T) {
			target := open(t, Options{Partitioner: p.Class()})
			histories := newHistories(&target)
			ran, failed := 0, false
			rapid.Check(t, func(t *rapid.T) {
				if target.Histories > 0 && ran >= target.Histories && !failed {
					return
				}
				defer func() { failed = t.Failed() }() // shorter ones are tried then
				ran++
				histories.run(t, &target, p)
			})
		})
	}
}

// histories makes random histories of statements that a store supports.
type histories struct {
	episode *rapid.Generator[episode]
	model   model.Options // of the partitioner and clock of a history
}

// episode is a part of a history that is about one family.
type episode struct {
	family     *randomFamily
	statements []string
}

// run runs one history on the target and on a new model.
func (h *histories) run(t *rapid.T, target *Target, p partitioner.Partitioner) {
	ctx := context.Background()
	now := time.Date(2012, 2, 29, 12, 0, 0, 0, time.UTC)
	options := h.model
	options.Partitioner, options.Now = p, func() time.Time { return now }
	m, err := model.New(options)
	if err != nil {
		t.Fatal(err)
	}
	oracle := &Target{
		Backend: m, Purge: m.Purge, Advance: func(d time.Duration) { now = now.Add(d) },
		Reopen: func() (backend.Backend, error) { return m, nil },
	}
	sessions := []*session{newSession(oracle, p, "random"), newSession(target, p, "random")}
	for _, s := range sessions {
		if err := s.start(ctx); err != nil {
			t.Fatal(err)
		}
	}
	defer func() {
		if err := sessions[1].finish(ctx); err != nil {
			t.Error(err)
		}
	}()

	var played []string
	play := func(statement string) {
		var prints [2][]string
		for i, s := range sessions {
			printed, failed, err := s.run(ctx, strings.Split(statement, "\n"))
			if err != nil {
				t.Fatalf("%s: %v", statement, err)
			}
			if failed { // reasons are for scripts
				kind, _, _ := strings.Cut(printed[0], ": ")
				printed = []string{kind}
			}
			prints[i] = printed
		}
		if !slices.Equal(prints[0], prints[1]) {
			t.Fatalf("after\n\n%s\n\nthe statement\n\n%s\n\nprints:%s\nwant:%s",
				strings.Join(played, "\n"), statement, lines(prints[1]), lines(prints[0]))
		}
	}
	for _, f := range randomFamilies {
		play(f.create)
		played = append(played, f.create)
	}
	compare := func(families ...*randomFamily) {
		for _, f := range families {
			play("range " + f.name)
		}
	}
	clock := 0 // is advanced by more than the timestamps of a history differ
	for _, e := range rapid.SliceOfN(h.episode, 1, 10).Draw(t, "history") {
		for _, statement := range e.statements {
			if statement == afterGrace {
				clock += 100
				statement = "advance 960000s\npurge"
			}
			for _, statement := range splitStatements(stamped(statement, clock)) {
				play(statement)
				played = append(played, statement)
			}
			compare(e.family)
		}
		compare(randomFamilies...)
	}
}

// splitStatements splits lines into statements: a batch is one.
func splitStatements(text string) []string {
	if strings.HasPrefix(text, beginBatch) {
		return []string{text}
	}
	return strings.Split(text, "\n")
}

// stamped replaces the marks @+0 to @+9, which generators write, by timestamps.
func stamped(statement string, clock int) string {
	for n := range 10 {
		statement = strings.ReplaceAll(statement, fmt.Sprintf("@+%d", n), fmt.Sprintf("@%d", clock+n))
	}
	return statement
}

// afterGrace stands for a purge after gc_grace has passed for all writes. Timestamps
// after it are higher than those before it, because stores may differ in the tombstones
// that they have purged.
const afterGrace = "after gc_grace"
