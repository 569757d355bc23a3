import { UnavailableError } from '../errors/gateway-error.js';

/** SQLSTATE classes and codes that say "not now": connection lost, resources, shut down, cancelled, read-only standby. */
const TRANSIENT_SQLSTATE = /^(08|53|57|25006|40)/;
const TRANSIENT_SOCKET = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND', 'EAI_AGAIN', 'ENOENT', 'EHOSTUNREACH', 'ENETUNREACH']);
/** Messages of node-postgres, which gives these no code (pg 8.23: client.js, pg-pool/index.js). */
const TRANSIENT_DRIVER = /^(Connection terminated|timeout exceeded when trying to connect|Query read timeout|Client has encountered a connection error)/;

/** Whether the database is away or overloaded rather than the statement wrong: the caller may repeat. */
export const isTransient = (error: unknown): boolean => {
  const { code, message } = (error ?? {}) as { code?: unknown; message?: unknown };
  if (typeof code === 'string') return TRANSIENT_SOCKET.has(code) || TRANSIENT_SQLSTATE.test(code);
  return typeof message === 'string' && TRANSIENT_DRIVER.test(message);
};

/** The caller may repeat after what a database that is away answers; every other error stays what it is. */
export const orUnavailable = <Result>(work: Promise<Result>): Promise<Result> =>
  work.catch((error: unknown) => {
    throw isTransient(error) ? new UnavailableError({ cause: error }) : error;
  });
