import type { Caller } from '../access/caller.js';
import type { TrustedDocuments } from '../graphql/trusted-documents.js';

export interface TrustedRequestDeps {
  readonly documents: TrustedDocuments;
  /** Clients of the configuration that may send registered documents only, beside those of which the database says so. */
  readonly onlyFor: readonly string[];
}

export type TrustedBody = { readonly ok: true; readonly body: unknown } | { readonly ok: false; readonly code: 'PERSISTED_QUERY_NOT_FOUND' | 'REGISTERED_DOCUMENTS_ONLY' };

type Fields = Readonly<Record<string, unknown>>;

const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value);

/** Both ways in which clients name a document: `documentId` of the GraphQL-over-HTTP draft, and Apollo's persistedQuery. */
const documentIdOf = (body: Fields): string | null => {
  if (typeof body['documentId'] === 'string') return body['documentId'].replace(/^sha256:/, '');
  const persisted = isFields(body['extensions']) ? body['extensions']['persistedQuery'] : undefined;
  return isFields(persisted) && typeof persisted['sha256Hash'] === 'string' ? persisted['sha256Hash'] : null;
};

/** The call with the text in place of what named it. */
const withText = (body: Fields, query: string): Fields =>
  Object.fromEntries([...Object.entries(body).filter(([name]) => name !== 'documentId' && name !== 'extensions'), ['query', query]]);

/** Puts the text of a registered document in the place of its id. Nothing that a client sends registers a document. */
export const createTrustedRequests = ({ documents, onlyFor }: TrustedRequestDeps): ((body: unknown, caller: Caller) => TrustedBody | Promise<TrustedBody>) => {
  const restricted = new Set(onlyFor);
  return (body, caller) => {
    const id = isFields(body) && body['query'] === undefined ? documentIdOf(body) : null;
    if (id === null || !isFields(body)) return caller.registeredDocumentsOnly === true || restricted.has(caller.client) ? { ok: false, code: 'REGISTERED_DOCUMENTS_ONLY' } : { ok: true, body };
    return documents.find(id).then((text) => (text === null ? { ok: false, code: 'PERSISTED_QUERY_NOT_FOUND' } : { ok: true, body: withText(body, text) }));
  };
};
