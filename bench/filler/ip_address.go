package main

import (
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// ipAddresses makes what the API server keeps for the clusterIPs of a Service; without them it would repair thousands of Services.
func (l layout) ipAddresses(service int) []object {
	if l.isHeadless(service) {
		return nil
	}
	var objects []object
	for i, family := range l.familiesOf(service) {
		name := clusterIPsOf(service, i+1)[i]
		address := &networkingv1.IPAddress{
			TypeMeta: metav1.TypeMeta{APIVersion: "networking.k8s.io/v1", Kind: "IPAddress"},
			ObjectMeta: metav1.ObjectMeta{
				Name:              name,
				UID:               uidOf("IPAddress", name),
				CreationTimestamp: l.createdAt(service),
				Labels: map[string]string{
					"ipaddress.kubernetes.io/ip-family":  string(family),
					"ipaddress.kubernetes.io/managed-by": "ipallocator.k8s.io",
				},
			},
			Spec: networkingv1.IPAddressSpec{
				ParentRef: &networkingv1.ParentReference{Resource: "services", Namespace: l.namespaceOfService(service), Name: workloadName(service)},
			},
		}
		objects = append(objects, object{
			Object:   address,
			meta:     &address.ObjectMeta,
			key:      "/registry/ipaddresses/" + name,
			shape:    "ipaddress/" + string(family),
			byServer: true,
		})
	}
	return objects
}
