import { expect } from 'chai';
import fc from 'fast-check';
import { ApiError, DecodeError } from '../../../src/client/wire/errors.ts';
import { Interner } from '../../../src/core/kinds/interner.ts';
import { builtInResources } from '../../../src/sources/resources.ts';
import { decodeStatus, jsonCodec, protobufCodec } from '../../../src/client/wire/codec.ts';
import { fields, items } from '../../../src/core/kinds/shapes.ts';
import { envelope, watchFrame } from '../support/encode.ts';

const pods = protobufCodec('Pod');

function protobufEvent(type: string, kind: string, object: object): ReturnType<typeof pods.decodeEvent> {
  const [frame] = pods.splitter().push(watchFrame(type, kind, object));
  return pods.decodeEvent(frame!);
}

describe('protobufCodec', () => {
  it('decodes a page', () => {
    const items = [{ metadata: { name: 'a' } }, { metadata: { name: 'b' }, spec: { nodeName: 'n' } }];
    const page = pods.decodePage(envelope('PodList', { metadata: { resourceVersion: '7', continue: 'next' }, items }));
    expect(page.resourceVersion).to.equal('7');
    expect(page.continueToken).to.equal('next');
    expect(page.items).to.have.length(2);
    expect(page.items[1]).to.have.nested.property('spec.nodeName', 'n');
  });

  it('decodes the events of a watch', () => {
    const { type, object } = protobufEvent('MODIFIED', 'Pod', { metadata: { name: 'a', labels: { x: 'y' } } }) as {
      type: string;
      object: object;
    };
    expect(type).to.equal('MODIFIED');
    expect(object).to.have.nested.property('metadata.labels').that.deep.equals({ x: 'y' });
  });

  for (const { kind, codec } of builtInResources(new Interner())) {
    it(`reads of a ${kind} the annotation that ends a streaming list`, () => {
      const annotations = { 'k8s.io/initial-events-end': 'true' };
      const [frame] = codec.splitter().push(watchFrame('BOOKMARK', kind, { metadata: { resourceVersion: '7', annotations } }));
      const { object } = codec.decodeEvent(frame!) as { readonly object: unknown };
      expect(fields(fields(object)['metadata'])['annotations']).to.have.all.keys('k8s.io/initial-events-end');
    });
  }

  it('distinguishes false from nothing', () => {
    const endpoints = [{ conditions: { ready: false } }, { conditions: { ready: true } }, { conditions: {} }];
    const [slice] = protobufCodec('EndpointSlice').decodePage(
      envelope('EndpointSliceList', { metadata: { resourceVersion: '1' }, items: [{ endpoints }] }),
    ).items;
    const ready = items(fields(slice)['endpoints']).map((endpoint) => fields(fields(endpoint)['conditions'])['ready']);
    expect(ready).to.deep.equal([false, true, null]);
  });

  it('reads who keeps the spec of a Service out of the bytes of its field sets', () => {
    const services = builtInResources(new Interner()).find(({ kind }) => kind === 'Service')!;
    const managedFields = [
      { time: { seconds: 20 }, fieldsV1: { raw: Buffer.from('{"f:metadata":{},"f:spec":{"f:type":{}}}') } },
      { time: { seconds: 30 }, fieldsV1: { raw: Buffer.from('{"f:metadata":{"f:annotations":{}}}') } },
      { time: { seconds: 40 }, fieldsV1: { raw: Buffer.from('{"f:spec":{}}') }, subresource: 'status' },
      { time: { seconds: 50 } },
    ];
    const metadata = { name: 'web', creationTimestamp: { seconds: 10 }, managedFields };
    const [frame] = services.codec.splitter().push(watchFrame('ADDED', 'Service', { metadata }));
    const { object } = services.codec.decodeEvent(frame!) as { readonly object: unknown };
    expect(services.parse(object)).to.deep.include({ createdAt: 10_000, changedAt: 20_000 });
  });

  it('makes an ApiError of an ERROR event', () => {
    const event = protobufEvent('ERROR', 'Status', { code: 410, reason: 'Expired', message: 'too old', details: { retryAfterSeconds: 3 } });
    expect(event).to.have.property('error').that.is.instanceOf(ApiError);
    expect(event).to.deep.include({ type: 'ERROR' });
    expect((event as { error: ApiError }).error).to.include({ status: 410, reason: 'Expired', message: 'too old', retryAfterSeconds: 3 });
  });

  it('throws a DecodeError of a type of event that is not known', () => {
    expect(() => protobufEvent('MOVED', 'Pod', {})).to.throw(DecodeError, 'unknown type "MOVED"');
  });

  it('decodes any bytes or throws a DecodeError', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.boolean(), (bytes, wrapped) => {
        const body = wrapped ? Buffer.concat([Buffer.from('k8s\0'), bytes]) : Buffer.from(bytes);
        for (const decode of [(body: Buffer) => pods.decodePage(body), (body: Buffer) => pods.decodeEvent(body)]) {
          try {
            decode(body);
          } catch (error) {
            expect(error).to.be.instanceOf(DecodeError);
          }
        }
      }),
    );
  });
});

describe('jsonCodec', () => {
  it('decodes a page, and refuses one without a resourceVersion', () => {
    const body = { metadata: { resourceVersion: '7' }, items: [{ metadata: { name: 'a' } }] };
    expect(jsonCodec.decodePage(Buffer.from(JSON.stringify(body)))).to.deep.equal({
      resourceVersion: '7',
      continueToken: '',
      items: body.items,
    });
    expect(() => jsonCodec.decodePage(Buffer.from('{}'))).to.throw(DecodeError, 'a list without a resourceVersion');
    expect(() => jsonCodec.decodePage(Buffer.from('<html>'))).to.throw(DecodeError, 'malformed JSON of 6 bytes');
  });

  it('makes an ApiError of an ERROR event, even of an empty one', () => {
    const frame = (object: unknown): Buffer => Buffer.from(JSON.stringify({ type: 'ERROR', object }));
    expect(jsonCodec.decodeEvent(frame({ code: 410, reason: 'Expired' }))).to.have.nested.property('error.status', 410);
    expect(jsonCodec.decodeEvent(frame(null))).to.have.nested.property('error.status', 500);
  });
});

describe('an event whose type is not known', () => {
  const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
  for (const [what, type, message] of [
    ['a text', '"MOVED"', 'a watch event of unknown type "MOVED"'],
    ['a long text', `"${'x'.repeat(100_000)}"`, `a watch event of unknown type "${'x'.repeat(32)}"`],
    ['an object', '{"token":"s3cret"}', 'a watch event of unknown type'],
    ['deeper than the stack', deep, 'a watch event of unknown type'],
    ['nothing', 'null', 'a watch event of unknown type'],
  ] as const) {
    it(`is undecodable where it is ${what}, of which little is shown`, () => {
      expect(() => jsonCodec.decodeEvent(Buffer.from(`{"type":${type}}`)))
        .to.throw(DecodeError)
        .with.property('message', message);
    });
  }
});

describe('decodeStatus', () => {
  it('reads either encoding, and gives undefined for what is neither', () => {
    expect(decodeStatus(envelope('Status', { message: 'no' }))).to.include({ message: 'no' });
    expect(decodeStatus(Buffer.from('{"message":"no"}'))).to.deep.equal({ message: 'no' });
    expect(decodeStatus(Buffer.from('404 page not found'))).to.equal(undefined);
  });
});
