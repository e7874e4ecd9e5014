import { expect } from 'chai';
import fc from 'fast-check';
import { DecodeError } from '../../../src/client/wire/errors.ts';
import type { FrameSplitter } from '../../../src/client/wire/frames.ts';
import { LengthPrefixedFrames, LineFrames } from '../../../src/client/wire/frames.ts';
import { framed } from '../support/encode.ts';

/** Bytes cut at arbitrary places, some chunks empty. */
function chunks(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  return places.slice(1).map((end, i) => bytes.subarray(places[i], end));
}

function split(splitter: FrameSplitter, parts: readonly Buffer[]): Buffer[] {
  return parts.flatMap((part) => [...splitter.push(part)]);
}

const cuts = fc.array(fc.nat());
const NEXT = Buffer.from('next');

describe('frames of a protobuf watch', () => {
  it('come out as they went in, wherever the chunks are cut', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 300 })), cuts, (frames, places) => {
        const splitter = new LengthPrefixedFrames();
        const got = split(splitter, chunks(Buffer.concat(frames.map(framed)), places));
        expect(got.map((frame) => frame.toString('hex'))).to.deep.equal(frames.map((frame) => Buffer.from(frame).toString('hex')));
        expect(splitter.push(framed(NEXT)), 'nothing is left of the frames before').to.deep.equal([NEXT]);
      }),
    );
  });

  it('wait for their rest', () => {
    const splitter = new LengthPrefixedFrames();
    expect(splitter.push(framed(Buffer.alloc(9)).subarray(0, 12))).to.deep.equal([]);
    expect(splitter.push(Buffer.alloc(1))).to.deep.equal([Buffer.alloc(9)]);
  });

  it('are refused before their bytes come where they are too long', () => {
    const splitter = new LengthPrefixedFrames(100);
    expect(splitter.push(framed(Buffer.alloc(100)))).to.have.length(1);
    expect(() => splitter.push(Buffer.from([0, 0, 0, 101]))).to.throw(
      DecodeError,
      'a watch frame of 101 bytes or more is longer than the limit of 100',
    );
  });
});

describe('frames of a JSON watch', () => {
  it('come out as they went in, wherever the chunks are cut, without empty lines', () => {
    const lines = fc.array(fc.string({ unit: 'binary' }).map((text) => text.replaceAll('\n', '')));
    fc.assert(
      fc.property(lines, cuts, (frames, places) => {
        const bytes = Buffer.from(frames.map((frame) => `${frame}\n`).join(''));
        const got = split(new LineFrames(), chunks(bytes, places)).map((frame) => frame.toString());
        expect(got).to.deep.equal(frames.map((frame) => Buffer.from(frame).toString()).filter((frame) => frame !== ''));
      }),
    );
  });

  it('are refused where they are too long, ended or not', () => {
    expect(() => new LineFrames(10).push(Buffer.alloc(11, 'x'))).to.throw(DecodeError, 'longer than the limit of 10');
    expect(() => new LineFrames(10).push(Buffer.from('xxxxxxxxxxx\n'))).to.throw(DecodeError, 'longer than the limit of 10');
    expect(new LineFrames(10).push(Buffer.from('xxxxxxxxxx\n'))).to.have.length(1);
  });
});
