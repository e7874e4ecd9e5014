import { expect } from 'chai';
import type { FactsKind } from '../../src/core/kinds/facts.ts';
import { Interner } from '../../src/core/kinds/interner.ts';
import { KINDS, type KindOf } from '../../src/core/kinds/registry.ts';
import { resourceOf } from '../../src/sources/resources.ts';
import { decodeStatus } from '../../src/client/wire/codec.ts';
import { allRecordings, isInJson, resources } from './corpus.ts';
import { samplesOf } from './samples.ts';
import { encodeMessage, parseMessage } from './protobuf.ts';

const RESOURCES = resources(new Interner());
const RECORDINGS = allRecordings();

describe('the recordings', () => {
  for (const kind of KINDS) {
    it(`could be built from the fields of a ${kind.name}, were there none`, () => {
      const resource = resourceOf(kind as KindOf<FactsKind>, new Interner());
      const { codec } = resource;
      const [page, watch] = samplesOf(kind);
      for (const object of codec.decodePage(page!.bytes).items) expect(resource.parse(object)).to.include({ kind: kind.name, name: 'a' });
      const types = codec
        .splitter()
        .push(watch!.bytes)
        .map((frame) => codec.decodeEvent(frame).type);
      expect(types).to.deep.equal(['ADDED', 'MODIFIED', 'DELETED', 'BOOKMARK']);
    });
  }

  for (const { form, kind, name, bytes } of RECORDINGS.filter((recording) => recording.form !== 'status')) {
    it(`of ${name} are read without an error`, () => {
      const resource = RESOURCES.find((one) => one.kind === kind) ?? expect.fail('no such kind');
      const { codec } = resource;
      const objects = form === 'page' ? codec.decodePage(bytes).items : [];
      for (const frame of form === 'watch' ? codec.splitter().push(bytes) : []) codec.decodeEvent(frame);
      for (const object of objects) expect(resource.parse(object)).to.exist;
    });
  }

  it('are of every kind in both forms, with every type of event', () => {
    for (const { kind, codec } of RESOURCES) {
      const types = RECORDINGS.filter((one) => one.form === 'watch' && one.kind === kind)
        .flatMap(({ bytes }) => [...codec.splitter().push(bytes)])
        .map((frame) => codec.decodeEvent(frame).type);
      expect(types).to.include.members(['ADDED', 'MODIFIED', 'DELETED', 'BOOKMARK']);
      expect(RECORDINGS.filter((one) => one.form === 'page' && one.kind === kind)).to.have.length(1);
    }
    expect(RECORDINGS.filter(({ form, bytes }) => form === 'status' && decodeStatus(bytes) !== undefined)).to.have.length(8);
  });

  it('hold no path and no address of the machine that they were recorded on', () => {
    for (const { name, bytes } of RECORDINGS)
      expect(bytes.toString('latin1'), name).to.not.match(/\/(?:home|root|tmp|work|Users)\/|127\.0\.0\.1/);
  });

  it('come out as they went in when they are taken apart and put together', () => {
    const frames = RESOURCES.filter((resource) => !isInJson(resource)).flatMap(({ kind, codec }) =>
      RECORDINGS.filter((one) => one.form === 'watch' && one.kind === kind).flatMap(({ bytes }) => [...codec.splitter().push(bytes)]),
    );
    for (const frame of frames) expect(encodeMessage(parseMessage(frame) ?? expect.fail('no message')).equals(frame)).to.equal(true);
  });
});
