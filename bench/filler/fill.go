package main

import (
	"context"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"

	clientv3 "go.etcd.io/etcd/client/v3"
)

const (
	mostOpsPerTransaction   = 100
	mostBytesPerTransaction = 1 << 20
)

// filled says what was written.
type filled struct {
	Objects     int64 `json:"objects"`
	Bytes       int64 `json:"bytes"`
	PodBytes    int64 `json:"podBytes"`
	SmallestPod int64 `json:"smallestPod"`
}

// each calls a function with every object, what others refer to first.
func (l layout) each(visit func(object) error) error {
	for number := range l.namespaces {
		if err := visit(l.namespace(number)); err != nil {
			return err
		}
	}
	for number := range l.nodes {
		if err := visit(l.node(number)); err != nil {
			return err
		}
	}
	for number := range l.services {
		if err := visitAll(visit, append([]object{l.service(number)}, append(l.ipAddresses(number), l.endpointSlices(number)...)...)); err != nil {
			return err
		}
	}
	for number := range l.pods {
		if err := visit(l.pod(number, podState{})); err != nil {
			return err
		}
	}
	return nil
}

func visitAll(visit func(object) error, objects []object) error {
	for _, o := range objects {
		if err := visit(o); err != nil {
			return err
		}
	}
	return nil
}

// fill writes the cluster into etcd. The API server had better be down: it reads faster in the end than it follows.
func fill(ctx context.Context, store store, l layout, learned lessons) (filled, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	objects, total := make(chan object, 256), filled{}
	var workers sync.WaitGroup
	for range runtime.NumCPU() + 1 {
		workers.Go(func() {
			if err := writeFrom(ctx, objects, store, learned, &total); err != nil {
				cancel(err)
			}
		})
	}
	err := l.each(func(o object) error {
		select {
		case objects <- o:
			return nil
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	})
	close(objects)
	workers.Wait()
	if err == nil {
		err = context.Cause(ctx)
	}
	return total, err
}

func writeFrom(ctx context.Context, objects <-chan object, store store, learned lessons, total *filled) error {
	var puts []clientv3.Op
	var size int
	for o := range objects {
		if err := learned.teach(o); err != nil {
			return err
		}
		data, err := encode(o)
		if err != nil {
			return err
		}
		total.count(o, len(data))
		if len(puts) == mostOpsPerTransaction || size+len(data) > mostBytesPerTransaction {
			if err := store.writeAll(ctx, puts); err != nil {
				return err
			}
			puts, size = nil, 0
		}
		puts, size = append(puts, clientv3.OpPut(o.key, string(data))), size+len(data)
	}
	if len(puts) == 0 {
		return nil
	}
	return store.writeAll(ctx, puts)
}

func (f *filled) count(o object, size int) {
	atomic.AddInt64(&f.Objects, 1)
	atomic.AddInt64(&f.Bytes, int64(size))
	if !strings.HasPrefix(o.shape, "pod/") {
		return
	}
	atomic.AddInt64(&f.PodBytes, int64(size))
	for {
		smallest := atomic.LoadInt64(&f.SmallestPod)
		if smallest != 0 && smallest <= int64(size) || atomic.CompareAndSwapInt64(&f.SmallestPod, smallest, int64(size)) {
			return
		}
	}
}
