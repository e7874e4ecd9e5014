import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import type { Agent } from 'node:https';
import { request as ask } from 'node:https';
import { text } from 'node:stream/consumers';
import type { FrameSplitter } from '../../src/client/wire/frames.ts';
import { LengthPrefixedFrames, LineFrames } from '../../src/client/wire/frames.ts';
import { envelope, framed, watchFrame } from '../client/support/encode.ts';
import { line } from '../client/support/scripted-server.ts';
import type { Asked } from './asked.ts';

/** What the proxy gives to each exchange. */
export interface Surroundings {
  /** The API server's URL. */
  readonly base: string;
  readonly agent: Agent;
  /** The watches that are open. */
  readonly watches: Set<OpenWatch>;
  /** Resets the connection on which a request came. */
  readonly reset: (request: IncomingMessage) => void;
}

export type Encoding = 'protobuf' | 'json';

/** A frame of a watch, without what divides it from others. */
export interface Frame {
  readonly bytes: Buffer;
  readonly encoding: Encoding;
}

/** What becomes of each frame of a watch on its way to the client: none, it, or more; with `later` one may be sent at any time. */
export type Shape = (frame: Frame, later: (frame: Frame) => void) => readonly Frame[];

/** What a Status says. */
export interface StatusParts {
  readonly code: number;
  readonly reason: string;
  readonly message: string;
}

/** How the answer to a request is passed on. */
export interface Passing {
  /** Changes the query of the request. */
  readonly query?: Readonly<Record<string, string>>;
  readonly shape?: Shape;
  readonly bytesPerSecond?: number;
  /** Called with the HTTP status of the answer. */
  readonly onAnswer?: (status: number) => void;
  /** Called with a watch once it is open, before anything of it is passed on. */
  readonly opened?: (watch: OpenWatch) => void;
}

const HOP_BY_HOP = ['connection', 'keep-alive', 'transfer-encoding', 'host'];
const PIECES_PER_SECOND = 50;

/** A watch that is open: what its faults are made with. */
export class OpenWatch {
  readonly request: Asked;
  readonly encoding: Encoding;
  /** Frames that came from the API server. */
  frames = 0;
  /** What becomes of frames to come. */
  shape: Shape | undefined;
  /** Breaks the connection. */
  readonly reset: () => void;
  readonly #response: ServerResponse;
  readonly #splitter: FrameSplitter;
  /** Nothing more is sent. */
  #over = false;

  constructor(request: Asked, encoding: Encoding, response: ServerResponse, reset: () => void) {
    this.request = request;
    this.encoding = encoding;
    this.reset = reset;
    this.#response = response;
    this.#splitter = encoding === 'protobuf' ? new LengthPrefixedFrames() : new LineFrames();
  }

