import { expect } from 'chai';
import { Interner } from '../../../src/core/kinds/interner.ts';
import { node, type NodeRole } from '../../../src/core/kinds/node.ts';

const ROLES: readonly (readonly [labels: readonly string[], role: NodeRole])[] = [
  [[], 'Worker'],
  [['worker', 'infra'], 'Worker'],
  [['control-plane'], 'ControlPlane'],
  [['master'], 'ControlPlane'],
  [['control-plane', 'master', 'etcd'], 'Etcd'],
  [['etcd'], 'Etcd'],
];

describe('the role of a node', () => {
  for (const [names, role] of ROLES) {
    it(`is ${role} with the roles ${names.join(', ') || '(none)'}`, () => {
      const labels = Object.fromEntries(names.map((name) => [`node-role.kubernetes.io/${name}`, '']));
      expect(node.facts({ metadata: { name: 'a', labels } }, new Interner())?.role).to.equal(role);
    });
  }
});
