import { expect } from 'chai';
import { Interner } from '../../../src/core/kinds/interner.ts';
import { node } from '../../../src/core/kinds/node.ts';

interface Row {
  readonly what: string;
  readonly version: string;
  readonly providerID?: string;
  /** What the annotation says that `--node-ip` is. */
  readonly provided?: string;
  readonly takes: 1 | 2;
}

const AWS = 'aws:///eu-1a/i-1';

const ROWS: readonly Row[] = [
  { what: 'beside a cloud provider, from 1.29 on', version: 'v1.29.0', providerID: AWS, takes: 2 },
  { what: 'without a cloud provider', version: 'v1.27.6', takes: 2 },
  { what: 'of kind', version: 'v1.27.6', providerID: 'kind://docker/kind/kind-worker', takes: 2 },
  { what: 'of Metal3, which is no cloud provider', version: 'v1.28.2', providerID: 'metal3://metal3/host-1/node-1', takes: 2 },
  { what: 'of k3s, which runs its own provider', version: 'v1.27.6+k3s1', providerID: 'k3s://x', provided: '192.0.2.1', takes: 2 },
  { what: 'of RKE2 on a cloud', version: 'v1.28.9+rke2r1', providerID: AWS, takes: 2 },
  { what: 'where it is enabled, as two addresses show', version: 'v1.28.2', providerID: AWS, provided: '192.0.2.1,2001:db8::1', takes: 2 },
  { what: 'of a version that cannot be read', version: 'unknown', providerID: AWS, takes: 2 },
  { what: 'beside a cloud provider, before 1.29', version: 'v1.28.15', providerID: AWS, takes: 1 },
  { what: 'beside a cloud provider that only the annotation shows', version: 'v1.27.6', provided: '192.0.2.1', takes: 1 },
];

describe('a kubelet (#node-ip-of-both-families)', () => {
  for (const { what, version, providerID, provided, takes } of ROWS) {
    it(`takes ${takes === 2 ? 'two addresses' : 'one address'} in --node-ip ${what}`, () => {
      const annotations = provided === undefined ? {} : { 'alpha.kubernetes.io/provided-node-ip': provided };
      const object = { metadata: { name: 'a', annotations }, spec: { providerID }, status: { nodeInfo: { kubeletVersion: version } } };
      expect(node.facts(object, new Interner())?.takesDualNodeIP).to.equal(takes === 2);
    });
  }
});

describe('what OpenShift does with the machine of a node (#machine-config-rollout)', () => {
  const rows: readonly (readonly [what: string, annotations: Readonly<Record<string, string>>, is: string | undefined])[] = [
    ['is nothing where nothing says so', {}, undefined],
    ['is nothing where it is done', { state: 'Done', currentConfig: 'rendered-worker-1', desiredConfig: 'rendered-worker-1' }, undefined],
    ['is nothing on a new node, of which no configuration is known', { desiredConfig: 'rendered-worker-1' }, undefined],
    ['is an update where it works on one', { state: 'Working', currentConfig: 'rendered-worker-1' }, 'Updating'],
    ['is an update where the machine reboots', { state: 'Rebooting' }, 'Updating'],
    [
      'is an update where another configuration is chosen and not applied yet',
      { state: 'Done', currentConfig: 'rendered-worker-1', desiredConfig: 'rendered-worker-2' },
      'Updating',
    ],
    [
      'is a failed update where that configuration cannot be applied',
      { state: 'Degraded', currentConfig: 'rendered-worker-1', desiredConfig: 'rendered-worker-2' },
      'Degraded',
    ],
    ['is one where no machine could apply it', { state: 'Unreconcilable' }, 'Degraded'],
  ];
  for (const [what, annotations, is] of rows) {
    it(what, () => {
      const named = Object.fromEntries(
        Object.entries(annotations).map(([key, value]) => [`machineconfiguration.openshift.io/${key}`, value]),
      );
      const { machineConfig, currentConfig, desiredConfig } =
        node.facts({ metadata: { name: 'a', annotations: named } }, new Interner()) ?? {};
      const { currentConfig: current = '', desiredConfig: desired = '' } = annotations;
      expect([machineConfig, currentConfig, desiredConfig]).to.deep.equal([is, current, desired]);
    });
  }
});

describe('a node of OpenShift before 4.14 on vSphere (#node-ip-of-both-families)', () => {
  const OPENSHIFT = { 'node.openshift.io/os_id': 'rhel' };
  const rows: readonly (readonly [what: string, labels: object, providerID: string, version: string, is: boolean])[] = [
    ['is one with a kubelet of 1.26', OPENSHIFT, 'vsphere://4203-0', 'v1.26.9+636f2be', true],
    ['is none of OpenShift 4.14', OPENSHIFT, 'vsphere://4203-0', 'v1.27.6', false],
    ['is none on other machines', OPENSHIFT, 'baremetalhost:///a/b', 'v1.26.9', false],
    ['is none of another platform', {}, 'vsphere://4203-0', 'v1.26.9', false],
    ['is none of a version that cannot be read', OPENSHIFT, 'vsphere://4203-0', 'unknown', false],
  ];
  for (const [what, labels, providerID, kubeletVersion, is] of rows) {
    it(what, () => {
      const object = { metadata: { name: 'a', labels }, spec: { providerID }, status: { nodeInfo: { kubeletVersion } } };
      expect(node.facts(object, new Interner())?.isOldOpenShift).to.equal(is);
    });
  }
});
