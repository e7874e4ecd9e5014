/**
 * A DNS server (RFC 1035) on port 53 of NAME_SERVER that gives every name the one address ADDRESS, late enough for who asks to be seen. With TRUNCATED
 * it says by UDP that the answer does not fit, which has clients ask again by TCP. It writes the file READY once it listens.
 */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';

const { NAME_SERVER = '', ADDRESS = '', TRUNCATED, READY = '' } = process.env;
const PORT = 53;
const LATE_MS = 40;
const HEADER = 12;
const A = 1;
/** An answer, to a question that asked for recursion, which there is. */
const ANSWER = 0x8180;
const IS_TRUNCATED = 0x0200;
/** The name of the question, type A, class IN, for an hour, four bytes. */
const RECORD = [0xc0, HEADER, 0, A, 0, 1, 0, 0, 0x0e, 0x10, 0, 4];

const datagrams = createSocket('udp4');
datagrams.on('message', (query, { port, address }) => {
  setTimeout(() => {
    datagrams.send(answerTo(query, TRUNCATED !== undefined), port, address);
  }, LATE_MS);
});
datagrams.bind(PORT, NAME_SERVER);

const streams = createServer((socket) => {
  let waiting = Buffer.alloc(0);
  socket.on('error', () => undefined);
  socket.on('data', (chunk: Buffer) => {
    waiting = Buffer.concat([waiting, chunk]);
    while (waiting.length >= 2 && waiting.length >= 2 + waiting.readUInt16BE()) {
      const end = 2 + waiting.readUInt16BE();
      const answer = answerTo(waiting.subarray(2, end), false);
      waiting = waiting.subarray(end);
      setTimeout(() => socket.write(Buffer.concat([Buffer.of(answer.length >> 8, answer.length & 0xff), answer])), LATE_MS);
    }
  });
});
streams.listen(PORT, NAME_SERVER);
await Promise.all([once(datagrams, 'listening'), once(streams, 'listening')]);
writeFileSync(READY, '');

function answerTo(query: Buffer, isTruncated: boolean): Buffer {
  let end = HEADER;
  while (query[end] !== 0) end += 1 + (query[end] ?? 0);
  const question = query.subarray(HEADER, end + 5);
  const isOfA = question.readUInt16BE(question.length - 4) === A;
  const record = isOfA && !isTruncated ? Buffer.from([...RECORD, ...ADDRESS.split('.').map(Number)]) : Buffer.alloc(0);
  const header = Buffer.alloc(HEADER);
  query.copy(header, 0, 0, 2);
  header.writeUInt16BE(ANSWER | (isTruncated ? IS_TRUNCATED : 0), 2);
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(record.length > 0 ? 1 : 0, 6);
  return Buffer.concat([header, question, record]);
}
