/** A pod as an API server gives it, of the fields that are read: the labels, conditions and addresses that pods mostly have. */
export function wirePod(number: number): object {
  const seconds = 1_700_000_000 + number;
  return {
    metadata: {
      name: `web-5c6f7d8b9c-${number}`,
      namespace: 'shop',
      uid: `4f8b2c1e-0000-4000-8000-${String(number).padStart(12, '0')}`,
      resourceVersion: String(1_000_000 + number),
      creationTimestamp: { seconds },
      labels: { 'app.kubernetes.io/component': 'server', 'app.kubernetes.io/name': 'web', 'pod-template-hash': '5c6f7d8b9c' },
      annotations: { 'kubectl.kubernetes.io/restartedAt': Buffer.from('2026-06-01T12:00:00Z') },
      ownerReferences: [{ controller: true }],
    },
    spec: { nodeName: `worker-${number}` },
    status: {
      phase: 'Running',
      startTime: { seconds },
      conditions: ['PodReadyToStartContainers', 'Initialized', 'Ready', 'ContainersReady', 'PodScheduled'].map((type) => ({
        type,
        status: 'True',
        lastTransitionTime: { seconds },
      })),
      hostIP: `192.0.2.${number}`,
      hostIPs: [{ ip: `192.0.2.${number}` }, { ip: `2001:db8::${number.toString(16)}` }],
      podIP: `10.244.${number}.7`,
      podIPs: [{ ip: `10.244.${number}.7` }, { ip: `fd00:10:244:${number.toString(16)}::7` }],
    },
  };
}
