/** An answer of a sandbox, ready for the wire. */
export interface WireAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Sent as UTF-8. */
  readonly body: string;
}

export const jsonAnswer = (status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): WireAnswer =>
  ({ status, headers: { 'content-type': 'application/json; charset=utf-8', ...headers }, body: JSON.stringify(body) });

/** What a firewall in front of a party answers in the party's name. */
export const FIREWALL_PAGE: WireAnswer = {
  status: 200,
  headers: { 'content-type': 'text/html; charset=utf-8' },
  body: '<html><head><title>Request Rejected</title></head><body>The requested URL was rejected. Your support ID is: 0</body></html>',
};

/** What a proxy answers where the party behind it failed. */
export const failedPage = (status: number): WireAnswer =>
  ({ status, headers: { 'content-type': 'text/html' }, body: `<html><body><h1>${status}</h1></body></html>` });

/** The first half of an answer, under a length that matches it: only its reader can tell. */
export const cutShort = (answer: WireAnswer): WireAnswer => ({ ...answer, body: answer.body.slice(0, Math.floor(answer.body.length / 2)) });
