import { expect } from 'chai';
import { isClusterDNS } from '../../../src/core/kinds/cluster-dns.ts';
import { Interner } from '../../../src/core/kinds/interner.ts';
import { pod } from '../../../src/core/kinds/pod.ts';
import { protobufCodec } from '../../../src/client/wire/codec.ts';
import { watchFrame } from '../../client/support/encode.ts';

const POD_ROWS: readonly (readonly [what: string, spec: object, podIPs: readonly string[], needs: boolean])[] = [
  ['needs it by default', {}, ['10.0.0.1'], true],
  ['needs it with ClusterFirst', { dnsPolicy: 'ClusterFirst' }, ['10.0.0.1'], true],
  ['does not need it on the host network', { dnsPolicy: 'ClusterFirst', hostNetwork: true }, ['10.0.0.1'], false],
  ['does not need it with the policy of its node', { dnsPolicy: 'Default' }, ['10.0.0.1'], false],
  ['does not need it with servers of its own', { dnsPolicy: 'None', dnsConfig: { nameservers: ['10.0.0.53'] } }, ['10.0.0.1'], false],
  ['does not need it with a further server that it reaches', { dnsConfig: { nameservers: ['fd00::53'] } }, ['fd00::1'], false],
  ['needs it with a further server of another family', { dnsConfig: { nameservers: ['10.0.0.53'] } }, ['fd00::1'], true],
  ['needs it with options alone', { dnsConfig: { options: [{ name: 'ndots', value: '1' }] } }, ['10.0.0.1'], true],
];

const SERVICE_ROWS: readonly (readonly [what: string, namespace: string, labels: Readonly<Record<string, string>>, is: boolean])[] = [
  ['of kubeadm', 'kube-system', { 'k8s-app': 'kube-dns', 'kubernetes.io/cluster-service': 'true' }, true],
  ['of EKS without the second label', 'kube-system', { 'k8s-app': 'kube-dns' }, true],
  ['of OpenShift', 'openshift-dns', { 'dns.operator.openshift.io/owning-dns': 'default' }, true],
  ['in another namespace', 'dns', { 'k8s-app': 'kube-dns', 'kubernetes.io/cluster-service': 'true' }, true],
  ['of an application', 'shop', { 'k8s-app': 'kube-dns' }, false],
  ['of another addon', 'kube-system', { 'k8s-app': 'metrics-server', 'kubernetes.io/cluster-service': 'true' }, false],
];

describe('whether a pod needs the DNS of the cluster (#cluster-dns)', () => {
  for (const [what, spec, podIPs, needs] of POD_ROWS) {
    const object = { metadata: { name: 'x' }, spec, status: { phase: 'Running', podIPs: podIPs.map((ip) => ({ ip })) } };

    it(what, () => {
      expect(pod.facts(object, new Interner())?.needsClusterDNS).to.equal(needs);
    });

    it(`${what}, as an API server writes it`, () => {
      const event = protobufCodec('Pod').decodeEvent(watchFrame('ADDED', 'Pod', object).subarray(4));
      expect(event.type).to.equal('ADDED');
      expect('object' in event && pod.facts(event.object, new Interner())?.needsClusterDNS).to.equal(needs);
    });
  }
});

describe('whether a Service is that of the DNS of the cluster (#cluster-dns)', () => {
  for (const [what, namespace, labels, is] of SERVICE_ROWS) {
    it(`${is ? 'is' : 'is not'} one ${what}`, () => {
      expect(isClusterDNS(namespace, labels)).to.equal(is);
    });
  }
});
