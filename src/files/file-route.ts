import type { IncomingMessage, ServerResponse } from 'node:http';
import { extname } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { FileLinks } from './file-links.js';
import type { FileStore, OpenFile } from './file-store-port.js';
import { PAPER_SOURCES } from './file-target.js';
import type { FileReference, FileTarget, PaperSource } from './file-target.js';

export type Papers = Readonly<Partial<Record<PaperSource, FileRouteDeps['source'] & FileStore>>>;

export interface FileRouteDeps {
  readonly links: FileLinks;
  /** Finds what a verified link stands for. */
  readonly source: { find(target: FileTarget): Promise<FileReference | null> };
  readonly store: FileStore;
  /** Papers that a party keeps and the portal's store does not. */
  readonly papers?: Papers;
  readonly now: () => Date;
  /** Told of what went wrong on our side; holds no name and no reference. */
  readonly onFailure: (error: unknown) => void;
}

export type FileHandler = (request: IncomingMessage, response: ServerResponse, token: string) => Promise<void>;

/** What national-portal.md names as result and component files; all else goes out as bytes that no browser runs. */
const CONTENT_TYPES: Readonly<Record<string, string>> = {
  '.pdf': 'application/pdf', '.png': 'image/png', '.jpg': 'image/jpeg', '.jpeg': 'image/jpeg', '.tif': 'image/tiff', '.tiff': 'image/tiff',
  '.xml': 'application/octet-stream', '.json': 'application/json', '.doc': 'application/msword', '.xls': 'application/vnd.ms-excel', '.zip': 'application/zip',
  '.docx': 'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
  '.xlsx': 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
};

const SAFE_HEADERS = {
  'cache-control': 'private, no-store',
  'x-content-type-options': 'nosniff',
  'content-security-policy': "default-src 'none'; sandbox",
  'referrer-policy': 'no-referrer',
};

const contentTypeOf = ({ name, reference }: FileReference): string =>
  CONTENT_TYPES[extname(name).toLowerCase()] ?? CONTENT_TYPES[extname(reference).toLowerCase()] ?? 'application/octet-stream';

/** RFC 5987; encodeURIComponent leaves a few characters that the header's grammar does not allow. */
const dispositionOf = (name: string): string =>
  `attachment; filename*=UTF-8''${encodeURIComponent(name).replace(/['()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)}`;

/** One answer for forged, expired, unknown and unreachable, so that a guess learns nothing. */
const refuse = (response: ServerResponse): void => {
  response.writeHead(404, { ...SAFE_HEADERS, 'content-type': 'text/plain; charset=utf-8' }).end('Not found\n');
};

const send = async (response: ServerResponse, file: FileReference, opened: OpenFile): Promise<void> => {
  response.writeHead(200, {
    ...SAFE_HEADERS,
    'content-type': contentTypeOf(file),
    'content-disposition': dispositionOf(file.name),
    ...(opened.sizeBytes === null ? {} : { 'content-length': opened.sizeBytes }),
  });
  await pipeline(opened.stream, response);
};

const placeOf = ({ source, store, papers }: FileRouteDeps, target: FileTarget): Pick<FileRouteDeps, 'source' | 'store'> | null => {
  const kind = PAPER_SOURCES.find((paperSource) => paperSource === target.source);
  if (kind === undefined) return { source, store };
  const paper = papers?.[kind];
  return paper === undefined ? null : { source: paper, store: paper };
};

const find = async (deps: FileRouteDeps, token: string, signal: AbortSignal): Promise<{ file: FileReference; opened: OpenFile } | null> => {
  const target = deps.links.verify(token, deps.now());
  const place = target === null ? null : placeOf(deps, target);
  const file = target === null || place === null ? null : await place.source.find(target);
  const opened = file === null || place === null ? null : await place.store.open(file.reference, signal);
  return file === null || opened === null ? null : { file, opened };
};

/** Handler of `GET /files/:token`: streams one file of the portal's store to whoever holds a valid link. Never rejects. */
export const createFileHandler = (deps: FileRouteDeps): FileHandler => async (request, response, token) => {
  const gone = new AbortController();
  response.once('close', () => { gone.abort(); });
  try {
    const found = request.method === 'GET' ? await find(deps, token, gone.signal) : null;
    if (found === null) refuse(response);
    else await send(response, found.file, found.opened);
  } catch (error) {
    if (!gone.signal.aborted) deps.onFailure(error);
    if (response.headersSent) response.destroy();
    else refuse(response);
  }
};
