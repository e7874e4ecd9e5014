export const WRITE_RESULTS = ['written', 'conflict', 'superseded', 'failed'] as const;

/** How the writing of a status ended. */
export type WriteResult = (typeof WRITE_RESULTS)[number];

export const EVENT_RESULTS = ['written', 'dropped', 'failed'] as const;

/** How the writing of an Event ended. */
export type EventResult = (typeof EVENT_RESULTS)[number];
