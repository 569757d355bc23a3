import type { CarrierClaim } from '../../src/postal/postal-carrier-port.js';
import { parseStrictJson } from '../support/strict-json.js';
import { eventOf, timeOf } from './mapping-answers.js';
import { order, webhook } from './wire.js';
import type { WireOrder } from './wire.js';

export interface ReadWebhook {
  readonly order: WireOrder;
  /** What is signed, where it is signed. */
  readonly signed: string;
  readonly signature: string;
}

const parsed = (text: string): unknown => {
  try {
    return parseStrictJson(text);
  } catch {
    return null;
  }
};

/** Null where it is not what was agreed. */
export const readWebhook = (bytes: Buffer): ReadWebhook | null => {
  const outer = webhook.safeParse(parsed(bytes.toString('utf8')));
  if (!outer.success) return null;
  const inner = order.safeParse(parsed(outer.data.Data));
  if (!inner.success || inner.data.OrderCode === '') return null;
  return { order: inner.data, signed: `${outer.data.Data}${outer.data.SendDate}`, signature: outer.data.SignData };
};

/** What makes two webhooks the same: a repeat has another SendDate and may have another freight. */
export const identityOf = ({ Id, OrderStatusId, LastUpdateTime, OrderCode, CauseName }: WireOrder): { readonly uniqueKey: string; readonly partyAt: Date | null; readonly sameness: Buffer } => ({
  uniqueKey: `${Id}/${OrderStatusId}/${LastUpdateTime}`.slice(0, 200),
  partyAt: timeOf(LastUpdateTime),
  sameness: Buffer.from(JSON.stringify([Id, OrderCode, OrderStatusId, LastUpdateTime, CauseName]), 'utf8'),
});

export const claimOf = (read: WireOrder): CarrierClaim => ({ ...eventOf(read), claimed: true });
