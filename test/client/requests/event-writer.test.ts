import { text } from 'node:stream/consumers';
import { expect } from 'chai';
import { createEvent } from '../../../src/client/requests/event-writer.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { ScriptedServer } from '../support/scripted-server.ts';

/** What the API server accepts as a name (RFC 1123, a subdomain). */
const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

describe('the name of an Event', () => {
  for (const [what, name] of [
    ['a short name', 'web'],
    ['a long one that is cut behind a hyphen', `${'a'.repeat(199)}-b`],
    ['a long one that is cut between a hyphen and a dot', `${'a'.repeat(196)}-1.-.b`],
    ['a long one that is cut behind a dot', `${'a'.repeat(199)}.b`],
  ] as const) {
    it(`is one that the API server accepts: of an object with ${what}`, async () => {
      let body = '';
      const server = new ScriptedServer([
        (response, request) => {
          text(request).then(
            (sent) => {
              body = sent;
              response.writeHead(201).end('{}');
            },
            (error: unknown) => response.destroy(error as Error),
          );
        },
      ]);
      const connection = await server.connect();
      try {
        const regarding = { apiVersion: 'v1', kind: 'Service', namespace: 'shop', name, uid: 'u' };
        const event = { regarding, type: 'Warning', reason: 'EndpointsUnbalanced', action: 'Found', note: 'one of two' } as const;
        await createEvent(connection, event, { clock: new ManualClock(), signal: new AbortController().signal });
      } finally {
        await connection.close();
        await server.close();
      }
      const { metadata } = JSON.parse(body) as { readonly metadata: { readonly name: string } };
      expect(metadata.name).to.match(SUBDOMAIN);
      expect(metadata.name.length).to.be.at.most(253);
    });
  }
});
