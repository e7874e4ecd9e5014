import type { HttpMethod } from '@kubernetes/client-node';
import type { Connection } from '../../src/client/transport/connection.ts';
import { textOf } from '../../src/client/transport/connection.ts';
import { ApiError } from '../../src/client/wire/errors.ts';

/** Metadata of an object, as far as it is read here. */
export interface Written {
  readonly metadata: { readonly name: string; readonly uid: string; readonly resourceVersion: string };
}

/** Writes objects straight to the API server, as an admin and without the machinery of kubectl. */
export class Admin {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** @param path of the collection, such as `/api/v1/nodes` */
  async create(path: string, object: object): Promise<Written> {
    return this.#send('POST', path, 'application/json', object);
  }

  /** Changes part of an object, or of one of its subresources. */
  async merge(path: string, patch: object): Promise<Written> {
    return this.#send('PATCH', path, 'application/merge-patch+json', patch);
  }

  async replace(path: string, object: object): Promise<Written> {
    return this.#send('PUT', path, 'application/json', object);
  }

  async get<T>(path: string): Promise<T> {
    const { body } = await this.#connection.request(path, { headers: { Accept: 'application/json' } });
    return JSON.parse(await textOf(body)) as T;
  }

  /** Deletes an object at once, whoever would have to agree; one that is not there is none the less gone. */
  async delete(path: string): Promise<void> {
    try {
      await this.#send('DELETE', path, 'application/json', { kind: 'DeleteOptions', apiVersion: 'v1', gracePeriodSeconds: 0 });
    } catch (error) {
      if (!(error instanceof ApiError && error.status === 404)) throw error;
    }
  }

  async #send(method: string, path: string, type: string, object: object): Promise<Written> {
    const { body } = await this.#connection.request(path, {
      method: method as HttpMethod,
      headers: { 'Content-Type': type, Accept: 'application/json' },
      body: JSON.stringify(object),
    });
    return JSON.parse(await textOf(body)) as Written;
  }
}
