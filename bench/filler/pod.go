package main

import (
	"fmt"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

// podState is what has happened to a pod since the cluster was filled.
type podState struct {
	// replacement counts the pods that had its place before.
	replacement int
	// restarts counts changes of its status that say nothing about families.
	restarts int
	// lostIPv6 is whether it has IPv4 only though its place has both families.
	lostIPv6 bool
}

func podUID(pod, replacement int) types.UID { return uidOf("Pod", pod, replacement) }

// podName is the name of a pod of a Deployment; each replacement comes of a new ReplicaSet.
func podName(l layout, pod, replacement int) string {
	return replicaSetName(l.workloadOf(pod), replacement) + "-" + suffixOf(pod)
}

// suffixOf is five letters and digits as the API server makes them for a generateName, and no two pods have the same.
func suffixOf(pod int) string {
	const alphabet, spread = "bcdfghjklmnpqrstvwxz2456789", 7_654_321
	number, suffix := pod*spread, make([]byte, 5)
	for i := range suffix {
		suffix[i] = alphabet[number%len(alphabet)]
		number /= len(alphabet)
	}
	return string(suffix)
}

func replicaSetName(workload, replacement int) string {
	return workloadName(workload) + "-" + templateHash(workload, replacement)
}

func templateHash(workload, replacement int) string {
	return digest("template", workload, replacement)[:10]
}

// pod makes a running pod: one of the host network for each node, and all others of the pod network.
func (l layout) pod(number int, state podState) object {
	if number < l.hostPods() {
		return l.hostNetworkPod(number, state)
	}
	workload := l.workloadOf(number)
	node, slot := l.placeOf(number)
	name := podName(l, number, state.replacement)
	owner := uidOf("ReplicaSet", workload, state.replacement)
	apiAccess := "kube-api-access-" + digest("access", number, state.replacement)[:5]
	created := l.createdAt(number)
	addresses, shape := []string{podIPv4(node, slot), podIPv6(node, slot)}, "pod/dual"
	if !l.hasIPv6(number) || state.lostIPv6 {
		addresses, shape = addresses[:1], "pod/ipv4"
	}
	labels := workloadLabels(workload)
	labels["pod-template-hash"] = templateHash(workload, state.replacement)
	spec := workloadSpec(workload, nodeName(node), apiAccess)
	pod := &corev1.Pod{
		TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "Pod"},
		ObjectMeta: metav1.ObjectMeta{
			GenerateName:      replicaSetName(workload, state.replacement) + "-",
			Name:              name,
			Namespace:         l.namespaceOfService(workload),
			UID:               podUID(number, state.replacement),
			Generation:        1,
			CreationTimestamp: created,
			Labels:            labels,
			Annotations:       podAnnotations(workload, addresses),
			OwnerReferences:   []metav1.OwnerReference{ownerReference("ReplicaSet", replicaSetName(workload, state.replacement), owner)},
		},
		Spec:   spec,
		Status: runningStatus(spec, node, addresses, created, number, state),
	}
	return podObject(pod, shape, append([]string{string(owner), apiAccess}, addresses...))
}

func (l layout) hostNetworkPod(number int, state podState) object {
	name := "network-agent-" + suffixOf(number)
	owner, apiAccess := uidOf("DaemonSet", "network-agent"), "kube-api-access-"+digest("access", number, state.replacement)[:5]
	created := l.createdAt(number)
	addresses := []string{nodeIPv4(number), nodeIPv6(number)}
	spec := agentSpec(nodeName(number), apiAccess)
	pod := &corev1.Pod{
		TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "Pod"},
		ObjectMeta: metav1.ObjectMeta{
			GenerateName:      "network-agent-",
			Name:              name,
			Namespace:         "kube-system",
			UID:               podUID(number, state.replacement),
			Generation:        1,
			CreationTimestamp: created,
			Labels:            map[string]string{"k8s-app": "network-agent", "controller-revision-hash": "6f7c8d9b5c", "pod-template-generation": "3"},
			Annotations:       map[string]string{"checksum/config": digest("agent config"), "prometheus.io/port": "9091", "prometheus.io/scrape": "true"},
			OwnerReferences:   []metav1.OwnerReference{ownerReference("DaemonSet", "network-agent", owner)},
		},
		Spec:   spec,
		Status: runningStatus(spec, number, addresses, created, number, state),
	}
	return podObject(pod, "pod/host", append([]string{string(owner), apiAccess}, addresses...))
}

