import { expect } from 'chai';
import fc from 'fast-check';
import type { PodFacts, ServiceFacts } from '../../src/core/facts.ts';
import { NO_LABELS, selects, type LabelSet } from '../../src/core/labels.ts';
import { Workloads } from '../../src/core/workloads.ts';
import { pod, service } from './build.ts';
import { anyPods, anyServices } from './universe.ts';

describe('a selector', () => {
  const rows: readonly (readonly [name: string, selector: LabelSet, labels: LabelSet, selected: boolean])[] = [
    ['selects what has its labels', [['app', 'web']], [['app', 'web']], true],
    [
      'selects what has more labels',
      [['app', 'web']],
      [
        ['app', 'web'],
        ['tier', 'front'],
      ],
      true,
    ],
    [
      'needs all of its labels',
      [
        ['app', 'web'],
        ['tier', 'front'],
      ],
      [['app', 'web']],
      false,
    ],
    ['needs the same value', [['app', 'web']], [['app', 'api']], false],
    ['needs the same key', [['app', 'web']], [['tier', 'web']], false],
    ['that is empty selects nothing', NO_LABELS, [['app', 'web']], false],
  ];
  for (const [name, selector, labels, selected] of rows) {
    it(name, () => {
      expect(selects(selector, labels)).to.equal(selected);
    });
  }
});

describe('workloads', () => {
  const matches = (to: ServiceFacts, one: PodFacts): boolean => to.namespace === one.namespace && selects(to.selector, one.labels);

  function expectAllMatched(workloads: Workloads, pods: ReadonlySet<PodFacts>, services: ReadonlySet<ServiceFacts>): void {
    for (const to of services) expect([...workloads.podsOf(to)]).to.have.members([...pods].filter((one) => matches(to, one)));
    for (const one of pods) expect([...workloads.servicesOf(one)]).to.have.members([...services].filter((to) => matches(to, one)));
  }

  it('know after any coming and going what matching each selector with each pod would tell', () => {
    const either = fc.array(fc.record({ pod: fc.boolean(), come: fc.nat(2), nth: fc.nat(11) }), { maxLength: 60, size: 'max' });
    fc.assert(
      fc.property(anyPods, anyServices, either, (allPods, allServices, moves) => {
        const workloads = new Workloads();
        const pods = new Set<PodFacts>();
        const services = new Set<ServiceFacts>();
        for (const { pod: isPod, come, nth } of moves) {
          const onePod = allPods[nth % Math.max(allPods.length, 1)];
          const oneService = allServices[nth % Math.max(allServices.length, 1)];
          if (isPod && onePod) {
            workloads[come > 0 ? 'addPod' : 'removePod'](onePod);
            pods[come > 0 ? 'add' : 'delete'](onePod);
          } else if (oneService) {
            workloads[come > 0 ? 'addService' : 'removeService'](oneService);
            services[come > 0 ? 'add' : 'delete'](oneService);
          }
          expectAllMatched(workloads, pods, services);
        }
      }),
    );
  });

  it('know nothing of a pod or a Service that never came', () => {
    const workloads = new Workloads();
    workloads.removePod(pod());
    workloads.removeService(service());
    expect([...workloads.podsOf(service())]).to.deep.equal([]);
    expect(workloads.servicesOf(pod()).size).to.equal(0);
  });
});
