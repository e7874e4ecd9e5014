package main

import (
	"flag"
	"fmt"
	"net/url"
	"os"
	"os/signal"
	"syscall"
	"time"

	"go.etcd.io/etcd/server/v3/embed"
)

// runEtcd serves one etcd member on loopback until it gets a signal. It never calls fsync: its data is thrown away with the test.
func runEtcd(args []string) int {
	flags := flag.NewFlagSet("etcd", flag.ContinueOnError)
	dir := flags.String("data-dir", "", "folder of the data")
	clientPort := flags.Int("client-port", 0, "port for clients on 127.0.0.1")
	peerPort := flags.Int("peer-port", 0, "port for peers on 127.0.0.1")
	quota := flags.Int64("quota-backend-bytes", 2<<30, "largest size of the data")
	if err := flags.Parse(args); err != nil {
		return 2
	}

	config := embed.NewConfig()
	config.Dir = *dir
	config.UnsafeNoFsync = true
	config.QuotaBackendBytes = *quota
	config.LogLevel = "warn"
	// The zero value would have it warn of every request.
	config.WarningUnaryRequestDuration = time.Second
	clients := []url.URL{{Scheme: "http", Host: fmt.Sprintf("127.0.0.1:%d", *clientPort)}}
	peers := []url.URL{{Scheme: "http", Host: fmt.Sprintf("127.0.0.1:%d", *peerPort)}}
	config.ListenClientUrls, config.AdvertiseClientUrls = clients, clients
	config.ListenPeerUrls, config.AdvertisePeerUrls = peers, peers
	config.InitialCluster = config.InitialClusterFromName(config.Name)

	server, err := embed.StartEtcd(config)
	if err != nil {
		fmt.Fprintln(os.Stderr, "etcd:", err)
		return 1
	}
	defer server.Close()

	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGTERM, syscall.SIGINT)
	select {
	case <-server.Server.ReadyNotify():
	case <-time.After(time.Minute):
		fmt.Fprintln(os.Stderr, "etcd: not ready after a minute")
		return 1
	}
	select {
	case <-stop:
		return 0
	case err := <-server.Err():
		fmt.Fprintln(os.Stderr, "etcd:", err)
		return 1
	}
}
