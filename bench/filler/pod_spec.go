package main

import (
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// workloadSpec is the spec of a Deployment's pod with all defaults that the API server sets: an ordinary server.
func workloadSpec(workload int, node, apiAccess string) corev1.PodSpec {
	name := workloadName(workload)
	spec := podSpec(node, name, apiAccess)
	spec.SecurityContext = &corev1.PodSecurityContext{
		RunAsNonRoot: ptr(true), RunAsUser: ptr(int64(65532)), FSGroup: ptr(int64(65532)),
		SeccompProfile: &corev1.SeccompProfile{Type: corev1.SeccompProfileTypeRuntimeDefault},
	}
	spec.ImagePullSecrets = []corev1.LocalObjectReference{{Name: "registry-credentials"}}
	spec.Tolerations = []corev1.Toleration{
		{Key: "node.kubernetes.io/not-ready", Operator: corev1.TolerationOpExists, Effect: corev1.TaintEffectNoExecute, TolerationSeconds: ptr(int64(300))},
		{Key: "node.kubernetes.io/unreachable", Operator: corev1.TolerationOpExists, Effect: corev1.TaintEffectNoExecute, TolerationSeconds: ptr(int64(300))},
	}
	spec.Volumes = append([]corev1.Volume{
		{Name: "config", VolumeSource: corev1.VolumeSource{ConfigMap: &corev1.ConfigMapVolumeSource{
			LocalObjectReference: corev1.LocalObjectReference{Name: name}, DefaultMode: ptr(int32(420)),
		}}},
		{Name: "tls", VolumeSource: corev1.VolumeSource{Secret: &corev1.SecretVolumeSource{SecretName: name + "-tls", DefaultMode: ptr(int32(288))}}},
		{Name: "tmp", VolumeSource: corev1.VolumeSource{EmptyDir: &corev1.EmptyDirVolumeSource{SizeLimit: ptr(resource.MustParse("64Mi"))}}},
	}, spec.Volumes...)
	mounts := []corev1.VolumeMount{
		{Name: "config", MountPath: "/etc/server", ReadOnly: true},
		{Name: "tls", MountPath: "/var/run/tls", ReadOnly: true},
		{Name: "tmp", MountPath: "/tmp"},
		apiAccessMount(apiAccess),
	}
	server := container("server", imageOf(workload), mounts)
	server.Args = []string{"serve", "--listen=[::]:8080", "--metrics-listen=[::]:9090", "--log-format=json", "--config=/etc/server/config.yaml"}
	server.Env = environment(workload)
	server.Ports = []corev1.ContainerPort{
		{Name: "http", ContainerPort: 8080, Protocol: corev1.ProtocolTCP},
		{Name: "metrics", ContainerPort: 9090, Protocol: corev1.ProtocolTCP},
	}
	server.LivenessProbe, server.ReadinessProbe = probe("/healthz", 10, 3), probe("/readyz", 5, 2)
	spec.Containers = []corev1.Container{server}
	return spec
}

// agentSpec is the spec of a DaemonSet's pod of the host network.
func agentSpec(node, apiAccess string) corev1.PodSpec {
	spec := podSpec(node, "network-agent", apiAccess)
	spec.HostNetwork = true
	spec.SecurityContext = &corev1.PodSecurityContext{}
	spec.Tolerations = []corev1.Toleration{
		{Operator: corev1.TolerationOpExists, Effect: corev1.TaintEffectNoSchedule},
		{Operator: corev1.TolerationOpExists, Effect: corev1.TaintEffectNoExecute},
	}
	spec.Volumes = append([]corev1.Volume{
		{Name: "cni", VolumeSource: corev1.VolumeSource{HostPath: &corev1.HostPathVolumeSource{Path: "/etc/cni/net.d", Type: ptr(corev1.HostPathDirectoryOrCreate)}}},
		{Name: "modules", VolumeSource: corev1.VolumeSource{HostPath: &corev1.HostPathVolumeSource{Path: "/lib/modules", Type: ptr(corev1.HostPathUnset)}}},
	}, spec.Volumes...)
	agent := container("agent", "registry.example.internal/network/agent:v3.31.2", []corev1.VolumeMount{
		{Name: "cni", MountPath: "/etc/cni/net.d"}, {Name: "modules", MountPath: "/lib/modules", ReadOnly: true}, apiAccessMount(apiAccess),
	})
	agent.SecurityContext = &corev1.SecurityContext{Privileged: ptr(true)}
	agent.Ports = []corev1.ContainerPort{{Name: "metrics", ContainerPort: 9091, HostPort: 9091, Protocol: corev1.ProtocolTCP}}
	agent.LivenessProbe, agent.ReadinessProbe = probe("/healthz", 10, 6), probe("/readyz", 30, 3)
	agent.Env = []corev1.EnvVar{fromField("NODE_NAME", "spec.nodeName"), fromField("HOST_IPS", "status.hostIPs"), fromField("POD_NAME", "metadata.name"),
		fromSecret("ENCRYPTION_KEY", "network-agent", "encryption-key"),
		{Name: "IPV6_ENABLED", Value: "true"}, {Name: "ROUTE_SOURCE", Value: "node-podcidrs"}, {Name: "METRICS_ADDRESS", Value: "[::]:9091"}}
	spec.Containers = []corev1.Container{agent}
	return spec
}

func podSpec(node, serviceAccount, apiAccess string) corev1.PodSpec {
	return corev1.PodSpec{
		NodeName:                      node,
		RestartPolicy:                 corev1.RestartPolicyAlways,
		TerminationGracePeriodSeconds: ptr(int64(30)),
		DNSPolicy:                     corev1.DNSClusterFirst,
		ServiceAccountName:            serviceAccount,
		DeprecatedServiceAccount:      serviceAccount,
		SchedulerName:                 corev1.DefaultSchedulerName,
		Priority:                      ptr(int32(0)),
		PreemptionPolicy:              ptr(corev1.PreemptLowerPriority),
		EnableServiceLinks:            ptr(true),
		Volumes:                       []corev1.Volume{apiAccessVolume(apiAccess)},
	}
}

func apiAccessVolume(name string) corev1.Volume {
	return corev1.Volume{Name: name, VolumeSource: corev1.VolumeSource{Projected: &corev1.ProjectedVolumeSource{
		DefaultMode: ptr(int32(420)),
		Sources: []corev1.VolumeProjection{
			{ServiceAccountToken: &corev1.ServiceAccountTokenProjection{ExpirationSeconds: ptr(int64(3607)), Path: "token"}},
			{ConfigMap: &corev1.ConfigMapProjection{
				LocalObjectReference: corev1.LocalObjectReference{Name: "kube-root-ca.crt"}, Items: []corev1.KeyToPath{{Key: "ca.crt", Path: "ca.crt"}},
			}},
			{DownwardAPI: &corev1.DownwardAPIProjection{Items: []corev1.DownwardAPIVolumeFile{
				{Path: "namespace", FieldRef: &corev1.ObjectFieldSelector{APIVersion: "v1", FieldPath: "metadata.namespace"}},
			}}},
		},
	}}}
}

func apiAccessMount(name string) corev1.VolumeMount {
	return corev1.VolumeMount{Name: name, MountPath: "/var/run/secrets/kubernetes.io/serviceaccount", ReadOnly: true}
}

func container(name, image string, mounts []corev1.VolumeMount) corev1.Container {
	return corev1.Container{
		Name:  name,
		Image: image,
		Resources: corev1.ResourceRequirements{
			Requests: corev1.ResourceList{corev1.ResourceCPU: resource.MustParse("100m"), corev1.ResourceMemory: resource.MustParse("128Mi")},
			Limits:   corev1.ResourceList{corev1.ResourceMemory: resource.MustParse("512Mi")},
		},
		VolumeMounts:             mounts,
		TerminationMessagePath:   corev1.TerminationMessagePathDefault,
		TerminationMessagePolicy: corev1.TerminationMessageReadFile,
		ImagePullPolicy:          corev1.PullIfNotPresent,
		SecurityContext: &corev1.SecurityContext{
			AllowPrivilegeEscalation: ptr(false), ReadOnlyRootFilesystem: ptr(true), Capabilities: &corev1.Capabilities{Drop: []corev1.Capability{"ALL"}},
		},
	}
}

func environment(workload int) []corev1.EnvVar {
	name := workloadName(workload)
	return []corev1.EnvVar{
		fromField("POD_NAME", "metadata.name"),
		fromField("POD_NAMESPACE", "metadata.namespace"),
		fromField("POD_IPS", "status.podIPs"),
		fromSecret("DATABASE_URL", name, "database-url"),
		fromSecret("DATABASE_PASSWORD", name, "database-password"),
		{Name: "LOG_LEVEL", Value: "info"},
		{Name: "OTEL_EXPORTER_OTLP_ENDPOINT", Value: "http://collector.observability.svc.cluster.local:4317"},
		{Name: "OTEL_RESOURCE_ATTRIBUTES", Value: "service.name=" + name + ",deployment.environment=production,cloud.region=eu-central"},
		{Name: "GOMEMLIMIT", Value: "460MiB"},
	}
}

func fromField(name, path string) corev1.EnvVar {
	return corev1.EnvVar{Name: name, ValueFrom: &corev1.EnvVarSource{FieldRef: &corev1.ObjectFieldSelector{APIVersion: "v1", FieldPath: path}}}
}

func fromSecret(name, secret, key string) corev1.EnvVar {
	reference := corev1.LocalObjectReference{Name: secret}
	return corev1.EnvVar{Name: name, ValueFrom: &corev1.EnvVarSource{SecretKeyRef: &corev1.SecretKeySelector{LocalObjectReference: reference, Key: key}}}
}

func probe(path string, period, failures int32) *corev1.Probe {
	return &corev1.Probe{
		ProbeHandler:     corev1.ProbeHandler{HTTPGet: &corev1.HTTPGetAction{Path: path, Port: intstr.FromInt32(8080), Scheme: corev1.URISchemeHTTP}},
		TimeoutSeconds:   1,
		PeriodSeconds:    period,
		SuccessThreshold: 1,
		FailureThreshold: failures,
	}
}
