import type { IncomingHttpHeaders } from 'node:http';

/** A request as a sandbox sees it. */
export interface SandboxHttpRequest {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** As it stood in the address, for signatures over the raw text; empty where there is none. */
  readonly rawQuery: string;
  readonly headers: IncomingHttpHeaders;
  /** The body read as UTF-8. */
  readonly body: string;
  /** The body as it came, for signatures over bytes. */
  readonly bytes: Buffer;
}

/** A JSON object in a body. @returns null where it is anything else */
export const parseObject = (body: string): Readonly<Record<string, unknown>> | null => {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
};

/** Fields of a form or a query; the last one wins where a name comes twice. */
export const fieldsOf = (form: URLSearchParams | string): Readonly<Record<string, string>> =>
  Object.fromEntries(typeof form === 'string' ? new URLSearchParams(form) : form);
