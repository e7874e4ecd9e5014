package main

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
)

// object is an API object with what it takes to store it.
type object struct {
	runtime.Object
	meta *metav1.ObjectMeta
	// key is where etcd has it.
	key string
	// path is where the API server takes new ones of its kind.
	path string
	// shape is equal for objects that differ in no managed field but in the names of their items.
	shape string
	// items are the names of items in lists that appear in managed fields: objects of one shape have as many.
	items []string
	// steps are the requests by which its components make it, the first one being its creation.
	steps []step
	// byServer says that the API server itself makes it, along with another one.
	byServer bool
}

// step is one request of a component.
type step struct {
	manager     string
	subresource string
}
