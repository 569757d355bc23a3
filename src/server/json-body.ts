import type { IncomingMessage } from 'node:http';

/** A batch of 100 dossiers with their documents fits well. */
export const MAX_BODY_BYTES = 1_000_000;

export type BodyResult = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly status: 400 | 413 | 415; readonly text: string };

const refused = (status: 400 | 413 | 415, text: string): BodyResult => ({ ok: false, status, text });

const isJson = (contentType: string | undefined): boolean => /^application\/json\s*(;\s*charset=utf-8\s*)?$/i.test(contentType ?? '');

const readBytes = async (request: IncomingMessage): Promise<Buffer | null> => {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MAX_BODY_BYTES) return null;
    chunks.push(chunk);
  }
  return chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks);
};

/** Reads a JSON body, counting while it streams, so a false Content-Length or a compressed bomb costs nothing. */
export const readJsonBody = async (request: IncomingMessage): Promise<BodyResult> => {
  if (!isJson(request.headers['content-type'])) return refused(415, 'The content type must be application/json in UTF-8');
  if ((request.headers['content-encoding'] ?? 'identity') !== 'identity') return refused(415, 'The body must not be compressed');
  if (Number(request.headers['content-length'] ?? 0) > MAX_BODY_BYTES) return refused(413, `The body is larger than ${MAX_BODY_BYTES} bytes`);
  const bytes = await readBytes(request);
  if (bytes === null) return refused(413, `The body is larger than ${MAX_BODY_BYTES} bytes`);
  try {
    return { ok: true, value: JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as unknown };
  } catch {
    return refused(400, 'Invalid JSON: the body is not JSON in UTF-8');
  }
};
