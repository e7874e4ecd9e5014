package main

import (
	"context"
	"fmt"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"
	"go.uber.org/zap"
)

// store is etcd as the API server sees it.
type store struct{ client *clientv3.Client }

func openStore(endpoint string) (store, error) {
	client, err := clientv3.New(clientv3.Config{Endpoints: []string{endpoint}, DialTimeout: 10 * time.Second, Logger: zap.NewNop()})
	return store{client}, err
}

func (s store) Close() error { return s.client.Close() }

func (s store) read(ctx context.Context, key string) ([]byte, error) {
	response, err := s.client.Get(ctx, key)
	if err != nil {
		return nil, err
	}
	if len(response.Kvs) == 0 {
		return nil, fmt.Errorf("etcd has no %s", key)
	}
	return response.Kvs[0].Value, nil
}

func (s store) write(ctx context.Context, key string, value []byte) error {
	_, err := s.client.Put(ctx, key, string(value))
	return err
}

func (s store) remove(ctx context.Context, key string) error {
	_, err := s.client.Delete(ctx, key)
	return err
}

// writeAll writes in one transaction, of which etcd takes 128 operations and 1.5 MiB at most.
func (s store) writeAll(ctx context.Context, puts []clientv3.Op) error {
	_, err := s.client.Txn(ctx).Then(puts...).Commit()
	return err
}
