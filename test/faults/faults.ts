import type { Frame, OpenWatch, Shape, StatusParts } from './exchange.ts';
import type { Fault } from './proxy.ts';

/** Answers with a Status, with a Retry-After header where it is given. */
export function status(code: number, reason: string, retryAfterSeconds?: number): Fault {
  return (exchange) => {
    exchange.status(statusParts(code, reason), retryAfterSeconds === undefined ? {} : { 'retry-after': `${retryAfterSeconds}` });
  };
}

/** What a Status of the API server says. */
export function statusParts(code: number, reason: string): StatusParts {
  return { code, reason, message: `${reason}, says the proxy` };
}

/** How long an event waits for one that it could change places with. */
const HELD_MS = 50;

export const EXPIRED = statusParts(410, 'Expired');

/** Breaks the connection before any answer. */
export const reset: Fault = (exchange) => {
  exchange.reset();
};

/** Does what is asked for, and breaks the connection before it says so. */
export const loseAnswer: Fault = (exchange) => {
  exchange.passAndLoseAnswer();
};

/** Never answers. */
export const stall: Fault = () => undefined;

/** Answers as a balancer in front of a dead API server does. */
export const errorPage: Fault = (exchange) => {
  exchange.text(502, '<html><body><h1>502 Bad Gateway</h1></body></html>');
};

/** Passes on so many bytes a second. */
export function slow(bytesPerSecond: number): Fault {
  return (exchange) => {
    exchange.pass({ bytesPerSecond });
  };
}

/** Answers as an API server without streaming lists, and gives pages of so many objects. */
export function smallPages(limit: number): Fault {
  return (exchange) => {
    if (exchange.request.purpose === 'stream') exchange.status(statusParts(422, 'Invalid'));
    else exchange.pass({ query: { limit: `${limit}` } });
  };
}

/** Passes a watch on with its frames changed. */
export function shaped(shape: () => Shape): Fault {
  return (exchange) => {
    exchange.pass({ shape: shape() });
  };
}

/** Lets something befall a watch, or a streaming list, as soon as it is open. */
export function blown(blow: (watch: OpenWatch) => void): Fault {
  return (exchange) => {
    exchange.pass({ opened: blow });
  };
}

/** A fault for the first so many requests; those after them pass. */
export function first(count: number, fault: Fault): Fault {
  let met = 0;
  return (exchange) => {
    met += 1;
    return met > count ? pass(exchange) : fault(exchange);
  };
}

/** No fault. */
export const pass: Fault = (exchange) => {
  exchange.pass();
};

/** One fault after the other, a request each; those after them pass. */
export function inTurn(faults: readonly Fault[]): Fault {
  const left = [...faults];
  return (exchange) => (left.shift() ?? pass)(exchange);
}

/** Each event twice. */
export const doubled: Shape = (frame) => [frame, frame];

/** No bookmarks; with them goes the end of a streaming list. */
export const withoutBookmarks: Shape = (frame) => (isBookmark(frame) ? [] : [frame]);

/** Two events that follow one another in the wrong order, again and again; one that none follows soon comes late. */
export function swapped(): Shape {
  let held: Frame | undefined;
  return (frame, later) => {
    const first = held;
    held = undefined;
    // A bookmark says that all before it has come: to change places with it would be to lose the event.
    if (isBookmark(frame)) return first ? [first, frame] : [frame];
    if (first) return [frame, first];
    held = frame;
    setTimeout(() => {
      if (held === frame) later(frame);
      if (held === frame) held = undefined;
    }, HELD_MS).unref();
    return [];
  };
}

/** The first two events change places; all after them come as they should. */
export function swappedOnce(): Shape {
  let held: Frame | undefined;
  let isOver = false;
  return (frame) => {
    if (isOver || isBookmark(frame)) return [frame];
    if (held) {
      isOver = true;
      return [frame, held];
    }
    held = frame;
    return [];
  };
}

/** So many frames of bytes that are none, from the first on. */
export function garbageAfter(good: number): Shape {
  let count = 0;
  return (frame) => {
    count += 1;
    return count <= good ? [frame] : [{ ...frame, bytes: Buffer.from(frame.bytes).fill(0xa5) }];
  };
}

/** In both encodings the type is there as text, near the beginning. */
function isBookmark({ bytes }: Frame): boolean {
  return bytes.subarray(0, 32).includes('BOOKMARK');
}
