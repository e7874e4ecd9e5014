package main

import (
	"bytes"
	"context"
	"fmt"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// specimens is a cluster in which every shape is there more than once.
func specimens(epoch time.Time) layout {
	return layout{nodes: 200, pods: 4_000, services: 200, namespaces: 2, epoch: epoch}
}

// learn lets the API server write an object of every shape and keeps the managed fields that it gave them. Then it lets the server write
// another one of every shape, and fails where a byte of what comes into etcd differs from what this program would have written, the
// server's own uid and times aside. In the end all of them are removed.
func learn(ctx context.Context, server server, store store, epoch time.Time) (lessons, error) {
	learned, seen := lessons{}, map[string]int{}
	var created []object
	defer func() {
		for _, o := range created {
			_ = store.remove(ctx, o.key)
		}
	}()
	err := specimens(epoch).each(func(o object) error {
		if seen[o.shape]++; seen[o.shape] > 2 {
			return nil
		}
		created = append(created, o)
		if !o.byServer {
			if err := server.create(ctx, o); err != nil {
				return err
			}
		}
		stored, err := store.read(ctx, o.key)
		if err != nil {
			return err
		}
		if seen[o.shape] == 1 {
			learned[o.shape], err = lessonOf(o, stored)
			return err
		}
		return compare(o, stored, learned)
	})
	if err != nil {
		return nil, err
	}
	for shape, times := range seen {
		if times < 2 {
			return nil, fmt.Errorf("there is only one object of the shape %s to compare", shape)
		}
	}
	return learned, nil
}

func lessonOf(o object, stored []byte) (lesson, error) {
	found, err := metaOf(stored)
	if err != nil {
		return lesson{}, err
	}
	return lesson{Items: o.items, ManagedFields: found.GetManagedFields()}, nil
}

// compare returns an error where the object would be written otherwise than the server has.
func compare(o object, stored []byte, learned lessons) error {
	found, err := metaOf(stored)
	if err != nil {
		return err
	}
	if err := learned.teach(o); err != nil {
		return err
	}
	o.meta.UID, o.meta.CreationTimestamp = found.GetUID(), found.GetCreationTimestamp()
	for i, entry := range found.GetManagedFields() {
		if i < len(o.meta.ManagedFields) {
			o.meta.ManagedFields[i].Time = entry.Time
		}
	}
	own, err := encode(o)
	if err != nil {
		return err
	}
	if bytes.Equal(own, stored) {
		return nil
	}
	return fmt.Errorf("the API server writes %s otherwise than the filler does:\n%s", o.key, difference(own, stored))
}

func metaOf(stored []byte) (metav1.Object, error) {
	o, err := decode(stored)
	if err != nil {
		return nil, err
	}
	return meta.Accessor(o)
}