func podObject(pod *corev1.Pod, shape string, items []string) object {
	return object{
		Object: pod,
		meta:   &pod.ObjectMeta,
		key:    "/registry/pods/" + pod.Namespace + "/" + pod.Name,
		path:   "/api/v1/namespaces/" + pod.Namespace + "/pods",
		shape:  shape,
		items:  items,
		steps:  []step{{manager: "kube-controller-manager"}, {manager: "kubelet", subresource: "status"}},
	}
}

func ownerReference(kind, name string, uid types.UID) metav1.OwnerReference {
	return metav1.OwnerReference{APIVersion: "apps/v1", Kind: kind, Name: name, UID: uid, Controller: ptr(true), BlockOwnerDeletion: ptr(true)}
}

func podAnnotations(workload int, addresses []string) map[string]string {
	quoted := `"` + strings.Join(addresses, `","`) + `"`
	return map[string]string{
		"checksum/config":      digest("config", workload),
		"checksum/secrets":     digest("secrets", workload),
		"prometheus.io/port":   "9090",
		"prometheus.io/scrape": "true",
		"k8s.v1.cni.cncf.io/network-status": fmt.Sprintf(
			`[{"name":"pod-network","interface":"eth0","ips":[%s],"mac":"%s","default":true,"dns":{},"gateway":["169.254.1.1"]}]`,
			quoted, "0a:58:0a:f4:00:2a"),
		"kubectl.kubernetes.io/restartedAt": "2026-03-02T08:15:30Z",
	}
}

// runningStatus is what a kubelet writes of a pod that runs well.
func runningStatus(spec corev1.PodSpec, node int, addresses []string, at metav1.Time, number int, state podState) corev1.PodStatus {
	started := metav1.NewTime(at.Add(4 * time.Second))
	status := corev1.PodStatus{
		ObservedGeneration: 1,
		Phase:              corev1.PodRunning,
		HostIP:             nodeIPv4(node),
		HostIPs:            []corev1.HostIP{{IP: nodeIPv4(node)}, {IP: nodeIPv6(node)}},
		PodIP:              addresses[0],
		StartTime:          &at,
		QOSClass:           corev1.PodQOSBurstable,
	}
	for _, address := range addresses {
		status.PodIPs = append(status.PodIPs, corev1.PodIP{IP: address})
	}
	for _, kind := range []corev1.PodConditionType{corev1.PodReadyToStartContainers, corev1.PodInitialized, corev1.PodReady, corev1.ContainersReady, corev1.PodScheduled} {
		status.Conditions = append(status.Conditions, corev1.PodCondition{
			Type: kind, Status: corev1.ConditionTrue, LastTransitionTime: started, ObservedGeneration: 1,
		})
	}
	for _, container := range spec.Containers {
		running := containerStatus(container, number, state.restarts)
		running.State = corev1.ContainerState{Running: &corev1.ContainerStateRunning{StartedAt: started}}
		running.Started = ptr(true)
		status.ContainerStatuses = append(status.ContainerStatuses, running)
	}
	return status
}

func containerStatus(container corev1.Container, number, restarts int) corev1.ContainerStatus {
	status := corev1.ContainerStatus{
		Name:               container.Name,
		Ready:              true,
		RestartCount:       int32(restarts),
		Image:              container.Image,
		ImageID:            strings.Split(container.Image, ":")[0] + "@sha256:" + digest(container.Image),
		ContainerID:        "containerd://" + digest("container", container.Name, number, restarts),
		AllocatedResources: container.Resources.Requests,
		Resources:          &container.Resources,
		User:               &corev1.ContainerUser{Linux: &corev1.LinuxContainerUser{UID: 65532, GID: 65532, SupplementalGroups: []int64{65532}}},
	}
	for _, mount := range container.VolumeMounts {
		seen := corev1.VolumeMountStatus{Name: mount.Name, MountPath: mount.MountPath, ReadOnly: mount.ReadOnly}
		if mount.ReadOnly {
			seen.RecursiveReadOnly = ptr(corev1.RecursiveReadOnlyDisabled)
		}
		status.VolumeMounts = append(status.VolumeMounts, seen)
	}
	return status
}
