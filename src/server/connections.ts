import type { Socket } from 'node:net';

/**
 * The open connections of servers that share a limit, those in a TLS handshake too. Above the limit, the oldest one without a request in
 * progress is closed, which is the new one if all others have one: a flood of connections interrupts no request that has come in.
 */
export class Connections {
  readonly #most: number;
  /** With the addresses of its two ends, in the order in which they came. */
  readonly #open = new Map<Socket, string>();
  /** How many requests are in progress, by the addresses of the two ends: over TLS, a request knows another socket than the one that was accepted. */
  readonly #requests = new Map<string, number>();

  /** @param most how many there may be */
  constructor(most: number) {
    this.#most = most;
  }

  /** Adds an accepted connection, until it closes. */
  add(socket: Socket): void {
    this.#open.set(socket, endsOf(socket));
    socket.once('close', () => this.#open.delete(socket));
    if (this.#open.size > this.#most) this.#oldestIdle()?.destroy();
  }

  /**
   * Keeps the connection of a request open.
   * @returns ends this; to be called once
   */
  hold(socket: Socket): () => void {
    const ends = endsOf(socket);
    this.#requests.set(ends, (this.#requests.get(ends) ?? 0) + 1);
    return () => {
      const left = (this.#requests.get(ends) ?? 0) - 1;
      if (left > 0) this.#requests.set(ends, left);
      else this.#requests.delete(ends);
    };
  }

  /** Closes all of them. */
  destroy(): void {
    for (const socket of this.#open.keys()) socket.destroy();
  }

  #oldestIdle(): Socket | undefined {
    for (const [socket, ends] of this.#open) if (!this.#requests.has(ends)) return socket;
    return undefined;
  }
}

function endsOf({ remoteAddress, remotePort, localAddress, localPort }: Socket): string {
  return [remoteAddress, remotePort, localAddress, localPort].join(' ');
}
