import type { Dispatcher } from 'undici';
import { NetworkError } from '../wire/errors.ts';

/** The body of a response, to be read once. */
export interface ResponseBody {
  /**
   * Hands the body on, chunk by chunk, until its end. Until it is read, its connection stays taken.
   * @param take what it throws ends the reading and the request, and is thrown again
   * @throws NetworkError where the connection breaks; the reason of the request's signal once that aborts
   */
  read(take: (chunk: Buffer) => void): Promise<void>;
}

/** A response of which the headers are there. */
export interface ApiResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: ResponseBody;
}

/**
 * The body of a response as it comes. It waits until it is read. Its chunks are handed on as they come from the socket: a Readable would take a turn of the event
 * loop for each, and several objects.
 */
class StreamedBody implements ResponseBody {
  readonly #controller: Dispatcher.DispatchController;
  readonly #ended = Promise.withResolvers<undefined>();
  #take: ((chunk: Buffer) => void) | undefined;

  constructor(controller: Dispatcher.DispatchController) {
    this.#controller = controller;
    controller.pause();
    // One that breaks off before it is read is an error of the reader's, once there is one.
    this.#ended.promise.catch(() => undefined);
  }

  async read(take: (chunk: Buffer) => void): Promise<void> {
    this.#take = take;
    this.#controller.resume();
    await this.#ended.promise;
  }

  /** Takes in a chunk. @throws what the reader throws, which breaks the request off */
  push(chunk: Buffer): void {
    try {
      this.#take?.(chunk);
    } catch (fault) {
      this.#ended.reject(fault);
      throw fault;
    }
  }

  end(): void {
    this.#ended.resolve(undefined);
  }

  fail(error: unknown): void {
    this.#ended.reject(error);
  }
}

/**
 * Sends a request, and waits for the headers of the response.
 * @param signal aborting it ends the request and the reading of its body
 * @throws NetworkError where no response comes; the signal's reason once it aborts
 */
export async function dispatch(
  dispatcher: Dispatcher,
  options: Dispatcher.DispatchOptions,
  signal: AbortSignal | undefined,
): Promise<ApiResponse> {
  const { promise, resolve, reject } = Promise.withResolvers<ApiResponse>();
  let body: StreamedBody | undefined;
  let abort: (() => void) | undefined;
  const done = (): void => {
    if (abort) signal?.removeEventListener('abort', abort);
  };
  dispatcher.dispatch(options, {
    onRequestStart: (controller) => {
      done();
      abort = () => {
        controller.abort(asError(signal?.reason));
      };
      if (signal?.aborted === true) abort();
      else signal?.addEventListener('abort', abort, { once: true });
    },
    onResponseStart: (controller, status, headers) => {
      // One of those may come before the response.
      if (status < 200) return;
      body = new StreamedBody(controller);
      resolve({ status, headers, body });
    },
    onResponseData: (_controller, chunk) => {
      body?.push(chunk);
    },
    onResponseEnd: () => {
      done();
      body?.end();
    },
    onResponseError: (_controller, error) => {
      done();
      const fault: unknown = signal?.aborted === true ? signal.reason : new NetworkError(error);
      if (body) body.fail(fault);
      else reject(asError(fault));
    },
  });
  return promise;
}

function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error(String(reason));
}
