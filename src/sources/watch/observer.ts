import type { WatchEventType } from '../../client/wire/codec.ts';

/** `waiting`: after an error, until the next try. `unavailable`: the same, while the resource cannot be listed. */
export type ReflectorState = 'listing' | 'watching' | 'waiting' | 'unavailable' | 'stopped';

/** Observes a reflector's work, for metrics. Called often: implementations only count. */
export interface ReflectorObserver {
  onState(state: ReflectorState): void;
  /** A list is complete. */
  onListed(way: 'stream' | 'pages', objects: number, durationMs: number): void;
  /** A watch was accepted; a streaming list is one too. */
  onWatch(): void;
  onEvent(type: WatchEventType): void;
  /** Bytes came. */
  onActivity(): void;
  /** An object was skipped, being none. */
  onDropped(): void;
  /** @param reason one of few: `network`, `silent`, `api 410`, … */
  onError(reason: string): void;
}

/** Passes everything to each of two observers. */
export function bothOf(one: ReflectorObserver, other: ReflectorObserver): ReflectorObserver {
  return {
    onState: (state) => {
      one.onState(state);
      other.onState(state);
    },
    onListed: (way, objects, durationMs) => {
      one.onListed(way, objects, durationMs);
      other.onListed(way, objects, durationMs);
    },
    onWatch: () => {
      one.onWatch();
      other.onWatch();
    },
    onEvent: (type) => {
      one.onEvent(type);
      other.onEvent(type);
    },
    onActivity: () => {
      one.onActivity();
      other.onActivity();
    },
    onDropped: () => {
      one.onDropped();
      other.onDropped();
    },
    onError: (reason) => {
      one.onError(reason);
      other.onError(reason);
    },
  };
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
