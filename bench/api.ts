import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { Agent, request } from 'node:https';
import { buffer } from 'node:stream/consumers';
import type { ControlPlane } from '../test/control-plane/control-plane.ts';

interface ApiRequest {
  readonly method?: 'GET' | 'PATCH' | 'DELETE';
  readonly accept?: string;
  readonly body?: object;
}

/** The API server as its administrator asks it, over connections that stay open: much cheaper than kubectl. */
export class Api {
  readonly #server: string;
  readonly #token: string;
  readonly #agent: Agent;

  constructor({ server, caFile, token }: ControlPlane) {
    this.#server = server;
    this.#token = token;
    this.#agent = new Agent({ ca: readFileSync(caFile), keepAlive: true });
  }

  /** @throws Error for every answer but a good one */
  async get<T>(path: string): Promise<T> {
    return JSON.parse((await this.bytes(path)).toString('utf8')) as T;
  }

  /** The body of an answer as it comes. */
  async bytes(path: string, accept = 'application/json'): Promise<Buffer> {
    return buffer(await this.stream(path, { accept }));
  }

  /** A merge patch. */
  async patch(path: string, body: object): Promise<void> {
    await buffer(await this.stream(path, { method: 'PATCH', body }));
  }

  async delete(path: string): Promise<void> {
    await buffer(await this.stream(path, { method: 'DELETE' }));
  }

  /** The answer to a request once its headers are there. */
  async stream(path: string, { method = 'GET', accept = 'application/json', body }: ApiRequest = {}): Promise<IncomingMessage> {
    const headers = {
      authorization: `Bearer ${this.#token}`,
      accept,
      ...(body && { 'content-type': 'application/merge-patch+json' }),
    };
    const asking = request(this.#server + path, { method, agent: this.#agent, headers });
    asking.end(body && JSON.stringify(body));
    const [response] = (await once(asking, 'response')) as [IncomingMessage];
    if ((response.statusCode ?? 0) < 300) return response;
    throw new Error(`${method} ${path}: ${response.statusCode ?? 'no status'} ${(await buffer(response)).toString('utf8')}`);
  }

  close(): void {
    this.#agent.destroy();
  }
}
