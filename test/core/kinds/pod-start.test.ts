import { expect } from 'chai';
import { isUndated, startedBy } from '../../../src/core/kinds/pod-start.ts';
import { project } from './projected.ts';

const MINUTE = 60_000;
const TAKEN_UP = Date.UTC(2026, 0, 2, 3, 0, 0);

/** A condition with its status, and in which minute after the pod was taken up it changed. */
type Condition = readonly [status: string, minute?: number];

interface Case {
  readonly what: string;
  readonly network?: Condition;
  readonly ready?: Condition;
  /** In which minute the pod got its addresses, at the earliest and at the latest. */
  readonly got: readonly [earliest: number, latest: number];
  readonly undated?: true;
}

const CASES: readonly Case[] = [
  { what: 'has no conditions', got: [0, 0] },
  { what: 'started a moment ago', network: ['True', 1], ready: ['True', 2], got: [0, 0] },
  { what: 'started slowly', network: ['True', 9], ready: ['True', 10], got: [0, 0] },
  { what: 'waited for its network', network: ['True', 60], ready: ['True', 61], got: [60, 60] },
  { what: 'is of a machine that was rebooted', network: ['True', 60], ready: ['True', 60], got: [60, 60] },
  { what: 'is of such a machine, and not ready yet', network: ['True', 60], ready: ['False', 59], got: [60, 60] },
  { what: 'has a new sandbox, and no other condition', network: ['True', 60], got: [60, 60] },
  { what: 'has a new sandbox, and Ready has no time', network: ['True', 60], ready: ['True'], got: [60, 60] },
  { what: 'has a condition that a newer kubelet reports since', network: ['True', 60], ready: ['True', 2], got: [0, 0] },
  { what: 'has such a condition, and may have restarted before', network: ['True', 60], ready: ['True', 40], got: [0, 40] },
  { what: 'is a pod whose probe failed for a while', network: ['True', 1], ready: ['True', 60], got: [0, 0] },
  { what: 'may have restarted, or its probe failed', ready: ['True', 60], got: [0, 60] },
  { what: 'took ten minutes to get ready', ready: ['True', 10], got: [0, 0] },
  { what: 'is not ready, and may have restarted at any time', ready: ['False', 1], got: [0, 0], undated: true },
  { what: 'is to get a new sandbox', network: ['False', 60], ready: ['False', 60], got: [0, 60], undated: true },
  { what: 'is of a node that lost contact', network: ['True', 1], ready: ['Unknown', 60], got: [0, 0] },
];

describe('when a pod got its addresses', () => {
  for (const { what, network, ready, got, undated } of CASES) {
    it(`is known of one that ${what}`, () => {
      const pod = podWith(network, ready);
      expect([pod.startedAt, startedBy(pod)].map((at) => (at - TAKEN_UP) / MINUTE)).to.deep.equal(got);
      expect(isUndated(pod)).to.equal(undated === true);
    });
  }
});

function podWith(network?: Condition, ready?: Condition): ReturnType<typeof project<'Pod'>> {
  const conditions = [...conditionsOf('PodReadyToStartContainers', network), ...conditionsOf('Ready', ready)];
  const metadata = { name: 'x', namespace: 'ns', uid: 'u' };
  return project('Pod', { metadata, status: { phase: 'Running', startTime: after(0), podIPs: [{ ip: '10.1.0.1' }], conditions } });
}

function conditionsOf(type: string, condition?: Condition): readonly object[] {
  if (!condition) return [];
  const [status, minute] = condition;
  return [{ type, status, ...(minute === undefined ? {} : { lastTransitionTime: after(minute) }) }];
}

function after(minutes: number): string {
  return new Date(TAKEN_UP + minutes * MINUTE).toISOString();
}
