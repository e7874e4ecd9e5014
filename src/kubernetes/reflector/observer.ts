import type { WatchEventType } from '../wire/codec.ts';

/** `waiting`: after a trouble, until the next try. `refused`: the same, after a refusal. */
export type ReflectorState = 'listing' | 'watching' | 'waiting' | 'refused' | 'stopped';

/** What is told of a reflector's work, for metrics. Called often: implementations only count. */
export interface ReflectorObserver {
  onState(state: ReflectorState): void;
  /** A list has come to its end. */
  onListed(way: 'stream' | 'pages', objects: number, durationMs: number): void;
  /** A watch was accepted; a streaming list is one too. */
  onWatch(): void;
  onEvent(type: WatchEventType): void;
  /** Bytes came, at this time in milliseconds since the epoch. */
  onActivity(at: number): void;
  /** An object was left out, being none. */
  onDropped(): void;
  /** @param reason one of few: `network`, `silent`, `api 410`, … */
  onError(reason: string): void;
}

const ignore = (): undefined => undefined;

export const NO_OBSERVER: ReflectorObserver = {
  onState: ignore,
  onListed: ignore,
  onWatch: ignore,
  onEvent: ignore,
  onActivity: ignore,
  onDropped: ignore,
  onError: ignore,
};
