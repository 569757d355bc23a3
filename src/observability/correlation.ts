import { randomUUID } from 'node:crypto';

/** Printable, short, and free of anything that could break a log line or a header. */
const SAFE_ID = /^[A-Za-z0-9_.-]{8,64}$/;

export const newCorrelationId = (): string => randomUUID();

/** The caller's id where it is of safe shape, else a new one. */
export const correlationIdOf = (header: string | string[] | undefined): string =>
  typeof header === 'string' && SAFE_ID.test(header) ? header : newCorrelationId();
