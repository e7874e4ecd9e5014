package main

import (
	"crypto/sha256"
	"fmt"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

const (
	// As many as a kubelet takes by default.
	mostPodsPerNode = 110
	// 2 % of the pods have a fault: half of these with their nodes, half by themselves.
	nodeFaultEvery, nodeFault = 100, 37
	podFaultEvery, podFault   = 100, 53
	// Of 50 Services one has one family only; of 100 one is headless.
	serviceFaultEvery, serviceFault = 50, 11
	headlessEvery, headless         = 100, 71
)

// layout says which objects there are, and how they hang together. Everything about an object follows from it and the object's number.
type layout struct {
	nodes, pods, services, namespaces int
	// epoch is when the oldest object was created.
	epoch time.Time
}

// check returns an error where the numbers do not make a cluster.
func (l layout) check() error {
	switch {
	case l.nodes < 1 || l.services < 1 || l.namespaces < 1:
		return fmt.Errorf("a cluster has a node, a Service and a namespace at least")
	case l.pods < l.nodes+l.services:
		return fmt.Errorf("%d pods are too few: each of %d nodes has one of its own, and each of %d Services selects one", l.pods, l.nodes, l.services)
	case l.pods > l.nodes*mostPodsPerNode:
		return fmt.Errorf("%d pods are too many for %d nodes: a node takes %d", l.pods, l.nodes, mostPodsPerNode)
	case l.nodes > 1<<13 || l.services > 50_000:
		return fmt.Errorf("there are addresses for 8192 nodes and 50000 Services")
	}
	return nil
}

// hostPods is how many pods are of the host network: one on each node. They come first.
func (l layout) hostPods() int { return l.nodes }

// workloadOf is the number of the Service that selects a pod of the pod network, which is that of its Deployment too.
func (l layout) workloadOf(pod int) int { return (pod - l.hostPods()) % l.services }

// podsOf lists the pods that a Service selects.
func (l layout) podsOf(service int) []int {
	var pods []int
	for pod := l.hostPods() + service; pod < l.pods; pod += l.services {
		pods = append(pods, pod)
	}
	return pods
}

// placeOf says on which node a pod runs, and as which of its pods. The pods of one workload are on different nodes.
func (l layout) placeOf(pod int) (node, slot int) {
	if pod < l.hostPods() {
		return pod, 0
	}
	number := pod - l.hostPods()
	block := number / l.nodes
	return (number%l.nodes + block*611) % l.nodes, block + 1
}

func (l layout) namespaceName(number int) string { return fmt.Sprintf("team-%03d", number) }

func (l layout) namespaceOfService(service int) string {
	return l.namespaceName(service % l.namespaces)
}

func (l layout) isNodeFaulty(node int) bool { return node%nodeFaultEvery == nodeFault }

// hasIPv6 says whether a pod of the pod network has an address of this family.
func (l layout) hasIPv6(pod int) bool {
	node, _ := l.placeOf(pod)
	return !l.isNodeFaulty(node) && pod%podFaultEvery != podFault
}

func (l layout) createdAt(number int) metav1.Time {
	return metav1.NewTime(l.epoch.Add(time.Duration(number%86_400) * time.Second))
}

func nodeName(node int) string { return fmt.Sprintf("worker-%04d.eu-central.internal", node) }

func nodeIPv4(node int) string { return fmt.Sprintf("172.16.%d.%d", node>>8, node&255) }

func nodeIPv6(node int) string { return fmt.Sprintf("fd12:b5e0:383e::%x", node+1) }

func podCIDRv4(node int) string { return fmt.Sprintf("10.%d.%d.0/24", 64+node>>8, node&255) }

// Numbers from 1 on: a zero would be written shorter.
func podCIDRv6(node int) string { return fmt.Sprintf("fd00:10:244:%x::/64", node+1) }

func podIPv4(node, slot int) string {
	return fmt.Sprintf("10.%d.%d.%d", 64+node>>8, node&255, slot+1)
}

func podIPv6(node, slot int) string { return fmt.Sprintf("fd00:10:244:%x::%x", node+1, slot+1) }

// clusterIPv4 begins above the addresses that the API server hands out by itself.
func clusterIPv4(service int) string {
	number := service + 1024
	return fmt.Sprintf("10.96.%d.%d", number>>8, number&255)
}

func clusterIPv6(service int) string { return fmt.Sprintf("fd00:10:96::%x", service+1024) }

// digest is text in hexadecimal digits that looks random and follows from the parts.
func digest(parts ...any) string {
	return fmt.Sprintf("%x", sha256.Sum256([]byte(fmt.Sprintln(parts...))))
}

func uidOf(kind string, parts ...any) types.UID {
	d := digest(append([]any{"uid", kind}, parts...)...)
	return types.UID(fmt.Sprintf("%s-%s-4%s-a%s-%s", d[0:8], d[8:12], d[13:16], d[17:20], d[20:32]))
}
