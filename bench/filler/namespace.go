package main

import (
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

func (l layout) namespace(number int) object {
	name := l.namespaceName(number)
	namespace := &corev1.Namespace{
		TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "Namespace"},
		ObjectMeta: metav1.ObjectMeta{
			Name:              name,
			UID:               uidOf("Namespace", name),
			CreationTimestamp: l.createdAt(0),
			Labels: map[string]string{
				"kubernetes.io/metadata.name":                name,
				"pod-security.kubernetes.io/enforce":         "baseline",
				"pod-security.kubernetes.io/enforce-version": "latest",
				"team": name,
			},
			Annotations: map[string]string{"example.com/cost-centre": digest("cost", number)[:8]},
		},
		Spec:   corev1.NamespaceSpec{Finalizers: []corev1.FinalizerName{corev1.FinalizerKubernetes}},
		Status: corev1.NamespaceStatus{Phase: corev1.NamespaceActive},
	}
	return object{
		Object: namespace,
		meta:   &namespace.ObjectMeta,
		key:    "/registry/namespaces/" + name,
		path:   "/api/v1/namespaces",
		shape:  "namespace",
		steps:  []step{{manager: "argocd-controller"}},
	}
}
