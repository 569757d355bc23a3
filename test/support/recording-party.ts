import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface RecordingParty {
  readonly url: string;
  /** Parsed bodies of all calls so far. */
  readonly bodies: Readonly<Record<string, unknown>>[];
  /** Where calls go on to from now on. */
  aim(url: string): void;
  /** Calls go on, and their answers wait until what this gives is called. */
  hold(): () => void;
  close(): Promise<void>;
}

/** Stands between the gateway and a party's sandbox and keeps what crosses. */
export const startRecordingParty = async (): Promise<RecordingParty> => {
  const bodies: Record<string, unknown>[] = [];
  let target = '';
  let held = Promise.resolve();
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString('utf8');
      bodies.push(JSON.parse(body) as Record<string, unknown>);
      fetch(`${target}${request.url ?? ''}`, { method: 'POST', body, headers: { 'content-type': 'application/json', ...(request.headers.authorization === undefined ? {} : { authorization: request.headers.authorization }) } })
        .then(async (reply) => {
          const text = await reply.text();
          await held;
          response.writeHead(reply.status, { 'content-type': reply.headers.get('content-type') ?? 'application/json' }).end(text);
        })
        .catch(() => response.destroy());
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`, bodies,
    aim: (url) => {
      target = url;
    },
    hold: () => {
      let release = (): void => undefined;
      held = new Promise((resolve) => { release = resolve; });
      return () => release();
    },
    close: () => new Promise((resolve) => {
      server.closeAllConnections();
      server.close(() => resolve());
    }),
  };
};

/** Every text in a value of JSON. */
export const textsIn = (value: unknown): string[] => {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : [];
};
