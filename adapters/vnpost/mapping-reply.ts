import type { Quote } from '../../src/postal/postal-carrier-port.js';
import { priceReply, statusReply } from './wire.js';

/** Null where the body has no readable status. */
export const readStatus = (body: unknown): { readonly status: number; readonly message: string | null } | null => {
  const read = statusReply.safeParse(body);
  return read.success ? { status: read.data.Status, message: read.data.Message ?? null } : null;
};

/** The one service of the public post (bưu chính công ích). */
export const SERVICE = 'HCC';

/** Null where there is no price in whole đồng. */
export const readQuote = (body: unknown): Quote | null => {
  const read = priceReply.safeParse(body);
  return read.success ? { service: SERVICE, feeVnd: read.data.content.price, expectedDelivery: null } : null;
};
