package main

import (
	"time"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// endpointSlices makes what the endpointslice controller would: a slice of each family of a Service, with the pods that have it.
func (l layout) endpointSlices(service int) []object {
	var objects []object
	for _, family := range l.familiesOf(service) {
		objects = append(objects, l.endpointSlice(service, family))
	}
	return objects
}

func (l layout) endpointSlice(service int, family corev1.IPFamily) object {
	owner := l.service(service)
	name := owner.meta.Name + "-" + digest("slice", service, family)[:5]
	labels := workloadLabels(service)
	labels["app.kubernetes.io/managed-by"] = "argocd"
	labels[discoveryv1.LabelServiceName] = owner.meta.Name
	labels[discoveryv1.LabelManagedBy] = "endpointslice-controller.k8s.io"
	if l.isHeadless(service) {
		labels["service.kubernetes.io/headless"] = ""
	}
	slice := &discoveryv1.EndpointSlice{
		TypeMeta: metav1.TypeMeta{APIVersion: "discovery.k8s.io/v1", Kind: "EndpointSlice"},
		ObjectMeta: metav1.ObjectMeta{
			GenerateName:      owner.meta.Name + "-",
			Name:              name,
			Namespace:         owner.meta.Namespace,
			UID:               uidOf("EndpointSlice", service, family),
			Generation:        1,
			CreationTimestamp: l.createdAt(service),
			Labels:            labels,
			Annotations:       map[string]string{"endpoints.kubernetes.io/last-change-trigger-time": l.createdAt(service).UTC().Format(time.RFC3339)},
			OwnerReferences: []metav1.OwnerReference{{
				APIVersion: "v1", Kind: "Service", Name: owner.meta.Name, UID: owner.meta.UID, Controller: ptr(true), BlockOwnerDeletion: ptr(true),
			}},
		},
		AddressType: discoveryv1.AddressType(family),
		Endpoints:   l.endpoints(service, family),
		Ports: []discoveryv1.EndpointPort{
			{Name: ptr("http"), Port: ptr(int32(8080)), Protocol: ptr(corev1.ProtocolTCP)},
			{Name: ptr("metrics"), Port: ptr(int32(9090)), Protocol: ptr(corev1.ProtocolTCP)},
		},
	}
	return object{
		Object: slice,
		meta:   &slice.ObjectMeta,
		key:    "/registry/endpointslices/" + slice.Namespace + "/" + name,
		path:   "/apis/discovery.k8s.io/v1/namespaces/" + slice.Namespace + "/endpointslices",
		shape:  shapeOfSlice(l.isHeadless(service)),
		items:  []string{string(owner.meta.UID)},
		steps:  []step{{manager: "kube-controller-manager"}},
	}
}

func shapeOfSlice(headless bool) string {
	if headless {
		return "endpointslice/headless"
	}
	return "endpointslice"
}

func (l layout) endpoints(service int, family corev1.IPFamily) []discoveryv1.Endpoint {
	endpoints := []discoveryv1.Endpoint{}
	for _, pod := range l.podsOf(service) {
		node, slot := l.placeOf(pod)
		address := podIPv4(node, slot)
		if family == corev1.IPv6Protocol {
			if !l.hasIPv6(pod) {
				continue
			}
			address = podIPv6(node, slot)
		}
		endpoints = append(endpoints, discoveryv1.Endpoint{
			Addresses:  []string{address},
			Conditions: discoveryv1.EndpointConditions{Ready: ptr(true), Serving: ptr(true), Terminating: ptr(false)},
			NodeName:   ptr(nodeName(node)),
			Zone:       ptr(zoneOf(node)),
			TargetRef:  &corev1.ObjectReference{Kind: "Pod", Namespace: l.namespaceOfService(service), Name: podName(l, pod, 0), UID: podUID(pod, 0)},
		})
	}
	return endpoints
}

func ptr[T any](value T) *T { return &value }
