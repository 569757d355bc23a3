import type { ServerResponse } from 'node:http';

export interface JsonAnswer {
  readonly status: number;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Headers that every answer of the gateway carries. */
export const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
};

export const sendJson = (response: ServerResponse, answer: JsonAnswer): void => {
  const text = Buffer.from(JSON.stringify(answer.body));
  response.writeHead(answer.status, { ...SECURITY_HEADERS, 'content-type': 'application/json; charset=utf-8', 'content-length': text.length, ...answer.headers });
  response.end(text);
};
