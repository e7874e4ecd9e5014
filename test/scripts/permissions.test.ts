import { expect } from 'chai';
import { permissionOf } from '../../scripts/permissions.ts';
import type { Narrowing } from '../../src/core/kinds/source.ts';

function kind(narrowing: Narrowing): Parameters<typeof permissionOf>[0] {
  const resource = {
    group: '',
    versions: ['v1'],
    kind: 'ConfigMap',
    plural: 'configmaps',
    namespaced: true,
    encoding: 'protobuf',
    servedBy: 'Every Kubernetes API server serves it.',
  } as const;
  return { reason: 'Why.', resource: { ...resource, narrowing } };
}

const NAMED = 'The rule allows the objects of this name in all namespaces.';
const ALL = 'The operator reads only some of these objects, but the rule allows all.';

describe('the permission to read a kind', () => {
  for (const [narrowing, resourceName, words] of [
    [{}, undefined, 'Why.'],
    [{ name: 'a' }, 'a', 'Why.'],
    [{ namespace: 'kube-system', name: 'a' }, 'a', `Why. ${NAMED}`],
    [{ namespace: 'kube-system' }, undefined, `Why. ${ALL}`],
    [{ labels: { app: 'web' } }, undefined, `Why. ${ALL}`],
  ] as const) {
    it(`says what it allows beside ${JSON.stringify(narrowing)}`, () => {
      const { reason, resource, verbs, ...rest } = permissionOf(kind(narrowing));
      expect([reason, resource, verbs]).to.deep.equal([words, 'configmaps', ['list', 'watch']]);
      expect(rest).to.deep.equal({ apiGroup: '', ...(resourceName === undefined ? {} : { resourceName }) });
    });
  }
});
