package main

import (
	"fmt"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

const imagesPerNode = 24

// node makes a node with addresses of both families; one of a hundred has no IPv6 podCIDR.
func (l layout) node(number int) object {
	name := nodeName(number)
	created := l.createdAt(number)
	podCIDRs, shape := []string{podCIDRv4(number), podCIDRv6(number)}, "node/dual"
	if l.isNodeFaulty(number) {
		podCIDRs, shape = podCIDRs[:1], "node/ipv4"
	}
	node := &corev1.Node{
		TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "Node"},
		ObjectMeta: metav1.ObjectMeta{
			Name:              name,
			UID:               uidOf("Node", name),
			CreationTimestamp: created,
			Labels: map[string]string{
				"beta.kubernetes.io/arch":          "amd64",
				"beta.kubernetes.io/instance-type": "m7i.4xlarge",
				"beta.kubernetes.io/os":            "linux",
				"kubernetes.io/arch":               "amd64",
				"kubernetes.io/hostname":           name,
				"kubernetes.io/os":                 "linux",
				"node.kubernetes.io/instance-type": "m7i.4xlarge",
				"topology.kubernetes.io/region":    "eu-central",
				"topology.kubernetes.io/zone":      zoneOf(number),
			},
			Annotations: map[string]string{
				"alpha.kubernetes.io/provided-node-ip":                   nodeIPv4(number) + "," + nodeIPv6(number),
				"node.alpha.kubernetes.io/ttl":                           "300",
				"volumes.kubernetes.io/controller-managed-attach-detach": "true",
			},
		},
		Spec: corev1.NodeSpec{
			PodCIDR:    podCIDRs[0],
			PodCIDRs:   podCIDRs,
			ProviderID: fmt.Sprintf("example:///%s/i-%s", zoneOf(number), digest("instance", number)[:17]),
		},
		Status: corev1.NodeStatus{
			Capacity:    resources("16", "65152840Ki"),
			Allocatable: resources("15800m", "62010184Ki"),
			Conditions: []corev1.NodeCondition{
				nodeCondition(corev1.NodeMemoryPressure, corev1.ConditionFalse, "KubeletHasSufficientMemory", "kubelet has sufficient memory available", created),
				nodeCondition(corev1.NodeDiskPressure, corev1.ConditionFalse, "KubeletHasNoDiskPressure", "kubelet has no disk pressure", created),
				nodeCondition(corev1.NodePIDPressure, corev1.ConditionFalse, "KubeletHasSufficientPID", "kubelet has sufficient PID available", created),
				nodeCondition(corev1.NodeReady, corev1.ConditionTrue, "KubeletReady", "kubelet is posting ready status", created),
			},
			Addresses: []corev1.NodeAddress{
				{Type: corev1.NodeInternalIP, Address: nodeIPv4(number)},
				{Type: corev1.NodeInternalIP, Address: nodeIPv6(number)},
				{Type: corev1.NodeHostName, Address: name},
			},
			DaemonEndpoints: corev1.NodeDaemonEndpoints{KubeletEndpoint: corev1.DaemonEndpoint{Port: 10250}},
			NodeInfo: corev1.NodeSystemInfo{
				MachineID:               digest("machine", number)[:32],
				SystemUUID:              string(uidOf("system", number)),
				BootID:                  string(uidOf("boot", number)),
				KernelVersion:           "6.12.48-cloud-amd64",
				OSImage:                 "Debian GNU/Linux 13 (trixie)",
				ContainerRuntimeVersion: "containerd://2.1.4",
				KubeletVersion:          "v1.36.3",
				OperatingSystem:         "linux",
				Architecture:            "amd64",
			},
			Images: images(number),
		},
	}
	return object{
		Object: node,
		meta:   &node.ObjectMeta,
		key:    "/registry/minions/" + name,
		path:   "/api/v1/nodes",
		shape:  shape,
		items:  podCIDRs,
		steps:  []step{{manager: "kubelet"}},
	}
}

func zoneOf(number int) string { return fmt.Sprintf("eu-central-%c", 'a'+rune(number%3)) }

func resources(cpu, memory string) corev1.ResourceList {
	return corev1.ResourceList{
		corev1.ResourceCPU:              resource.MustParse(cpu),
		corev1.ResourceMemory:           resource.MustParse(memory),
		corev1.ResourceEphemeralStorage: resource.MustParse("203056560Ki"),
		corev1.ResourcePods:             resource.MustParse("110"),
	}
}

func nodeCondition(kind corev1.NodeConditionType, status corev1.ConditionStatus, reason, message string, at metav1.Time) corev1.NodeCondition {
	return corev1.NodeCondition{Type: kind, Status: status, Reason: reason, Message: message, LastHeartbeatTime: at, LastTransitionTime: at}
}

func images(node int) []corev1.ContainerImage {
	found := make([]corev1.ContainerImage, 0, imagesPerNode)
	for i := range imagesPerNode {
		image := imageOf(node*7 + i*13)
		found = append(found, corev1.ContainerImage{Names: []string{image + "@sha256:" + digest(image), image}, SizeBytes: int64(40_000_000 + i*1_234_567)})
	}
	return found
}

func imageOf(workload int) string {
	return fmt.Sprintf("registry.example.internal/platform/%s:v1.%d.%d", workloadName(workload), workload%40, workload%9)
}
