package main

import (
	"fmt"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
)

var trades = []string{"cart", "billing", "search", "catalogue", "checkout", "identity", "shipping", "pricing", "ledger", "media"}

func workloadName(workload int) string {
	return fmt.Sprintf("%s-%05d", trades[workload%len(trades)], workload)
}

// selectorOf is what the Service of a workload selects.
func selectorOf(workload int) map[string]string {
	return map[string]string{"app.kubernetes.io/name": workloadName(workload), "app.kubernetes.io/component": "server"}
}

func (l layout) isHeadless(service int) bool { return service%headlessEvery == headless }

func (l layout) isSingleStack(service int) bool { return service%serviceFaultEvery == serviceFault }

func (l layout) familiesOf(service int) []corev1.IPFamily {
	if l.isSingleStack(service) {
		return []corev1.IPFamily{corev1.IPv4Protocol}
	}
	return []corev1.IPFamily{corev1.IPv4Protocol, corev1.IPv6Protocol}
}

func clusterIPsOf(service, count int) []string {
	return []string{clusterIPv4(service), clusterIPv6(service)}[:count]
}

// service makes a Service of both families that selects the pods of one workload.
func (l layout) service(number int) object {
	name, families := workloadName(number), l.familiesOf(number)
	policy, shape := corev1.IPFamilyPolicyPreferDualStack, "service/dual"
	clusterIPs := clusterIPsOf(number, len(families))
	if l.isSingleStack(number) {
		policy, shape = corev1.IPFamilyPolicySingleStack, "service/single"
	}
	if l.isHeadless(number) {
		clusterIPs, shape = []string{corev1.ClusterIPNone}, "service/headless"
	}
	local := corev1.ServiceInternalTrafficPolicyCluster
	service := &corev1.Service{
		TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "Service"},
		ObjectMeta: metav1.ObjectMeta{
			Name:              name,
			Namespace:         l.namespaceOfService(number),
			UID:               uidOf("Service", number),
			CreationTimestamp: l.createdAt(number),
			Labels:            workloadLabels(number),
			Annotations:       map[string]string{"argocd.argoproj.io/tracking-id": "shop:/Service:" + name, "prometheus.io/scrape": "true"},
		},
		Spec: corev1.ServiceSpec{
			Type:                  corev1.ServiceTypeClusterIP,
			Selector:              selectorOf(number),
			ClusterIP:             clusterIPs[0],
			ClusterIPs:            clusterIPs,
			IPFamilies:            families,
			IPFamilyPolicy:        &policy,
			SessionAffinity:       corev1.ServiceAffinityNone,
			InternalTrafficPolicy: &local,
			Ports: []corev1.ServicePort{
				{Name: "http", Protocol: corev1.ProtocolTCP, Port: 80, TargetPort: intstr.FromString("http")},
				{Name: "metrics", Protocol: corev1.ProtocolTCP, Port: 9090, TargetPort: intstr.FromString("metrics")},
			},
		},
	}
	return object{
		Object: service,
		meta:   &service.ObjectMeta,
		key:    "/registry/services/specs/" + service.Namespace + "/" + name,
		path:   "/api/v1/namespaces/" + service.Namespace + "/services",
		shape:  shape,
		steps:  []step{{manager: "argocd-controller"}},
	}
}

func workloadLabels(workload int) map[string]string {
	return map[string]string{
		"app.kubernetes.io/name":       workloadName(workload),
		"app.kubernetes.io/instance":   workloadName(workload) + "-production",
		"app.kubernetes.io/component":  "server",
		"app.kubernetes.io/part-of":    "shop",
		"app.kubernetes.io/managed-by": "argocd",
		"app.kubernetes.io/version":    fmt.Sprintf("v1.%d.%d", workload%40, workload%9),
	}
}
