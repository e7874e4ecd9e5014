import { expect } from 'chai';
import { isCovered, sourceId, type Narrowing } from '../../../src/core/kinds/source.ts';

const CONFIG_MAPS = { group: '', plural: 'configmaps', namespaced: true } as const;

describe('the id of a source', () => {
  for (const [id, place] of [
    ['configmaps', { ...CONFIG_MAPS, narrowing: {} }],
    ['configmaps/kube-system', { ...CONFIG_MAPS, narrowing: { namespace: 'kube-system' } }],
    ['configmaps/kube-system/kubeadm-config', { ...CONFIG_MAPS, narrowing: { namespace: 'kube-system', name: 'kubeadm-config' } }],
    ['configmaps/*/kubeadm-config', { ...CONFIG_MAPS, narrowing: { name: 'kubeadm-config' } }],
    ['configmaps/apps[tier=front,app=web]', { ...CONFIG_MAPS, narrowing: { namespace: 'apps', labels: { tier: 'front', app: 'web' } } }],
    ['ippools.crd.projectcalico.org', { group: 'crd.projectcalico.org', plural: 'ippools', namespaced: false, narrowing: {} }],
    [
      'felixconfigurations.crd.projectcalico.org/default',
      { group: 'crd.projectcalico.org', plural: 'felixconfigurations', namespaced: false, narrowing: { name: 'default' } },
    ],
  ] as const) {
    it(`is ${id}`, () => {
      expect(sourceId(place)).to.equal(id);
    });
  }
});

describe('an object', () => {
  const object = { metadata: { namespace: 'apps', name: 'web', labels: { app: 'web', tier: 'front' } } };
  for (const [what, narrowing, isOne] of [
    ['of a kind that is not narrowed', {}, true],
    ['of the namespace', { namespace: 'apps' }, true],
    ['of another namespace', { namespace: 'other' }, false],
    ['of the name', { name: 'web' }, true],
    ['of another name', { namespace: 'apps', name: 'db' }, false],
    ['with the labels', { labels: { app: 'web' } }, true],
    ['with another value', { labels: { app: 'web', tier: 'back' } }, false],
  ] as const satisfies readonly (readonly [string, Narrowing, boolean])[]) {
    it(`${what} is ${isOne ? '' : 'not '}covered`, () => {
      expect(isCovered(object, { narrowing })).to.equal(isOne);
    });
  }

  it('without labels has none of a selector', () => {
    expect(isCovered({ metadata: { name: 'web' } }, { narrowing: { labels: { app: 'web' } } })).to.equal(false);
  });
});
