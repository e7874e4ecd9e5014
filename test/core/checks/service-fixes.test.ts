import { expect } from 'chai';
import { IPV6 } from '../../../src/core/net/addresses.ts';
import type { RemediationStep } from '../../../src/core/checks/check.ts';
import type { Facts, ServiceFacts } from '../../../src/core/kinds/facts.ts';
import { patchService, rangesInOnePlace } from '../../../src/core/checks/service-fixes.ts';
import { Interner } from '../../../src/core/kinds/interner.ts';
import { service as kind } from '../../../src/core/kinds/service.ts';
import { evaluate, node, pod, service, type ServiceSketch } from '../build.ts';
import { agent } from './range-shapes.ts';

const fix = (of: ServiceFacts, platformHint = '', agents: readonly Facts[] = []): RemediationStep =>
  patchService(
    of,
    { description: 'Change it.', spec: { ipFamilyPolicy: 'PreferDualStack' }, disruption: 'None', gains: IPV6 },
    evaluate([node({ platformHint }), ...agents]).view,
  );
const PATCH = '{"spec":{"ipFamilyPolicy":"PreferDualStack"}}';

describe('a fix of a Service', () => {
  it('is a patch where nothing speaks against it', () => {
    expect(fix(service())).to.deep.equal({
      description: 'Change it.',
      disruption: 'None',
      patch: PATCH,
      command: `kubectl patch service web --namespace shop --type merge --patch '${PATCH}'`,
    });
  });

  it('has no command where it would open node ports, and says what it opens and how to keep that closed', () => {
    for (const type of ['NodePort', 'LoadBalancer'] as const) {
      const { description, command, exposes } = fix(service({ type, nodePorts: true }));
      expect(command).to.equal(undefined);
      expect(exposes).to.match(/node port,? on the IPv6 addresses of all nodes/);
      expect(description).to.contain('where kube-proxy runs, set its nodePortAddresses to 0.0.0.0/0,::1/128 (for all Services)');
      expect(description.includes('allocateLoadBalancerNodePorts')).to.equal(type === 'LoadBalancer');
    }
  });

  const external: readonly (readonly [parts: ServiceSketch, exposes: string | undefined])[] = [
    [{ externalIPs: ['192.0.2.9', '2001:db8::9'] }, 'The Service, at its IPv6 externalIPs.'],
    [{ externalIPs: ['192.0.2.9'] }, undefined],
    [{ type: 'NodePort', externalIPs: ['2001:db8::9'] }, 'Its node port, on the IPv6 addresses of all nodes, and its IPv6 externalIPs.'],
    [{ type: 'LoadBalancer', externalIPs: ['2001:db8::9'] }, 'The load balancer over IPv6, and its IPv6 externalIPs.'],
  ];
  for (const [parts, exposes] of external) {
    it(`is a patch without a command where it opens external IPs: ${exposes ?? 'none'}`, () => {
      const step = fix(service(parts));
      expect(step.exposes).to.equal(exposes);
      expect(step.command === undefined).to.equal(exposes !== undefined);
      expect(step.patch).to.equal(PATCH);
    });
  }

  it('names no flag of kube-proxy where a provider runs it', () => {
    for (const type of ['NodePort', 'LoadBalancer'] as const) {
      const { description } = fix(service({ type, nodePorts: true }), 'EKS: the label eks.amazonaws.com/nodegroup');
      expect(description).to.match(/close it in the firewall of the nodes\.$/);
      expect(description).not.to.contain('kube-proxy');
    }
  });

  const ANTREA = pod({ name: 'agent', namespace: 'kube-system', hostNetwork: true, labels: { component: 'antrea-agent' } });
  const FIREWALL = 'close it in the firewall of the nodes';
  const IN_FRONT = 'close it in a firewall in front of the nodes';
  const CILIUM = 'set nodePort.addresses of Cilium to the IPv4 ranges of the nodes alone (for all Services)';
  const CLOSED = '0.0.0.0/0,::1/128';
  const proxies: readonly (readonly [what: string, agents: readonly Facts[], platformHint: string, ways: string])[] = [
    [
      'kube-proxy',
      [agent('kube-proxy')],
      'kubeadm: x',
      `${FIREWALL}, or set nodePortAddresses of kube-proxy to ${CLOSED} (for all Services)`,
    ],
    [
      'kube-proxy beside Cilium',
      [agent('kube-proxy'), agent('cilium')],
      'kubeadm: x',
      `${FIREWALL}, or set nodePortAddresses of kube-proxy to ${CLOSED} (for all Services)`,
    ],
    [
      'the kube-proxy of k3s',
      [],
      'k3s: x',
      `${FIREWALL}, or set kube-proxy-arg of k3s to nodeport-addresses=${CLOSED} on each node (for all Services)`,
    ],
    [
      'the kube-proxy of RKE2',
      [agent('kube-proxy')],
      'RKE2: x',
      `${FIREWALL}, or set kube-proxy-arg of RKE2 to nodeport-addresses=${CLOSED} on each node (for all Services)`,
    ],
    [
      'Cilium or the kube-proxy of k3s',
      [agent('cilium')],
      'k3s: x',
      `${FIREWALL}, or where kube-proxy runs, set its nodePortAddresses to ${CLOSED} (for all Services)`,
    ],
    ['Cilium on Talos', [agent('cilium')], 'Talos: x', `${IN_FRONT}, or ${CILIUM}`],
    [
      'Antrea on kubeadm',
      [ANTREA],
      'kubeadm: x',
      `${IN_FRONT}, or set antreaProxy.nodePortAddresses of Antrea to 0.0.0.0/0 (for all Services)`,
    ],
    ['Calico on kubeadm', [agent('calico-node')], 'kubeadm: x', IN_FRONT],
    ['kube-router on k0s', [agent('kube-router')], 'k0s: x', IN_FRONT],
    ['Dataplane V2 of GKE', [agent('cilium')], 'GKE: x', IN_FRONT],
  ];
  for (const [what, agents, platformHint, ways] of proxies) {
    it(`keeps a node port closed in a way that ${what} has`, () => {
      const { description } = fix(service({ type: 'NodePort' }), platformHint, agents);
      expect(description).to.equal(`Change it. To keep its node port closed there, first ${ways}.`);
    });
  }

  it('names the value of the chart for the Service at hand, and none for others of the chart', () => {
    const rows: readonly (readonly [chart: string, name: string, value: string])[] = [
      ['ingress-nginx', 'edge-ingress-nginx-controller', 'controller.service.ipFamilyPolicy'],
      ['ingress-nginx', 'edge-ingress-nginx-controller-internal', 'controller.service.internal.ipFamilyPolicy'],
      ['ingress-nginx', 'edge-ingress-nginx-controller-admission', ''],
      ['cert-manager', 'cert-manager', 'serviceIPFamilyPolicy'],
      ['cert-manager', 'cert-manager-webhook', 'webhook.serviceIPFamilyPolicy'],
      ['cert-manager', 'cert-manager-cainjector', ''],
      ['traefik', 'traefik-metrics', ''],
      ['coredns', 'kube-dns', 'service.ipFamilyPolicy'],
      ['argo-cd', 'argocd-server', 'global.dualStack.ipFamilyPolicy'],
    ];
    for (const [chart, name, value] of rows) {
      const { description } = fix(service({ name, chart, owner: 'Helm', ownerName: 'edge' }));
      expect(description, name).to.contain(`Helm release edge${value === '' ? ':' : ` (value ${value}):`}`);
    }
  });

  it('says to add source ranges first where none restricts the new family', () => {
    const words = (sourceRanges: readonly string[]): string => fix(service({ type: 'LoadBalancer', sourceRanges })).description;
    expect(words(['203.0.113.0/24'])).to.equal('Change it. First add ranges of IPv6 to loadBalancerSourceRanges: there is none yet.');
    expect(words(['203.0.113.0/24', '2001:db8::/32'])).to.equal('Change it.');
    const rangesAnnotation = 'service.beta.kubernetes.io/load-balancer-source-ranges';
    expect(fix(service({ type: 'LoadBalancer', sourceRanges: ['203.0.113.0/24'], rangesAnnotation })).description)
      .to.contain(`First add ranges of IPv6 to annotation ${rangesAnnotation}: there is none yet.`)
      .and.to.contain('beside loadBalancerSourceRanges, it is ignored.');
    expect(rangesInOnePlace(service({ sourceRanges: ['0.0.0.0/0'], rangesAnnotation })).join()).to.contain('ignore the annotation, and');
  });

  const requests: readonly (readonly [what: string, parts: ServiceSketch, words: string])[] = [
    [
      'MetalLB, which refuses a request that does not match',
      { requestPlace: 'metallb.io/loadBalancerIPs', nodeLoadBalancer: 'MetalLB' },
      'add an IPv6 address to annotation metallb.io/loadBalancerIPs: otherwise MetalLB takes the present one away.',
    ],
    [
      'Cilium, which gives what is requested',
      { requestPlace: 'lbipam.cilium.io/ips', nodeLoadBalancer: 'Cilium' },
      'add an IPv6 address to annotation lbipam.cilium.io/ips: otherwise the load balancer gets none, or loses the present one.',
    ],
    [
      'the field, which takes one address',
      { requestPlace: 'spec.loadBalancerIP' },
      'move the request from spec.loadBalancerIP, which takes one address, to an annotation of the load balancer implementation, with an address of each family: otherwise the load balancer gets none, or loses the present one.',
    ],
  ];
  for (const [what, parts, words] of requests) {
    it(`says to request an address of the family too, and is no patch without that: ${what}`, () => {
      const of = service({ type: 'LoadBalancer', requestedAddresses: ['192.0.2.5'], ...parts });
      expect(fix(of)).to.deep.equal({
        description: `Change it. In the same change, ${words}`,
        disruption: 'ChangesAddress',
        exposes: 'The load balancer over IPv6.',
      });
      // There is nothing to add where the family is requested already, nothing is requested, or no load balancer reads the request.
      expect(fix({ ...of, requestedAddresses: ['192.0.2.5', '2001:db8::5'] }).patch).to.equal(PATCH);
      expect(fix({ ...of, requestedAddresses: [] }).patch).to.equal(PATCH);
      expect(fix({ ...of, type: 'ClusterIP' }).patch).to.equal(PATCH);
      const crowded = { owner: 'Helm', ownerName: 'a'.repeat(53), nodePorts: true, sourceRanges: ['203.0.113.0/24'] } as const;
      expect(fix({ ...of, ...crowded }).description)
        .to.have.length.at.most(512)
        .and.to.contain('In the same change');
    });
  }

  it('leaves the flag of kube-proxy out where there is much else to say', () => {
    const rangesAnnotation = 'service.beta.kubernetes.io/load-balancer-source-ranges';
    const of = service({ type: 'LoadBalancer', nodePorts: true, sourceRanges: ['203.0.113.0/24'], rangesAnnotation });
    const chart = {
      owner: 'HelmChart',
      ownerName: 'rke2-ingress-nginx',
      chart: 'ingress-nginx',
      name: 'edge-ingress-nginx-controller',
    } as const;
    const change = { description: 'Set ipFamilyPolicy: the Service gets an IPv6 address beside the present one.', gains: IPV6 };
    const ends = [of, { ...of, ...chart }].map((one) => {
      const { description } = patchService(one, { ...change, spec: {}, disruption: 'None' }, evaluate([node(), agent('kube-proxy')]).view);
      expect(description).to.have.length.at.most(512);
      return description.slice(-29);
    });
    expect(ends).to.deep.equal(['0,::1/128 (for all Services).', 'in the firewall of the nodes.']);
  });

  const owners: readonly (readonly [what: string, metadata: object, words: string])[] = [
    ['Helm', { annotations: { 'meta.helm.sh/release-name': 'web' } }, 'in the values of Helm release web'],
    [
      'a chart of k3s that is well known',
      { labels: { 'helm.sh/chart': 'traefik-25.0.2_up25.0.0' }, annotations: { 'meta.helm.sh/release-name': 'traefik' } },
      'in spec.valuesContent of HelmChartConfig kube-system/traefik (value service.ipFamilyPolicy)',
    ],
    [
      'a chart that is well known',
      { labels: { 'helm.sh/chart': 'traefik-25.0.2' }, annotations: { 'meta.helm.sh/release-name': 'edge' } },
      'in the values of Helm release edge (value service.ipFamilyPolicy)',
    ],
    [
      'a chart of RKE2',
      { labels: { 'helm.sh/chart': 'rke2-coredns-1.39.201' }, annotations: { 'meta.helm.sh/release-name': 'rke2-coredns' } },
      'in spec.valuesContent of HelmChartConfig kube-system/rke2-coredns',
    ],
    [
      'an app of Rancher',
      {
        labels: { 'helm.sh/chart': 'rancher-monitoring-103.0.3_up45.31.1', 'app.kubernetes.io/managed-by': 'Helm' },
        annotations: { 'meta.helm.sh/release-name': 'rancher-monitoring' },
      },
      'in the values of Helm release rancher-monitoring',
    ],
    ['k0s', { labels: { 'k0s.k0sproject.io/stack': 'coredns' } }, 'in the configuration of its k0s stack coredns'],
    ['kapp', { labels: { 'kapp.k14s.io/app': '1637073219412654321' } }, 'in the values of the package that kapp deploys'],
    [
      'Argo CD',
      { annotations: { 'argocd.argoproj.io/tracking-id': 'shop:/Service:shop/web' } },
      'in the source of Argo CD application shop',
    ],
    ['Flux', { labels: { 'kustomize.toolkit.fluxcd.io/name': 'apps' } }, 'in the source of Flux resource apps'],
    ['OLM', { labels: { 'olm.owner': 'prometheus.v1' } }, 'in the operator that OLM installed (prometheus.v1)'],
    ['the addon manager', { labels: { 'addonmanager.kubernetes.io/mode': 'Reconcile' } }, 'in the configuration of its addon manager'],
    ['a k3s add-on', { annotations: { 'objectset.rio.cattle.io/owner-name': 'coredns' } }, 'in the configuration of its add-on coredns'],
    ['an operator', { ownerReferences: [{ kind: 'Cluster', name: 'db' }] }, 'in its owner, Cluster db'],
    ['the DNS operator of OpenShift', { labels: { 'dns.operator.openshift.io/owning-dns': 'default' } }, 'in its owner, DNS operator'],
    ['DigitalOcean', { labels: { 'doks.digitalocean.com/managed': 'true' } }, 'in the configuration of its DigitalOcean add-on'],
    ['Gardener', { labels: { 'resources.gardener.cloud/managed-by': 'gardener' } }, 'in the configuration of its Gardener add-on'],
    ['an EKS add-on', { managedFields: [{ manager: 'eks', operation: 'Apply' }] }, 'in the configuration of its EKS add-on'],
  ];
  for (const [what, metadata, words] of owners) {
    it(`goes to the owner: ${what}`, () => {
      const facts = kind.facts(
        { metadata: { name: 'web', namespace: 'shop', ...metadata }, spec: { clusterIP: '10.96.0.10' } },
        new Interner(),
      );
      expect(facts && fix(facts)).to.deep.equal({
        description: `Change it. Make this change ${words}: it reverts a patch of the Service.`,
        disruption: 'None',
      });
    });
  }

  it('is left to the provider where it owns the Service', () => {
    const { description } = fix(
      service({ owner: 'AddonManager', ownerName: 'addon manager' }),
      'GKE: the label cloud.google.com/gke-nodepool',
    );
    expect(description).to.equal(
      'Change it. GKE owns this Service (addon manager) and reverts a patch of it: where it has no setting for this, leave the Service as it is.',
    );
  });

  it('is no patch in a namespace of OpenShift', () => {
    const hint = 'OpenShift: the label node.openshift.io/os_id';
    expect(fix(service({ namespace: 'openshift-console' }), hint)).to.deep.equal({
      description:
        'Change it. An operator of OpenShift owns this Service and reverts a patch of it: where its resource has no setting for this, leave the Service as it is.',
      disruption: 'None',
    });
    expect(fix(service(), hint).command).to.be.a('string');
    expect(fix(service({ namespace: 'openshift-console' })).command).to.be.a('string');
  });

  it('is a patch of a node port or a load balancer where the Service gets no family by it', () => {
    for (const type of ['NodePort', 'LoadBalancer'] as const) {
      const of = service({ type, nodePorts: true, sourceRanges: ['203.0.113.0/24'] });
      const change = { description: 'Change it.', spec: { ipFamilyPolicy: 'SingleStack' }, disruption: 'None' } as const;
      const { description, command, exposes } = patchService(of, change, evaluate([node()]).view);
      expect(description).to.equal('Change it.');
      expect(command).to.be.a('string');
      expect(exposes).to.equal(undefined);
    }
  });

  it('is a patch where labels and managers are those of people', () => {
    const metadata = {
      name: 'web',
      namespace: 'shop',
      labels: { 'addonmanager.kubernetes.io/mode': 'EnsureExists', 'app.kubernetes.io/instance': 'web' },
      managedFields: [{ manager: 'kubectl-client-side-apply' }, { manager: 'toString' }],
    };
    const facts = kind.facts({ metadata, spec: { clusterIP: '10.96.0.10' } }, new Interner());
    expect(facts && fix(facts).command).to.be.a('string');
  });
});
