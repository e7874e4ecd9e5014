import { expect } from 'chai';
import { KINDS } from '../../../src/core/kinds/registry.ts';
import { FORBIDDEN, NOW } from '../build.ts';
import { statusOf } from './report.ts';

describe('the sources of a report', () => {
  it('are all resources that are read, by their names with their groups', () => {
    const { sources } = statusOf([]);
    const ids = KINDS.map(({ source }) => source).sort();
    expect(sources).to.deep.equal(ids.map((id) => ({ id, state: 'Synced' })));
    expect(sources).to.deep.include.members([
      { id: 'endpointslices.discovery.k8s.io', state: 'Synced' },
      { id: 'nodes', state: 'Synced' },
    ]);
  });

  it('say why one is not given', () => {
    expect(statusOf([], { refused: ['Pod'] }).sources?.filter(({ state }) => state !== 'Synced')).to.deep.equal([
      { id: 'pods', state: 'Forbidden', message: FORBIDDEN.message },
    ]);
  });

  it('say since when nothing has been heard of one, beside the verdict of then', () => {
    const before = statusOf([]);
    const status = statusOf([], { status: before, staleSources: [{ kind: 'services', since: NOW }] });
    expect(status.sources?.filter(({ state }) => state !== 'Synced')).to.deep.equal([
      {
        id: 'services',
        state: 'Stale',
        message: 'The API server cannot be watched for it since 2026-06-01T12:00:00Z: what is known is of then.',
      },
    ]);
    expect(status.summary).to.deep.equal(before.summary);
  });

  it('are stale while they are forbidden and what is known of them is kept, and the verdict is one of now', () => {
    const status = statusOf([], { forbiddenSources: [{ kind: 'services', since: NOW }] });
    expect(status.sources?.filter(({ state }) => state !== 'Synced')).to.deep.equal([
      {
        id: 'services',
        state: 'Stale',
        message:
          'The API server denies the permission to list and watch it: what is known is of 2026-06-01T12:00:00Z, and counts until --stale-after is over.',
      },
    ]);
    expect(status.conditions?.find(({ type }) => type === 'Ready')?.status).to.equal('True');
    const both = statusOf([], { forbiddenSources: [{ kind: 'services', since: NOW }], staleSources: [{ kind: 'pods', since: NOW }] });
    expect(both.sources?.filter(({ state }) => state === 'Stale').map(({ id }) => id)).to.deep.equal(['pods', 'services']);
  });

  it('stay as they are while kinds are listed again, and are not there before', () => {
    const before = statusOf([], { refused: ['Pod'] });
    expect(statusOf([], { status: before, pending: ['Node', 'Pod'] }).sources).to.deep.equal(before.sources);
    expect(statusOf([], { pending: ['Node', 'Pod'] })).to.not.have.property('sources');
  });
});
