// Command filler makes a cluster of any size for benchmarks: it writes objects into etcd in the encoding in which the API server keeps
// them, which is many times faster than creating them, and changes them afterwards.
//
// What it does is its first argument: learn, fill or churn. What it has to say is one line of JSON on stdout.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"math"
	"os"
	"os/signal"
	"syscall"
	"time"
)

type options struct {
	etcd, lessons         string
	server, caFile, token string
	epoch                 int64
	layout                layout
	churning              churning
}

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "filler:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) == 0 {
		return fmt.Errorf("the first argument is learn, fill or churn")
	}
	options, err := parse(args[0], args[1:])
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	store, err := openStore(options.etcd)
	if err != nil {
		return err
	}
	defer store.Close()
	result, err := do(ctx, args[0], options, store)
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(result)
}

func do(ctx context.Context, what string, options options, store store) (any, error) {
	if what == "learn" {
		server, err := openServer(options.server, options.caFile, options.token)
		if err != nil {
			return nil, err
		}
		learned, err := learn(ctx, server, store, options.layout.epoch)
		if err != nil {
			return nil, err
		}
		return map[string]int{"shapes": len(learned)}, learned.write(options.lessons)
	}
	if err := options.layout.check(); err != nil {
		return nil, err
	}
	learned, err := readLessons(options.lessons)
	if err != nil {
		return nil, err
	}
	switch what {
	case "fill":
		return fill(ctx, store, options.layout, learned)
	case "churn":
		return churn(ctx, store, options.layout, learned, options.churning)
	}
	return nil, fmt.Errorf("%s is not learn, fill or churn", what)
}

func parse(name string, args []string) (options, error) {
	var o options
	flags := flag.NewFlagSet(name, flag.ContinueOnError)
	flags.StringVar(&o.etcd, "etcd", "", "URL of etcd")
	flags.StringVar(&o.lessons, "lessons", "", "file of what was learned")
	flags.StringVar(&o.server, "server", "", "URL of the API server")
	flags.StringVar(&o.caFile, "ca-file", "", "PEM file of its authority")
	flags.StringVar(&o.token, "token", "", "bearer token of an administrator")
	flags.Int64Var(&o.epoch, "epoch", 0, "when the oldest object was created, in seconds")
	flags.IntVar(&o.layout.nodes, "nodes", 0, "number of nodes")
	flags.IntVar(&o.layout.pods, "pods", 0, "number of pods")
	flags.IntVar(&o.layout.services, "services", 0, "number of Services")
	flags.IntVar(&o.layout.namespaces, "namespaces", 0, "number of namespaces")
	flags.IntVar(&o.churning.rate, "rate", 0, "changes a second; 0 for as many as can be")
	flags.Int64Var(&o.churning.count, "count", math.MaxInt64, "changes after which to stop")
	flags.IntVar(&o.churning.flips, "flips", 0, "of 1000 changes, how many take an IPv6 address away or give it back")
	flags.IntVar(&o.churning.replacements, "replacements", 0, "of 1000 changes, how many replace a pod")
	flags.Uint64Var(&o.churning.seed, "seed", 1, "which pods are changed")
	err := flags.Parse(args)
	o.layout.epoch = time.Unix(o.epoch, 0).UTC()
	return o, err
}
