import { z } from 'zod';
import type { CarrierEvent } from '../../src/postal/postal-carrier-port.js';
import type { CarrierState, CollectionWord, FailureReason } from '../../src/postal/shipment.js';

/** What one StatusCode comes to. */
export type CodeMeaning = Pick<CarrierEvent, 'means' | 'failure' | 'collection'>;

const STATES: { readonly [State in CarrierState]: State } = {
  REFUSED: 'REFUSED', ORDERED: 'ORDERED', COLLECTING: 'COLLECTING', COLLECTED: 'COLLECTED', IN_TRANSIT: 'IN_TRANSIT', AT_OFFICE: 'AT_OFFICE', FAILED: 'FAILED',
  RETURNING: 'RETURNING', CANCELLED: 'CANCELLED', DELIVERED: 'DELIVERED', RETURNED: 'RETURNED',
};
const FAILURES: { readonly [Reason in FailureReason]: Reason } = {
  NOBODY_THERE: 'NOBODY_THERE', WRONG_ADDRESS: 'WRONG_ADDRESS', REFUSED_BY_RECIPIENT: 'REFUSED_BY_RECIPIENT', NOT_READY: 'NOT_READY', DAMAGED: 'DAMAGED', LOST: 'LOST', OTHER: 'OTHER',
};
const COLLECTIONS: { readonly [Word in CollectionWord]: Word } = { COLLECTED: 'COLLECTED', PAID_OUT: 'PAID_OUT' };

const state = z.enum(STATES);
const meaning = z.union([
  state.transform((means): CodeMeaning => ({ means, failure: means === 'FAILED' ? 'OTHER' : null, collection: null })),
  z.strictObject({ state: state.optional(), failure: z.enum(FAILURES).optional(), collection: z.enum(COLLECTIONS).optional() })
    .refine(({ state: means, collection }) => means !== undefined || collection !== undefined, 'says nothing')
    .refine(({ state: means, failure }) => failure === undefined || means === 'FAILED', 'a failure belongs to FAILED')
    .transform(({ state: means, failure, collection }): CodeMeaning => ({ means: means ?? null, failure: means === 'FAILED' ? failure ?? 'OTHER' : null, collection: collection ?? null })),
]);

const table = z.record(z.string().regex(/^\d{1,6}$/), meaning);

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
};

/** The post's codes as the contract lists them: `{"4":"DELIVERED","7":{"state":"FAILED","failure":"NOBODY_THERE"},"11":{"collection":"COLLECTED"}}`. */
export const statusCodes: z.ZodType<ReadonlyMap<string, CodeMeaning>> = z.string().transform((text, context) => {
  const read = table.safeParse(parsed(text));
  if (read.success) return new Map(Object.entries(read.data));
  for (const { path, message } of read.error.issues.slice(0, 5)) context.addIssue({ code: 'custom', message: `JSON object${path.map((part) => `[${String(part)}]`).join('')}: ${message}` });
  return z.NEVER;
});