  /** Bytes of the API server, cut wherever. */
  push(chunk: Buffer): void {
    for (const bytes of this.#splitter.push(chunk)) {
      this.frames += 1;
      const frame = { bytes, encoding: this.encoding };
      for (const shaped of this.shape?.(frame, this.#send) ?? [frame]) this.#send(shaped);
    }
  }

  readonly #send = (frame: Frame): void => {
    this.write(whole(frame));
  };

  /** Puts bytes between two frames. */
  write(bytes: Buffer | string): void {
    if (!this.#over) this.#response.write(bytes);
  }

  /** Puts an ERROR event between two frames, as the API server ends a watch. */
  error(status: StatusParts): void {
    this.write(errorEvent(this.encoding, status));
    this.end();
  }

  /** Nothing more comes, and nobody says so. */
  lose(): void {
    this.#over = true;
  }

  /** Ends the answer as it ends when its time is over. */
  end(): void {
    if (!this.#over) this.#response.end();
    this.#over = true;
  }

  /** Sends the first half of a frame, and then breaks the connection or ends the answer. */
  half(then: 'reset' | 'end'): void {
    if (this.#over) return;
    this.#over = true;
    const whole =
      this.encoding === 'protobuf' ? watchFrame('ADDED', 'Node', { metadata: { name: 'half' } }) : line('ADDED', { half: true });
    const half = Buffer.from(whole).subarray(0, Math.floor(whole.length / 2));
    if (then === 'end') this.#response.end(half);
    else this.#response.write(half, () => setImmediate(() => this.#response.socket?.destroy()));
  }
}

/** A request and the means to answer it. */
export class Exchange {
  readonly request: Asked;
  readonly #incoming: IncomingMessage;
  readonly #response: ServerResponse;
  readonly #around: Surroundings;
  /** What was read of the request. */
  #body: string | undefined;

  constructor(request: Asked, incoming: IncomingMessage, response: ServerResponse, around: Surroundings) {
    this.request = request;
    this.#incoming = incoming;
    this.#response = response;
    this.#around = around;
  }

  /** What the request brings; it can be passed on none the less. */
  async read(): Promise<string> {
    return (this.#body ??= await text(this.#incoming));
  }

  /** Answers with a Status, in the encoding that was asked for. */
  status(status: StatusParts, headers: OutgoingHttpHeaders = {}): void {
    const protobuf = this.#incoming.headers.accept?.includes('protobuf') === true;
    const type = protobuf ? 'application/vnd.kubernetes.protobuf' : 'application/json';
    this.#response.writeHead(status.code, { 'content-type': type, ...headers });
    this.#response.end(protobuf ? envelope('Status', status) : JSON.stringify({ kind: 'Status', apiVersion: 'v1', ...status }));
  }

  /** Answers with what is no answer of an API server. */
  text(code: number, body: string): void {
    this.#response.writeHead(code, { 'content-type': 'text/html' }).end(body);
  }

  /** Breaks the connection before any answer. */
  reset(): void {
    this.#around.reset(this.#incoming);
  }

  /** Asks the API server, and passes its answer on. */
  pass(how: Passing = {}): void {
    this.#ask(how, (answer) => {
      how.onAnswer?.(answer.statusCode ?? 0);
      this.#passOn(answer, how);
    });
  }

  /** Asks the API server, and breaks the connection once it has done what was asked. */
  passAndLoseAnswer(): void {
    this.#ask({}, (answer) => {
      answer.resume();
      answer.once('end', () => {
        this.reset();
      });
    });
  }

  #ask({ query = {} }: Passing, onAnswer: (answer: IncomingMessage) => void): void {
    const url = new URL(this.#incoming.url ?? '/', this.#around.base);
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
    const headers = Object.fromEntries(Object.entries(this.#incoming.headers).filter(([name]) => !HOP_BY_HOP.includes(name)));
    const upstream = ask(url, { method: this.request.method, headers, agent: this.#around.agent }, onAnswer);
    upstream.on('error', () => {
      this.#response.socket?.destroy();
    });
    this.#response.once('close', () => {
      upstream.destroy();
    });
    if (this.#body === undefined) this.#incoming.pipe(upstream);
    else upstream.end(this.#body);
  }

  #passOn(answer: IncomingMessage, { shape, bytesPerSecond, opened }: Passing): void {
    // The client may have gone meanwhile.
    if (this.#response.destroyed) {
      answer.destroy();
      return;
    }
    const headers = Object.fromEntries(Object.entries(answer.headers).filter(([name]) => !HOP_BY_HOP.includes(name)));
    this.#response.writeHead(answer.statusCode ?? 502, headers);
    this.#response.flushHeaders();
    answer.on('error', () => this.#response.socket?.destroy());
    const isWatch = this.request.url.searchParams.get('watch') === 'true' && answer.statusCode === 200;
    const watch = isWatch ? this.#opened(answer, shape) : undefined;
    if (watch) opened?.(watch);
    if (bytesPerSecond !== undefined) trickle(answer, this.#response, bytesPerSecond);
    else if (watch) passFrames(answer, watch);
    else answer.pipe(this.#response);
  }

  #opened(answer: IncomingMessage, shape: Shape | undefined): OpenWatch {
    const encoding = answer.headers['content-type']?.includes('protobuf') ? 'protobuf' : 'json';
    const watch = new OpenWatch(this.request, encoding, this.#response, () => {
      this.reset();
    });
    watch.shape = shape;
    this.#around.watches.add(watch);
    this.#response.once('close', () => this.#around.watches.delete(watch));
    return watch;
  }
}

function passFrames(answer: IncomingMessage, watch: OpenWatch): void {
  answer.on('data', (chunk: Buffer) => {
    watch.push(chunk);
  });
  answer.once('end', () => {
    watch.end();
  });
}

/** A frame with what divides it from others. */
function whole({ bytes, encoding }: Frame): Buffer {
  return encoding === 'protobuf' ? framed(bytes) : Buffer.concat([bytes, Buffer.from('\n')]);
}

function errorEvent(encoding: Encoding, status: StatusParts): Buffer | string {
  return encoding === 'protobuf' ? watchFrame('ERROR', 'Status', status) : line('ERROR', { kind: 'Status', ...status });
}

/** Passes on so many bytes a second, in small pieces. */
function trickle(answer: IncomingMessage, response: ServerResponse, bytesPerSecond: number): void {
  const pieceSize = Math.max(1, Math.round(bytesPerSecond / PIECES_PER_SECOND));
  let waiting = Buffer.alloc(0);
  let ended = false;
  answer.on('data', (chunk: Buffer) => {
    waiting = Buffer.concat([waiting, chunk]);
  });
  answer.once('end', () => {
    ended = true;
  });
  const timer = setInterval(() => {
    if (waiting.length > 0) response.write(waiting.subarray(0, pieceSize));
    waiting = waiting.subarray(pieceSize);
    if (ended && waiting.length === 0) response.end();
  }, 1000 / PIECES_PER_SECOND);
  response.once('close', () => {
    clearInterval(timer);
  });
}
