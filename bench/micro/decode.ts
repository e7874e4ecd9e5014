import { pod } from '../../src/core/kinds/pod.ts';
import { Interner } from '../../src/core/kinds/interner.ts';
import { protobufCodec } from '../../src/client/wire/codec.ts';
import type { Row } from '../row.ts';
import { grouped } from '../units.ts';
import { timed } from './timing.ts';

/** A page of real pods: decoded, and projected to facts. */
export async function benchDecode(page: Buffer): Promise<readonly Row[]> {
  const codec = protobufCodec('Pod');
  const { items } = codec.decodePage(page);
  const interner = new Interner();
  const { decoded, projected } = await timed({
    decoded: () => {
      codec.decodePage(page);
    },
    projected: () => {
      for (const item of items) pod.facts(item, interner);
    },
  });
  const row = (id: string, what: string, medianMs: number): Row => {
    const podsPerSecond = (items.length / medianMs) * 1_000;
    const figures = { podsPerSecond, pods: items.length, pageBytes: page.length };
    return { id, what, measured: `${grouped(Math.round(podsPerSecond))} a second`, goal: '', outcome: 'notMeasured', figures };
  };
  return [row('decode', 'pods decoded', decoded.medianMs), row('project', 'decoded pods projected to facts', projected.medianMs)];
}
