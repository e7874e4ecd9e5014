import { expect } from 'chai';
import fc from 'fast-check';
import type { PodFacts, ServiceFacts } from '../../../src/core/kinds/facts.ts';
import { NO_LABELS, selects, type LabelSet } from '../../../src/core/kinds/labels.ts';
import { Selections } from '../../../src/core/store/selections.ts';
import { pod, service } from '../build.ts';
import { anyPods, anyServices } from '../universe.ts';

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

describe('selections', () => {
  type Endpoints = Selections<ServiceFacts, PodFacts>;
  const matches = (to: ServiceFacts, one: PodFacts): boolean => to.namespace === one.namespace && selects(to.selector, one.labels);

  function expectAllMatched(selections: Endpoints, pods: ReadonlySet<PodFacts>, services: ReadonlySet<ServiceFacts>): void {
    for (const to of services) expect([...selections.selectedBy(to)]).to.have.members([...pods].filter((one) => matches(to, one)));
    for (const one of pods) expect([...selections.selecting(one)]).to.have.members([...services].filter((to) => matches(to, one)));
  }

  it('know after any coming and going what matching each selector with each pod would give', () => {
    const either = fc.array(fc.record({ pod: fc.boolean(), come: fc.nat(2), nth: fc.nat(11) }), { maxLength: 60, size: 'max' });
    fc.assert(
      fc.property(anyPods, anyServices, either, (allPods, allServices, moves) => {
        const selections: Endpoints = new Selections();
        const pods = new Set<PodFacts>();
        const services = new Set<ServiceFacts>();
        for (const { pod: isPod, come, nth } of moves) {
          const onePod = allPods[nth % Math.max(allPods.length, 1)];
          const oneService = allServices[nth % Math.max(allServices.length, 1)];
          if (isPod && onePod) {
            selections[come > 0 ? 'addSelected' : 'removeSelected'](onePod);
            pods[come > 0 ? 'add' : 'delete'](onePod);
          } else if (oneService) {
            if (come === 0) selections.removeSelecting(oneService);
            else if (oneService.selector.length > 0) selections.addSelecting(oneService, oneService.selector);
            services[come > 0 ? 'add' : 'delete'](oneService);
          }
          expectAllMatched(selections, pods, services);
        }
      }),
    );
  });

  it('take in every object of the namespace where the selector is empty', () => {
    const selections: Endpoints = new Selections();
    const all = service();
    const [first, later, elsewhere] = [pod({ name: 'first' }), pod({ name: 'later', labels: {} }), pod({ name: 'x', namespace: 'blog' })];
    selections.addSelected(first);
    selections.addSelecting(all, NO_LABELS);
    for (const one of [later, elsewhere]) selections.addSelected(one);
    expect([...selections.selectedBy(all)]).to.have.members([first, later]);
    expect([...selections.selecting(later)]).to.deep.equal([all]);
    expect(selections.selecting(elsewhere).size).to.equal(0);
  });

  it('know nothing of a pod or a Service that never came', () => {
    const selections: Endpoints = new Selections();
    selections.removeSelected(pod());
    selections.removeSelecting(service());
    expect([...selections.selectedBy(service())]).to.deep.equal([]);
    expect(selections.selecting(pod()).size).to.equal(0);
  });
});
