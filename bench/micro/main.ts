/** Reads a page of pods in protobuf from stdin, which may be empty, and prints rows as JSON. */
import { buffer } from 'node:stream/consumers';
import { benchDecode } from './decode.ts';
import { benchFlip } from './flip.ts';
import { benchLostFamily } from './lost-family.ts';
import { benchOneChange } from './one-change.ts';
import { benchPage } from './page.ts';
import { benchReport } from './report.ts';

const podPage = await buffer(process.stdin);
const rows = [
  ...(podPage.length > 0 ? await benchDecode(podPage) : []),
  await benchOneChange(),
  await benchLostFamily(),
  await benchReport(),
  await benchPage(),
  await benchFlip(),
];
console.log(JSON.stringify(rows));
