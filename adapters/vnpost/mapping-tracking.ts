import type { CarrierEvent } from '../../src/postal/postal-carrier-port.js';
import { redactText } from '../support/journal-redaction.js';
import type { CodeMeaning } from './status-codes.js';
import { OBJECT_ID, trackingReply } from './wire.js';
import type { EventDocument } from './wire.js';

/** Before everything. */
export const FIRST_CURSOR = '0'.repeat(24);

export const isCursor = (text: string): boolean => OBJECT_ID.test(text);

/** A long that is no instant in milliseconds of these years is no time that sorts an event rightly. */
const EARLIEST_MS = Date.UTC(2015, 0, 1);
const LATEST_MS = Date.UTC(2100, 0, 1);

const timeOf = (milliseconds: number | null | undefined): Date | null =>
  (typeof milliseconds === 'number' && milliseconds >= EARLIEST_MS && milliseconds < LATEST_MS ? new Date(milliseconds) : null);

const filled = (text: string | null | undefined): string | null => (text === null || text === undefined || text.trim() === '' ? null : text.trim());

export interface ReadPage {
  readonly documents: readonly EventDocument[];
  /** The highest id, or the cursor where it is higher: a page that is repeated leads no way back. */
  readonly last: string;
}

/** Null where it is no page, or not a whole one. */
export const readPage = (body: unknown, cursor: string): ReadPage | null => {
  const read = trackingReply.safeParse(body);
  if (!read.success) return null;
  const documents = read.data;
  return { documents, last: documents.reduce((last, { _id: { $oid } }) => ($oid > last ? $oid : last), cursor) };
};

export interface TrackingRules {
  /** Our customer codes: a number is only unique within one. */
  readonly customers: ReadonlySet<string>;
  readonly codes: ReadonlyMap<string, CodeMeaning>;
}

/** Of a customer that is not ours, or of no order. */
export const isForeign = ({ CustomerCode: customer, OrderNumber: order }: EventDocument, customers: ReadonlySet<string>): boolean => {
  const code = filled(customer);
  return filled(order) === null || (code !== null && !customers.has(code));
};

const NOTHING: CodeMeaning = { means: null, failure: null, collection: null };

/** `Notes` are left out: postmen write there who took the parcel. */
const eventOf = (document: EventDocument, codes: TrackingRules['codes']): CarrierEvent => {
  const code = filled(document.StatusCode) ?? 'none';
  const text = filled(document.StatusMessage);
  return {
    orderNumber: filled(document.OrderNumber) ?? '', carrierNumber: filled(document.ItemCode), key: document._id.$oid, code, text: text === null ? null : redactText(text),
    place: filled(document.POSID), at: timeOf(document.EventTime), ...(codes.get(code) ?? NOTHING),
  };
};

/** Ours, each once, oldest id first. */
export const eventsOf = (documents: readonly EventDocument[], { customers, codes }: TrackingRules): readonly CarrierEvent[] =>
  [...new Map(documents.filter((document) => !isForeign(document, customers)).map((document) => [document._id.$oid, document])).values()]
    .toSorted((left, right) => (left._id.$oid < right._id.$oid ? -1 : 1)).map((document) => eventOf(document, codes));

/** An id holds the second in which it was made. */
const madeAtMs = (id: string): number => Number.parseInt(id.slice(0, 8), 16) * 1_000;

/**
 * Where to go on. Ids come from several machines, so one that was made a moment ago may yet appear below one that was read: the cursor
 * stays behind what is younger than `settledBeforeMs`, which is then told again. A full page always leads on.
 */
export const cursorAfter = ({ documents, last }: ReadPage, how: { readonly cursor: string; readonly isFull: boolean; readonly settledBeforeMs: number }): string => {
  if (how.isFull) return last;
  return documents.reduce((furthest, { _id: { $oid } }) => ($oid > furthest && madeAtMs($oid) < how.settledBeforeMs ? $oid : furthest), how.cursor);
};
