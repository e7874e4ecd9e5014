import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { DecodeError } from '../../src/client/wire/errors.ts';
import { Interner } from '../../src/core/kinds/interner.ts';
import { builtInResources } from '../../src/sources/resources.ts';
import { FRAME_LIMIT_BYTES, LengthPrefixedFrames, LineFrames } from '../../src/client/wire/frames.ts';
import { messageType } from '../../src/client/wire/schema.ts';
import { evaluate } from '../core/build.ts';
import { contentsOf, eventOf, objectOf, waysInto } from './crowded.ts';
import type { Measurement } from './memory.ts';

const MIB = 1024 * 1024;
/** Of processor time, not of a clock: the machine may be busy. */
const LONGEST_MS = 1500;

/** How many bytes of memory a byte of a frame may become: an empty endpoint is two bytes, and an object with a list of its own. */
const MOST_BYTES_PER_BYTE = 64;
const MOST: Readonly<Record<Measurement['of'], number>> = { decoded: MOST_BYTES_PER_BYTE, waiting: 3, kept: 3 };

describe('a frame', function () {
  this.timeout(60_000);

  it('takes memory of so many times its bytes at most, whatever comes again and again in it', async () => {
    const { stdout } = await promisify(execFile)(process.execPath, ['--expose-gc', join(import.meta.dirname, 'memory.ts')]);
    const measurements = JSON.parse(stdout) as readonly Measurement[];
    expect(measurements).to.have.length.above(50);
    expect(measurements.filter((one) => one.bytesPerByte > MOST[one.of])).to.deep.equal([]);
    // Else nothing was measured.
    expect(Math.max(...measurements.map(({ bytesPerByte }) => bytesPerByte))).to.be.above(MOST_BYTES_PER_BYTE / 2);
  });

  it('is refused before its bytes come where it is longer than the limit', () => {
    const claimed = Buffer.alloc(4);
    claimed.writeUInt32BE(FRAME_LIMIT_BYTES + 1);
    expect(() => new LengthPrefixedFrames().push(claimed)).to.throw(DecodeError, 'longer than the limit');
    const line = new LineFrames();
    for (let mib = 0; mib < FRAME_LIMIT_BYTES / MIB; mib++) line.push(Buffer.alloc(MIB, 'x'));
    expect(() => line.push(Buffer.from('x'))).to.throw(DecodeError, 'longer than the limit');
  });

  for (const resource of builtInResources(new Interner())) {
    it(`is read, kept and evaluated in a moment, whatever comes again and again in a ${resource.kind}`, () => {
      for (const way of waysInto(messageType(resource.kind))) {
        const [content = expect.fail()] = contentsOf(way.field, MIB / 2);
        const frame = eventOf(objectOf(way, content));
        const before = process.cpuUsage();
        const { object } = resource.codec.decodeEvent(frame) as { readonly object: unknown };
        evaluate([resource.parse(object) ?? expect.fail('no facts')]);
        expect(process.cpuUsage(before).user / 1000, way.field.fullName).to.be.below(LONGEST_MS);
      }
    });
  }
});
