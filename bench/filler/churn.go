package main

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"
)

// Each worker has pods of its own, so that what happens to one pod comes in order.
const churnWorkers = 16

// churning says what changes are to be made.
type churning struct {
	// rate is how many changes a second there are; 0 for as many as can be.
	rate int
	// count is after how many changes to stop.
	count int64
	// flips and replacements are how many of 1000 changes are of these kinds: a pod loses its IPv6 address or gets it back; a pod is
	// deleted and comes again, of another ReplicaSet, which are two changes. All others are restarts of a container.
	flips, replacements int
	seed                uint64
}

// churned says what changes were made.
type churned struct {
	Changes      int64   `json:"changes"`
	Flips        int64   `json:"flips"`
	Replacements int64   `json:"replacements"`
	Seconds      float64 `json:"seconds"`
}

// churn changes pods of the pod network in etcd, one at a time, until there were enough or the context ends. In the end it makes
// every pod what it was.
func churn(ctx context.Context, store store, l layout, learned lessons, what churning) (churned, error) {
	started, total := time.Now(), churned{}
	var workers sync.WaitGroup
	failures := make([]error, churnWorkers)
	for number := range churnWorkers {
		worker := churner{store: store, layout: l, learned: learned, what: what, states: map[int]podState{}, random: rand.New(rand.NewPCG(what.seed, uint64(number)))}
		workers.Go(func() { failures[number] = worker.run(ctx, number, &total) })
	}
	workers.Wait()
	total.Seconds = time.Since(started).Seconds()
	return total, errors.Join(failures...)
}

type churner struct {
	store   store
	layout  layout
	learned lessons
	what    churning
	states  map[int]podState
	random  *rand.Rand
}

func (c *churner) run(ctx context.Context, number int, total *churned) error {
	var pace <-chan time.Time
	if c.what.rate > 0 {
		ticker := time.NewTicker(time.Second * churnWorkers / time.Duration(c.what.rate))
		defer ticker.Stop()
		pace = ticker.C
	}
	for {
		if pace != nil {
			select {
			case <-pace:
			case <-ctx.Done():
			}
		}
		if ctx.Err() != nil || atomic.LoadInt64(&total.Changes) >= c.what.count {
			return c.restore()
		}
		// A write that has started is finished, whatever else ends.
		if err := c.changeOne(context.WithoutCancel(ctx), c.pick(number), total); err != nil {
			return err
		}
	}
}

func (c *churner) pick(worker int) int {
	first := c.layout.hostPods()
	pod := first + c.random.IntN(c.layout.pods-first)
	pod -= (pod - first) % churnWorkers
	return min(pod+worker, c.layout.pods-1-(c.layout.pods-1-first-worker)%churnWorkers)
}

func (c *churner) changeOne(ctx context.Context, pod int, total *churned) error {
	before := c.states[pod]
	after, kind := before, c.random.IntN(1000)
	switch {
	case kind < c.what.replacements:
		after = podState{replacement: before.replacement + 1, lostIPv6: before.lostIPv6}
		atomic.AddInt64(&total.Replacements, 1)
		atomic.AddInt64(&total.Changes, 1)
	case kind < c.what.replacements+c.what.flips:
		after.lostIPv6 = !before.lostIPv6
		atomic.AddInt64(&total.Flips, 1)
	default:
		after.restarts++
	}
	atomic.AddInt64(&total.Changes, 1)
	return c.put(ctx, pod, before, after)
}

func (c *churner) put(ctx context.Context, pod int, before, after podState) error {
	if before.replacement != after.replacement {
		if err := c.store.remove(ctx, c.layout.pod(pod, before).key); err != nil {
			return err
		}
	}
	c.states[pod] = after
	o := c.layout.pod(pod, after)
	if err := c.learned.teach(o); err != nil {
		return err
	}
	data, err := encode(o)
	if err != nil {
		return err
	}
	return c.store.write(ctx, o.key, data)
}

func (c *churner) restore() error {
	for pod, state := range c.states {
		if err := c.put(context.Background(), pod, state, podState{}); err != nil {
			return err
		}
	}
	return nil
}
