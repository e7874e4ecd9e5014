import { expect } from 'chai';
import { KINDS } from '../../../src/core/kinds/registry.ts';
import { commandFor, dumpCommand, dumpedResources } from '../../../src/sources/dump/dump-command.ts';

const PODS = { group: '', plural: 'pods', namespaced: true, encoding: 'protobuf', narrowing: {} } as const;
const CONFIG_MAPS = { ...PODS, plural: 'configmaps' } as const;
const POOLS = { group: 'crd.projectcalico.org', plural: 'ippools', namespaced: false, encoding: 'json', narrowing: {} } as const;

describe('the command that dumps a cluster', () => {
  it('names each built-in resource of which all objects are read, once', () => {
    const narrowed = { ...CONFIG_MAPS, narrowing: { name: 'kubeadm-config' } };
    expect(dumpCommand([PODS, narrowed, POOLS, PODS, { ...PODS, plural: 'nodes' }])).to.equal(
      'kubectl get pods,nodes --all-namespaces --output json',
    );
  });

  it('names what is read today', () => {
    expect(dumpedResources()).to.include.members(['nodes', 'pods', 'services', 'endpointslices']);
    expect(KINDS.map(({ resource }): string => resource.plural)).to.include.members([...dumpedResources()]);
  });
});

describe('the command that dumps one kind', () => {
  for (const [place, words] of [
    [PODS, 'pods --all-namespaces'],
    [POOLS, 'ippools.crd.projectcalico.org --all-namespaces'],
    [{ ...POOLS, narrowing: { name: 'default' } }, 'ippools.crd.projectcalico.org default'],
    [
      { ...CONFIG_MAPS, narrowing: { namespace: 'kube-system', name: 'kubeadm-config' } },
      'configmaps kubeadm-config --namespace kube-system',
    ],
    [{ ...CONFIG_MAPS, narrowing: { name: 'calico-config' } }, 'configmaps --all-namespaces --field-selector metadata.name=calico-config'],
    [
      { ...CONFIG_MAPS, narrowing: { namespace: 'apps', labels: { app: 'web', tier: 'front' } } },
      'configmaps --namespace apps --selector app=web,tier=front',
    ],
  ] as const) {
    it(`is kubectl get ${words}`, () => {
      expect(commandFor(place)).to.equal(`kubectl get ${words} --output json`);
    });
  }
});
